"""The chart of the watch, as the JSON that Plotly draws: deadlines to come and their value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.formats import format_date

LABELS = {"new": "Nouveau", "kept": "Conservé", "converted": "Converti", "dismissed": "Écarté"}
COLORS = {"new": "#7aa6d6", "kept": "#1f3a5f", "converted": "#4f9d69", "dismissed": "#c9c9c9"}
ENGLISH_BUTTONS = ("toImage", "zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale",
                   "resetScale")  # fmt: skip
"""Buttons whose hints the drawing library has in English alone."""
VALUE_COLOR = "#d98c2b"


def draw_deadlines(weeks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Bars count the deadlines of each week by status; the line adds up the values known.

    `weeks` are rows of `chart_deadlines`. A value that a notice does not give counts for nothing,
    and the label of its week says how many are missing.
    """
    days = sorted({row["week"] for row in weeks})
    names = [f"semaine du {format_date(day)}" for day in days]
    bars = [_draw_status(status, weeks, days, names) for status in LABELS]
    values = [sum((Decimal(r["value_eur"] or 0) for r in weeks if r["week"] == day), Decimal(0))
              for day in days]  # fmt: skip
    missing = [sum(r["without_value"] for r in weeks if r["week"] == day) for day in days]
    line = {
        "type": "scatter", "mode": "lines+markers", "name": "Valeur connue", "x": names,
        "y": [float(value) for value in values], "yaxis": "y2", "line": {"color": VALUE_COLOR},
        "customdata": missing,
        "hovertemplate": "%{y:,.0f}\u00a0€ (%{customdata} sans valeur)<extra></extra>",
    }  # fmt: skip
    return {"data": [*(bar for bar in bars if any(bar["y"])), line], "layout": _lay_out()}


def _draw_status(
    status: str, weeks: Sequence[Mapping[str, Any]], days: Sequence[Any], names: Sequence[str]
) -> dict[str, Any]:
    counts = {row["week"]: row["items"] for row in weeks if row["status"] == status}
    return {
        "type": "bar", "name": LABELS[status], "x": list(names),
        "y": [counts.get(day, 0) for day in days], "marker": {"color": COLORS[status]},
        "hovertemplate": f"%{{y}} {LABELS[status].lower()}<extra></extra>",
    }  # fmt: skip


def _lay_out() -> dict[str, Any]:
    return {
        "barmode": "stack", "separators": ",\u202f", "height": 360,
        "title": {"text": "Remises à venir et valeur connue"},
        "margin": {"l": 50, "r": 100, "t": 50, "b": 110},
        "legend": {"orientation": "h", "y": 1.12},
        "xaxis": {"type": "category", "tickangle": -35},
        "yaxis": {"title": {"text": "Consultations"}, "dtick": 1, "rangemode": "tozero"},
        "yaxis2": {"title": {"text": "€"}, "overlaying": "y", "side": "right",
                   "rangemode": "tozero", "showgrid": False, "tickformat": ",.0f"},
        "modebar": {"remove": list(ENGLISH_BUTTONS)},
    }  # fmt: skip
