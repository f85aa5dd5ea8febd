"""Suppliers, and prices an energy could be bought at in each year."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from random import Random

CENT = Decimal("0.01")
FICTIONAL_SUPPLIERS = {
    "electricity": (
        "Armor Électricité", "Hélianthe Énergie", "Rivage Énergies", "Solenis Fourniture",
        "Estran Énergie",
    ),
    "gas": ("Celtis Gaz", "Boréal Gaz et Électricité", "Rivage Énergies"),
}  # fmt: skip
SUPPLIERS = {
    "electricity": (
        "EDF", "EDF", "Engie", "Engie", "TotalEnergies", "Ekwateur", "Alpiq", "Vattenfall",
        "Octopus Energy", "Volterres", "Plenitude", *FICTIONAL_SUPPLIERS["electricity"][:2],
    ),
    "gas": (
        "Engie", "Engie", "EDF", "TotalEnergies", "Gaz de Bordeaux", "Plenitude", "Ekwateur",
        *FICTIONAL_SUPPLIERS["gas"][:2],
    ),
}  # fmt: skip
GREEN_SUPPLIERS = {"Ekwateur", "Octopus Energy", "Volterres", "Hélianthe Énergie"}

FORWARD_PRICES: dict[str, dict[int, int]] = {
    "electricity": {2020: 48, 2021: 56, 2022: 104, 2023: 168, 2024: 108, 2025: 84, 2026: 72,
                    2027: 66, 2028: 65},
    "gas": {2020: 17, 2021: 21, 2022: 62, 2023: 74, 2024: 47, 2025: 42, 2026: 36, 2027: 31,
            2028: 29},
}  # fmt: skip
"""Energy price in EUR/MWh, margin included, of a contract by its first year of delivery."""


def reference_price(energy: str, start_on: dt.date) -> Decimal:
    """The usual price of a contract that starts on `start_on`, in EUR/MWh."""
    years = FORWARD_PRICES[energy]
    year = min(max(start_on.year, min(years)), max(years))
    return Decimal(years[year])


def contract_price(energy: str, price_type: str, start_on: dt.date, random: Random) -> Decimal:
    """A price around the usual one; indexed and spot contracts carry their budget price."""
    spread = random.uniform(0.93, 1.12) if price_type == "fixed" else random.uniform(0.86, 1.03)
    return round_cents(reference_price(energy, start_on) * Decimal(str(round(spread, 4))))


def round_cents(value: Decimal) -> Decimal:
    """`value` to two decimals, halves up."""
    return value.quantize(CENT, ROUND_HALF_UP)
