"""Short texts, with questions that one of their sentences answers, or that none does.

A text is a title, its numbered sentences, then a question a line and the sentences that answer it:

    # Titre › Section
    1 Une phrase.
    2 Une autre.
    ? Une question ? = 2
    ? Une question dont la réponse n’y est pas ? = 0
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "cases" / "reading"
HELD = FOLDER / "held"
"""Texts that are measured, never learnt."""
_SENTENCE = re.compile(r"(\d+) (\S.*)")
_QUESTION = re.compile(r"\? (\S.*?) = (\d+(?:,\d+)*)")


@dataclass(frozen=True)
class Asked:
    """A question, and the places of the sentences that answer it, from 0; none answers if empty."""

    question: str
    answers: tuple[int, ...]


@dataclass(frozen=True)
class ReadingText:
    """A text under its title, and what is asked of it."""

    title: str
    sentences: Sequence[str]
    asked: Sequence[Asked]


def load_texts(folder: Path = FOLDER) -> list[ReadingText]:
    """Every text of the folder. Raises ValueError on a line that is none of the above."""
    return [text for path in sorted(folder.glob("*.txt")) for text in _read(path)]


def _read(path: Path) -> Iterator[ReadingText]:
    for block in re.split(r"\n{2,}", path.read_text(encoding="utf-8").strip()):
        first, *lines = block.splitlines()
        if not first.startswith("# "):
            raise ValueError(f"{path.name}: « {first} » is no title")
        sentences: list[str] = []
        asked: list[Asked] = []
        for line in lines:
            if found := _SENTENCE.fullmatch(line):
                sentences.append(found[2])
                if int(found[1]) != len(sentences):
                    raise ValueError(f"{path.name}: « {line} » is not numbered {len(sentences)}")
            elif found := _QUESTION.fullmatch(line):
                numbers = [int(number) for number in found[2].split(",")]
                if max(numbers) > len(sentences):
                    raise ValueError(f"{path.name}: « {line} » names no sentence")
                asked.append(Asked(found[1], tuple(n - 1 for n in numbers if n)))
            else:
                raise ValueError(f"{path.name}: « {line} » is not understood")
        yield ReadingText(first[2:], sentences, asked)
