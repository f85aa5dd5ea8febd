"""What an import would do, line by line, before anything is proposed."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from core.context import Context
from core.formats import NBSP
from core.words import fold
from crm.changes import Value
from crm.objects import OBJECTS
from crm.proposals.columns import Column, columns_of
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidChange
from crm.proposals.values import from_row, parse_value
from ingest.spreadsheets.cells import has_check_digit, is_absent, parse_cell, write_text
from ingest.spreadsheets.grid import Cell, Grid
from tools.cards import show_value
from tools.importing.headings import GIVEN_NAME, Heading, Layout
from tools.importing.records import Match, Records, Row, key_of, load_records

Outcome = Literal["create", "update", "identical", "refused", "ignored"]
MOST_REASONS = 4
WRONG_CHECK = f"La clé de contrôle du {{number}} est fausse{NBSP}: vérifiez-le."
POINT_CODES = {
    "electricity": re.compile(r"\d{14}"),
    "gas": re.compile(r"\d{14}|GI\d{6}"),
}
TOTALS = ("total", "totaux", "sous total", "sous-total", "somme")


@dataclass(frozen=True)
class FieldPreview:
    """A field before and after, in French."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class LinePreview:
    """What becomes of a line. `fields` are the wire values that would be proposed."""

    number: int
    outcome: Outcome
    title: str
    fields: Mapping[str, Value] = field(default_factory=dict[str, Value])
    record_id: UUID | None = None
    version: int | None = None
    changes: tuple[FieldPreview, ...] = ()
    reasons: tuple[str, ...] = ()
    remark: str = ""
    quote: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Tell a line that would be proposed, but that a person should look at first."""
        return self.outcome in ("create", "update") and bool(self.remark)


@dataclass(frozen=True)
class Preview:
    """The whole import; `digest` names exactly what would be proposed."""

    object: str
    sheet: str
    layout: Layout
    lines: tuple[LinePreview, ...]
    remarks: tuple[str, ...]
    digest: str

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many lines of each outcome."""
        return Counter(line.outcome for line in self.lines)


async def preview_import(context: Context, grid: Grid, layout: Layout) -> Preview:
    """Compare every line with the records that the user sees."""
    records = await load_records(context, layout)
    return await asyncio.to_thread(_compare_all, grid, layout, records)


def _compare_all(grid: Grid, layout: Layout, records: Records) -> Preview:
    lines: list[LinePreview] = []
    seen: dict[tuple[str, ...], LinePreview] = {}
    for number, row in list(zip(grid.lines, grid.rows, strict=True))[layout.first :]:
        line = _compare_line(number, row, layout, records)
        if line is not None:
            lines.append(_tell_double(line, layout.object, seen))
    unread = [one.text for one in layout.headings if one.target is None and one.text]
    told = (f"Colonnes non reprises{NBSP}: {', '.join(unread)}.",) if unread else ()
    return Preview(
        layout.object, grid.sheet, layout, tuple(lines), (*grid.remarks, *told),
        _digest(layout.object, lines),
    )  # fmt: skip


def _compare_line(
    number: int, row: tuple[Cell, ...], layout: Layout, records: Records
) -> LinePreview | None:
    """None for a line that holds no record: empty, a total, the headings repeated."""
    cells = {h: row[h.place] for h in layout.filled if not is_absent(row[h.place])}
    if not cells or _is_total(row) or all(write_text(c) == h.text for h, c in cells.items()):
        return None
    quote = " | ".join(write_text(cell) for cell in row if not is_absent(cell))[:500]
    values, reasons = _read_values(layout, cells, records)
    title = str(values.get(OBJECTS[layout.object].title) or "")
    if reasons:
        return _refuse(number, title, reasons, quote)
    try:
        match = records.match(values)
        if match.row is None:
            return _create(number, title, layout.object, values, match, quote)
        return _update(number, title, layout.object, values, match.row, quote)
    except InvalidChange as error:
        return _refuse(number, title, [error.message], quote)


def _refuse(number: int, title: str, reasons: list[str], quote: str) -> LinePreview:
    told = tuple(reason[:1].upper() + reason[1:] for reason in reasons[:MOST_REASONS])
    return LinePreview(number, "refused", title, reasons=told, quote=quote)


def _is_total(row: tuple[Cell, ...]) -> bool:
    first = next((write_text(cell) for cell in row if not is_absent(cell)), "")
    return fold(first).rstrip(" :").startswith(TOTALS) and len(first) <= 30


def _read_values(
    layout: Layout, cells: Mapping[Heading, Cell], records: Records
) -> tuple[dict[str, Value], list[str]]:
    """The wire values of a line by column, and what is wrong with it."""
    columns = columns_of(layout.object)
    values: dict[str, Value] = {}
    reasons: list[str] = []
    links: dict[str, dict[str, str]] = {}
    for heading, cell in cells.items():
        target = heading.target
        if target is None:
            continue
        if target.link is not None:
            links.setdefault(target.link, {})[target.key] = write_text(cell)
            continue
        if target.name == GIVEN_NAME:
            continue
        try:
            value = parse_cell(columns[target.name], cell, heading.unit)
            parse_value(columns[target.name], value)
        except InvalidChange as error:
            reasons.append(error.message.removeprefix("Champ "))
            continue
        if value is not None:
            values[target.name] = value
    _join_names(cells, values)
    _resolve_links(layout.object, links, records, values, reasons)
    if layout.object == "delivery_points" and "energy" not in values and "segment" in values:
        values["energy"] = "gas" if str(values["segment"]).startswith("T") else "electricity"
    return values, reasons


