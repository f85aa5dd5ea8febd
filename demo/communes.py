"""Real French communes (INSEE's official geographic code, positions of GeoNames, CC BY 4.0)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from demo.content import CONTENT

ELECTRICITY_OPERATORS = {
    "67482": "Strasbourg Électricité Réseaux",
    "38185": "GreenAlp",
    "86070": "SRD",
    "79049": "Gérédis Deux-Sèvres",
    "57463": "Réséda",
    "68066": "Vialis",
    "2A004": "EDF SEI Corse",
    "2B033": "EDF SEI Corse",
}
GAS_OPERATORS = {
    "67482": "R-GDS",
    "38185": "GreenAlp",
    "33063": "Régaz-Bordeaux",
    "68066": "Vialis",
}
NO_GAS_REGION = "Corse"


@dataclass(frozen=True)
class Commune:
    """A commune and the position of its centre, in degrees."""

    insee_code: str
    name: str
    postal_code: str
    region: str
    latitude: Decimal
    longitude: Decimal

    def grid_operator(self, energy: str) -> str:
        """The distribution grid's operator here: Enedis, GRDF or the local company."""
        if energy == "gas":
            return GAS_OPERATORS.get(self.insee_code, "GRDF")
        return ELECTRICITY_OPERATORS.get(self.insee_code, "Enedis")

    @property
    def has_local_operator(self) -> bool:
        """Whether a local distribution company (ELD) runs one of the grids."""
        return self.insee_code in ELECTRICITY_OPERATORS or self.insee_code in GAS_OPERATORS


@lru_cache(maxsize=1)
def list_communes() -> Sequence[Commune]:
    """Every commune of the demonstration, in the file's order."""
    with (CONTENT / "communes.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Commune(
                row["insee_code"],
                row["name"],
                row["postal_code"],
                row["region"],
                Decimal(row["latitude"]),
                Decimal(row["longitude"]),
            )
            for row in csv.DictReader(lines)
        )


@lru_cache(maxsize=1)
def communes_by_code() -> dict[str, Commune]:
    """The communes by INSEE code."""
    return {commune.insee_code: commune for commune in list_communes()}
