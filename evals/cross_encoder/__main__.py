"""Learns `knowledge/cross_encoder.npz`: `python -m evals.cross_encoder`, once `scripts/torch-env`.

First one pass of the questions of piaf-1.1, whose answering sentence is taken to be that of the
right passage nearest to the question; then passes of the texts of `evals/cases/reading`, with a
share of the former. Some fifty minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.settings import PROJECT_ROOT, get_settings
from evals.cross_encoder.texts import load_texts
from evals.retrieval import load_questions
from knowledge.cross_encoder import FILE, LEFT, RIGHT
from knowledge.e5 import E5, Floats, get_e5
from knowledge.e5_file import spread
from knowledge.indexing import place_text
from knowledge.passage_embedder import E5Embedder
from knowledge.sentences import split_sentences

APART = Path(__file__).with_name("apart.py")
APART_PYTHON = PROJECT_ROOT / ".voltaire" / "torch" / "bin" / "python"
SET = "piaf-1.1"
PASSES, PUBLIC_SHARE = 6, 0.15
# Of a right passage, the sentence nearest but one may answer too; of the others, the nearest few.
NEAREST_OTHERS, FEWEST_CHARS = 12, 15
RANK = 32
SEED = 0


@dataclass(frozen=True)
class Drawn:
    """A question and sentences as pieces, under their titles and alone, and those that answer."""

    question: list[int]
    placed: list[list[int]]
    alone: list[list[int]]
    answers: list[int]


def list_own(model: E5) -> list[Drawn]:
    """The questions of our own texts."""
    drawn: list[Drawn] = []
    for text in load_texts():
        titles = text.title.replace(" › ", ". ")
        placed = [model.cut(place_text(titles, sentence)) for sentence in text.sentences]
        alone = [model.cut(sentence) for sentence in text.sentences]
        drawn += [
            Drawn(model.cut(one.question), placed, alone, list(one.answers)) for one in text.asked
        ]
    return drawn


def list_public(model: E5) -> list[Drawn]:
    """The questions of the public set, with the sentences that stand nearest to each."""
    asked = load_questions(get_settings().eval_data / SET)
    sentences: list[str] = []
    owners: list[str] = []
    for passage, (_, text) in asked.passages.items():
        own = [text[start:end] for start, end in split_sentences(text)]
        kept = [sentence for sentence in own if len(sentence) > FEWEST_CHARS]
        sentences += kept
        owners += [passage] * len(kept)
    embedder = E5Embedder()
    vectors = embedder.encode(sentences)
    pieces = [model.cut(sentence) for sentence in sentences]
    owning = np.array(owners)
    drawn: list[Drawn] = []
    for key, question in asked.questions.items():
        order = np.argsort(-(vectors @ embedder.encode_question(question)))
        inside = np.isin(owning[order], list(asked.answers[key]))
        right, others = order[inside], order[~inside][:NEAREST_OTHERS]
        if len(right):
            read = [pieces[n] for n in (right[0], *right[2:], *others)]
            drawn.append(Drawn(model.cut(question), read, read, [0]))
    return drawn


def plan(public: int, own: int, passes: int) -> list[list[int]]:
    """The questions of each pass, by place: the public ones come first."""
    texts = list(range(public, public + own))
    share = int(PUBLIC_SHARE * public)
    return [
        list(range(public)),
        *([*random.sample(range(public), share), *texts] for _ in range(passes)),
    ]


def write_weights(model: E5, drawn: Iterable[Drawn], path: Path) -> dict[int, int]:
    """Write the model's weights for `apart`, the vectors of the pieces met alone; their places."""
    met = {n for one in drawn for said in (one.question, *one.placed, *one.alone) for n in said}
    numbers = sorted(met | {model.first, model.last})
    width, inner = model.sizes.width, model.sizes.inner
    weights: dict[str, Floats] = {
        "words": spread(model.file.map_matrix("emb.word", width)[np.array(numbers)]),
        "places": model.file.read_floats("emb.pos").reshape(-1, width)
        + model.file.read_floats("emb.type")[:width],
        "emb.ln.w": model.file.read_floats("emb.ln.w"),
        "emb.ln.b": model.file.read_floats("emb.ln.b"),
    }
    for layer in range(model.sizes.layers):
        for name in ("q", "k", "v", "ao", "fi", "fo", "aln", "oln"):
            key = f"l{layer}.{name}"
            is_matrix = not name.endswith("ln")
            columns = inner if name == "fo" else width
            weights[f"{key}.w"] = (
                model.file.read_matrix(f"{key}.w", columns)
                if is_matrix
                else model.file.read_floats(f"{key}.w")
            )
            weights[f"{key}.b"] = model.file.read_floats(f"{key}.b")
    np.savez(path, allow_pickle=False, **weights)
    return {number: place for place, number in enumerate(numbers)}


def compress(
    learnt: Mapping[str, Floats], base: Mapping[str, Floats]
) -> dict[str, NDArray[np.floating]]:
    """The change of each matrix as the product of two narrow ones, other tensors as they are."""
    made: dict[str, NDArray[np.floating]] = {}
    for name, tensor in learnt.items():
        if tensor.ndim < 2 or name == "sides":
            made[name] = tensor.astype(np.float32)
            continue
        left, sizes, right = np.linalg.svd(tensor - base[name], full_matrices=False)
        made[f"{name}.{LEFT}"] = (left[:, :RANK] * sizes[:RANK]).astype(np.float16)
        made[f"{name}.{RIGHT}"] = right[:RANK].astype(np.float16)
    return made


def learn(passes: int, output: Path) -> None:
    """Lay out the questions and the weights, learn apart, and write `output`."""
    model = get_e5()
    public, own = list_public(model), list_own(model)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        numbers = write_weights(model, (*public, *own), folder / "weights.npz")
        given = {
            "sizes": asdict(model.sizes),
            "first": numbers[model.first],
            "last": numbers[model.last],
            "questions": [_renumber(one, numbers) for one in (*public, *own)],
            "passes": plan(len(public), len(own), passes),
        }
        (folder / "questions.json").write_text(json.dumps(given))
        subprocess.run([APART_PYTHON, APART, folder], check=True)  # noqa: S603 - our own script
        with np.load(folder / "learnt.npz") as learnt, np.load(folder / "weights.npz") as base:
            np.savez_compressed(output, allow_pickle=False, **compress(learnt, base))


def _renumber(drawn: Drawn, numbers: Mapping[int, int]) -> dict[str, object]:
    def change(pieces: Sequence[int]) -> list[int]:
        return [numbers[piece] for piece in pieces]

    return {
        "question": change(drawn.question),
        "placed": [change(one) for one in drawn.placed],
        "alone": [change(one) for one in drawn.alone],
        "answers": drawn.answers,
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=PASSES)
    parser.add_argument("--output", type=Path, default=FILE)
    options = parser.parse_args()
    if not APART_PYTHON.exists():
        sys.exit("Lancez d’abord scripts/torch-env.")
    random.seed(SEED)
    learn(options.passes, options.output)


if __name__ == "__main__":
    main()
