"""Quantities of a thread that cannot all be in the units they bear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.formats import format_quantity
from ingest.mail.facts import Amount

PLAUSIBLE = {
    "EUR/MWh": (Decimal(5), Decimal(1000)), "cEUR/kWh": (Decimal("0.5"), Decimal(100)),
    "EUR/kWh": (Decimal("0.005"), Decimal(1)), "kVA": (Decimal(1), Decimal(250_000)),
}  # fmt: skip
ENERGY = {"kWh": Decimal(1), "MWh": Decimal(1000), "GWh": Decimal(1_000_000)}
LABELS = {"EUR/MWh": "€/MWh", "cEUR/kWh": "c€/kWh", "EUR/kWh": "€/kWh", "EUR": "€"}


def find_unit_conflicts(amounts: Sequence[Amount]) -> tuple[str, ...]:
    """What to check, in French: a price out of any market, one number in two units."""
    return tuple(dict.fromkeys((*_implausible(amounts), *_same_number(amounts))))


def _implausible(amounts: Sequence[Amount]) -> Iterator[str]:
    for amount in amounts:
        low, high = PLAUSIBLE.get(amount.unit, (None, None))
        if low is not None and high is not None and not low <= amount.value <= high:
            yield f"«\u00a0{amount.raw}\u00a0»\u00a0: valeur hors de l’usage, unité à vérifier."


def _same_number(amounts: Sequence[Amount]) -> Iterator[str]:
    for rank, one in enumerate(amounts):
        for other in amounts[rank + 1 :]:
            both = {one.unit, other.unit}
            is_energy = len(both) == 2 and both <= ENERGY.keys() and one.value == other.value
            is_price = both in ({"EUR/MWh", "cEUR/kWh"}, {"EUR/MWh", "EUR/kWh"}) and (
                one.value == other.value)  # fmt: skip
            if is_energy or is_price:
                left, right = _told(one), _told(other)
                yield f"Même nombre dans deux unités ({left} et {right})\u00a0: unité à vérifier."


def _told(amount: Amount) -> str:
    return format_quantity(amount.value, LABELS.get(amount.unit, amount.unit))
