"""Delivery points of a tender: checked, added up, matched with the CRM."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from agents.tender_scoring.facts import DeliveryPoint, EnergyBlock
from agents.tender_scoring.rules.energy import list_points
from agents.tender_scoring.rules.known_points import (
    KnownPoint,
    list_codes,
    match_known_points,
    normalize_code,
)
from evals.tenders.pieces import print_piece
from ingest.tenders.dossier import ReadPiece, read_dossier
from ingest.tenders.intake import Intake, SourceFile


def read(rows: list[str], tmp_path: Path) -> list[DeliveryPoint]:
    path = tmp_path / "annexe_pdl.xlsx"
    path.write_bytes(print_piece(path.name, ["@ Points", *rows], {}))
    piece: ReadPiece = read_dossier(
        Intake(files=[SourceFile(path.name, path, path.stat().st_size, "0" * 64)])
    ).pieces[0]
    return list(list_points(piece))


HEADER = "Lot;Site;PRM;Segment;Distributeur;Volume (MWh)"
GOOD = "30001234567890"


def test_each_fault_of_a_point_is_told(tmp_path: Path) -> None:
    rows = [HEADER, f"1;Mairie;{GOOD};C5;Enedis;12", "1;Stade;3000123456;C4;Enedis;40",
            "1;École;30001234567891;C9;Enedis;8", "1;Usine;30001234567892;C2;Régie de Vaure;900",
            "1;Salle;30001234567893;C5;Enedis;"]  # fmt: skip
    points = read(rows, tmp_path)
    assert [bool(point.issues) for point in points] == [False, True, True, False, True]
    assert [point.is_eld for point in points] == [False, False, False, True, False]
    assert points[0].volume_mwh == Decimal(12)


def point(code: str, energy: str = "electricity") -> DeliveryPoint:
    return DeliveryPoint.model_validate(
        {"code": code, "energy": energy, "lot": 1, "site": "Mairie", "segment": None,
         "operator": None, "is_eld": False, "power_kva": None, "volume_mwh": None,
         "file": "a.xlsx", "loc": "A!B2"}
    )  # fmt: skip


def test_points_of_the_crm_are_matched_whatever_their_writing() -> None:
    known = KnownPoint(uuid4(), "electricity", "Ville de Montarlac")
    energy = EnergyBlock(points=(point("30001 23456 7890"), point("30009999999999")))
    found = match_known_points(energy, {normalize_code(GOOD): known})
    assert [each.crm_id for each in found.points] == [known.id, None]
    assert (found.points[0].crm_account, found.known_points) == ("Ville de Montarlac", 1)


def test_a_number_of_the_other_energy_is_an_issue_not_a_match() -> None:
    energy = EnergyBlock(points=(point(GOOD),))
    found = match_known_points(energy, {GOOD: KnownPoint(uuid4(), "gas", "Ville")})
    assert (found.known_points, found.invalid_points) == (0, 1)
    assert found.points[0].crm_id is None
    assert list_codes(energy) == (GOOD,)
