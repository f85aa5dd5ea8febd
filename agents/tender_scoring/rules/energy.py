"""The annexe of delivery points: header found, lines checked, totals by lot against the file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import DeliveryPoint, EnergyBlock, PointTotal
from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Reading, cite, list_statements
from agents.tender_scoring.rules.volumes import read_energy_volume, read_point_count, read_volume
from core.words import fold
from ingest.tenders.dossier import ReadPiece
from ingest.tenders.texts import Cell, Unit

Energy = Literal["electricity", "gas"]
COLUMNS: tuple[tuple[str, str], ...] = (
    ("code", r"\b(?:pdl|prm|pce|rae)\b|point (?:de )?(?:livraison|reference|comptage)|n ?° ?point"
             r"|identifiant"),
    ("segment", r"segment|^tarif\b|option tarif"),
    ("operator", r"\bgrd\b|gestionnaire|distributeur|operateur"),
    ("eld", r"\beld\b"),
    ("power", r"puissance|^ps\b|\bkva\b"),
    ("volume", r"mwh|kwh|gwh|\bcar\b|volume|consommation|\bconso\b"),
    ("lot", r"^(?:n ?[°o] ?)?(?:de )?lots?\b"),
    ("site", r"site|batiment|designation|libelle|station|adresse|nom\b|ouvrage|commune|membre"),
)  # fmt: skip
TIME_CLASS = re.compile(r"\bpointe\b|\bh[pc][hbe]?\b|\bbase\b|heures? (?:pleines?|creuses?)"
                        r"|\b(?:ete|hiver)\b|\b[pc]t?[ehb]\b")  # fmt: skip
YEARLY = re.compile(r"annuel|total|\bcar\b|reference|par an\b|/ ?an\b")
PRM = re.compile(r"\d{14}")
PCE = re.compile(r"\d{14}|GI\d{6}")
NATIONAL = re.compile(r"enedis|grdf|erdf")
GAS_SEGMENT = re.compile(r"T[1-4P]")
ELECTRIC_SEGMENT = re.compile(r"C[1-5]")


def read_energy(reading: Reading) -> EnergyBlock:
    """Delivery points of every annexe, and their totals beside what the file states."""
    points: list[DeliveryPoint] = []
    for piece in reading.dossier.used("delivery_points"):
        points += list_points(piece)
    points = _mark_doubles(points)
    return EnergyBlock(
        points=tuple(points),
        totals=tuple(_totals(points, reading)),
        invalid_points=sum(bool(point.issues) for point in points),
    )


def list_points(piece: ReadPiece) -> Iterator[DeliveryPoint]:
    """The lines of an annexe, sheet by sheet, under whatever header names a code column."""
    columns: dict[str, int] = {}
    energy: Energy = "electricity"
    scale = Decimal(1)
    table = -1
    lot: int | None = None
    for unit in piece.text.units:
        if unit.kind != "row":
            continue
        if unit.table != table:
            table, columns, lot = unit.table, {}, None
        found = _read_header(unit)
        if found:
            columns, energy, scale = found
            continue
        if not columns:
            stated = re.search(r"\blot (?:n ?° ?)?(\d{1,2})\b", fold(unit.text))
            lot = int(stated[1]) if stated else lot
            continue
        point = _read_row(piece, unit, columns, energy, scale, lot)
        if point is not None:
            yield point


def _read_header(unit: Unit) -> tuple[dict[str, int], Energy, Decimal] | None:
    """Columns by name; a row is a header when it names a code and holds no code."""
    texts = [fold(cell.text) for cell in unit.cells]
    if any(PCE.fullmatch(_squeeze(cell.text)) for cell in unit.cells):
        return None
    columns: dict[str, int] = {}
    for name, pattern in COLUMNS:
        places = [at for at, text in enumerate(texts)
                  if text and at not in columns.values() and re.search(pattern, text)]  # fmt: skip
        if name == "volume":
            places = _choose_volumes(places, texts)
            columns |= {f"volume {at}": at for at in places[1:]}
        if places:
            columns[name] = places[0]
    if "code" not in columns or len(columns) < 3:
        return None
    head = texts[columns["code"]]
    energy: Energy = (
        "gas" if re.search(r"pce", head) and not re.search("pdl|prm", head) else ("electricity")
    )
    unit_text = texts[columns["volume"]] if "volume" in columns else ""
    scale = Decimal("0.001") if "kwh" in unit_text else Decimal(1000 if "gwh" in unit_text else 1)
    if "car" in unit_text.split() and "mwh" not in unit_text:
        scale = Decimal("0.001")
    return columns, energy, scale


def _choose_volumes(places: list[int], texts: list[str]) -> list[int]:
    """The column of the yearly volume, else those of the time classes, which add up to it."""
    classes = [at for at in places if TIME_CLASS.search(texts[at])]
    others = [at for at in places if at not in classes]
    yearly = [at for at in others if YEARLY.search(texts[at])]
    return (yearly or others)[:1] or classes


def _squeeze(text: str) -> str:
    return re.sub(r"[\s.\u00a0]", "", text)


def _read_row(
    piece: ReadPiece, unit: Unit, columns: dict[str, int], energy: Energy, scale: Decimal,
    lot: int | None,
) -> DeliveryPoint | None:  # fmt: skip
    def cell(name: str) -> str:
        at = columns.get(name)
        return unit.cells[at].text.strip() if at is not None and at < len(unit.cells) else ""

    code = _squeeze(cell("code"))
    filled = sum(bool(c.text.strip()) for c in unit.cells)
    if not code or not re.search(r"\d", code) or filled < 3 or re.match(r"total", fold(unit.text)):
        return None
    segment = cell("segment").upper() or None
    kind: Energy = energy
    if segment and GAS_SEGMENT.fullmatch(segment):
        kind = "gas"
    elif segment and ELECTRIC_SEGMENT.match(segment):
        kind = "electricity"
    operator = cell("operator") or None
    is_eld = fold(cell("eld")) in ("oui", "o", "x", "yes") or bool(
        operator and not NATIONAL.search(fold(operator))
    )
    number = re.search(r"\d{1,2}", cell("lot"))
    volume = _add_volumes(cell(name) for name in columns if name.startswith("volume"))
    place = piece.text.find_place(unit.cells[columns["code"]].start)
    return DeliveryPoint(
        code=code, energy=kind, lot=int(number.group()) if number else lot,
        site=cell("site") or None, segment=segment, operator=operator, is_eld=is_eld,
        power_kva=_number(cell("power")), volume_mwh=None if volume is None else volume * scale,
        file=piece.name, loc=place.loc or f"p. {place.page}",
        issues=tuple(_issues(code, kind, segment, volume)),
    )  # fmt: skip


def _add_volumes(texts: Iterable[str]) -> Decimal | None:
    """The sum of the cells that hold a number; None when none does."""
    known = [value for text in texts if (value := _number(text)) is not None]
    return sum(known, Decimal(0)) if known else None


def _number(text: str) -> Decimal | None:
    plain = re.sub(r"(?<=\d)[.](?=\d{1,2}$|\d{4,}$)", ",", text.strip())
    plain = re.sub(r"\s*(mwh|kwh|kva|kw)$", "", plain, flags=re.I)
    if re.fullmatch(r"\d+\.\d{3}", plain):
        plain = plain.replace(".", ",")
    return parse_number(plain)


def _issues(code: str, energy: Energy, segment: str | None, volume: Decimal | None) -> list[str]:
    issues: list[str] = []
    pattern = PCE if energy == "gas" else PRM
    if not pattern.fullmatch(code):
        issues.append(f"Le numéro « {code} » n’a pas la forme d’un "
                      f"{'PCE' if energy == 'gas' else 'PRM'} (14 chiffres).")  # fmt: skip
    if segment and not re.match(r"(?:C[1-5]|T[1-4P])\b", segment):
        issues.append(f"Le segment « {segment} » n’est pas un segment connu.")
    if volume is None:
        issues.append("Le volume manque.")
    elif volume < 0:
        issues.append("Le volume est négatif.")
    return issues


def _mark_doubles(points: list[DeliveryPoint]) -> list[DeliveryPoint]:
    counts = Counter((point.energy, point.code) for point in points)
    return [
        point.model_copy(update={"issues": (*point.issues, "Le point est listé plusieurs fois.")})
        if counts[point.energy, point.code] > 1
        else point
        for point in points
    ]


def _totals(points: list[DeliveryPoint], reading: Reading) -> Iterator[PointTotal]:
    groups: dict[tuple[int | None, Energy], list[DeliveryPoint]] = defaultdict(list)
    for point in points:
        groups[point.lot, point.energy].append(point)
    for (lot, energy), held in sorted(
        groups.items(), key=lambda each: (each[0][0] or 0, each[0][1])
    ):
        volumes = [point.volume_mwh for point in held if point.volume_mwh is not None]
        total = sum(volumes, Decimal(0)) if volumes else None
        local = [p.volume_mwh for p in held if p.is_eld and p.volume_mwh is not None]
        count = read_point_count(reading, lot) if lot is not None else None
        stated = (
            read_volume(reading, lot) if lot is not None else read_energy_volume(reading, energy)
        )
        yield PointTotal(
            lot=lot, energy=energy, points=len(held), eld_points=sum(p.is_eld for p in held),
            volume_mwh=total, eld_volume_mwh=sum(local, Decimal(0)) if local else None,
            stated_points=count[0] if count else None, stated_volume_mwh=stated[0] if stated else None,
            stated_evidence=tuple(each[1] for each in (stated, count) if each),
            total_evidence=_find_total(reading, lot, total),
        )  # fmt: skip


def _find_total(reading: Reading, lot: int | None, total: Decimal | None) -> tuple[Evidence, ...]:
    """The cell of the annexe that holds the same total, else the header of its volume column."""
    if total is None:
        return ()
    header: Evidence | None = None
    for piece in reading.dossier.used("delivery_points"):
        for unit in piece.text.units:
            if unit.kind != "row":
                continue
            cell = _same_value(unit.cells, total)
            first = unit.cells[0].text.strip() if unit.cells else ""
            if cell is not None and (lot is None or re.search(rf"\b{lot}\b", first)):
                return (cite(piece, cell.start, cell.end),)
            found = _read_header(unit)
            if found and header is None and "volume" in found[0]:
                head = unit.cells[found[0]["volume"]]
                header = cite(piece, head.start, head.end)
    return (header,) if header else ()


def _same_value(cells: tuple[Cell, ...], total: Decimal) -> Cell | None:
    for cell in cells:
        value = _number(cell.text) if re.fullmatch(r"[\d\s.,]+", cell.text.strip() or "-") else None
        if value is not None and abs(value - total) <= Decimal("0.5") and total > 0:
            return cell
    return None


def list_eld_statements(reading: Reading) -> list[Evidence]:
    """What the file says of sites of local distribution companies."""
    return [
        statement.cite()
        for piece in reading.dossier.used()
        for statement in list_statements(piece)
        if re.search(r"entreprises? locales? de distribution|\beld\b", statement.plain)
        and statement.unit.kind not in ("row", "heading")
    ]
