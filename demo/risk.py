"""The risk score of a contract: points added per factor, capped at 100."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from demo.pricing import reference_price

IN_FORCE = ("active", "ending")


def assess_risk(
    contract: dict[str, Any], today: dt.date, real_volume_mwh: Decimal, *, is_at_risk: bool
) -> tuple[int | None, list[str]]:
    """Score from 0 to 100 and its factors; None for a contract that is not in force."""
    if contract["status"] not in IN_FORCE:
        return None, []
    factors = [
        *_calendar_factors(contract, today),
        *_price_factors(contract, today),
        *_volume_factors(contract, real_volume_mwh),
    ]
    if is_at_risk:
        factors.append((15, "Client à risque"))
    return min(100, 5 + sum(points for points, _ in factors)), [text for _, text in factors]


def _calendar_factors(contract: dict[str, Any], today: dt.date) -> Iterator[tuple[int, str]]:
    if (contract["end_on"] - today).days <= 90:
        yield 30, "Échéance dans moins de 90 jours"
    if contract["tacit_renewal"]:
        deadline = contract["end_on"] - dt.timedelta(days=contract["notice_days"])
        yield (
            (25, "Préavis dépassé avec tacite reconduction")
            if deadline < today
            else (10, "Tacite reconduction")
        )


def _price_factors(contract: dict[str, Any], today: dt.date) -> Iterator[tuple[int, str]]:
    market = reference_price(contract["energy"], today)
    if contract["price_eur_per_mwh"] > market * Decimal("1.2"):
        yield 20, "Prix supérieur de plus de 20 % au marché"
    if contract["price_type"] == "block_spot":
        yield 15, "Exposition au prix spot"
    elif contract["price_type"] == "indexed":
        yield 10, "Prix indexé non couvert"


def _volume_factors(contract: dict[str, Any], real: Decimal) -> Iterator[tuple[int, str]]:
    contracted = contract["annual_volume_mwh"]
    if abs(real - contracted) > contracted * contract["tolerance_band_pct"] / 100:
        yield 20, "Volume réel hors bande de tolérance"
