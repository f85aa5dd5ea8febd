"""Award criteria in tables: a name and a weight per row, or a column of weights per lot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Criterion
from agents.tender_scoring.rules.criteria_words import (
    TOPIC,
    clean_name,
    is_total,
    parse_weight,
    stage_of,
)
from agents.tender_scoring.rules.statements import Statement, cite, list_lots, lots_of
from agents.tender_scoring.rules.subcriteria import list_points
from core.words import fold
from ingest.tenders.texts import Cell

HEADER_NAME = re.compile(r"criter|intitule|libelle|designation|award")
HEADER_WEIGHT = re.compile(r"ponderation|poids|points?\b|note|coefficient|bareme|%|weight|valeur")
HEADER_SUB = re.compile(r"sous-?criter|sous critere|element|detail|apprecia|contenu|sub-?criter")


def read_tables(statements: list[Statement]) -> Iterator[Criterion]:
    """The criteria of the tables of one piece."""
    rows = [each for each in statements if each.unit.kind == "row"]
    for _, group in groupby(rows, key=lambda each: (each.piece.id, each.unit.table)):
        table = list(group)
        header = _find_header(table)
        if header is None:
            continue
        if len(header.lots) > 0:
            yield from _matrix(table[header.row + 1 :], header)
        else:
            yield from _columns(table[header.row + 1 :], header)


class _Header:
    """The columns of a table of criteria; `lots` maps a column to the lots it weighs."""

    def __init__(self, row: int, name: int, weight: int | None, sub: int | None,
                 lots: dict[int, tuple[int, ...]], lot_column: int | None) -> None:  # fmt: skip
        self.row = row
        self.name = name
        self.weight = weight
        self.sub = sub
        self.lots = lots
        self.lot_column = lot_column


def _find_header(table: list[Statement]) -> _Header | None:
    for at, row in enumerate(table[:3]):
        cells = [fold(cell.text) for cell in row.unit.cells]
        squeezed = [re.sub(r"[^a-z%-]", "", cell) for cell in cells]
        names = [n for n, cell in enumerate(squeezed) if HEADER_NAME.search(cell)
                 and not HEADER_SUB.search(cell)]  # fmt: skip
        subs = [n for n, cell in enumerate(squeezed) if HEADER_SUB.search(cell)]
        weights = [n for n, cell in enumerate(squeezed) if HEADER_WEIGHT.search(cell)
                   and n not in names and n not in subs]  # fmt: skip
        lots = {n: found for n, cell in enumerate(cells) if (found := list_lots(cell))}
        lot_column = next((n for n, c in enumerate(squeezed) if c in ("lot", "lots", "nlot")), None)
        if not any("criter" in cell or "award" in cell for cell in squeezed) and not (
            TOPIC.search(row.where)
        ):
            continue
        if names and lots:
            return _Header(at, names[0], None, None, lots, None)
        if names and weights:
            return _Header(at, names[0], weights[0], subs[0] if subs else None, {}, lot_column)
    return _headless(table)


def _headless(table: list[Statement]) -> _Header | None:
    """A table without header under a section on criteria: a name, then a weight."""
    if not TOPIC.search(table[0].where):
        return None
    rows = [row for row in table if len(row.unit.cells) >= 2]
    for column in range(1, max((len(row.unit.cells) for row in rows), default=0)):
        values = [parse_weight(row.unit.cells[column].text) for row in rows
                  if column < len(row.unit.cells)]  # fmt: skip
        if len(values) > 1 and all(value is not None for value in values):
            return _Header(-1, 0, column, None, {}, None)
    return None


def _matrix(rows: list[Statement], header: _Header) -> Iterator[Criterion]:
    for row in rows:
        cells = row.unit.cells
        if header.name >= len(cells) or is_total(cells[header.name].text):
            continue
        for column, lots in header.lots.items():
            value = parse_weight(cells[column].text) if column < len(cells) else None
            if value:
                name = clean_name(cells[header.name].text)
                yield Criterion(name=name, weight=value, lots=lots,
                                evidence=(_cite_cells(row, cells[header.name]),))  # fmt: skip


def _columns(rows: list[Statement], header: _Header) -> Iterator[Criterion]:
    if header.weight is None:
        return
    lots: tuple[int, ...] = lots_of(rows[0]) if rows else ()
    last: Criterion | None = None
    for row in rows:
        cells = row.unit.cells
        if len(cells) <= max(header.weight, header.name):
            lots = list_lots(row.plain) or lots
            continue
        if header.lot_column is not None:
            stated = re.findall(r"\d{1,2}", cells[header.lot_column].text)
            lots = tuple(map(int, stated)) or lots
        name, value = cells[header.name].text, parse_weight(cells[header.weight].text)
        if not name.strip() or value is None or is_total(name) or value == 0:
            lots = list_lots(row.plain) if value is None and list_lots(row.plain) else lots
            continue
        if last is not None and re.match(r"\W*(?:sous-?critere|-|•|dont\b)", fold(name)):
            continue
        subs = list_points(cells[header.sub].text) if header.sub is not None else ()
        last = Criterion(name=clean_name(name), weight=value, lots=lots,
                         stage=stage_of(row), subcriteria=subs,
                         evidence=(_cite_cells(row, cells[header.name]),))  # fmt: skip
        yield last


def _cite_cells(row: Statement, name: Cell) -> Evidence:
    """The row when its name and weight follow one another, else the name alone."""
    source = row.piece.text.text
    after = source[name.end : row.unit.end]
    found = re.match(r"\s{1,3}\|? ?\d{1,3}(?:,\d+)? ?(?:%|points?|pts)?", after)
    if name.end <= name.start:
        return row.cite()
    return cite(row.piece, name.start, name.end + (found.end() if found and "|" not in found[0]
                                                   else 0))  # fmt: skip
