"""Scanned pages as pictures: set upright, and their ruled tables found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Resampling, fromarray

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_SKEW = 2.0
SKEW_STEP = 0.1
PREVIEW_WIDTH = 700
RULE_CONTRAST = 30
SHORTEST_RULE = 0.25
LARGEST_GAP = 40
HALF_RULE = 5

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """A ruled table: its column and row borders, in pixels."""

    xs: tuple[int, ...]
    ys: tuple[int, ...]

    def locate(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the cell at (x, y), None outside."""
        if not (self.xs[0] <= x < self.xs[-1] and self.ys[0] <= y < self.ys[-1]):
            return None
        row = int(np.searchsorted(self.ys, y, side="right")) - 1
        return row, int(np.searchsorted(self.xs, x, side="right")) - 1


def straighten(image: Image) -> Image:
    """`image` turned so that its lines of text run level (up to two degrees)."""
    preview = image.resize((PREVIEW_WIDTH, max(1, image.height * PREVIEW_WIDTH // image.width)))
    steps = round(LARGEST_SKEW / SKEW_STEP)
    angles = [step * SKEW_STEP for step in range(-steps, steps + 1)]
    best = max(angles, key=lambda angle: _levelness(preview, angle))
    if abs(best) < SKEW_STEP:
        return image
    return image.rotate(best, resample=Resampling.BICUBIC, fillcolor=255)


def _levelness(image: Image, angle: float) -> float:
    pixels: NDArray[Any] = np.asarray(image.rotate(angle, fillcolor=255), dtype=np.float32)
    height, width = pixels.shape
    inner = pixels[height // 20 : -height // 20, width // 20 : -width // 20]
    return float(np.square(np.diff(inner.sum(axis=1))).sum())


def find_grids(image: Image) -> list[Grid]:
    """Ruled tables of an upright greyscale page, top to bottom."""
    pixels = np.asarray(image, dtype=np.int16)
    level = _rule_mask(pixels, axis=0)
    rules = _horizontal_rules(level)
    grids: list[Grid] = []
    for group in _group_rules(rules):
        if len(group) < 3:
            continue
        ys = [y for y, _, _ in group]
        left, right = min(start for _, start, _ in group), max(stop for _, _, stop in group)
        upright = _rule_mask(pixels[ys[0] : ys[-1], left : right + 1], axis=1)
        share = upright.mean(axis=0)
        xs = [left + x for x in _centers(np.flatnonzero(share > 0.7))]
        if len(xs) > 2:
            grids.append(Grid(tuple(xs), tuple(ys)))
    return grids


def erase_rules(image: Image, grids: Sequence[Grid]) -> Image:
    """`image` without the rules of `grids`, which recognition takes for letters."""
    pixels = np.array(image)
    for grid in grids:
        top, bottom, left, right = grid.ys[0], grid.ys[-1], grid.xs[0], grid.xs[-1]
        paper = int(np.percentile(pixels[top:bottom, left:right], 90))
        for y in grid.ys:
            pixels[max(0, y - HALF_RULE) : y + HALF_RULE, left:right] = paper
        for x in grid.xs:
            pixels[top:bottom, max(0, x - HALF_RULE) : x + HALF_RULE] = paper
    return fromarray(pixels)


def _rule_mask(pixels: NDArray[np.int16], axis: int) -> Mask:
    """Pixels darker than what lies a few pixels away on both sides: thin strokes."""
    away = 6
    before, after = np.roll(pixels, away, axis), np.roll(pixels, -away, axis)
    thin = (np.minimum(before, after) - pixels) > RULE_CONTRAST
    for shift in (1, 2):
        thin = thin | np.roll(thin, shift, axis) | np.roll(thin, -shift, axis)
    return thin


def _horizontal_rules(mask: Mask) -> list[tuple[int, int, int]]:
    """(y, start, stop) of long level strokes."""
    least = int(mask.shape[1] * SHORTEST_RULE)
    found: dict[int, tuple[int, int]] = {}
    for y in np.flatnonzero(mask.sum(axis=1) >= least):
        marks = np.flatnonzero(mask[y])
        strokes = np.split(marks, np.flatnonzero(np.diff(marks) > LARGEST_GAP) + 1)
        longest = max(strokes, key=lambda each: each[-1] - each[0])
        start, stop = longest[0], longest[-1]
        if stop - start >= least:
            found[int(y)] = (int(start), int(stop))
    return [(y, *found[min(found, key=lambda each: abs(each - y))]) for y in _centers(list(found))]


def _group_rules(rules: list[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Rules of one table: alike in extent, one below the other."""
    groups: list[list[tuple[int, int, int]]] = []
    for rule in rules:
        last = groups[-1][-1] if groups else None
        width = rule[2] - rule[1]
        is_alike = last is not None and (
            abs(rule[1] - last[1]) + abs(rule[2] - last[2]) < 0.1 * width
            and rule[0] - last[0] < 0.5 * width
        )
        if is_alike:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return groups


def _centers(positions: Any) -> list[int]:
    """Middles of runs of neighbouring positions."""
    values = np.asarray(positions)
    if not len(values):
        return []
    runs = np.split(values, np.flatnonzero(np.diff(values) > 4) + 1)
    return [int(run.mean()) for run in runs]
