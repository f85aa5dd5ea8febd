"""An answer printed in the terminal, from the JSON the API gives.

Written by hand rather than with a rendering library, whose loading would take longer than the
answer itself.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

from core.formats import count_noun, format_quantity, label_totals

NBSP = "\u00a0"
EMPTY = "–"
SHORT_NUMBER = 8
ROWS_SHOWN = 30
PIPED_WIDTH = 240
NARROWEST_CELL = 6
MARKUP = re.compile(r"\*\*|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")


def write_answer(answer: dict[str, Any], width: int) -> str:
    """The text, the tables, the sources, and who answered, within `width` characters."""
    parts = [wrap_text(answer["text"], width)]
    parts += [write_card(card) for card in answer.get("proposals", [])]
    parts += [write_table(table, width) for table in answer["tables"]]
    if answer["citations"]:
        lines = [_hang(describe_source(c), width) for c in answer["citations"]]
        parts.append("\n".join(["Sources", *lines]))
    parts.append(describe_engine(answer))
    return "\n\n".join(parts)


def write_card(card: dict[str, Any]) -> str:
    """A proposed change, field by field, and how it is approved."""
    lines = [card["title"]]
    for line in card["lines"]:
        is_new = line["before"] == EMPTY
        change = line["after"] if is_new else f"{line['before']} → {line['after']}"
        lines.append(f"  {line['label']}{NBSP}: {change}")
    lines += [f"  Attention{NBSP}: {warning}" for warning in card["warnings"]]
    number = str(card["id"])[:SHORT_NUMBER]
    return "\n".join([*lines, f"  Pour approuver{NBSP}: voltaire approvals approve {number}"])


def terminal_width() -> int:
    """The columns of the terminal; wide when the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH


def wrap_text(markdown: str, width: int) -> str:
    """Markdown as plain text, its lines folded."""
    lines = MARKUP.sub("", markdown).strip().splitlines()
    return "\n".join(textwrap.fill(line, width) if line.strip() else "" for line in lines)


def write_table(table: dict[str, Any], width: int) -> str:
    """Aligned columns, the widest ones cut until the line fits; totals under a rule."""
    columns = table["columns"]
    header = [column["label"] for column in columns]
    rows = table["rows"][:ROWS_SHOWN]
    sums = [label_totals(table["totals"])] if table["totals"] else []
    cells = [header, *rows, *sums]
    widths = fit_widths([max(map(len, column)) for column in zip(*cells, strict=True)], width)
    numeric = [bool(column["is_numeric"]) for column in columns]
    rule = "  ".join("─" * size for size in widths)
    lines = [_write_row(row, widths, numeric) for row in cells]
    lines[1:1] = [rule]
    if sums:
        lines[-1:-1] = [rule]
    hidden = table["total_rows"] - len(rows)
    if hidden > 0:
        lines.append(f"… et {count_noun(hidden, 'ligne', 'lignes')} de plus.")
    return "\n".join([table["title"], *lines])


def fit_widths(widths: Sequence[int], limit: int) -> list[int]:
    """`widths` reduced, the largest first, until they fit in `limit` with two spaces between."""
    fitted = list(widths)
    while sum(fitted) + 2 * (len(fitted) - 1) > limit and max(fitted) > NARROWEST_CELL:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def describe_source(citation: dict[str, Any]) -> str:
    """One line for a source."""
    number = citation["number"]
    if citation["kind"] == "document":
        quote = " ".join(citation["quote"].split())
        return (
            f"[{number}] {citation['code']} v{citation['version_label']}, "
            f"p.{NBSP}{citation['page']} — «{NBSP}{quote}{NBSP}»"
        )
    total = count_noun(citation["total_rows"], "ligne", "lignes")
    return f"[{number}] {citation['label']} — {total}"


def describe_engine(answer: dict[str, Any]) -> str:
    """Who answered, and how long it took."""
    seconds = format_quantity(answer["duration_ms"] / 1000, "s", 2)
    if answer.get("fallback_reason"):
        reason = answer["fallback_reason"]
        return f"Le moteur déterministe a répondu à la place du modèle. {reason} · {seconds}"
    if answer["is_model"]:
        return f"Réponse rédigée par le modèle {answer['engine']} et vérifiée · {seconds}"
    return f"Réponse du moteur déterministe, sans modèle · {seconds}"


def _hang(text: str, width: int) -> str:
    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent="      ")


def _write_row(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    cells = [_cut(cell, size) for cell, size in zip(row, widths, strict=True)]
    return "  ".join(
        cell.rjust(size) if is_number else cell.ljust(size)
        for cell, size, is_number in zip(cells, widths, numeric, strict=True)
    ).rstrip()


def _cut(cell: str, size: int) -> str:
    return cell if len(cell) <= size else f"{cell[: size - 1]}…"
