"""Lots: their numbers, titles, energies, segments, values, volumes; or the undivided contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import Literal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Fact, Lot, PointTotal
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.quantities import (
    list_amounts,
    parse_number,
)
from agents.tender_scoring.rules.statements import (
    Reading,
    Statement,
    clip,
    list_lots,
)
from agents.tender_scoring.rules.volumes import list_stated_sites, read_energy_volume, read_volume
from core.words import fold

FIRST = ("rc", "corrigendum", "ccp", "notice")
SINGLE = re.compile(
    r"(?:n'est|ne sera) pas (?:alloti|divise|decompose)|non alloti|absence d'allotissement"
    r"|lot unique|marche unique|not divided into lots|sans allotissement|pas d'allotissement"
)
LOT_ITEM = re.compile(
    r"^\W*lots? ?(?:n ?[°o] ?)?(?P<n>\d{1,2})\b ?(?:\([^)]*\) ?)?[ :.,–=-]+(?P<t>.+)$"
)
COUNT = re.compile(
    r"(?:divise\w*|decompos\w+|reparti\w*|comport\w+|comprend\w*|allotie?\w*|scinde\w*|separ\w+"
    r"|divided)[^.;]{0,25}? (?P<n>deux|trois|quatre|cinq|six|sept|huit|neuf|dix|\d{1,2})"
    r"(?: \(\d+\))? lots?\b(?P<w> \w+)?"
)
VALUE = re.compile(r"maxim|estim|montant|valeur|enveloppe|budget|plafond|value|previsionnel")
MINIMUM = re.compile(r"chiffre d'affaires|assurance|sinistre|indemnite|penalit|capital|garantie"
                     r"|par jour|bon de commande|bons de commande, sans|avance")  # fmt: skip
SEGMENT = re.compile(r"\b(?:c[1-5]|t[1-4p])\b(?:(?: ?(?:a|,|et|/|-) ?)(?:c[1-5]|t[1-4])\b)*")
ELECTRIC = re.compile(r"electri|\bkva\b|\bpdl\b|\bprm\b|\bc[1-5]\b|eclairage|recharge|irve")
GAS = re.compile(r"\bgaz\b|\bgas\b|\bpce\b|\bt[1-4]\b|methane")
RESERVED = re.compile(r"reserve[se]?\b.{0,60}(?:article|entreprises? adaptees?|esat|insertion"
                      r"|handicap|l\. ?2113)|entreprises? adaptees?|l\. ?2113-1[23]")  # fmt: skip
STOP = re.compile(r"[;(]|,? maximum| pour un montant| estime| d'un montant|\.(?:\s|$)")


def read_lots(
    reading: Reading, notice: Notice, duration: Fact | None, totals: tuple[PointTotal, ...]
) -> tuple[Lot, ...]:
    """The lots in order, or one Lot without number when the contract is not divided."""
    months = duration.months if duration else None
    found = _from_tables(reading) or _from_items(reading)
    single = next((s for s, _ in reading.find(SINGLE, (*FIRST, "ccap", "ae"))), None)
    if not found or (single and len(found) < 2):
        return (_whole(reading, notice, months, single, totals),)
    reserved = {
        lot for s in reading.of(*FIRST) if RESERVED.search(s.plain) for lot in list_lots(s.plain)
    }
    return tuple(
        _complete(lot, reading, months, lot.number in reserved, totals)
        for lot in sorted(found.values(), key=lambda each: each.number or 0)
    )


def _from_tables(reading: Reading) -> dict[int, Lot]:
    for piece_kind in (*FIRST, "ccap", "ae", "cctp"):
        rows = [s for s in reading.of(piece_kind) if s.unit.kind == "row"]
        for _, group in groupby(rows, key=lambda s: (s.piece.id, s.unit.table)):
            lots = _table_lots(list(group))
            if lots:
                return lots
    return {}


def _table_lots(table: list[Statement]) -> dict[int, Lot]:
    header = [fold(cell.text) for cell in table[0].unit.cells]
    if not header or not re.match(r"(?:n ?[°o]s? ?(?:du |de )?)?lots?\b", header[0]):
        return {}
    title_at = next((n for n, text in enumerate(header) if n and re.search(
        r"intitule|designation|objet|libelle|description|nature|title|perimetre", text)), None)  # fmt: skip
    if title_at is None:
        return {}
    lots: dict[int, Lot] = {}
    for row in table[1:]:
        cells = row.unit.cells
        number = re.search(r"\d{1,2}", cells[0].text)
        if number is None or title_at >= len(cells) or not cells[title_at].text:
            continue
        value_at = next((n for n, text in enumerate(header) if n != title_at
                         and VALUE.search(text)), None)  # fmt: skip
        amount = _cell_amount(cells[value_at].text) if value_at is not None else None
        kind: Literal["maximum", "estimate"] | None = None
        if amount is not None and value_at is not None:
            kind = "maximum" if "maxim" in header[value_at] else "estimate"
        lots[int(number.group())] = Lot(
            number=int(number.group()), title=cells[title_at].text, segment=_segment(row.plain),
            energy=_energy(row.plain), value_eur=amount, value_kind=kind, evidence=(row.cite(),),
            value_evidence=(row.cite(),) if amount is not None else (),
        )  # fmt: skip
    return lots


def _cell_amount(text: str) -> Decimal | None:
    plain = fold(text)
    amounts = [quantity.value for quantity in list_amounts(plain)]
    if amounts:
        return amounts[-1]
    found = re.fullmatch(r"(\d{1,3}(?: \d{3})+|\d{4,})(?:,\d+)?(?: ht)?", plain.strip())
    return parse_number(found[1]) if found else None


def _from_items(reading: Reading) -> dict[int, Lot]:
    for kind in (*FIRST, "ccap", "cctp"):
        lots: dict[int, Lot] = {}
        for statement in reading.of(kind):
            if statement.unit.kind == "heading" and kind in ("cctp", "ccap"):
                continue
            found = LOT_ITEM.match(statement.plain)
            if found is None or int(found["n"]) in lots or not _is_title(found["t"], statement):
                continue
            lots[int(found["n"])] = _item_lot(statement, found)
        if len(lots) > 1 and sorted(lots) == list(range(min(lots), max(lots) + 1)):
            return lots
    return {}


def _is_title(text: str, statement: Statement) -> bool:
    if re.search(r"euros|€", text) and len(text) < 25:
        return False
    under = re.search(r"allot|lots|objet|decomposition|consistance", statement.where)
    return (
        bool(under)
        or bool(re.search(r"maxim|estim|montant", text))
        or (statement.unit.kind == "item" and len(text) > 8)
    )


def _item_lot(statement: Statement, found: re.Match[str]) -> Lot:
    start = found.start("t")
    stop = STOP.search(statement.plain, start + 6)
    end = stop.start() if stop else found.end("t")
    amounts = list(list_amounts(statement.plain))
    return Lot(
        number=int(found["n"]), title=clip(statement.unit.text[start:end].strip(" :–-."), 160),
        segment=_segment(statement.plain), energy=_energy(statement.plain),
        value_eur=amounts[-1].value if amounts else None,
        value_kind=_value_kind(statement.plain) if amounts else None,
        evidence=(statement.cite(),),
        value_evidence=(statement.cite(),) if amounts else (),
    )  # fmt: skip


def _value_kind(plain: str) -> Literal["maximum", "estimate"]:
    return "maximum" if "maxim" in plain else "estimate"


def _segment(plain: str) -> str | None:
    found = SEGMENT.search(plain)
    return found.group().upper().replace(" A ", "-") if found else None


def _energy(plain: str) -> Literal["electricity", "gas", "both"] | None:
    electric, gas = bool(ELECTRIC.search(plain)), bool(GAS.search(plain))
    if electric and gas:
        return "both"
    return "electricity" if electric else "gas" if gas else None


def _complete(
    lot: Lot, reading: Reading, months: int | None, is_reserved: bool,
    totals: tuple[PointTotal, ...],
) -> Lot:  # fmt: skip
    number = lot.number
    volume = read_volume(reading, number)
    energy = lot.energy or _overall_energy(reading)
    value = None if lot.value_eur is not None else _lot_value(reading, number)
    sites = next((t.points for t in totals if t.lot == number), None)
    if sites is None:
        sites = next((n for n, _ in list_stated_sites(reading, number)), None)
    update = {
        "duration_months": months, "is_reserved": is_reserved, "energy": energy,
        "volume_mwh": volume[0] if volume else None, "sites": sites,
        "volume_evidence": (volume[1],) if volume else (),
    }  # fmt: skip
    if value:
        update |= {"value_eur": value[0], "value_kind": _value_kind(fold(value[1].quote)),
                   "value_evidence": (value[1],)}  # fmt: skip
    return lot.model_copy(update=update)


def _lot_value(reading: Reading, lot: int | None) -> tuple[Decimal, Evidence] | None:
    for statement in reading.of(*FIRST, "ccap", "ae"):
        if lot is not None and list_lots(statement.plain) != (lot,):
            continue
        if not VALUE.search(statement.plain) or MINIMUM.search(statement.plain):
            continue
        amounts = list(list_amounts(statement.plain))
        if amounts:
            return amounts[0].value, statement.cite()
    return None


def _overall_energy(reading: Reading) -> Literal["electricity", "gas", "both"] | None:
    for read in (reading.of("rc", "ccp"), reading.of("cctp")):
        texts = [s.plain for s in read if s.unit.start < 6000]
        if energy := _energy(" ".join(texts)):
            return energy
    return None


def _whole(
    reading: Reading, notice: Notice, months: int | None, single: Statement | None,
    totals: tuple[PointTotal, ...],
) -> Lot:  # fmt: skip
    volumes = _whole_volume(reading)
    value = _overall_value(reading)
    points = sum(t.points for t in totals) or None
    buildings = next((n for n, e in list_stated_sites(reading, None) if "batiment" in fold(e.quote)),
                     None)  # fmt: skip
    amount = value[0] if value else notice.estimated_value_eur
    return Lot(
        number=None, title="Marché unique", energy=_overall_energy(reading),
        volume_mwh=sum((v for v, _ in volumes), Decimal(0)) if volumes else None,
        sites=buildings or points,
        value_eur=amount, value_kind=_value_kind(fold(value[1].quote)) if value else None,
        duration_months=months, evidence=(single.cite(),) if single else (),
        volume_evidence=tuple(evidence for _, evidence in volumes),
        value_evidence=(value[1],) if value else (),
    )  # fmt: skip


def _whole_volume(reading: Reading) -> list[tuple[Decimal, Evidence]]:
    """The parts of the yearly volume of an undivided contract: one sentence, or one an energy."""
    parts = [read_energy_volume(reading, energy) for energy in ("electricity", "gas")]
    known = [part for part in parts if part is not None]
    whole = read_volume(reading, None)
    if len(known) == len(parts) and (whole is None or whole[0] < sum(v for v, _ in known)):
        return known
    return [whole] if whole else []


def _overall_value(reading: Reading) -> tuple[Decimal, Evidence] | None:
    best: tuple[int, Decimal, Evidence] | None = None
    for statement in reading.of(*FIRST, "ccap", "ae"):
        plain = statement.plain
        if not VALUE.search(plain) or MINIMUM.search(plain) or statement.unit.kind == "heading":
            continue
        amounts = list(list_amounts(plain))
        if not amounts:
            continue
        score = 2 * bool(re.search(r"estime|previsionnel|valeur|montant total|maximum", plain))
        score += 3 * bool(re.search(r"(?:valeur|montant) (?:totale? )?estime", plain))
        score -= 2 * ("bons de commande" in plain or "bon de commande" in plain)
        score += 2 * bool(re.search(r"besoin|operation|marche|ensemble|total|duree", plain))
        score -= 3 * bool(re.search(r"sur l'un|par candidat|reference", plain))
        if best is None or score > best[0]:
            best = (score, amounts[0].value, statement.cite())
    return (best[1], best[2]) if best and best[0] > 0 else None


def list_lot_counts(reading: Reading) -> Iterator[tuple[int, Evidence, str]]:
    """Every place that says into how many lots the contract is divided, and the piece's kind."""
    for statement in reading.statements:
        if statement.unit.kind == "row":
            continue
        found = COUNT.search(statement.plain)
        if found:
            value = parse_number(found["n"])
            if value:
                yield int(value), statement.cite(), statement.kind
