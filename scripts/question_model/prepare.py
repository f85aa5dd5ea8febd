"""What to learn from: texts, questions made of their words, and the model's vectors of both.

`python -m scripts.question_model.prepare SENTENCES OUT` reads the sentences that `gather.py` wrote
and writes what `learn.py` reads.
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.e5 import E5, find_file
from knowledge.e5_file import ModelFile, spread
from knowledge.indexing import place_text

OWN = Path(__file__).parent / "texts"
SEED = 23
# Questions made of each sentence of the texts, cases told before a question, and strings of words
# that stand together nowhere.
MADE, TOLD, DRAWN = 4, 2_500, 20_000
LONGEST_PIECES = 126
OPENINGS = (
    "Quel est|Quelle est|Quels sont|Combien de|Combien coûte|Combien de temps|Qui|Qui doit|"
    "Quand|Depuis quand|Où|Comment|Pourquoi|Dans quel cas|Est-ce que|Peut-on|Faut-il|"
    "Que faire si|À partir de combien|Sous quel délai|En quelle année|À quoi sert|"
    "Qu’est-ce que|Que signifie|Quelle part|Quel montant|À qui|Jusqu’à quand|c quoi|combien|"
    "on fait quoi si|il faut|j’ai droit à|Un client demande|Si|A-t-on le droit de"
).split("|")

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """A question, the sentences that answer it and those of the same text, by their places."""

    question: str
    answers: tuple[int, ...]
    nearby: tuple[int, ...]


def read_own(folder: Path) -> tuple[list[str], list[str], list[Pair]]:
    """The sentences of the texts under their titles, all the questions, and those answered."""
    sentences: list[str] = []
    questions: list[str] = []
    pairs: list[Pair] = []
    for path in sorted(folder.glob("*.txt")):
        for text in re.split(r"(?m)^# ", path.read_text(encoding="utf-8"))[1:]:
            title, *lines = text.strip().split("\n")
            said = [line.split(" ", 1)[1] for line in lines if line[:1].isdigit()]
            places = tuple(range(len(sentences), len(sentences) + len(said)))
            sentences += [place_text(title.strip(), one) for one in said]
            for line in lines:
                if not line.startswith("? "):
                    continue
                question, _, answers = line[2:].rpartition("=")
                questions.append(question.strip())
                numbers = [int(one) for one in re.findall(r"\d+", answers)]
                found = tuple(places[one - 1] for one in numbers if 1 <= one <= len(places))
                if found:
                    pairs.append(Pair(question.strip(), found, places))
    return sentences, questions, pairs


def make_question(sentence: str, draw: random.Random) -> str | None:
    """A question-like string of some words of `sentence`; None of a text without words."""
    words = sentence.rstrip(".;:!?").split()
    if not words:
        return None
    count = min(draw.randint(2, 12), len(words))
    start = draw.randint(0, len(words) - count)
    part = " ".join(words[start : start + count]).strip(" ,;:()«»")
    opening = f"{draw.choice(OPENINGS)} " if draw.random() < 0.8 else ""
    return type_quickly(opening + part + draw.choice((" ?", "?", "", "")), draw)


def type_quickly(question: str, draw: random.Random) -> str:
    """`question` as people type it: at times without accents, without capitals, with a slip."""
    if draw.random() < 0.12:
        plain = unicodedata.normalize("NFD", question)
        question = "".join(one for one in plain if unicodedata.category(one) != "Mn")
    if draw.random() < 0.25:
        question = question.lower()
    words = question.split()
    place = draw.randrange(len(words)) if words else 0
    if words and draw.random() < 0.06 and len(words[place]) > 4:
        cut = draw.randrange(1, len(words[place]) - 1)
        words[place] = words[place][:cut] + words[place][cut + 1 :]
    return " ".join(words)


def list_texts(
    sentences: Sequence[str], questions: Sequence[str], others: Sequence[str], draw: random.Random
) -> Iterator[str]:
    """What questions may look like: those of the texts, and strings made of all sentences."""
    yield from (*sentences, *questions, *others)
    yield from (type_quickly(one, draw) for one in questions)
    yield from (f"{draw.choice(questions)} {draw.choice(questions)}" for _ in range(TOLD))
    for sentence in (*(one for one in sentences for _ in range(MADE)), *others):
        if made := make_question(sentence, draw):
            yield made
    words = sorted({word for one in others for word in one.split() if word.isalpha()})
    for _ in range(DRAWN):
        together = " ".join(draw.sample(words, draw.randint(1, 4)))
        yield make_question(together, draw) or together


def read_questions(texts: Sequence[str]) -> Vectors:
    """The vectors that the whole model gives `texts` as questions, shape (len(texts), width)."""
    model = E5()
    return np.array([model.encode_question_whole(text) for text in texts], np.float32)


def read_passages(texts: Sequence[str]) -> Vectors:
    """The vectors of `texts` as passages, shape (len(texts), width)."""
    model = E5()
    return np.array([model.encode(text) for text in texts], np.float32)


def read_halves(read: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Vectors:
    """What `read` gives of `texts`, two halves at once."""
    middle = (len(texts) + 1) // 2
    with Pool(2) as pool:
        return np.concatenate(pool.map(read, [texts[:middle], texts[middle:]]))


def pack(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lists of numbers end to end, and the length of each."""
    flat = np.array([number for one in lists for number in one], np.int32)
    return flat, np.array([len(one) for one in lists], np.int32)


def main(gathered: Path, target: Path) -> None:
    """Write to `target` all that `learn.py` reads."""
    sentences, questions, pairs = read_own(OWN)
    draw = random.Random(SEED)  # noqa: S311 - no secret
    others = gathered.read_text(encoding="utf-8").splitlines()
    texts = list(dict.fromkeys(list_texts(sentences, questions, others, draw)))
    vectors, stated = read_halves(read_questions, texts), read_halves(read_passages, sentences)
    model = E5()
    # The model to learn reads no prefix; it reads the beginning of a long text, and aims at the
    # vector of the whole.
    numbers, asked = (
        [model.number(one)[:LONGEST_PIECES] for one in read]
        for read in (texts, [pair.question for pair in pairs])
    )
    file = ModelFile(find_file())
    used = np.unique([number for one in (*numbers, *asked) for number in one])
    kept: dict[str, Any] = {
        "vectors": vectors, "stated": stated, "used": used,
        "words": spread(file.map_matrix("emb.word", file.sizes.width)[used]),
        "places": model.places[: LONGEST_PIECES + 2],
    }  # fmt: skip
    for name, lists in (
        ("texts", numbers), ("asked", asked),
        ("answers", [one.answers for one in pairs]), ("nearby", [one.nearby for one in pairs]),
    ):  # fmt: skip
        kept[name], kept[f"{name}.lengths"] = pack(lists)
    width, inner = file.sizes.width, file.sizes.inner
    for layer in range(file.sizes.layers):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            name = f"l{layer}.{part}"
            kept[f"{name}.w"] = file.read_matrix(f"{name}.w", inner if part == "fo" else width)
            kept[f"{name}.b"] = file.read_floats(f"{name}.b")
        for part in ("aln", "oln"):
            for end in "wb":
                kept[f"l{layer}.{part}.{end}"] = file.read_floats(f"l{layer}.{part}.{end}")
    for end in "wb":
        kept[f"emb.ln.{end}"] = file.read_floats(f"emb.ln.{end}")
    np.savez(target, **kept)
    sys.stdout.write(f"{len(texts)} textes, {len(pairs)} questions et leurs phrases\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
