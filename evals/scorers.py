"""Tells whether an answer is right: its facts, its silence, its proofs, its quotes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.portfolio_assistant.models import Answer, DocumentCitation, RecordCitation
from evals.case_files import KnowledgeCase, Sentence, Silence
from evals.portfolio.truths import Fact, Line, Truth
from evals.reading import (
    COUNT_WORDS,
    Number,
    contains,
    fold,
    list_codes,
    list_days,
    list_numbers,
    list_raw_numbers,
    list_written_numbers,
)

TO_COMPLETE = "[À COMPLÉTER]"
CITATION_MARK = re.compile(r"\s?\[\d+(?:[,;] ?\d+)*\]")
LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.M)
LONG_LIST = 20
SHOWN_OF_LONG_LIST = 10


@dataclass(frozen=True)
class Score:
    """A verdict and, when it is not right, the reason in one French line."""

    is_right: bool
    reason: str = ""


RIGHT = Score(True)


@dataclass(frozen=True)
class Page:
    """An answer as a reader sees it: its text, its tables row by row, their sums, all folded."""

    text: str
    lines: tuple[str, ...]
    first_rows: tuple[str, ...]
    rows: tuple[str, ...]
    sums: tuple[str, ...]
    totals: tuple[int, ...]

    @property
    def everything(self) -> str:
        """Text, cells and sums together."""
        return " ¶ ".join((self.text, *self.rows, *self.sums))

    @property
    def units(self) -> tuple[str, ...]:
        """What is read together: a line of text, a row of a table, the sums of a table."""
        return (*self.lines, *self.rows, *self.sums)


def read_page(answer: Answer) -> Page:
    """The page of an answer, without citation marks and list numbers."""
    text = LIST_NUMBER.sub("", CITATION_MARK.sub("", answer.text))
    rows = [[fold(" | ".join(row)) for row in table.rows] for table in answer.tables]
    return Page(
        text=fold(text),
        lines=tuple(fold(line) for line in text.splitlines() if line.strip()),
        first_rows=tuple(part[0] for part in rows if part),
        rows=tuple(row for part in rows for row in part),
        sums=tuple(fold(" | ".join(table.totals)) for table in answer.tables if table.totals),
        totals=tuple(table.total_rows for table in answer.tables),
    )


def score_facts(
    answer: Answer, truths: Sequence[Truth], *, every: bool = False, from_rows: bool = True
) -> Score:
    """Right when one of the truths (`every`: each of them) is wholly on the page.

    With `from_rows`, an answer that cites no row is wrong: its facts would be there by chance.
    """
    if answer.status != "answered":
        return Score(False, f"statut {answer.status}")
    if from_rows and not any(isinstance(c, RecordCitation) for c in answer.citations):
        return Score(False, "aucune ligne du CRM citée")
    page = read_page(answer)
    missing = [_find_fault(page, truth) for truth in truths]
    faults = [fault for fault in missing if fault]
    if not faults or (not every and len(faults) < len(truths)):
        return RIGHT
    return Score(False, faults[0])


def _find_fault(page: Page, truth: Truth) -> str | None:
    absent = [line for line in truth.lines if not _has_line(page, line, len(truth.lines))]
    if absent and not _tells_long_list(page, truth, len(absent)):
        shown = " ; ".join(" = ".join(map(str, line)) for line in absent[:3])
        return f"il manque {len(absent)} sur {len(truth.lines)} : {shown}"
    if intruders := _list_intruders(page, truth):
        return f"en trop : {', '.join(intruders[:3])}"
    if truth.max_rows and any(total > truth.max_rows for total in page.totals):
        return f"noyé dans {max(page.totals)} lignes"
    if truth.is_leading and page.rows and not _leads(page, truth):
        return "la tête du classement n’est pas la bonne"
    return None


def _has_line(page: Page, line: Line, among: int) -> bool:
    """Facts of a lone line may be anywhere; of several lines, each in one row or sentence."""
    if len(line) == 1 or among == 1:
        return all(_has_fact(page, fact, page.everything) for fact in line)
    return any(all(_has_fact(page, fact, unit) for fact in line) for unit in page.units)


def _has_fact(page: Page, fact: Fact, where: str) -> bool:
    return MATCHERS[fact.kind](page, fact, where)


def _has_count(page: Page, fact: Fact, where: str) -> bool:
    number = int(fact.value)  # type: ignore[arg-type]
    if where == page.everything:
        if number in page.totals:
            return True
        where = " ¶ ".join((page.text, *(page.rows if len(page.rows) == 1 else ())))
    written = any(n.value == number for n in list_numbers(where))
    words = (*fact.accepted, *([COUNT_WORDS[number]] if number in COUNT_WORDS else ()))
    if number == 1:
        words = (*words, "un seul", "une seule", "un contrat", "une fiche", "une non-conformite")
    return written or any(contains(where, word) for word in words)


def _has_number(_: Page, fact: Fact, where: str) -> bool:
    assert fact.value is not None  # noqa: S101 - a number fact always holds a value
    return any(n.is_close(fact.value) for n in list_numbers(where))  # type: ignore[arg-type]


def _has_date(_: Page, fact: Fact, where: str) -> bool:
    return any(day.is_same(fact.value) for day in list_days(where))  # type: ignore[arg-type]


def _has_text(_: Page, fact: Fact, where: str) -> bool:
    return any(contains(where, wording) for wording in fact.accepted)


MATCHERS: Mapping[str, Callable[[Page, Fact, str], bool]] = {
    "count": _has_count,
    "number": _has_number,
    "date": _has_date,
    "text": _has_text,
}


def _tells_long_list(page: Page, truth: Truth, absent: int) -> bool:
    """A list too long to be shown is told by its number and a good part of its lines."""
    whole = len(truth.lines)
    shown = whole - absent
    counted = whole in page.totals or any(n.value == whole for n in list_numbers(page.text))
    return whole > LONG_LIST and shown >= SHOWN_OF_LONG_LIST and counted and bool(truth.excluded)


def _list_intruders(page: Page, truth: Truth) -> list[str]:
    if not truth.excluded:
        return []
    remaining = page.everything
    kept = {fold(w) for line in truth.lines for fact in line for w in fact.accepted}
    for wording in sorted(kept, key=len, reverse=True):
        remaining = remaining.replace(wording, " ")
    return [key for key in truth.excluded if fold(key) not in kept and contains(remaining, key)]


def _leads(page: Page, truth: Truth) -> bool:
    named = [line[0] for line in truth.lines]
    heads = (*page.first_rows, *page.lines[:1])
    return any(_has_fact(page, fact, head) for fact in named for head in heads)


def score_silence(answer: Answer, questions: Sequence[str], silence: Silence) -> Score:
    """Right when nothing is asserted: status, no figure but the question's, no forbidden word."""
    if answer.status not in silence.statuses:
        return Score(False, f"statut {answer.status}, attendu {' ou '.join(silence.statuses)}")
    page = read_page(answer)
    if said := [word for word in silence.forbid if fold(word) in page.everything]:
        return Score(False, f"dit ce qu’il ne doit pas : {', '.join(said)}")
    if lacking := [name for name in silence.mention if not contains(page.everything, name)]:
        return Score(False, f"ne propose pas : {', '.join(lacking)}")
    if answer.status != "clarification" and (figures := _list_unknown(page.text, questions)):
        return Score(False, f"avance des chiffres : {', '.join(figures)}")
    return RIGHT


