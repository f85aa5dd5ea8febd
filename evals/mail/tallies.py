"""Counts of right and wrong, case by case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass
class Counts:
    """True and false positives, false negatives."""

    right: int = 0
    extra: int = 0
    lacking: int = 0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 when nothing was expected nor found."""
        total = 2 * self.right + self.extra + self.lacking
        return 2 * self.right / total if total else 0.0


@dataclass
class Tallies:
    """Shares by measure, and F1 counts by measure."""

    marks: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    failures: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def mark(self, case: str, measure: str, is_right: bool, reason: str = "") -> None:
        """Count a verdict, keep the reason of a failure."""
        self.marks[measure].append(is_right)
        if not is_right:
            self.failures[case][measure] = reason

    def compare(
        self, case: str, measure: str, found: AbstractSet[Hashable], expected: AbstractSet[Hashable]
    ) -> None:
        """Count what was found against what was expected."""
        counts = self.counts[measure]
        counts.right += len(found & expected)
        counts.extra += len(found - expected)
        counts.lacking += len(expected - found)
        if found != expected:
            extra, lacking = sorted(map(str, found - expected)), sorted(map(str, expected - found))
            self.failures[case][measure] = f"en trop {extra}, manquants {lacking}"

    def value(self, measure: str) -> tuple[float, int]:
        """The share or F1 of a measure, and over how many verdicts or items."""
        if measure in self.counts:
            counts = self.counts[measure]
            return counts.f1, counts.right + counts.lacking
        marks = self.marks.get(measure, [])
        return (sum(marks) / len(marks) if marks else 0.0), len(marks)
