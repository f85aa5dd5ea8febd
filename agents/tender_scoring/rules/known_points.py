"""Delivery points of a tender that the firm's CRM already knows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from agents.tender_scoring.facts import DeliveryPoint, EnergyBlock


@dataclass(frozen=True)
class KnownPoint:
    """A delivery point of the CRM: its id, its energy, the name of its client."""

    id: UUID
    energy: str
    account: str | None = None


def normalize_code(code: str) -> str:
    """A PRM or PCE without blanks, dots or dashes, in capitals."""
    return re.sub(r"[\s.\u00a0\u202f-]", "", code).upper()


def list_codes(energy: EnergyBlock) -> tuple[str, ...]:
    """The codes to ask the CRM for: each once, well-formed points only."""
    return tuple(dict.fromkeys(normalize_code(p.code) for p in energy.points if not p.issues))


def match_known_points(energy: EnergyBlock, known: Mapping[str, KnownPoint]) -> EnergyBlock:
    """`energy` with the CRM's points beside its own; `known` is keyed by `normalize_code`.

    A code that the CRM holds for the other energy is not a match: it is told as an issue.
    """
    points = tuple(_match(point, known.get(normalize_code(point.code))) for point in energy.points)
    return energy.model_copy(update={
        "points": points,
        "known_points": sum(point.crm_id is not None for point in points),
        "invalid_points": sum(bool(point.issues) for point in points),
    })  # fmt: skip


def _match(point: DeliveryPoint, known: KnownPoint | None) -> DeliveryPoint:
    if known is None:
        return point
    if known.energy != point.energy:
        told = "Le CRM tient ce numéro pour une autre énergie."
        return point.model_copy(update={"issues": (*point.issues, told)})
    return point.model_copy(update={"crm_id": known.id, "crm_account": known.account})
