"""What every rival is given, on disk: passages, vectors, firms and questions.

The rivals that do not share the product's dependencies run in an environment of their own, which
reads these files: this module needs NumPy alone.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LIMIT = 10
AT_ONCE = 8


@dataclass(frozen=True)
class Question:
    """A question, its vector of shape (dimensions,), and the firm it is asked in."""

    tenant: str
    text: str
    vector: Floats


@dataclass(frozen=True)
class Loaded:
    """Passages: `ids`, `tenants` and `texts` have n rows, `vectors` shape (n, dimensions).

    `warming` and `asked` are different questions.
    """

    ids: tuple[int, ...]
    tenants: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Floats
    warming: tuple[Question, ...]
    asked: tuple[Question, ...]

    def keep(self, most: int) -> Loaded:
        """The first `most` passages, and the questions asked in their firms."""
        if most >= len(self.ids):
            return self
        firms = sorted(set(self.tenants[:most]))
        return Loaded(
            self.ids[:most],
            self.tenants[:most],
            self.texts[:most],
            self.vectors[:most],
            _move(self.warming, firms),
            _move(self.asked, firms),
        )

    def list_nearest(self, question: Question) -> set[int]:
        """The ids of the ten passages of its firm nearest to a question, by cosine, exactly."""
        own = np.array([tenant == question.tenant for tenant in self.tenants])
        scores = np.where(own, self.vectors @ question.vector, -np.inf)
        return {self.ids[place] for place in np.argsort(-scores)[:LIMIT]}


def _move(questions: Sequence[Question], firms: Sequence[str]) -> tuple[Question, ...]:
    return tuple(
        Question(firms[place % len(firms)], one.text, one.vector)
        for place, one in enumerate(questions)
    )


def save(folder: Path, loaded: Loaded) -> None:
    """Write `loaded` in `folder`."""
    np.save(folder / "vectors.npy", loaded.vectors)
    questions = [*loaded.warming, *loaded.asked]
    np.save(folder / "questions.npy", np.array([one.vector for one in questions]))
    described = {
        "ids": loaded.ids,
        "tenants": loaded.tenants,
        "texts": loaded.texts,
        "questions": [(one.tenant, one.text) for one in questions],
        "warming": len(loaded.warming),
    }
    (folder / "passages.json").write_text(json.dumps(described), encoding="utf-8")


def read(folder: Path) -> Loaded:
    """What `save` wrote."""
    described = json.loads((folder / "passages.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "questions.npy")
    questions = [
        Question(tenant, text, vector)
        for (tenant, text), vector in zip(described["questions"], vectors, strict=True)
    ]
    first = described["warming"]
    return Loaded(
        tuple(described["ids"]),
        tuple(described["tenants"]),
        tuple(described["texts"]),
        np.load(folder / "vectors.npy"),
        tuple(questions[:first]),
        tuple(questions[first:]),
    )


@dataclass(frozen=True)
class RivalMeasure:
    """One rival: passages held, seconds to load, times in milliseconds, throughput, recall.

    `recall` is that of its vectors against the exact ten; `note` says how it is set.
    """

    system: str
    chunks: int
    load_s: float
    p50_ms: float
    p95_ms: float
    per_second: float
    recall: float
    note: str

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False)


def measure(
    system: str,
    loaded: Loaded,
    load_s: float,
    search: Callable[[Question], object],
    near: Callable[[Question], set[int]],
    note: str,
) -> RivalMeasure:
    """Time `search` one at a time, then eight at a time, and the recall of `near`."""
    for question in loaded.warming:
        search(question)
    times: list[float] = []
    for question in loaded.asked:
        started = time.perf_counter()
        search(question)
        times.append((time.perf_counter() - started) * 1000)
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(search, loaded.asked))
    per_second = len(loaded.asked) / (time.perf_counter() - started)
    recall = measure_recall(loaded, near)
    p50_ms, p95_ms = find_percentiles(times)
    return RivalMeasure(system, len(loaded.ids), load_s, p50_ms, p95_ms, per_second, recall, note)


def measure_recall(loaded: Loaded, near: Callable[[Question], set[int]]) -> float:
    """Part of the exact ten nearest that a rival's own search by vector finds."""
    shares = [
        len(near(question) & exact) / len(exact)
        for question in loaded.asked
        if (exact := loaded.list_nearest(question))
    ]
    return sum(shares) / len(shares)


def find_percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[math.ceil(0.95 * len(ordered)) - 1]
