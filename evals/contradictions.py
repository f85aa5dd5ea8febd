"""Measures the search for contradictions on planted pairs, each beside every other sentence."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from evals.case_files import FOLDER
from knowledge.contradictions import Disagreement, find_disagreements
from knowledge.embeddings import SentenceEmbedder, get_embedder
from knowledge.statements import Statement

CASES = FOLDER / "contradictions.yaml"
NONE = "none"


@dataclass(frozen=True)
class Pair:
    """Two sentences of two documents, and the kind of contradiction between them, or `none`."""

    kind: str
    left: str
    right: str


@dataclass(frozen=True)
class Found:
    """Shares over the planted pairs and over the pairs that agree, with what went wrong."""

    found: float
    planted: int
    left_alone: float
    agreeing: int
    missed: tuple[Pair, ...]
    alarms: tuple[Pair, ...]
    strays: tuple[Disagreement, ...]


def load_pairs() -> list[Pair]:
    """The pairs, in file order."""
    rows: list[dict[str, str]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return [Pair(**row) for row in rows]


def measure_contradictions(embedder: SentenceEmbedder | None = None) -> Found:
    """Plant every pair among all the others, as two documents of one firm, and search."""
    pairs = load_pairs()
    statements = [
        Statement(f"{side}{place}", f"{side}{place}", "firm", "", text)
        for place, pair in enumerate(pairs)
        for side, text in (("g", pair.left), ("d", pair.right))
    ]
    found = find_disagreements(statements, embedder or get_embedder())
    keys = {frozenset((one.left.key[1:], one.right.key[1:])) for one in found}
    own = {int(next(iter(key))) for key in keys if len(key) == 1}
    texts = {frozenset((pair.left, pair.right)) for pair in pairs}
    planted = [p for p, pair in enumerate(pairs) if pair.kind != NONE]
    agreeing = [p for p, pair in enumerate(pairs) if pair.kind == NONE]
    return Found(
        found=sum(p in own for p in planted) / len(planted),
        planted=len(planted),
        left_alone=sum(p not in own for p in agreeing) / len(agreeing),
        agreeing=len(agreeing),
        missed=tuple(pairs[p] for p in planted if p not in own),
        alarms=tuple(pairs[p] for p in agreeing if p in own),
        strays=tuple(
            one for one in found if frozenset((one.left.text, one.right.text)) not in texts
        ),
    )
