"""What a search is worth: the sentences quoted first read alone, the question word by word."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from knowledge.answerability import QUOTED_FIRST
from knowledge.assurance import judge
from knowledge.found import Passage, SearchResult, Sentence
from knowledge.passage_embedder import Vectors
from knowledge.sentence_scores import Question

NOBODY = UUID(int=0)
ASKED = "Quand part la lettre de dénonciation ?"
WEIGHTS = {"part": 2.0, "lettr": 3.0, "denonci": 4.0}
SAID = "La lettre de dénonciation part 30 jours avant la date limite."


class Scale:
    """An embedder that likes a question by `likeness`, one without a `foreign` word more."""

    model_name, dimensions, weight, unrelated = "scale", 64, 1.0, 0.8

    def __init__(self, likeness: float, foreign: str = "-") -> None:
        self.likeness, self.foreign = likeness, foreign
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        made = np.zeros((len(texts), self.dimensions), np.float32)
        made[:, 0] = 1.0
        return made

    def encode_question(self, question: str, *, closely: bool = False) -> Vectors:
        assert closely
        made = np.zeros(self.dimensions, np.float32)
        made[0] = self.likeness + (0.05 if self.foreign not in question else 0.0)
        return made


def make_result(model: Scale, texts: Sequence[str], asked: str = ASKED) -> SearchResult:
    sentences = tuple(
        Sentence(n, 0, len(text), text, 1, None, 1 - n / 10) for n, text in enumerate(texts)
    )
    passage = Passage(
        1, NOBODY, NOBODY, "IN-04", "Dénoncer", "1", "in_force", None, None, "Dénoncer › Envoi",
        "text", " ".join(texts), 1.0, 1.0, 0.1, sentences,
    )  # fmt: skip
    passages = (passage,) if texts else ()
    vector = np.zeros(model.dimensions, np.float32)
    vector[0] = model.likeness
    return SearchResult(asked, passages, Question(asked, WEIGHTS, {}), vector, 1.0)


async def test_only_the_sentences_quoted_first_are_read_alone() -> None:
    model = Scale(0.9)
    await judge(make_result(model, [SAID, "Deux.", "Trois.", "Quatre."]), model)
    assert model.read == [SAID, "Deux.", "Trois."]
    assert len(model.read) == QUOTED_FIRST


async def test_a_sentence_nearer_to_the_question_makes_it_surer() -> None:
    near, far = Scale(0.9, "Quand"), Scale(0.8, "Quand")
    assert (await judge(make_result(near, [SAID]), near)).chance > (
        await judge(make_result(far, [SAID]), far)
    ).chance


async def test_a_word_without_which_the_question_comes_nearer_makes_it_less_sure() -> None:
    like, foreign = Scale(0.9, "Quand"), Scale(0.9, "lettre")
    assert (await judge(make_result(foreign, [SAID]), foreign)).chance < (
        await judge(make_result(like, [SAID]), like)
    ).chance


async def test_what_no_passage_holds_is_told() -> None:
    model = Scale(0.8)
    judged = await judge(make_result(model, [SAID], "Quel antivirus équipe les postes ?"), model)
    assert judged.is_weak
    assert judged.missing == ("antivirus", "postes")


async def test_nothing_found_gives_no_assurance() -> None:
    model = Scale(0.9)
    judged = await judge(make_result(model, []), model)
    assert (judged.chance, judged.is_weak) == (0.0, True)
    assert model.read == []
