"""Approval cards as Markdown, written from the stored proposal alone."""

from __future__ import annotations

from collections.abc import Sequence

from core.addresses import API
from core.formats import NBSP, count_noun, flatten, format_instant, join_words
from tools.cards import Card, CardLine

EMPTY = "–"
QUOTE_LIMIT_CHARS = 300
LIST_HELP = (
    "Cochez les lignes que vous approuvez. Seules les lignes cochées, telles qu’elles sont "
    "affichées, seront effectuées."
)
NOTHING_WAITS = "Aucune modification n’attend votre accord."


def write_card(card: Card) -> str:
    """The whole card: what changes, why, on which evidence, what to watch."""
    parts = [f"**{plain(card.title)}**{_account(card)}", f"*{card.status_label}*"]
    parts += [_write_about(card)] if card.about else []
    parts.append(_write_table(card.lines))
    parts += [f"⚠ {plain(warning)}" for warning in card.warnings]
    parts.append(f"Motif{NBSP}: {plain(card.reason)}")
    if card.evidence:
        parts.append("\n".join(["Preuves :".replace(" :", f"{NBSP}:"), "", *_quotes(card)]))
    parts += [card.effect] if card.effect else []
    parts.append(_write_foot(card))
    return "\n\n".join(part for part in parts if part)


def write_list(cards: Sequence[Card], ticked: frozenset[str]) -> str:
    """The lines of one group, each with its box, and what each would change."""
    account = cards[0].account_name or ("Documents" if is_of_document(cards[0]) else "Sans client")
    waiting = count_noun(len(cards), "modification en attente", "modifications en attente")
    lines = [
        f"- {'☑' if str(card.id) in ticked else '☐'} **{plain(card.title)}**"
        f"{NBSP}: {write_summary(card)}{_alert(card)}"
        + (f" – {_write_about(card)}" if card.about else "")
        for card in cards
    ]
    return "\n".join([f"**{plain(account)}** – {waiting}", "", *lines, "", LIST_HELP])


def is_of_document(card: Card) -> bool:
    """Tell whether a card changes a document of the knowledge base, or one of its versions."""
    return card.object in ("documents", "document_versions")


def write_summary(card: Card) -> str:
    """What a card changes, on one line."""
    return join_words([f"{line.label} {_change(line)}" for line in card.lines[:4]]) + (
        "…" if len(card.lines) > 4 else ""
    )


def write_outcomes(cards: Sequence[Card]) -> str:
    """What became of earlier proposals, a line each."""
    return "\n".join(f"- **{plain(card.title)}**{NBSP}: {card.outcome}" for card in cards)


def _write_table(lines: Sequence[CardLine]) -> str:
    has_before = any(line.before != EMPTY for line in lines)
    header = ["Champ", "Avant", "Après"] if has_before else ["Champ", "Valeur"]
    rows = [[line.label, *([line.before] if has_before else []), _mark(line)] for line in lines]
    written = [header, ["---"] * len(header), *([write_cell(c) for c in row] for row in rows)]
    return "\n".join("| " + " | ".join(row) + " |" for row in written)


def _mark(line: CardLine) -> str:
    """A flagged value is written in what the page's style shows in red, and named as such."""
    shown = line.after
    for value in line.flagged:
        shown = shown.replace(value, f"***{value}*** ({line.note.lower()})")
    return shown


def _write_about(card: Card) -> str:
    link = f" [Lire ce texte]({API}/documents/{card.version_id})" if card.version_id else ""
    return plain(card.about) + link


def _write_foot(card: Card) -> str:
    by = f"Proposée par {plain(card.proposer_name)}"
    engine = " avec le modèle" if card.is_model else ""
    lines = [f"{by}{engine}. Expire le {format_instant(card.expires_at)}."]
    if card.needed > 1:
        given = join_words([plain(a.name) for a in card.approvals])
        done = f" Déjà donné par {given}." if given else ""
        lines.append(f"Deux personnes doivent approuver.{done}")
    lines += [card.refusal] if card.refusal else []
    lines += [card.outcome] if card.outcome else []
    return "\n\n".join(lines)


def _quotes(card: Card) -> list[str]:
    return [
        f"- «{NBSP}{_shorten(e.quote)}{NBSP}»{_source(e.source_name)}{_place(e.page, e.cue)}"
        for e in card.evidence
    ]


def _source(name: str) -> str:
    return f" – {plain(name)}" if name else ""


def _place(page: int | None, cue: str | None) -> str:
    if page is not None:
        return f" (p.{NBSP}{page})"
    return f" (repère {cue})" if cue else ""


def _shorten(quote: str) -> str:
    text = " ".join(plain(quote).split())
    if len(text) <= QUOTE_LIMIT_CHARS:
        return text
    return text[:QUOTE_LIMIT_CHARS].rsplit(" ", 1)[0] + "…"


def _change(line: CardLine) -> str:
    return plain(line.after if line.before == EMPTY else f"{line.before} → {line.after}")


def _alert(card: Card) -> str:
    return f" ⚠ {plain(card.warnings[-1])}" if any(line.flagged for line in card.lines) else ""


def _account(card: Card) -> str:
    return f" – {plain(card.account_name)}" if card.account_name else ""


def write_cell(text: str) -> str:
    """A value as a cell of a Markdown table."""
    shown = plain(text, keep="*").replace("|", "\\|")
    return flatten(shown) or EMPTY


def plain(text: str, keep: str = "") -> str:
    """Text that Markdown shows as it is: a value holds neither link, image nor emphasis."""
    for mark in "\\`*_[]<>!#":
        if mark not in keep:
            text = text.replace(mark, f"\\{mark}")
    return text
