"""From an engine's marked text to an answer whose citations and figures are all verified."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.portfolio_assistant.evidence import Evidence, ToolRun
from agents.portfolio_assistant.figures import strike_unproved
from agents.portfolio_assistant.models import (
    Citation,
    Column,
    DocumentCitation,
    RecordCitation,
    Status,
    Table,
)
from core.context import Context
from core.formats import format_date, format_long_date
from crm.catalogue import NUMERIC_KINDS
from tools.outputs import Passage, Passages, Proposed, Rows, Sentence, show_cell

STATUSES: dict[str, Status] = {
    "accueil": "answered",
    "a_verifier": "uncertain",
    "precision": "clarification",
    "sans_reponse": "unanswered",
    "refus": "refused",
}
STATUS_MARK = re.compile(r"\[STATUT (\w+)\]\s*")
TABLE_MARK = re.compile(r"[ \t]*\[TABLEAU (R\d+)\][ \t]*\n?")
CITATION_MARK = re.compile(r"[ \u00a0]?\[((?:R\d+|S\d+-\d+)(?:[,;] ?(?:R\d+|S\d+-\d+))*)\]")
PRIVATE_CHARS = re.compile("[\ue000-\uf8ff]")
FALSE_NUMBER = re.compile(r"(?P<quote>«[^«»]*»)|[ \u00a0]?\[\d+(?:[,;–-] ?\d+)*\]")
QUOTE = re.compile(r"«([^«»]+)»")
QUOTE_WORDS = 5
UNVERIFIED_QUOTE = "[citation retirée]"
QUOTE_BEFORE = re.compile(r"«([^«»]+)»[ \u00a0]*$")
PLUMBING = re.compile(r"\bLIMIT \d+\s*$|\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")
READ_SENTENCES = """
SELECT c.id, c.text FROM chunks c WHERE c.id = ANY(%s)
"""


@dataclass(frozen=True)
class Verified:
    """What is left of a text once checked."""

    status: Status
    text: str
    citations: tuple[Citation, ...]
    tables: tuple[Table, ...]
    removed_citations: int
    unproved_numbers: int


async def verify(context: Context, text: str, evidence: Evidence, question: str) -> Verified:
    """Check each mark against the stored source and each figure against the evidence."""
    text = PRIVATE_CHARS.sub("", text)
    declared = STATUS_MARK.search(text)
    text = STATUS_MARK.sub("", text)
    stored = await _read_chunks(context, text, evidence)
    tables = _make_tables(text, evidence)
    text = TABLE_MARK.sub("", text).strip()
    text, false_numbers = _drop_false_numbers(text)
    checker = _Checker(evidence, stored)
    text = CITATION_MARK.sub(checker.replace, text)
    known = [question, *_list_evidence(evidence), format_date(context.today),
             format_long_date(context.today)]  # fmt: skip
    text, false_quotes = _drop_false_quotes(text, known)
    text, unproved = strike_unproved(text, known)
    text = checker.number(text)
    status = STATUSES.get(declared[1], "answered") if declared else None
    if status is None:
        status = "answered" if checker.citations else "unanswered"
    elif status == "uncertain" and not checker.citations:
        status = "unanswered"
    return Verified(
        status=status,
        text=text,
        citations=tuple(checker.citations),
        tables=tables,
        removed_citations=checker.removed + false_numbers + false_quotes,
        unproved_numbers=unproved,
    )


def _drop_false_numbers(text: str) -> tuple[str, int]:
    """Citations are numbered by code alone: « [1] » as an engine writes it proves nothing."""
    dropped = [m for m in FALSE_NUMBER.finditer(text) if not m["quote"]]
    return FALSE_NUMBER.sub(lambda m: m["quote"] or "", text), len(dropped)


def _drop_false_quotes(text: str, known: Sequence[str]) -> tuple[str, int]:
    """Quotes that no piece of evidence holds word for word; short terms and questions stay."""
    pieces = [_squeeze(piece) for piece in known]
    dropped = 0

    def check(match: re.Match[str]) -> str:
        nonlocal dropped
        quote = _squeeze(match[1])
        is_term = len(quote.split()) < QUOTE_WORDS or quote.endswith("?")
        if is_term or any(quote in piece for piece in pieces):
            return match.group()
        dropped += 1
        return UNVERIFIED_QUOTE

    return QUOTE.sub(check, text), dropped


class _Checker:
    """Turns marks into numbered citations; a mark that proves nothing goes."""

    def __init__(self, evidence: Evidence, stored: Mapping[int, str]) -> None:
        self.evidence = evidence
        self.stored = stored
        self.citations: list[Citation] = []
        self.numbers: dict[str, int] = {}
        self.removed = 0

    def replace(self, match: re.Match[str]) -> str:
        before = QUOTE_BEFORE.search(match.string[: match.start()])
        kept = [n for mark in re.split(r"[,;] ?", match[1])
                if (n := self._cite(mark, before and before[1])) is not None]  # fmt: skip
        # The numbers of citations are not figures: they stay out of the ledger's sight.
        return "".join(f" \ue000{_hide(n)}\ue001" for n in dict.fromkeys(kept))

    def number(self, text: str) -> str:
        """Write the citation numbers, once the figures are checked."""
        return re.sub("\ue000(.+?)\ue001", lambda m: f"[{_unhide(m[1])}]", text)

    def _cite(self, mark: str, quoted: str | None) -> int | None:
        if mark in self.numbers:
            return self.numbers[mark]
        number = len(self.citations) + 1
        citation = self._document(mark, number, quoted) or self._records(mark, number)
        if citation is None:
            self.removed += 1
            return None
        self.citations.append(citation)
        self.numbers[mark] = number
        return number

    def _records(self, mark: str, number: int) -> RecordCitation | None:
        run = self.evidence.rows.get(mark)
        if run is None or not isinstance(run.output, Rows):
            return None
        return RecordCitation(
            number=number,
            label=run.output.label,
            tool=run.tool,
            tool_run_id=run.id,
            record_ids=run.output.record_ids,
            total_rows=run.output.total_rows,
            query=run.output.query,
            executed_at=run.output.executed_at,
        )

    def _document(self, mark: str, number: int, quoted: str | None) -> DocumentCitation | None:
        found = self.evidence.sentences.get(mark)
        if found is None:
            return None
        _, passage, sentence = found
        source = self.stored.get(passage.chunk_id, "")
        if source[sentence.start : sentence.end] != sentence.text:
            return None
        if quoted is not None and _squeeze(quoted) not in _squeeze(sentence.text):
            return None
        return _document_citation(number, passage, sentence)


def _document_citation(number: int, passage: Passage, sentence: Sentence) -> DocumentCitation:
    return DocumentCitation(
        number=number,
        document_id=passage.document_id,
        version_id=passage.version_id,
        code=passage.code,
        title=passage.title,
        version_label=passage.version_label,
        status=passage.status,
        valid_from=passage.valid_from,
        valid_to=passage.valid_to,
        section=passage.section,
        page=sentence.page,
        quote=sentence.text,
        chunk_id=passage.chunk_id,
        start=sentence.start,
        end=sentence.end,
    )


async def _read_chunks(context: Context, text: str, evidence: Evidence) -> Mapping[int, str]:
    """The cited chunks as they are stored now, for this user."""
    marks = {mark for m in CITATION_MARK.finditer(text) for mark in re.split(r"[,;] ?", m[1])}
    ids = {evidence.sentences[m][1].chunk_id for m in marks if m in evidence.sentences}
    if not ids:
        return {}
    async with context.database.transaction(context.identity) as connection:
        rows = await (await connection.execute(READ_SENTENCES, (list(ids),))).fetchall()
    return {row["id"]: row["text"] for row in rows}


def _make_tables(text: str, evidence: Evidence) -> tuple[Table, ...]:
    marks = [m for m in dict.fromkeys(TABLE_MARK.findall(text)) if m in evidence.rows]
    return tuple(_make_table(i, evidence.rows[mark]) for i, mark in enumerate(marks, 1))


def _make_table(number: int, run: ToolRun) -> Table:
    output = run.output
    assert isinstance(output, Rows)  # noqa: S101 - Evidence.rows holds nothing else
    return Table(
        number=number,
        title=output.label,
        columns=tuple(
            Column(name=c.name, label=c.label, is_numeric=c.kind in NUMERIC_KINDS)
            for c in output.columns
        ),
        rows=tuple(tuple(show_cell(row[c.name], c) for c in output.columns) for row in output.rows),
        totals=_make_totals(output),
        total_rows=output.total_rows,
        run_id=run.id,
        object=output.object or "",
    )


def _make_totals(output: Rows) -> tuple[str, ...]:
    if output.total_rows < 2 or all(value is None for value in output.totals.values()):
        return ()
    return tuple(
        show_cell(output.totals[c.name], c) if c.name in output.totals else ""
        for c in output.columns
    )


def _list_evidence(evidence: Evidence) -> Sequence[str]:
    """Every text a figure may come from: cells as shown, totals, queries, notes, sentences."""
    pieces: list[str] = []
    for run in evidence.runs:
        output = run.output
        if isinstance(output, Rows):
            shown = [show_cell(row[c.name], c) for row in output.rows for c in output.columns]
            totals = [show_cell(output.totals[c.name], c) for c in output.columns
                      if c.name in output.totals]  # fmt: skip
            counts = [str(output.total_rows), str(len(output.rows))]
            pieces += [*shown, *totals, *counts, PLUMBING.sub("", output.query), output.label]
        elif isinstance(output, Proposed):
            pieces += [output.label, output.account]
            pieces += [text for line in output.lines for text in (line.before, line.after)]
        elif isinstance(output, Passages):
            pieces.append(output.note)
    for _, passage, sentence in evidence.sentences.values():
        label = passage.version_label
        pieces += [sentence.text, passage.code, passage.title, passage.section, label]
        pieces += [f"v{label}", str(sentence.page)]
    return pieces


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _hide(number: int) -> str:
    return "".join(chr(0xE010 + int(digit)) for digit in str(number))


def _unhide(text: str) -> str:
    return "".join(str(ord(char) - 0xE010) for char in text)
