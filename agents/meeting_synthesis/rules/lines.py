"""A transcript as lines: one sentence of one speaker, with its place in the stored text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.words import fold, stem
from ingest.meetings.transcript import Transcript

ENDS = re.compile(r"(?<=[.!?…])\s+")
WORD = re.compile(r"[a-z0-9]+(?:[.,]\d+)?")
EMPTY_WORDS = frozenset(
    """
    a ai aller alors apres as au aussi autre aux avait avec avez avoir avons bah bien bon c ca car ce cela
    ces cet cette chez ci comme comment d dans de des deux dire disons dois doit donc du elle elles en encore
    enfin es est et etait ete etes etre eu euh eux fait faire faut fois font hein ici il ils j je
    juste l la le les leur lui m ma mais me meme mes moi mon n ne non nos notre nous on ont ou oui
    par parce pas peu peut peux plus pour pourquoi pouvez qu quand que quel quelle qui quoi re s
    sa sais sans se sera ses si soit son sont sous suis sur t ta te tes toi ton tous tout toute
    tres tu un une va vais vers veut veux voila vos votre vous vu y d'accord accord ok parfait merci
    ensuite puis maintenant la-dessus plutot quelque chose trop voir
    """.split()
)


@dataclass(frozen=True)
class Line:
    """A sentence: `text` is the transcript's `text[start:end]`; `turn` numbers speakers' turns."""

    place: int
    turn: int
    speaker: str | None
    start: int
    end: int
    cues: tuple[str, ...]
    text: str

    @cached_property
    def folded(self) -> str:
        """Lower case, no accents, blanks as single spaces; lengths may differ from `text`."""
        return " ".join(fold(self.text).split())

    @cached_property
    def words(self) -> frozenset[str]:
        """Stems of the words that carry a meaning."""
        return frozenset(content_words(self.folded))

    @property
    def is_question(self) -> bool:
        """Tell whether the sentence asks."""
        return self.text.rstrip().endswith("?")

    @cached_property
    def length(self) -> int:
        """Number of words."""
        return len(WORD.findall(self.folded))


def content_words(folded: str) -> Iterator[str]:
    """The stems of a folded text without its function words."""
    for word in WORD.findall(folded):
        if word not in EMPTY_WORDS and (len(word) > 2 or word[0].isdigit()):
            yield stem(word)


def split_lines(transcript: Transcript) -> list[Line]:
    """Sentences of each turn: neighbouring cues of one voice, whatever cuts them."""
    lines: list[Line] = []
    for turn, (first, last) in enumerate(_list_turns(transcript)):
        start, end = transcript.cues[first].start, transcript.cues[last].end
        for begin, stop in _split_sentences(transcript.text[start:end], start):
            cues = range(transcript.locate(begin), transcript.locate(stop - 1) + 1)
            names = tuple(transcript.cues[place].id for place in cues)
            speaker = transcript.cues[first].speaker
            lines.append(
                Line(len(lines), turn, speaker, begin, stop, names, transcript.text[begin:stop])
            )
    return lines


def _list_turns(transcript: Transcript) -> Iterator[tuple[int, int]]:
    first = 0
    for place in range(1, len(transcript.cues) + 1):
        if place == len(transcript.cues) or _changes(transcript, place):
            yield first, place - 1
            first = place


def _changes(transcript: Transcript, place: int) -> bool:
    before, here = transcript.cues[place - 1], transcript.cues[place]
    return here.speaker != before.speaker or here.speaker is None


def _split_sentences(text: str, offset: int) -> Iterator[tuple[int, int]]:
    begin = 0
    for match in ENDS.finditer(text):
        if text[begin : match.start()].strip():
            yield offset + begin, offset + match.start()
        begin = match.end()
    if text[begin:].strip():
        yield offset + begin, offset + len(text.rstrip())
