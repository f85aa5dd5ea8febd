"""Contracts that have a story: what the written texts say of them holds in their figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Situation:
    """What a contract in force must show; None leaves it to chance.

    `volume_share`: contracted volume over what the points really draw.
    """

    ends_in_days: int | None = None
    years: int | None = None
    notice_days: int | None = None
    tacit_renewal: bool | None = None
    price_type: str | None = None
    price_eur_per_mwh: Decimal | None = None
    tolerance_band_pct: Decimal | None = None
    volume_share: Decimal = Decimal(1)


ORDINARY = Situation()
SITUATIONS = {
    ("chavanne", "electricity"): Situation(
        ends_in_days=405, price_type="fixed", price_eur_per_mwh=Decimal("85.39")
    ),
    ("rhin-sud", "electricity"): Situation(ends_in_days=26, notice_days=90, tacit_renewal=True),
    ("sainte-ursule", "electricity"): Situation(
        ends_in_days=75, notice_days=60, tacit_renewal=True
    ),
    ("le-goff-biscuiterie", "electricity"): Situation(
        ends_in_days=110, notice_days=90, tacit_renewal=True
    ),
    ("terres-perche", "gas"): Situation(tolerance_band_pct=Decimal(10), price_type="fixed"),
    ("verrerie-escaut", "electricity"): Situation(
        ends_in_days=300,
        years=2,
        price_type="fixed",
        tolerance_band_pct=Decimal(10),
        volume_share=Decimal("1.13"),
    ),
    ("dataouest", "electricity"): Situation(
        tolerance_band_pct=Decimal(10), volume_share=Decimal("0.87")
    ),
}
"""By client and energy; the contract in force of its larger points is concerned."""
