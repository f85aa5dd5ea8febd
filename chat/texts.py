"""The texts of the chat page: an answer written out as Markdown, and what is told around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.portfolio_assistant.models import Answer, Citation, DocumentCitation, Table
from chat.cards import write_card, write_outcomes
from chat.citations import name_citation
from core.addresses import API
from core.formats import count_noun, format_quantity, label_totals

NBSP = "\u00a0"
ASSISTANT_NAME = "Voltaire"
STEP_METADATA = {"avatarName": ASSISTANT_NAME}
ANSWER_METADATA = {"isAnswer": True}
"""What tells the page that opinions may be given on a message."""
ROWS_SHOWN = 50
QUOTE_LIMIT_CHARS = 300
STOPPED = "Réponse arrêtée à votre demande."
UNFINISHED = "Cette question est restée sans réponse. Posez-la de nouveau."
UNEXPECTED = (
    "Une erreur inattendue est survenue pendant la réponse. Reposez votre question ; si l’erreur "
    "persiste, prévenez votre administrateur."
)


def write_answer(answer: Answer) -> str:
    """The whole message: text, tables, sources, and who answered."""
    parts = [write_outcomes(answer.outcomes), answer.text.strip()]
    parts += [write_table(table, answer) for table in answer.tables]
    parts += [write_card(card) for card in answer.proposals]
    if answer.citations:
        parts.append(write_sources(answer.citations))
    proof = f"[Dossier de preuve]({API}/turns/{answer.turn_id}/proof)"
    parts.append(f"*{write_engine(answer)}* · {proof}")
    return "\n\n".join(part for part in parts if part)


def write_table(table: Table, answer: Answer) -> str:
    """A Markdown table of the rows read, then their totals, with links to take it away."""
    header = [_cell(column.label) for column in table.columns]
    rules = ["---:" if column.is_numeric else "---" for column in table.columns]
    rows = [[_cell(value) for value in row] for row in table.rows[:ROWS_SHOWN]]
    rows += [[f"**{_cell(value)}**" if value else "" for value in sums] for sums in _sums(table)]
    lines = ["| " + " | ".join(row) + " |" for row in (header, rules, *rows)]
    url = f"{API}/turns/{answer.turn_id}/tables/{table.number}"
    links = f"[Tableau CSV]({url}.csv) · [Tableau Excel]({url}.xlsx)"
    return "\n\n".join([f"**{_cell(table.title)}**", "\n".join(lines), f"{_count(table)} {links}"])


def write_sources(citations: tuple[Citation, ...]) -> str:
    """The list of sources; each name opens the source beside the answer."""
    lines = [f"- {name_citation(citation)}{_proof(citation)}" for citation in citations]
    return "**Sources**\n\n" + "\n".join(lines)


def write_engine(answer: Answer) -> str:
    """Who answered, and how long it took."""
    seconds = format_quantity(answer.duration_ms / 1000, "s", 1)
    if answer.fallback_reason:
        return f"{write_fallback(answer.fallback_reason)} · {seconds}"
    if not answer.is_model:
        return f"Réponse du moteur déterministe, sans modèle · {seconds}"
    return f"Réponse rédigée par le modèle {answer.engine} et vérifiée · {seconds}"


def write_fallback(reason: str) -> str:
    """That rules answered in the model's place, and why."""
    return f"Le moteur déterministe a répondu à la place du modèle. {reason}"


def write_warnings(messages: Sequence[str]) -> str:
    """The budgets nearly spent, as a message of its own."""
    return "\n\n".join(["**Budget du modèle**", *messages])


def summarize_run(result: Mapping[str, Any]) -> str:
    """What a stored tool run gave, on one line, as its step said it."""
    match result.get("kind"):
        case "rows":
            return count_noun(int(result["total_rows"]), "ligne", "lignes")
        case "passages":
            return count_noun(len(result["passages"]), "passage", "passages")
        case "failure":
            return str(result["message"])
        case _:
            return ""


def _proof(citation: Citation) -> str:
    if isinstance(citation, DocumentCitation):
        quote = " ".join(citation.quote.split())
        if len(quote) > QUOTE_LIMIT_CHARS:
            quote = quote[:QUOTE_LIMIT_CHARS].rsplit(" ", 1)[0] + "…"
        return f" — «{NBSP}{quote}{NBSP}»"
    return f" — {count_noun(citation.total_rows, 'ligne', 'lignes')}"


def _count(table: Table) -> str:
    shown, total = min(len(table.rows), ROWS_SHOWN), table.total_rows
    if total > shown:
        return f"{shown} lignes affichées sur {total}."
    return f"{count_noun(total, 'ligne', 'lignes')}."


def _sums(table: Table) -> list[list[str]]:
    return [label_totals(table.totals)] if table.totals else []


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
