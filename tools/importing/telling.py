"""What an import would do and has done, in the words that every surface shares."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.formats import NBSP, count_noun
from core.words import fold
from crm.objects import OBJECTS
from tools.importing.headings import IMPORTED
from tools.importing.preview import LinePreview, Outcome, Preview
from tools.importing.proposing import Proposed

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    "create": ("à créer", "à créer"),
    "update": ("à modifier", "à modifier"),
    "identical": ("identique", "identiques"),
    "ignored": ("en double", "en double"),
    "refused": ("refusée", "refusées"),
}


def tell_counts(counts: Mapping[Outcome, int]) -> str:
    """How many lines of each outcome: « 12 à créer, 3 à modifier, 1 refusée »."""
    told = [
        f"{counts[outcome]} {words[counts[outcome] > 1]}"
        for outcome, words in OUTCOMES.items()
        if counts.get(outcome)
    ]
    return ", ".join(told) or "aucune ligne"


def tell_title(preview: Preview) -> str:
    """The kind of record and the counts, in one sentence."""
    kind = OBJECTS[preview.object].plural.capitalize()
    return f"{kind}{NBSP}: {tell_counts(preview.counts)}."


def tell_rest(outcome: Outcome, rest: int) -> str:
    """How many lines of an outcome are not shown."""
    lines = count_noun(rest, "autre ligne", "autres lignes")
    return f"… et {lines} {OUTCOMES[outcome][rest > 1]}."


def tell_changes(line: LinePreview) -> str:
    """What becomes of the fields of a line: the values of a new record, before and after."""
    return f"{NBSP}; ".join(
        f"{c.label}{NBSP}: {c.after}" if line.outcome == "create"
        else f"{c.label}{NBSP}: {c.before} → {c.after}"
        for c in line.changes
    )  # fmt: skip


def tell_proposed(done: Proposed) -> list[str]:
    """What the import led to, a sentence each; the refused lines are in `done.refused`."""
    made = count_noun(len(done.proposal_ids), "proposition faite", "propositions faites")
    lines = [f"{made}."]
    if done.already:
        lines.append(f"{count_noun(done.already, 'ligne', 'lignes')} déjà dans une proposition.")
    return [*lines, done.note] if done.note else lines


def find_kind(said: str) -> str | None:
    """The one kind of records that words name (« Importe ces clients »); None for none or two."""
    words = fold(said)
    named = {
        name
        for name in IMPORTED
        for noun in (OBJECTS[name].singular, OBJECTS[name].plural)
        if re.search(rf"\b{re.escape(fold(noun))}\b", words)
    }
    return named.pop() if len(named) == 1 else None
