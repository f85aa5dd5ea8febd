"""A firm's index in memory: the same choice as the formula, however its segments were made."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from knowledge import firm_index
from knowledge.embeddings import unit
from knowledge.firm_index import Choice, Factors, FirmIndex
from knowledge.packing import (
    PackedIndex,
    PassageTerms,
    ask_vector,
    estimate_likeness,
    hash_term,
    pack,
    unpack,
)
from knowledge.segments import make_segment

WORDS = [f"mot{number}" for number in range(40)]
FACTORS = Factors(title=0.4, dense=20.0, reference=3.0)
PASSAGES = 12


class Text(NamedTuple):
    words: Counter[str]
    titles: Counter[str]
    references: tuple[str, ...]


def make_texts(seed: int, count: int) -> list[Text]:
    chance = random.Random(seed)  # noqa: S311 - a reproducible text
    return [
        Text(
            Counter(chance.choices(WORDS, k=chance.randint(1, 30))),
            Counter(chance.choices(WORDS, k=chance.randint(0, 4))),
            ("AO-2026-14",) if chance.random() < 0.2 else (),
        )
        for _ in range(count)
    ]


def make_vectors(seed: int, count: int) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(count, 512)).astype(np.float32)
    return unit(made)


def make_sentences(key: int, place: int) -> np.ndarray:
    """The vectors of a passage's sentences: none to three, then its own."""
    own = make_vectors(key, PASSAGES)[place : place + 1]
    return np.concatenate([make_vectors(1000 * key + place, (key + place) % 4), own])


def pack_version(key: int, texts: Sequence[Text]) -> PackedIndex:
    passages = [PassageTerms(*text) for text in texts]
    chunks = range(key * 100, key * 100 + len(texts))
    return pack(chunks, passages, [make_sentences(key, place) for place in range(len(texts))])


def make_index(keys: Sequence[int], model: str = "a") -> tuple[FirmIndex, dict[int, list[Text]]]:
    texts = {key: make_texts(key, PASSAGES) for key in keys}
    segment = make_segment([(key, model, pack_version(key, texts[key])) for key in keys])
    return FirmIndex((segment,)), texts


def choose(index: FirmIndex, keys: Sequence[int], most: int = 1000) -> Choice:
    scope = index.restrict(np.array(keys, np.int32), "a")
    question = ask_vector(make_vectors(999, 1)[0])
    return index.choose(scope, ["mot1", "mot2", "absent"], ["AO-2026-14"], question, FACTORS, most)


def score_by_hand(texts: dict[int, list[Text]]) -> tuple[dict[int, float], dict[int, float]]:
    """BM25 of the words and of the titles, and the weight of references, by passage."""
    placed = {
        key * 100 + place: text for key, found in texts.items() for place, text in enumerate(found)
    }
    count = len(placed)

    def weigh(holders: int) -> float:
        return math.log(1 + (count - holders + 0.5) / (holders + 0.5))

    def score(field: Callable[[Text], Counter[str]], chunk: int) -> float:
        own, every = field(placed[chunk]), [field(text) for text in placed.values()]
        average = max(1.0, sum(found.total() for found in every) / count)
        norm = 1.2 * (0.25 + 0.75 * own.total() / average)
        return sum(
            weigh(sum(term in found for found in every)) * 2.2 * own[term] / (own[term] + norm)
            for term in ("mot1", "mot2")
            if own[term]
        )

    named = weigh(sum(bool(text.references) for text in placed.values()))
    return (
        {
            chunk: score(lambda text: text.words, chunk)
            + 0.4 * score(lambda text: text.titles, chunk)
            for chunk in placed
        },
        {chunk: named if text.references else 0.0 for chunk, text in placed.items()},
    )


def as_dicts(choice: Choice) -> tuple[dict[int, float], dict[int, float]]:
    chunks = choice.chunk_ids.tolist()
    return (
        dict(zip(chunks, choice.lexical.tolist(), strict=True)),
        dict(zip(chunks, choice.named.tolist(), strict=True)),
    )


def test_a_packed_index_comes_back_as_it_was() -> None:
    packed = pack_version(7, make_texts(7, PASSAGES))
    back = unpack(packed.to_bytes(), PASSAGES)
    for name, array in vars(packed).items():
        assert np.array_equal(getattr(back, name), array), name
    with pytest.raises(ValueError, match="bytes"):
        unpack(packed.to_bytes()[:-1], PASSAGES)


def test_counts_beyond_a_byte_are_bounded() -> None:
    vectors = [np.zeros((1, 512), np.float32)]
    packed = pack([1], [PassageTerms({"mot": 70_000}, {}, ())], vectors)
    assert packed.counts.tolist() == [255]
    assert packed.lengths.tolist() == [65_535]


