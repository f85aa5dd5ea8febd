"""The texts that models learn from: sentences under a title, and questions about them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from knowledge.indexing import place_text

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Asked:
    """A question, and the places in its text of the sentences that answer it, if any does."""

    question: str
    answers: tuple[int, ...]


@dataclass(frozen=True)
class Text:
    """The sentences of a text, each under its titles, and what is asked of it."""

    sentences: tuple[str, ...]
    asked: tuple[Asked, ...]


def read_texts(folder: Path = FOLDER) -> list[Text]:
    """The texts of a folder: lines « # Titre », « 1 Phrase » and « ? Question = 1 »."""
    return [
        _read(text)
        for path in sorted(folder.glob("*.txt"))
        for text in re.split(r"(?m)^# ", path.read_text(encoding="utf-8"))[1:]
    ]


def _read(text: str) -> Text:
    title, *lines = text.strip().split("\n")
    said = [line.split(" ", 1)[1] for line in lines if line[:1].isdigit()]
    asked: list[Asked] = []
    for line in lines:
        if line.startswith("? "):
            question, _, answers = line[2:].rpartition("=")
            numbers = [int(one) - 1 for one in re.findall(r"\d+", answers)]
            places = tuple(one for one in numbers if 0 <= one < len(said))
            asked.append(Asked(question.strip(), places))
    return Text(tuple(place_text(title.strip(), one) for one in said), tuple(asked))
