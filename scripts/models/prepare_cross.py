"""What the model that reads a question and a sentence together learns from.

`python -m scripts.models.prepare_cross OUT` writes what `learn_cross.py` reads: the questions and
the sentences of the texts, cut as the model reads them, and for each question the sentences that
answer it, the others of its text, and the nearest of other texts.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.cross_encoder import CutText, cut_pair
from knowledge.e5 import E5, find_file, open_words
from knowledge.e5_file import ModelFile, spread
from scripts.models.arrays import list_weights, pack
from scripts.models.texts import read_texts

# Sentences of other texts kept for each question, the nearest.
OTHERS = 8


def list_near(
    asked: NDArray[np.float32], stated: NDArray[np.float32], owners: Sequence[int], owner: int,
    answers: Sequence[int],
) -> tuple[list[int], list[int]]:  # fmt: skip
    """The other sentences of a question's text, then the nearest of other texts, best first."""
    likeness = stated @ asked
    is_own = np.array(owners) == owner
    own = [int(one) for one in np.flatnonzero(is_own) if one not in answers]
    far = np.argsort(-np.where(is_own, -9, likeness))[:OTHERS]
    return sorted(own, key=lambda one: -likeness[one]), far.tolist()


def main(target: Path) -> None:
    """Write to `target` all that `learn_cross.py` reads."""
    texts, model = read_texts(), E5()
    sentences = [one for text in texts for one in text.sentences]
    owners = [number for number, text in enumerate(texts) for _ in text.sentences]
    stated = np.array([model.encode(one) for one in sentences])
    lists: defaultdict[str, list[Sequence[int]]] = defaultdict(list)
    terms: dict[str | None, int] = {None: -1}

    def keep(name: str, cut: CutText) -> None:
        lists[name].append(cut.numbers)
        found = [terms.setdefault(one, len(terms)) for one in cut.terms]
        lists[f"{name}_terms"].append(found)

    for sentence in sentences:
        keep("told", cut_pair("", [sentence])[1][0])
    start = 0
    for number, text in enumerate(texts):
        for one in text.asked:
            answers = [start + place for place in one.answers]
            vector = model.encode_question_whole(one.question)
            own, others = list_near(vector, stated, owners, number, answers)
            keep("asked", cut_pair(one.question, [])[0])
            for name, places in (("answers", answers), ("own", own), ("others", others)):
                lists[name].append(places)
        start += len(text.sentences)
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
