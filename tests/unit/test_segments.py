"""A firm's index in memory: the same choice as the formula, however its segments were made."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from evals.benchmarks.corpus import unit
from knowledge import firm_index
from knowledge.firm_index import Choice, Factors, FirmIndex
from knowledge.packing import (
    PackedIndex,
    PassageTerms,
    ask_vector,
    estimate_likeness,
    guess_likeness,
    hash_term,
    pack,
    unpack,
)
from knowledge.segments import join_segments, make_segment

WORDS = [f"mot{number}" for number in range(40)]
FACTORS = Factors(title=0.4, dense=20.0, unrelated=0.1, reference=3.0)
DIMENSIONS = 384
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
    made = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return unit(made)


CENTRE = make_vectors(998, 1)[0]


def make_passages(key: int, count: int) -> np.ndarray:
    """Vectors that have much in common, as a model's do."""
    return unit(make_vectors(key, count) + CENTRE)


def pack_version(key: int, texts: Sequence[Text]) -> PackedIndex:
    passages = [PassageTerms(*text) for text in texts]
    chunks = range(key * 100, key * 100 + len(texts))
    return pack(chunks, passages, make_passages(key, len(texts)), CENTRE)


def make_index(keys: Sequence[int], model: str = "a") -> tuple[FirmIndex, dict[int, list[Text]]]:
    texts = {key: make_texts(key, PASSAGES) for key in keys}
    segment = make_segment([(key, model, pack_version(key, texts[key])) for key in keys])
    return FirmIndex((segment,)), texts


def choose(index: FirmIndex, keys: Sequence[int], most: int = 1000) -> Choice:
    scope = index.restrict(np.array(keys, np.int32), "a")
    question = ask_vector(make_passages(999, 1)[0], CENTRE)
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
    passages = [PassageTerms({"mot": 70_000}, {}, ())]
    packed = pack([1], passages, np.zeros((1, DIMENSIONS), np.float32), CENTRE)
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
    asked = make_passages(999, 1)[0]
    near = {
        key * 100 + place: 20 * (float(vector @ asked) - 0.1)
        for key in texts
        for place, vector in enumerate(make_passages(key, PASSAGES))
    }
    total = {chunk: lexical[chunk] + 3 * named[chunk] + near[chunk] for chunk in lexical}
    wanted = sorted(total, key=lambda chunk: -total[chunk])
    chosen = set(choose(index, [1, 2, 3], most=8).chunk_ids.tolist())
    assert len(chosen) == 8
    assert set(wanted[:5]) <= chosen <= set(wanted[:12])


def test_likeness_is_guessed_from_signs_and_estimated_from_levels() -> None:
    asked = make_passages(4, 1)[0]
    vectors = unit(make_passages(3, 400) + 0.3 * asked)
    packed = pack(range(400), [PassageTerms({}, {}, ())] * 400, vectors, CENTRE)
    shared = packed.shared.astype(np.float32)
    signs = np.ascontiguousarray(packed.signatures.T)
    signed = shared, packed.scales.astype(np.float32), signs
    coded = shared, packed.steps.astype(np.float32), packed.codes
    question = ask_vector(asked, CENTRE)
    nothing = ask_vector(np.zeros(DIMENSIONS, np.float32), CENTRE)
    guessed, estimated = guess_likeness(question, *signed), estimate_likeness(question, *coded)
    for read, bias, spread in ((guessed, 0.06, 0.03), (estimated, 0.003, 0.005)):
        errors = read - vectors @ asked
        assert len(errors) == 400
        assert abs(float(errors.mean())) < bias
        assert float(errors.std()) < spread
    assert guess_likeness(nothing, *signed) == pytest.approx(np.zeros(400), abs=1e-6)
    assert estimate_likeness(nothing, *coded) == pytest.approx(np.zeros(400), abs=1e-6)


def test_a_passage_that_is_all_shared_is_as_near_as_what_is_shared() -> None:
    vectors = np.stack([CENTRE, np.zeros(DIMENSIONS, np.float32)])
    packed = pack([1, 2], [PassageTerms({}, {}, ())] * 2, vectors, CENTRE)
    asked = make_passages(4, 1)[0]
    near = estimate_likeness(
        ask_vector(asked, CENTRE),
        packed.shared.astype(np.float32),
        packed.steps.astype(np.float32),
        packed.codes,
    )
    assert near == pytest.approx([float(CENTRE @ asked), 0], abs=1e-3)


def test_the_nearest_passage_is_found_by_meaning_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firm_index, "CONSIDERED", 20)
    index, _ = make_index([1, 2, 3])
    asked = unit(make_passages(2, PASSAGES)[5] + 0.2 * make_vectors(5, 1)[0])
    for segment_index in (index, index.update(dict.fromkeys((1, 2), "a"), [])):
        scope = segment_index.restrict(np.array([1, 2, 3], np.int32), "a")
        choice = segment_index.choose(scope, [], [], ask_vector(asked, CENTRE), FACTORS, 1)
        assert choice.chunk_ids.tolist() == [205]


def test_versions_of_models_of_two_sizes_stand_together() -> None:
    wide = unit(np.random.default_rng(8).normal(size=(1, 512)).astype(np.float32))
    others = [(1, "b", pack([100], [PassageTerms({"mot1": 1}, {}, ())], wide, wide[0]))]
    texts = make_texts(2, PASSAGES)
    index = FirmIndex().update({1: "b"}, [make_segment(others)])
    index = index.update({1: "b", 2: "a"}, [make_segment([(2, "a", pack_version(2, texts))])])
    together = FirmIndex((join_segments(index.segments, {1: "b", 2: "a"}),))
    for found in (index, together):
        choice = choose(found, [1, 2])
        assert set(choice.chunk_ids.tolist()) == {100, *range(200, 200 + PASSAGES)}
        assert set(choose(found, [1, 2], most=3).chunk_ids.tolist()) <= set(
            choice.chunk_ids.tolist()
        )


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