def score_proofs(answer: Answer, evidence: Sequence[str]) -> Score:
    """Right when no number was struck out and each number of the text is in `evidence`.

    `evidence`: the question, the cited rows as stored, the quotes, the shown cells.
    """
    if answer.unproved_numbers or TO_COMPLETE in answer.text:
        return Score(False, f"{answer.unproved_numbers} nombre(s) sans preuve")
    unknown = _list_unknown(read_page(answer).text, evidence)
    return Score(False, f"sans preuve : {', '.join(unknown[:5])}") if unknown else RIGHT


def _list_unknown(text: str, sources: Sequence[str]) -> list[str]:
    """The numbers, dates and references of `text` that no source holds."""
    known = fold(" ¶ ".join(sources))
    days = list_days(known)
    numbers = [*list_numbers(known), *list_raw_numbers(known)]
    unknown = [
        f"{day.day}/{day.month}" for day in list_days(text)
        if not any((day.month, day.day) == (k.month, k.day)
                   and (None in (day.year, k.year) or day.year == k.year) for k in days)
    ]  # fmt: skip
    unknown += [code for code in list_codes(text) if code.strip(".") not in known]
    values = {number.value * number.scale for number in numbers} | {n.value for n in numbers}
    return unknown + [
        written
        for written, readings in list_written_numbers(text)
        if not any(all(_is_known(part, values) for part in reading) for reading in readings)
    ]


