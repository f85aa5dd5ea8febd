"""What rivals are given comes back whole, and their recall is judged against the exact ten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.benchmarks.rivals.data import Loaded, Question, RivalMeasure, measure, read, save
from evals.benchmarks.search_report import Measure, format_report


def make_loaded(count: int = 40) -> Loaded:
    vectors = np.random.default_rng(3).normal(size=(count, 512)).astype(np.float32)
    questions = tuple(Question(f"f{n % 2}", f"question {n}", vectors[n]) for n in range(6))
    return Loaded(
        tuple(range(count)),
        tuple(f"f{n % 2}" for n in range(count)),
        tuple(f"texte {n}" for n in range(count)),
        vectors,
        questions[:2],
        questions[2:],
    )


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    loaded = make_loaded()
    save(tmp_path, loaded)
    back = read(tmp_path)
    assert (back.ids, back.tenants, back.texts) == (loaded.ids, loaded.tenants, loaded.texts)
    assert np.array_equal(back.vectors, loaded.vectors)
    assert [one.text for one in back.warming] == ["question 0", "question 1"]
    assert [one.tenant for one in back.asked] == ["f0", "f1", "f0", "f1"]


def test_the_nearest_are_those_of_the_question_s_firm() -> None:
    loaded = make_loaded()
    nearest = loaded.list_nearest(loaded.asked[0])
    assert len(nearest) == 10 and loaded.ids[2] in nearest
    assert {loaded.tenants[one] for one in nearest} == {"f0"}


def test_a_part_keeps_questions_in_firms_it_holds() -> None:
    part = make_loaded().keep(1)
    assert part.ids == (0,) and {one.tenant for one in (*part.warming, *part.asked)} == {"f0"}


@pytest.mark.parametrize(("dropped", "recall"), [(0, 1.0), (4, 0.6)])
def test_recall_is_the_part_of_the_exact_ten_that_is_found(dropped: int, recall: float) -> None:
    loaded = make_loaded()
    asked: list[str] = []

    def near(question: Question) -> set[int]:
        return set(sorted(loaded.list_nearest(question))[dropped:])

    measured = measure("X", loaded, 1.0, lambda q: asked.append(q.text), near, "note")
    assert measured.recall == pytest.approx(recall)
    assert measured.chunks == 40 and measured.p50_ms <= measured.p95_ms
    assert asked[:2] == ["question 0", "question 1"] and len(asked) == 10


def test_the_report_tells_both_tables() -> None:
    product = Measure(100_000, 10, 9.64, 11.5, 131.2, 10.6, 0.9955, 77.4)
    rival = RivalMeasure("LanceDB", 100_000, 55.4, 6.1, 7.2, 152.0, 0.8525, "réglages")
    text = format_report([product], [rival], 400)
    assert "| 10 | 9,6 | 11,5 | 10,6 | 131 | 0,9955 | 77 |" in text
    assert "| 55 | 6,1 | 7,2 | 152 | 0,8525 | réglages |" in text
    assert "À côté d’autres" not in format_report([product], [], 400)