def _join_names(cells: Mapping[Heading, Cell], values: dict[str, Value]) -> None:
    """« Zoé » and « Lefèvre » in two columns are one name."""
    for heading, cell in cells.items():
        if heading.target is not None and heading.target.name == GIVEN_NAME:
            values["name"] = f"{write_text(cell)} {values.get('name', '')}".strip()


def _resolve_links(
    name: str,
    links: Mapping[str, Mapping[str, str]],
    records: Records,
    values: dict[str, Value],
    reasons: list[str],
) -> None:
    declared = OBJECTS[name]
    account: UUID | None = None
    # The client first: it tells apart the sites of one name.
    for step in sorted(links, key=lambda one: one != "account"):
        direct = declared.links.get(step)
        try:
            found = records.find_linked(
                direct.target if direct else "accounts", links[step], account
            )
        except InvalidChange as error:
            reasons.append(error.message)
            continue
        if found is not None and step == "account":
            account = found["id"]
        if found is not None and direct is not None:
            values[direct.column] = str(found["id"])
    if (
        name == "delivery_points"
        and "site_id" not in values
        and account is not None
        and not reasons
    ):
        sites = records.list_sites(account)
        if len(sites) == 1:
            values["site_id"] = str(sites[0]["id"])


def _create(
    number: int, title: str, name: str, values: Mapping[str, Value], match: Match, quote: str
) -> LinePreview:
    declared, columns = WRITABLES[name], columns_of(name)
    given = {**declared.defaults, **values}
    missing = [n for n in declared.required if given.get(n) is None]
    if missing:
        labels = ", ".join(columns[n].label for n in missing)
        return _refuse(number, title, [f"il manque{NBSP}: {labels}."], quote)
    wrong = find_contradiction(name, values)
    if wrong:
        return _refuse(number, title, [wrong], quote)
    changes = tuple(
        FieldPreview(column.label, show_value(column, None), _show(column, values[key]))
        for key, column in columns.items()
        if key in values and column.target is None
    )
    return LinePreview(
        number, "create", title, values, changes=changes, quote=quote,
        remark=match.remark or _check_digits(values),
    )  # fmt: skip


def _update(
    number: int, title: str, name: str, values: Mapping[str, Value], row: Row, quote: str
) -> LinePreview:
    """Only what differs; an empty cell changes nothing."""
    columns = columns_of(name)
    changed: dict[str, Value] = {}
    changes: list[FieldPreview] = []
    for key, value in values.items():
        before, after = from_row(columns[key], row[key]), parse_value(columns[key], value)
        if before == after:
            continue
        changed[key] = value
        told = (show_value(columns[key], before), show_value(columns[key], after))
        if columns[key].target is not None:
            told = ("fiche actuelle" if before else show_value(columns[key], None), "autre fiche")
        changes.append(FieldPreview(columns[key].label, *told))
    shown = title or str(row[OBJECTS[name].title] or "")
    if not changed:
        return LinePreview(number, "identical", shown, record_id=row["id"], quote=quote)
    wrong = find_contradiction(name, {**row, **changed})
    if wrong:
        return _refuse(number, shown, [wrong], quote)
    return LinePreview(
        number, "update", shown, changed, row["id"], row["version"], tuple(changes), quote=quote,
        remark=_check_digits(changed),
    )  # fmt: skip


def find_contradiction(name: str, values: Mapping[str, object]) -> str:
    """What the values of a record say against one another; empty when nothing."""
    start, end = values.get("start_on"), values.get("end_on")
    if name == "contracts" and start and end and str(end) <= str(start):
        return "l’échéance doit venir après le début du contrat."
    code = str(values.get("code") or "")
    if name == "delivery_points" and not POINT_CODES[str(values.get("energy"))].fullmatch(code):
        return (f"«{NBSP}{code[:30]}{NBSP}» n’est pas un PRM ni un PCE{NBSP}: quatorze chiffres "
                "(ou GI et six chiffres, pour le gaz).")  # fmt: skip
    return ""


def _check_digits(values: Mapping[str, Value]) -> str:
    wrong = [
        name.upper()
        for name in ("siren", "siret")
        if values.get(name) and not has_check_digit(str(values[name]))
    ]
    return WRONG_CHECK.format(number=" et du ".join(wrong)) if wrong else ""


def _show(column: Column, value: Value) -> str:
    return show_value(column, parse_value(column, value))


def _tell_double(
    line: LinePreview, name: str, seen: dict[tuple[str, ...], LinePreview]
) -> LinePreview:
    """A second line on one record: set aside when it says the same, refused when it does not."""
    if line.outcome == "refused":
        return line
    known: tuple[str, ...] | None = (str(line.record_id),) if line.record_id else None
    known = known or key_of(name, line.fields)
    if known is None:
        return line
    first = seen.setdefault(known, line)
    if first is line:
        return line
    if dict(first.fields) == dict(line.fields):
        told = f"Même fiche que la ligne {first.number}{NBSP}: comptée une fois."
        return LinePreview(line.number, "ignored", line.title, remark=told, quote=line.quote)
    told = (f"même fiche que la ligne {first.number}, avec d’autres valeurs. Gardez une seule des "
            "deux lignes.")  # fmt: skip
    return _refuse(line.number, line.title, [told], line.quote)


def _digest(name: str, lines: list[LinePreview]) -> str:
    told = [
        [line.number, line.outcome, str(line.record_id), line.version, sorted(line.fields.items())]
        for line in lines
        if line.outcome in ("create", "update")
    ]
    return hashlib.sha256(json.dumps([name, told], ensure_ascii=False).encode()).hexdigest()
