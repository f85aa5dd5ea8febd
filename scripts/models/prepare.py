"""What to learn from: texts, questions made of their words, and the model's vectors of both.

`python -m scripts.models.prepare SENTENCES OUT` reads the sentences that `gather.py` wrote
and writes what `learn.py` reads.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.e5 import E5, find_file, open_words
from knowledge.e5_file import ModelFile, spread
from scripts.models.arrays import list_weights, pack
from scripts.models.texts import Text, read_texts

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


def list_own(texts: Sequence[Text]) -> tuple[list[str], list[str], list[Pair]]:
    """The sentences of the texts under their titles, all the questions, and those answered."""
    sentences: list[str] = []
    questions: list[str] = []
    pairs: list[Pair] = []
    for text in texts:
        places = tuple(range(len(sentences), len(sentences) + len(text.sentences)))
        sentences += text.sentences
        for one in text.asked:
            questions.append(one.question)
            if one.answers:
                pairs.append(Pair(one.question, tuple(places[a] for a in one.answers), places))
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


def main(gathered: Path, target: Path) -> None:
    """Write to `target` all that `learn.py` reads."""
    sentences, questions, pairs = list_own(read_texts())
    draw = random.Random(SEED)  # noqa: S311 - no secret
    others = gathered.read_text(encoding="utf-8").splitlines()
    texts = list(dict.fromkeys(list_texts(sentences, questions, others, draw)))
    vectors, stated = read_halves(read_questions, texts), read_halves(read_passages, sentences)
    words = open_words()
    # The model to learn reads no prefix; it reads the beginning of a long text, and aims at the
    # vector of the whole.
    numbers, asked = (
        [words.number(one)[:LONGEST_PIECES] for one in read]
        for read in (texts, [pair.question for pair in pairs])
    )
    file = ModelFile(find_file())
    used = np.unique([number for one in (*numbers, *asked) for number in one])
    kept: dict[str, Any] = {
        "vectors": vectors, "stated": stated, "used": used,
        "words": spread(file.map_matrix("emb.word", file.sizes.width)[used]),
        "places": words.places[: LONGEST_PIECES + 2],
    }  # fmt: skip
    for name, lists in (
        ("texts", numbers), ("asked", asked),
        ("answers", [one.answers for one in pairs]), ("nearby", [one.nearby for one in pairs]),
    ):  # fmt: skip
        kept[name], kept[f"{name}.lengths"] = pack(lists)
    kept |= list_weights(file)
    np.savez(target, **kept)
    sys.stdout.write(f"{len(texts)} textes, {len(pairs)} questions et leurs phrases\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
