"""What changes from one version of a document to another, sentence by sentence."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.database import Connection
from core.words import fold
from knowledge.chunking import PATH_SEPARATOR
from knowledge.control import ControlledVersion
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
MOVED_WORDS = 8
WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Statement:
    """A sentence of a version, and its section below the document's title; "" at the top.

    `label` is the version's own, which its headers and footers bear.
    """

    section: str
    text: str
    label: str = ""


@dataclass(frozen=True)
class SentenceChange:
    """A sentence as it was and as it becomes; None before for a new one, after for one removed."""

    section: str
    before: str | None
    after: str | None


async def compare_versions(
    connection: Connection, tenant_id: UUID, before: ControlledVersion, after: ControlledVersion
) -> list[SentenceChange]:
    """What changes between two versions that the reader may see, in reading order."""
    old = await _read(connection, tenant_id, before)
    new = await _read(connection, tenant_id, after)
    return await asyncio.to_thread(list_changes, old, new)


def list_changes(before: Sequence[Statement], after: Sequence[Statement]) -> list[SentenceChange]:
    """What changes from `before` to `after`; a long sentence moved whole does not.

    Letter case, accents, blanks and each version's own label are not looked at.
    """
    old, new = [_identify(one) for one in before], [_identify(one) for one in after]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    places = [
        (before[start:end], after[new_start:new_end])
        for kind, start, end, new_start, new_end in matcher.get_opcodes()
        if kind != "equal"
    ]
    moved = _find_moved([one for gone, _ in places for one in gone],
                        [one for _, come in places for one in come])  # fmt: skip
    found: list[SentenceChange] = []
    for gone, come in places:
        found += _pair(
            [one for one in gone if _reduce(one) not in moved],
            [one for one in come if _reduce(one) not in moved],
        )
    return found


def _find_moved(gone: Sequence[Statement], come: Sequence[Statement]) -> set[str]:
    """Long sentences, reduced, that left one place for another."""
    left, joined = (Counter(_reduce(one) for one in side) for side in (gone, come))
    return {text for text, count in left.items() if count == joined[text] == 1 and _is_long(text)}


def _identify(one: Statement) -> str:
    """What makes a sentence the same: its words, and its section when it is short.

    What « Délai : dix jours. » is of changes with its place.
    """
    text = _reduce(one)
    return text if _is_long(text) else f"{fold(one.section)}\n{text}"


def _is_long(text: str) -> bool:
    return len(text.split()) >= MOVED_WORDS


def mark_words(before: str, after: str) -> Iterator[tuple[str, str, bool]]:
    """The runs of characters of a reworded sentence, in both, and whether they are the same."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        yield "".join(old[start:end]), "".join(new[new_start:new_end]), kind == "equal"


def _pair(gone: Sequence[Statement], come: Sequence[Statement]) -> list[SentenceChange]:
    """Sentences that left a place and those that came there, each with the one it rewords."""
    reworded: dict[int, int] = {}
    for _, _, old, new in _rank_pairs(gone, come):
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
        # A section that only takes another title leaves its sentences as they were.
        if place not in reworded or _reduce(gone[reworded[place]]) != _reduce(one)
    ]
    return [*removed, *changed]


def _rank_pairs(
    gone: Sequence[Statement], come: Sequence[Statement]
) -> list[tuple[bool, float, int, int]]:
    """Pairs alike enough, by their places: those of one section, then the most alike, first."""
    if len(gone) * len(come) > MOST_PAIRS:
        return []
    old = [Counter(_reduce(one).split()) for one in gone]
    new = [Counter(_reduce(one).split()) for one in come]
    pairs = [
        (gone[place].section != come[at].section, -_resemble(one, other), place, at)
        for place, one in enumerate(old)
        for at, other in enumerate(new)
    ]
    return sorted(pair for pair in pairs if -pair[1] >= LIKE)


def _resemble(words: Counter[str], others: Counter[str]) -> float:
    """The share of words in common, 0 to 1."""
    return 2 * (words & others).total() / max(1, words.total() + others.total())


async def _read(
    connection: Connection, tenant_id: UUID, version: ControlledVersion
) -> list[Statement]:
    cursor = await connection.execute(READ, (tenant_id, version.id))
    return [
        Statement(row["path"].partition(PATH_SEPARATOR)[2], row["text"][start:end], version.label)
        for row in await cursor.fetchall()
        for start, end in split_sentences(row["text"])
    ]


def _reduce(one: Statement) -> str:
    """The words of a sentence, folded, its version's own label apart (« RG-04 – v1.3 »)."""
    text = " ".join(fold(one.text).split())
    own = rf"\b(v|version ){re.escape(fold(one.label))}(?![\w.]*\w)"
    return re.sub(own, r"\1", text) if one.label else text
