"""What each attacking process saw: counts by kind, clicks that people meant, leaks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

Click = tuple[str, str, str]


@dataclass
class Journal:
    """The clicks are written before they are made: what was meant, whatever became of it."""

    calls: Counter[str] = field(default_factory=Counter[str])
    answers: Counter[str] = field(default_factory=Counter[str])
    acts: Counter[str] = field(default_factory=Counter[str])
    held: Counter[str] = field(default_factory=Counter[str])
    clicks: list[Click] = field(default_factory=list[Click])
    approvals: int = 0
    leaks: list[str] = field(default_factory=list[str])
    breaches: list[str] = field(default_factory=list[str])

    def add(self, other: Journal) -> None:
        """Join another process's journal to this one."""
        self.calls += other.calls
        self.answers += other.answers
        self.acts += other.acts
        self.held += other.held
        self.clicks += other.clicks
        self.approvals += other.approvals
        self.leaks += other.leaks
        self.breaches += other.breaches

    def save(self, path: Path) -> None:
        """Write the journal for the process that started this one."""
        path.write_text(json.dumps(vars(self)), encoding="utf-8")


def load_journal(path: Path) -> Journal:
    """The journal written by `Journal.save`."""
    body = json.loads(path.read_text(encoding="utf-8"))
    counters = {n: Counter[str](body.pop(n)) for n in ("calls", "answers", "acts", "held")}
    clicks = [(a, b, c) for a, b, c in body.pop("clicks")]
    return Journal(**counters, clicks=clicks, **body)