def _is_known(number: Number, values: Collection[Decimal]) -> bool:
    return number.value in values or any(number.is_close(value) for value in values)


def normalise_quote(text: str) -> str:
    """A sentence for comparison: spaces, apostrophes and dashes made ordinary."""
    for written, plain in (("’", "'"), ("‘", "'"), ("‑", "-"), ("–", "-"), ("—", "-")):
        text = text.replace(written, plain)
    return re.sub(r"\s+", " ", text).strip().lower()


def list_quotes(answer: Answer) -> list[DocumentCitation]:
    """The document citations of an answer."""
    return [c for c in answer.citations if isinstance(c, DocumentCitation)]


def score_knowledge(answer: Answer, case: KnowledgeCase) -> Score:
    """Right when an expected sentence is cited, asserted or to be checked.

    For an unanswerable question, when nothing is asserted.
    """
    quotes = list_quotes(answer)
    if forbidden := {c.code for c in quotes} & set(case.expect.forbid_documents):
        return Score(False, f"cite {', '.join(sorted(forbidden))}, hors des droits")
    if case.expect.unanswerable:
        silent = answer.status in ("unanswered", "refused", "uncertain")
        return RIGHT if silent else Score(False, f"statut {answer.status}, attendu un silence")
    if answer.status not in ("answered", "uncertain"):
        return Score(False, f"statut {answer.status}")
    if any(_cites(quotes, sentence) for sentence in case.expect.sentences):
        return RIGHT
    codes = sorted({c.code for c in quotes})
    return Score(False, f"phrase attendue absente ; cité : {', '.join(codes) or 'rien'}")


def _cites(quotes: Sequence[DocumentCitation], expected: Sentence) -> bool:
    fragments = [normalise_quote(part) for part in (expected.sentence, *expected.also)]
    return any(
        citation.code == expected.document
        and all(part in normalise_quote(citation.quote) for part in fragments)
        for citation in quotes
    )


def score_versions(answer: Answer, case: KnowledgeCase) -> Score:
    """Right when each cited version applies: in force, or valid on the day the question names."""
    wrong = [
        f"{c.code} v{c.version_label} ({c.status})"
        for c in list_quotes(answer)
        if not _applies(c, case)
    ]
    return Score(False, f"version qui ne s’applique pas : {', '.join(wrong)}") if wrong else RIGHT


def _applies(citation: DocumentCitation, case: KnowledgeCase) -> bool:
    day = case.expect.as_of
    if day is None:
        return citation.status == "in_force"
    started = citation.valid_from is not None and citation.valid_from <= day
    return started and (citation.valid_to is None or day <= citation.valid_to)


def score_quotes(answer: Answer, chunks: Mapping[int, str]) -> Score:
    """Right when each quote is, letter for letter, at its place in the chunk the user reads."""
    wrong = [
        c.code for c in list_quotes(answer)
        if chunks.get(c.chunk_id, "")[c.start : c.end] != c.quote or not c.quote
    ]  # fmt: skip
    return Score(False, f"citation inexacte : {', '.join(wrong)}") if wrong else RIGHT
