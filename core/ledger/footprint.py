"""An order of magnitude of a call's emissions, by a published and dated formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from core.engine.protocol import Tier, Usage
from core.ledger.prices import Priced

FOOTPRINT_FILE = Path(__file__).with_name("footprint.yaml")
THOUSAND = Decimal(1000)


class Energy(Priced):
    """Watt-hours per thousand tokens, before the data centre's own consumption."""

    output: Decimal
    input: Decimal
    cache_read: Decimal


class Footprint(Priced):
    """The factors of the formula; the true value may lie `factor` times lower or higher."""

    retained_on: dt.date
    wh_per_thousand_tokens: Mapping[Tier, Energy]
    pue: Decimal
    gco2e_per_kwh: Decimal
    factor: int

    def estimate(self, tier: Tier, usage: Usage) -> Decimal:
        """Grams of CO2 equivalent; writing a cache costs what reading its input does."""
        energy = self.wh_per_thousand_tokens[tier]
        watt_hours = (
            usage.output_tokens * energy.output
            + (usage.input_tokens + usage.cache_write_tokens) * energy.input
            + usage.cache_read_tokens * energy.cache_read
        ) / THOUSAND
        return watt_hours * self.pue * self.gco2e_per_kwh / THOUSAND


@lru_cache(maxsize=1)
def load_footprint() -> Footprint:
    """The factors of this version."""
    return Footprint.model_validate(yaml.safe_load(FOOTPRINT_FILE.read_text(encoding="utf-8")))
