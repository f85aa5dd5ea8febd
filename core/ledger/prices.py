"""What tokens cost: a dated price list in dollars, and a dated rate to euros."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.engine.protocol import Usage
from core.errors import ConfigurationError

PRICES_FILE = Path(__file__).with_name("prices.yaml")
PER_TOKEN = Decimal(1_000_000)
MICRO_EUR = Decimal("0.000001")
Dated = TypeVar("Dated", "DatedRates", "DatedExchange")


class Priced(BaseModel):
    """Frozen, with no field unknown to its declaration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rates(Priced):
    """Dollars per million tokens."""

    input: Decimal = Field(ge=0)
    cache_write: Decimal = Field(ge=0)
    cache_read: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)

    def cost(self, usage: Usage) -> Decimal:
        """Dollars for these tokens."""
        return (
            usage.input_tokens * self.input
            + usage.cache_write_tokens * self.cache_write
            + usage.cache_read_tokens * self.cache_read
            + usage.output_tokens * self.output
        ) / PER_TOKEN


class LongRates(Rates):
    """The rates of a request whose whole prompt exceeds `above` tokens."""

    above: int = Field(gt=0)


class DatedRates(Rates):
    """Rates in force from a day on."""

    since: dt.date
    long: LongRates | None = None

    def rates_of(self, usage: Usage) -> Rates:
        """The rates for a prompt of this length."""
        prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        return self.long if self.long is not None and prompt > self.long.above else self


class DatedExchange(Priced):
    """Euros for a dollar, from a day on."""

    since: dt.date
    rate: Decimal = Field(gt=0)


@dataclass(frozen=True)
class Cost:
    """`is_priced` is False for a model that the list does not know."""

    eur: Decimal
    is_priced: bool


class Prices(Priced):
    """The price list."""

    batch_share: Decimal = Field(gt=0, le=1)
    eur_per_usd: tuple[DatedExchange, ...] = Field(min_length=1)
    models: Mapping[str, tuple[DatedRates, ...]]

    def price(self, model: str, usage: Usage, on: dt.date, *, is_batch: bool = False) -> Cost:
        """Euros for these tokens on that day, to the millionth.

        A model absent from the list costs as much as the dearest one, so that a budget holds.
        """
        history = self._find_history(model)
        if history is None:
            usd = max(pick(h, on).rates_of(usage).cost(usage) for h in self.models.values())
        else:
            usd = pick(history, on).rates_of(usage).cost(usage)
        share = self.batch_share if is_batch else Decimal(1)
        eur = usd * share * pick(self.eur_per_usd, on).rate
        return Cost(eur.quantize(MICRO_EUR), history is not None)

    def knows(self, model: str) -> bool:
        """Tell whether the list has this model's price."""
        return self._find_history(model) is not None

    def _find_history(self, model: str) -> tuple[DatedRates, ...] | None:
        """A served id may end in a date: the longest listed name that begins it."""
        names = [n for n in self.models if model == n or model.startswith(f"{n}-2")]
        return self.models[max(names, key=len)] if names else None


def pick(history: tuple[Dated, ...], on: dt.date) -> Dated:
    """What is in force that day; before the first day, the first."""
    ordered = sorted(history, key=lambda entry: entry.since)
    return next((entry for entry in reversed(ordered) if entry.since <= on), ordered[0])


@lru_cache(maxsize=4)
def load_prices(path: Path = PRICES_FILE) -> Prices:
    """The price list of a file. Raises ConfigurationError."""
    try:
        return Prices.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(
            f"Le fichier des prix {path} ne se lit pas. Reprenez la forme de "
            f"{PRICES_FILE.name}, ou retirez VOLTAIRE_PRICES_FILE."
        ) from error
