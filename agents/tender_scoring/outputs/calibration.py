"""The grid learns from outcomes: a little, with reasons, and one step back is always possible."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from core.errors import InvalidInput
from core.formats import NBSP, format_number

LEAST_CASES, LEAST_OF_EACH = 8, 3
LARGEST_STEP = Decimal("0.20")
LARGEST_DRIFT = Decimal("0.50")
"""A weight moves by a fifth at most at a time, and stays within half of its reference."""
QUANTUM = Decimal("0.5")
TOO_FEW = (
    "Pas assez d’issues pour régler la grille\u00a0: il en faut {cases}, dont {each} gagnées et "
    "{each} perdues (connues\u00a0: {won} gagnées, {lost} perdues)."
)
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class PastTender:
    """A tender that was answered: its notes by criterion (0 to 5) and whether it was won."""

    reference: str
    notes: Mapping[str, Decimal]
    is_won: bool


@dataclass(frozen=True)
class Shift:
    """A criterion's weight before and after, and why."""

    key: str
    before: Decimal
    after: Decimal
    reason: str


@dataclass(frozen=True)
class Calibration:
    """A wished setting of the grid; nothing changes until a person accepts it.

    `before` is kept whole, so that `revert` gives the former grid back.
    """

    before: Mapping[str, Decimal]
    after: Mapping[str, Decimal]
    shifts: tuple[Shift, ...]
    cases: int
    remark: str | None = None

    @property
    def is_change(self) -> bool:
        """Tell whether any weight moves."""
        return dict(self.before) != dict(self.after)


def calibrate(
    weights: Mapping[str, Decimal],
    reference: Mapping[str, Decimal],
    past: Sequence[PastTender],
) -> Calibration:
    """The grid that the outcomes call for: a criterion whose notes told won from lost weighs more.

    `reference` is the grid first set, which bounds the drift. Raises InvalidInput when the
    weights do not sum to 100 or have no reference.
    """
    if sum(weights.values()) != HUNDRED or set(weights) != set(reference):
        raise InvalidInput("Les poids de la grille doivent totaliser 100, critère par critère.")
    won = [case for case in past if case.is_won]
    lost = [case for case in past if not case.is_won]
    if len(past) < LEAST_CASES or min(len(won), len(lost)) < LEAST_OF_EACH:
        remark = TOO_FEW.format(cases=LEAST_CASES, each=LEAST_OF_EACH, won=len(won), lost=len(lost))
        return Calibration(dict(weights), dict(weights), (), len(past), remark)
    gaps = {key: measure_gap(key, won, lost) for key in weights}
    moved = {key: _move(weights[key], reference[key], gaps[key]) for key in weights}
    after = _balance(moved, weights, reference)
    shifts = tuple(
        Shift(key, weights[key], after[key], _explain(gaps[key], len(won), len(lost)))
        for key in weights
        if after[key] != weights[key]
    )
    return Calibration(dict(weights), after, shifts, len(past))


def revert(calibration: Calibration) -> dict[str, Decimal]:
    """The grid as it was before."""
    return dict(calibration.before)


def measure_gap(key: str, won: Sequence[PastTender], lost: Sequence[PastTender]) -> Decimal | None:
    """Mean note of the won less that of the lost, from -1 to 1; None when too few are noted."""
    sides = [[case.notes[key] for case in side if key in case.notes] for side in (won, lost)]
    if min(map(len, sides)) < LEAST_OF_EACH:
        return None
    return (statistics.mean(sides[0]) - statistics.mean(sides[1])) / 5


def _bounds(present: Decimal, reference: Decimal) -> tuple[Decimal, Decimal]:
    low = max(present * (1 - LARGEST_STEP), reference * (1 - LARGEST_DRIFT))
    high = min(present * (1 + LARGEST_STEP), reference * (1 + LARGEST_DRIFT))
    return min(low, present), max(high, present)


def _move(present: Decimal, reference: Decimal, gap: Decimal | None) -> Decimal:
    if gap is None:
        return present
    low, high = _bounds(present, reference)
    return min(max(present * (1 + gap * LARGEST_STEP * 2), low), high)


def _balance(
    moved: Mapping[str, Decimal],
    weights: Mapping[str, Decimal],
    reference: Mapping[str, Decimal],
) -> dict[str, Decimal]:
    """Halves of points that sum to 100, the remainder given where the bounds leave room."""
    total = sum(moved.values())
    bounds = {key: _bounds(weights[key], reference[key]) for key in moved}
    after: dict[str, Decimal] = {}
    for key, value in moved.items():
        low, high = bounds[key]
        share = (value * HUNDRED / total / QUANTUM).quantize(Decimal(1), ROUND_HALF_UP) * QUANTUM
        after[key] = share if low <= share <= high else weights[key]
    for key in sorted(after, key=lambda name: (-abs(after[name] - weights[name]), name)):
        rest = HUNDRED - sum(after.values())
        low, high = bounds[key]
        after[key] = min(max(after[key] + rest, low), high)
    return after if sum(after.values()) == HUNDRED else dict(weights)


def _explain(gap: Decimal | None, won: int, lost: int) -> str:
    if gap is None:
        return "ajusté pour que la grille totalise 100"
    points = format_number((gap * 5).quantize(Decimal("0.1")))
    return (
        f"note moyenne des {won}{NBSP}gagnés moins celle des {lost}{NBSP}perdus{NBSP}: "
        f"{points}{NBSP}point(s) sur 5"
    )
