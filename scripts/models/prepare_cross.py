"""What the model that reads a question and a sentence together learns from.

`python -m scripts.models.prepare_cross OUT` writes what `learn_cross.py` reads: the questions and
the sentences of the texts, cut as the model reads them, and for each question the sentences that
answer it, the others of its text, and the nearest of other texts.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.cross_encoder import CutText, cut_pair
from knowledge.e5 import E5, find_file, open_words
from knowledge.e5_file import Floats, ModelFile, spread
from scripts.models.arrays import list_weights, pack
from scripts.models.texts import read_texts

# Sentences of other texts kept for each question, the nearest.
OTHERS = 8
THREADS = 2


def encode_all(
    encode: Callable[[str], Floats], texts: Sequence[str]
) -> NDArray[np.float32]:  # fmt: skip
    """The vector of each text, shape (len(texts), width)."""
    with ThreadPoolExecutor(THREADS) as threads:
        return np.array(list(threads.map(encode, texts)))


def list_near(likeness: Floats, own: range, answers: Sequence[int]) -> tuple[list[int], list[int]]:
    """The other sentences of a question's text, then the nearest of other texts, best first."""
    rest = sorted(set(own) - set(answers), key=lambda one: -likeness[one])
    elsewhere = likeness.copy()
    elsewhere[own.start : own.stop] = -9
    nearest = np.argpartition(-elsewhere, OTHERS)[:OTHERS]
    return rest, nearest[np.argsort(-elsewhere[nearest])].tolist()


def main(target: Path) -> None:
    """Write to `target` all that `learn_cross.py` reads."""
    texts, model = read_texts(), E5()
    sentences = [one for text in texts for one in text.sentences]
    stated = encode_all(model.encode, sentences)
    lists: defaultdict[str, list[Sequence[int]]] = defaultdict(list)
    terms: dict[str | None, int] = {None: -1}

    def keep(name: str, cut: CutText) -> None:
        lists[name].append(cut.numbers)
        found = [terms.setdefault(one, len(terms)) for one in cut.terms]
        lists[f"{name}_terms"].append(found)

    for sentence in sentences:
        keep("told", cut_pair("", [sentence])[1][0])
    start = 0
    for text in texts:
        own = range(start, start + len(text.sentences))
        asked = encode_all(model.encode_question, [one.question for one in text.asked])
        for one, likeness in zip(text.asked, asked @ stated.T, strict=True):
            answers = [start + place for place in one.answers]
            rest, others = list_near(likeness, own, answers)
            keep("asked", cut_pair(one.question, [])[0])
            for name, places in (("answers", answers), ("own", rest), ("others", others)):
                lists[name].append(places)
        start = own.stop
    file = ModelFile(find_file())
    kept: dict[str, Any] = {
        "words": spread(file.map_matrix("emb.word", file.sizes.width)).astype(np.float16),
        "places": open_words().places,
        **list_weights(file),
    }
    for name, each in lists.items():
        kept[name], kept[f"{name}.lengths"] = pack(each)
    np.savez(target, **kept)
    sys.stdout.write(f"{len(lists['asked'])} questions, {len(sentences)} phrases\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
