"""A passage as ranking reads it: its sentences' spans, its terms and its words, as hashes.

Worked out once, when the passage is indexed; kept as bytes beside its text.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.models import DraftChunk
from knowledge.packing import Hashes, hash_term
from knowledge.terms import find_terms, list_significant, split_words

PREFIX_CHARS = 5
_HEAD = struct.Struct("<HHHH")
_HALF = 2**32 - 1

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class PassageText:
    """A passage of n sentences, t terms and w words.

    `spans` has shape (3, n): where each sentence starts and ends in the text, in characters, and
    its page. `boxes` has shape (n, 4), NaN for a sentence without one, or is None. `sizes` (n,)
    counts the terms of each sentence. `terms` (t,) are hashes of `hash_prefixed` in their order,
    `words` (w,) those of the distinct significant words.
    """

    spans: Numbers
    boxes: NDArray[np.float32] | None
    sizes: NDArray[np.uint16]
    terms: Hashes
    words: Hashes

    @cached_property
    def sentence_terms(self) -> list[set[int]]:
        """The distinct terms of each sentence."""
        terms = self.terms.tolist()
        ends = np.cumsum(self.sizes, dtype=np.int64).tolist()
        return [set(terms[end - size : end]) for end, size in
                zip(ends, self.sizes.tolist(), strict=True)]  # fmt: skip

    def list_boxes(self) -> list[tuple[float, ...] | None]:
        """Each sentence's box on its page to a hundredth of a point, if it has one."""
        if self.boxes is None:
            return [None] * len(self.sizes)
        return [
            None if box[0] != box[0] else tuple(round(value, 2) for value in box)
            for box in self.boxes.tolist()
        ]

    def to_bytes(self) -> bytes:
        """The arrays one after another after their sizes, little end first."""
        head = _HEAD.pack(len(self.sizes), len(self.terms), len(self.words), self.boxes is not None)
        boxes = b"" if self.boxes is None else self.boxes.astype("<f4").tobytes()
        return b"".join((
            head, self.terms.astype("<u8").tobytes(), self.words.astype("<u8").tobytes(),
            self.spans.astype("<i4").tobytes(), boxes, self.sizes.astype("<u2").tobytes(),
        ))  # fmt: skip


def read_passage_text(content: bytes) -> PassageText:
    """What `to_bytes` wrote."""
    sentences, terms, words, boxed = _HEAD.unpack_from(content)
    at = _HEAD.size
    hashes = np.frombuffer(content, "<u8", terms + words, at)
    at += hashes.nbytes
    spans = np.frombuffer(content, "<i4", 3 * sentences, at).reshape(3, sentences)
    at += spans.nbytes
    boxes = np.frombuffer(content, "<f4", 4 * sentences, at).reshape(-1, 4) if boxed else None
    at += boxes.nbytes if boxes is not None else 0
    sizes = np.frombuffer(content, "<u2", sentences, at)
    return PassageText(spans, boxes, sizes, hashes[:terms], hashes[terms:])


@dataclass(frozen=True)
class AnalysedChunk:
    """A chunk's terms in their order, its distinct significant words, and what ranking reads."""

    terms: tuple[str, ...]
    words: tuple[str, ...]
    text: PassageText


def analyse_chunk(chunk: DraftChunk) -> AnalysedChunk:
    """The words of `chunk`, sentence by sentence."""
    spans = [(s.start, s.end, s.page) for s in chunk.sentences]
    sentences = [split_words(chunk.text[start:end]) for start, end, _ in spans]
    sentences = sentences or [split_words(chunk.text)]
    found = [find_terms(words) for words in sentences]
    terms = [term for own in found for term in own]
    words = list_significant(word for words in sentences for word in words)
    text = PassageText(
        np.array(spans, np.int32).reshape(-1, 3).T,
        _join_boxes(chunk),
        np.array([len(own) for own in found[: len(spans)]], np.uint16),
        np.array([hash_prefixed(term) for term in terms], np.uint64),
        np.array([hash_term(word) for word in words], np.uint64),
    )
    return AnalysedChunk(tuple(terms), tuple(words), text)


def _join_boxes(chunk: DraftChunk) -> NDArray[np.float32] | None:
    if all(sentence.box is None for sentence in chunk.sentences):
        return None
    nothing = (float("nan"),) * 4
    return np.array([sentence.box or nothing for sentence in chunk.sentences], np.float32)


@lru_cache(maxsize=50_000)
def hash_prefixed(term: str) -> int:
    """A term as 32 bits, below 32 bits of its first characters: both can be compared."""
    return (hash_term(term[:PREFIX_CHARS]) & _HALF) << 32 | hash_term(term) & _HALF
