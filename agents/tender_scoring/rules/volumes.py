"""Yearly volumes and numbers of delivery points that sentences and tables of the file state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.rules.quantities import Quantity, list_energies, parse_number
from agents.tender_scoring.rules.statements import Reading, Statement, list_lots, lots_of
from core.words import fold

ENERGY_HEADER = re.compile(r"gwh|mwh|kwh")
SCALES = {"gwh": Decimal(1000), "mwh": Decimal(1), "kwh": Decimal("0.001")}
POINT_HEADER = re.compile(r"^points?$|(?:nombre|nb\.?|nbre) (?:de |d')?(?:points?|pdl|prm|pce|compteurs?)"
                          r"|^(?:pdl|prm|pce)$")  # fmt: skip
POINT_NOUN = re.compile(r"points? de|pdl|prm|pce")


def read_volume(reading: Reading, lot: int | None) -> tuple[Decimal, Evidence] | None:
    """The yearly volume stated for a lot, in MWh; for the whole contract the energies add up."""
    for kind in ("cctp", "ccp", "rc", "ccap", "ae"):
        for statement in reading.of(kind):
            found = _sentence_volume(statement, lot) or _row_volume(statement, reading, lot)
            if found:
                return found
    return None


def read_energy_volume(
    reading: Reading, energy: Literal["electricity", "gas"]
) -> tuple[Decimal, Evidence] | None:
    """The volume stated for one energy of an undivided contract: « 9,4 GWh d'électricité »."""
    words = r"electri" if energy == "electricity" else r"gaz"
    for statement in reading.of("cctp", "ccp", "rc"):
        if not re.search(r"consommation|volume|besoin", statement.plain):
            continue
        energies = list(list_energies(statement.plain))
        for each in energies:
            after = statement.plain[each.end : each.end + 25]
            if re.match(rf" ?(?:d'|de |du )?{words}", after):
                return each.value, statement.cite(each.start, each.end + 14)
        said = re.match(
            rf".*\bconsommations? (?:annuelles? )?(?:d'|de |du |en ){words}\w*", statement.plain
        )
        if said and len(energies) == 1 and said.end() < energies[0].start:
            return energies[0].value, statement.cite()
    return None


def _sentence_volume(statement: Statement, lot: int | None) -> tuple[Decimal, Evidence] | None:
    plain = statement.plain
    if statement.unit.kind in ("row", "heading") or not _speaks_of_volume(plain):
        return None
    energies = list(list_energies(plain))
    if not energies:
        return None
    named = list_lots(plain)
    if lot is not None and lot in named and len(named) > 1:
        return _shared_volume(statement, energies, lot)
    if named != (() if lot is None else (lot,)):
        return None
    total = energies[0].value
    last = energies[0]
    for each in energies[1:]:
        between = plain[last.end : each.start]
        if lot is None and not re.search(r"dont|soit|hors|inclus", between):
            total, last = total + each.value, each
        else:
            break
    return total, statement.cite(_clause_start(plain, energies[0].start), last.end)


def _shared_volume(
    statement: Statement, energies: list[Quantity], lot: int
) -> tuple[Decimal, Evidence] | None:
    """The lot's own volume in a sentence that gives one to each: « 12 GWh pour le lot 1 et … »."""
    plain = statement.plain
    borders = [*(each.start for each in energies[1:]), len(plain)]
    after = [list_lots(plain[e.end : stop]) for e, stop in zip(energies, borders, strict=True)]
    starts = [0, *(each.end for each in energies[:-1])]
    before = [list_lots(plain[start : e.start]) for e, start in zip(energies, starts, strict=True)]
    for sides in (after, before):
        if all(len(side) == 1 for side in sides) and (lot,) in sides:
            energy = energies[sides.index((lot,))]
            return energy.value, statement.cite(energy.start, energy.end)
    return None


def _speaks_of_volume(plain: str) -> bool:
    """Tell a statement of need from a level asked of candidates and from a penalty."""
    if not re.search(r"volume|consommation|quantite|besoin annuel|represente|consumption|par an\b"
                     r"|annuel|per year", plain):  # fmt: skip
        return False
    asked = r"reference[s]? .{0,30}(?:superieur|minim)|au moins|superieur|penalit"
    return re.search(asked, plain) is None


def _clause_start(plain: str, at: int) -> int:
    found = plain.rfind("; ", 0, at)
    return found + 2 if found >= 0 else 0


def _row_volume(
    statement: Statement, reading: Reading, lot: int | None
) -> tuple[Decimal, Evidence] | None:
    found = _row_value(statement, reading, lot, ENERGY_HEADER)
    return (found[0] * SCALES[found[1]], statement.cite()) if found else None


def _row_value(
    statement: Statement, reading: Reading, lot: int | None, wanted: re.Pattern[str]
) -> tuple[Decimal, str] | None:
    """The number of a lot's row under the header `wanted`, and what that header says."""
    if statement.unit.kind != "row" or lot is None or not statement.unit.cells:
        return None
    first = re.fullmatch(r"(?:lot )?(?:n ?[°o] ?)?(\d{1,2})(?: ?[-–:].*)?",
                         fold(statement.unit.cells[0].text).strip())  # fmt: skip
    if first is None or int(first[1]) != lot:
        return None
    header = next((s for s in reading.of(statement.kind) if s.piece is statement.piece
                   and s.unit.table == statement.unit.table), None)  # fmt: skip
    if header is None or header is statement:
        return None
    for at, cell in enumerate(header.unit.cells):
        found = wanted.search(fold(cell.text))
        if found and at < len(statement.unit.cells):
            value = parse_number(statement.unit.cells[at].text)
            if value is not None:
                return value, found.group()
    return None


def read_point_count(reading: Reading, lot: int) -> tuple[int, Evidence] | None:
    """The number of delivery points that a table or a sentence of the file states for a lot."""
    for kind in ("cctp", "ccp", "rc"):
        for statement in reading.of(kind):
            found = _row_value(statement, reading, lot, POINT_HEADER)
            if found and found[0] == int(found[0]):
                return int(found[0]), statement.cite()
        for count, evidence in list_stated_sites(reading, lot, is_own=True):
            if POINT_NOUN.search(fold(evidence.quote)):
                return count, evidence
    return None


def list_stated_sites(
    reading: Reading, lot: int | None, *, is_own: bool = False
) -> Iterator[tuple[int, Evidence]]:
    """Numbers of delivery points, buildings or stations a piece states for a lot.

    With `is_own`, only where the lot is named: a number of the whole contract is not a lot's.
    """
    pattern = re.compile(
        r"(?P<n>\d[\d ]*|[a-z-]+) (?P<u>points? de (?:livraison|comptage)|pdl|prm|pce|sites?"
        r"|batiments?|stations?)\b(?! (?:de charge|d'epuration|de relev))"
    )
    for statement in reading.of("cctp", "ccp", "rc"):
        named = list_lots(statement.plain)
        if statement.unit.kind in ("row", "heading") or (named and lot is not None
                                                         and named != (lot,)):  # fmt: skip
            continue
        if is_own and lots_of(statement) != (lot,):
            continue
        for found in pattern.finditer(statement.plain):
            value = parse_number(found["n"].strip().split(" ")[-1] if not found["n"][0].isdigit()
                                 else found["n"])  # fmt: skip
            if value and value > 1:
                yield int(value), statement.cite(found.start(), found.end())