def test_words_and_references_are_scored_as_the_formula_says() -> None:
    index, texts = make_index([1, 2, 3])
    lexical, named = as_dicts(choose(index, [1, 2, 3]))
    wanted_lexical, wanted_named = score_by_hand(texts)
    assert lexical == pytest.approx(wanted_lexical, abs=1e-4)
    assert named == pytest.approx(wanted_named, abs=1e-4)


def test_the_best_are_kept_by_words_references_and_likeness_together() -> None:
    index, texts = make_index([1, 2, 3])
    lexical, named = score_by_hand(texts)
    asked = make_vectors(999, 1)[0]
    likeness = {
        key * 100 + place: float((make_sentences(key, place)[:-1] @ asked).max(initial=-1))
        for key in texts
        for place in range(PASSAGES)
    }
    near = {chunk: 20 * share if share > -1 else 0 for chunk, share in likeness.items()}
    total = {chunk: lexical[chunk] + 3 * named[chunk] + near[chunk] for chunk in lexical}
    wanted = sorted(total, key=lambda chunk: -total[chunk])
    chosen = set(choose(index, [1, 2, 3], most=8).chunk_ids.tolist())
    assert len(chosen) == 8
    assert set(wanted[:5]) <= chosen <= set(wanted[:12])


def test_likeness_is_read_from_signs_to_a_few_hundredths() -> None:
    vectors = 0.8 * make_vectors(3, 400) + 0.2 * make_vectors(4, 1)
    asked = make_vectors(4, 1)[0]
    signs, scales = (
        np.concatenate([getattr(pack([1], [PassageTerms({}, {}, ())], [row]), name)
                        for row in np.stack([vectors, vectors], axis=1)])
        for name in ("signs", "scales")
    )  # fmt: skip
    errors = estimate_likeness(ask_vector(asked), signs, scales) - vectors @ asked
    assert len(errors) == 400
    assert abs(float(errors.mean())) < 0.01
    assert float(errors.std()) < 0.03
    blank = estimate_likeness(ask_vector(np.zeros(512, np.float32)), signs, scales)
    assert not blank.any()


def test_the_nearest_sentence_decides_among_those_considered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(firm_index, "CONSIDERED", 30)
    index, _ = make_index([1, 2, 3])
    wanted = (2, 1)  # the second version's passage of three sentences
    asked = make_sentences(*wanted)[1]
    for segment_index in (index, index.update(dict.fromkeys((1, 2), "a"), [])):
        scope = segment_index.restrict(np.array([1, 2, 3], np.int32), "a")
        choice = segment_index.choose(scope, [], [], ask_vector(asked), FACTORS, 1)
        assert choice.chunk_ids.tolist() == [wanted[0] * 100 + wanted[1]]


def test_nothing_out_of_scope_is_chosen_but_statistics_are_those_of_the_whole() -> None:
    index, texts = make_index([1, 2, 3])
    choice = choose(index, [2, 99])
    assert set(choice.keys.tolist()) == {2}
    lexical, _ = score_by_hand(texts)
    assert as_dicts(choice)[0] == pytest.approx(
        {chunk: lexical[chunk] for chunk in range(200, 200 + PASSAGES)}, abs=1e-4
    )


def test_vectors_of_another_model_do_not_count() -> None:
    index, _ = make_index([1], model="another")
    scope = index.restrict(np.array([1], np.int32), "a")
    assert scope.found[0].all() and not scope.embedded[0].any()


@pytest.mark.parametrize("seed", range(6))
def test_added_and_removed_versions_give_the_index_of_what_is_left(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a reproducible text
    texts: dict[int, list[Text]] = {}
    index = FirmIndex()
    for key in range(1, 40):
        texts[key] = make_texts(key, chance.choice((1, PASSAGES)))
        if chance.random() < 0.4:
            del texts[chance.choice(list(texts))]
        added = [make_segment([(key, "a", pack_version(key, texts[key]))])] if key in texts else []
        index = index.update(dict.fromkeys(texts, "a"), added)
        assert index.keys == texts.keys()
        assert len(index.segments) <= 4
    lexical, named = as_dicts(choose(index, list(texts)))
    wanted_lexical, wanted_named = score_by_hand(texts)
    assert lexical == pytest.approx(wanted_lexical, abs=1e-4)
    assert named == pytest.approx(wanted_named, abs=1e-4)


def test_an_empty_index_chooses_nothing() -> None:
    choice = choose(FirmIndex(), [1])
    assert choice.chunk_ids.tolist() == [] and choice.weights == {}


def test_a_term_has_one_hash_on_every_machine() -> None:
    assert hash_term("préavis") == 1068965448049799346
    assert hash_term("préavis") != hash_term("preavis")
