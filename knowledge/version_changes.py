"""What changes from one version of a document to another, sentence by sentence."""

from __future__ import annotations

import asyncio
import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection
from core.words import fold
from knowledge.chunking import PATH_SEPARATOR
from knowledge.sentences import split_sentences

READ = """
SELECT s.path, c.text FROM chunks c
JOIN sections s ON s.tenant_id = c.tenant_id AND s.id = c.section_id
WHERE c.tenant_id = %s AND c.version_id = %s ORDER BY c.ordinal
"""
# Two sentences share at least this much of their words to be one sentence reworded.
LIKE = 0.5
# Beyond, sentences of one place are told removed and new rather than compared two by two.
MOST_PAIRS = 40_000


@dataclass(frozen=True)
class Statement:
    """A sentence of a version, and its section below the document's title; "" at the top."""

    section: str
    text: str


@dataclass(frozen=True)
class SentenceChange:
    """A sentence as it was and as it becomes; None before for a new one, after for one removed."""

    section: str
    before: str | None
    after: str | None


async def compare_versions(
    connection: Connection, tenant_id: UUID, before_id: UUID, after_id: UUID
) -> list[SentenceChange]:
    """What changes between two versions that the reader may see, in reading order."""
    before = await _read(connection, tenant_id, before_id)
    after = await _read(connection, tenant_id, after_id)
    return await asyncio.to_thread(list_changes, before, after)


def list_changes(before: Sequence[Statement], after: Sequence[Statement]) -> list[SentenceChange]:
    """What changes from `before` to `after`; a sentence moved whole to another section does not.

    Letter case, accents and blanks are not looked at.
    """
    old, new = [_reduce(one.text) for one in before], [_reduce(one.text) for one in after]
    kept_old, kept_new = set(old), set(new)
    found: list[SentenceChange] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        gone = [one for one in before[start:end] if _reduce(one.text) not in kept_new]
        come = [one for one in after[new_start:new_end] if _reduce(one.text) not in kept_old]
        found += _pair(gone, come)
    return found


def mark_words(before: str, after: str) -> Iterator[tuple[str, str, bool]]:
    """The runs of words of a reworded sentence, in both, and whether they are the same."""
    old, new = before.split(), after.split()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        yield " ".join(old[start:end]), " ".join(new[new_start:new_end]), kind == "equal"


def _pair(gone: Sequence[Statement], come: Sequence[Statement]) -> list[SentenceChange]:
    """Sentences that left a place and those that came there, each with the one it rewords."""
    reworded: dict[int, int] = {}
    for _, old, new in _rank_pairs(gone, come):
        if old not in reworded.values() and new not in reworded:
            reworded[new] = old
    removed = [
        SentenceChange(one.section, one.text, None)
        for place, one in enumerate(gone)
        if place not in reworded.values()
    ]
    changed = [
        SentenceChange(
            one.section, gone[reworded[place]].text if place in reworded else None, one.text
        )
        for place, one in enumerate(come)
    ]
    return [*removed, *changed]


def _rank_pairs(
    gone: Sequence[Statement], come: Sequence[Statement]
) -> list[tuple[float, int, int]]:
    """Pairs alike enough, by their places, the most alike first."""
    if len(gone) * len(come) > MOST_PAIRS:
        return []
    old = [Counter(_reduce(one.text).split()) for one in gone]
    new = [Counter(_reduce(one.text).split()) for one in come]
    pairs = [
        (-_resemble(one, other), place, other_place)
        for place, one in enumerate(old)
        for other_place, other in enumerate(new)
    ]
    return sorted(pair for pair in pairs if -pair[0] >= LIKE)


def _resemble(words: Counter[str], others: Counter[str]) -> float:
    """The share of words in common, 0 to 1."""
    return 2 * (words & others).total() / max(1, words.total() + others.total())


async def _read(connection: Connection, tenant_id: UUID, version_id: UUID) -> list[Statement]:
    cursor = await connection.execute(READ, (tenant_id, version_id))
    return [
        Statement(row["path"].partition(PATH_SEPARATOR)[2], row["text"][start:end])
        for row in await cursor.fetchall()
        for start, end in split_sentences(row["text"])
    ]


def _reduce(text: str) -> str:
    return " ".join(fold(text).split())
