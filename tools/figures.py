"""The figure of a reading of figures, as the JSON that Plotly draws in the page."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.catalogue import NUMERIC_KINDS
from crm.query_parts import OutputColumn
from tools.outputs import Cell, Rows, show_cell

MEASURES = ("count", "sum_", "avg_", "min_", "max_")
SHARE = "share"
MOST_BARS = 24
PALETTE = ("#2f6db3", "#d98c2b", "#4f9d69", "#8a63b8", "#c2504b", "#3a9aa8", "#9a7b4f", "#7d8899")
SECOND = "#d98c2b"
ON_TIME = frozenset({"month", "quarter", "year", "date"})
SLICES = 6
HEIGHT, LABEL_CHARS = 340, 34


def may_draw(columns: Sequence[str], rows: int) -> bool:
    """Tell whether columns of these names hold one group and its figures, on several rows."""
    groups = [name for name in columns if not _is_measure(name) and name != SHARE]
    return len(groups) == 1 and any(map(_is_measure, columns)) and 1 < rows <= MOST_BARS


def draw(rows: Rows) -> dict[str, Any] | None:
    """Bars of the first figure by group, a line for a second one of another unit; else None.

    Shares of a whole on few groups are drawn as a ring. Figures are those of `rows`, unrounded.
    """
    names = [column.name for column in rows.columns]
    if not may_draw(names, len(rows.rows)):
        return None
    group = next(c for c in rows.columns if not _is_measure(c.name) and c.name != SHARE)
    measures = [c for c in rows.columns if _is_measure(c.name) and _is_number(c)]
    if not measures:
        return None
    labels = [_shorten(show_cell(row[group.name], group)) for row in rows.rows]
    is_ring = SHARE in names and group.kind not in ON_TIME and len(labels) <= SLICES
    data = [_ring(rows, measures[0], labels)] if is_ring else _bars(rows, measures[:2], labels)
    title = f"{measures[0].label} par {group.label.lower()}"
    return {"data": data, "layout": _lay_out(title, measures[:2], is_ring=is_ring),
            "config": {"displayModeBar": False, "responsive": True}}  # fmt: skip


def _ring(rows: Rows, measure: OutputColumn, labels: list[str]) -> dict[str, Any]:
    return {
        "type": "pie", "hole": 0.5, "labels": labels, "values": _values(rows, measure),
        "text": _shown(rows, measure), "marker": {"colors": list(PALETTE)}, "sort": False,
        "textinfo": "label+percent", "textposition": "outside", "automargin": True,
        "hovertemplate": f"%{{label}}<br>{measure.label}\u00a0: %{{text}}<extra></extra>",
    }  # fmt: skip


def _bars(rows: Rows, measures: Sequence[OutputColumn], labels: list[str]) -> list[dict[str, Any]]:
    first, *rest = measures
    bars: dict[str, Any] = {
        "type": "bar", "name": first.label, "x": labels, "y": _values(rows, first),
        "marker": {"color": PALETTE[0]}, "hovertext": _shown(rows, first),
        "hovertemplate": f"%{{x}}<br>{first.label}\u00a0: %{{hovertext}}<extra></extra>",
    }  # fmt: skip
    if not rest:
        return [bars]
    (second,) = rest
    return [bars, {
        "type": "scatter", "mode": "lines+markers", "name": second.label, "x": labels,
        "y": _values(rows, second), "yaxis": "y2", "line": {"color": SECOND},
        "hovertext": _shown(rows, second),
        "hovertemplate": f"%{{x}}<br>{second.label}\u00a0: %{{hovertext}}<extra></extra>",
    }]  # fmt: skip


def _lay_out(title: str, measures: Sequence[OutputColumn], *, is_ring: bool) -> dict[str, Any]:
    clear = "rgba(0,0,0,0)"
    layout: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 15}, "y": 0.97, "yanchor": "top"},
        "height": HEIGHT, "separators": ",\u202f",
        "paper_bgcolor": clear, "plot_bgcolor": clear, "showlegend": not is_ring,
        "margin": {"l": 10, "r": 10, "t": 80, "b": 30},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }  # fmt: skip
    if is_ring:
        return layout
    layout["xaxis"] = {"type": "category", "automargin": True}
    for number, measure in enumerate(measures):
        axis = {"automargin": True, "rangemode": "tozero", "tickformat": ",.0f",
                "title": {"text": measure.unit or measure.label}}  # fmt: skip
        if number:
            axis |= {"overlaying": "y", "side": "right", "showgrid": False}
        layout["yaxis2" if number else "yaxis"] = axis
    return layout


def _values(rows: Rows, column: OutputColumn) -> list[float]:
    return [_number(row[column.name]) for row in rows.rows]


def _shown(rows: Rows, column: OutputColumn) -> list[str]:
    return [show_cell(row[column.name], column) for row in rows.rows]


def _number(value: Cell) -> float:
    return float(Decimal(str(value))) if value is not None else 0.0


def _is_measure(name: str) -> bool:
    return name.startswith(MEASURES)


def _is_number(column: OutputColumn) -> bool:
    return column.kind in NUMERIC_KINDS or column.name == "count"


def _shorten(label: str) -> str:
    return label if len(label) <= LABEL_CHARS else f"{label[: LABEL_CHARS - 1]}…"
