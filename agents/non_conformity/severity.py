"""Severity of a non-conformity, by the table of rules of `severity.yaml`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agents.non_conformity.models import Family, Severity
from core.dates import SMALL_NUMBERS
from ingest.mail.recurrence import count_recurrence

REPEATED = "Récidive signalée par le client, en deçà du seuil de gravité majeure."
TABLE = Path(__file__).parent / "severity.yaml"
COUNT = r"(\d+|" + "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True)) + ")"
SPAN = re.compile(rf"\b{COUNT} (jours?|semaines?|mois)\b")
DAYS = {"jour": 1, "semaine": 7, "mois": 30}
COUNTED = re.compile(
    rf"\b{COUNT} fois\b(?! (?:la |le |l'|plus|moins|par|superieur|un |une |ce |cette |trop))"
)
"""«Trois fois», not «trois fois le prix»."""


class SeverityRule(BaseModel):
    """A line of the table: every condition it states must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    reason: str
    families: tuple[Family, ...] = ()
    structures: tuple[str, ...] = ()
    min_eur: Decimal | None = None
    min_points: int | None = Field(default=None, gt=0)
    min_delay_days: int | None = Field(default=None, gt=0)
    min_occurrences: int | None = Field(default=None, gt=1)


class SeverityTable(BaseModel):
    """The rules, and the working days within which an uncertain case is reviewed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[SeverityRule, ...]
    review_days: int = Field(gt=0)


@dataclass(frozen=True)
class Stakes:
    """What a non-conformity weighs, as the thread tells it."""

    family: Family
    structure: str
    eur: Decimal = Decimal(0)
    points: int = 0
    delay_days: int = 0
    occurrences: int = 1
    is_repeated: bool = False


@lru_cache(maxsize=8)
def _read_table(path: Path, _modified_ns: int) -> SeverityTable:
    return SeverityTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def read_table(path: Path = TABLE) -> SeverityTable:
    """The table as it stands now; raises ValidationError when a line is wrong."""
    return _read_table(path, path.stat().st_mtime_ns)


def rate_severity(stakes: Stakes, table: SeverityTable) -> tuple[Severity, tuple[str, ...]]:
    """The severity and the reasons: the rules that made it major, a repetition short of theirs."""
    reasons = tuple(rule.reason for rule in table.rules if _holds(rule, stakes))
    if reasons:
        return "major", reasons
    return "minor", (REPEATED if stakes.is_repeated else "Aucune règle de gravité majeure.",)


def _holds(rule: SeverityRule, stakes: Stakes) -> bool:
    return all(
        (
            not rule.families or stakes.family in rule.families,
            not rule.structures or stakes.structure in rule.structures,
            rule.min_eur is None or stakes.eur >= rule.min_eur,
            rule.min_points is None or stakes.points >= rule.min_points,
            rule.min_delay_days is None or stakes.delay_days >= rule.min_delay_days,
            rule.min_occurrences is None or stakes.occurrences >= rule.min_occurrences,
        )
    )


def read_delay(folded: str) -> int:
    """The longest lapse of time told, in days."""
    return max((_number(m[1]) * DAYS[m[2].rstrip("s") if m[2] != "mois" else "mois"]
                for m in SPAN.finditer(folded)), default=0)  # fmt: skip


def read_occurrences(folded: str) -> int:
    """How many times the deviation is said to have happened."""
    counted = [_number(match[1]) for match in COUNTED.finditer(folded)]
    return max([count_recurrence(folded), *counted])


def _number(word: str) -> int:
    return int(word) if word.isdigit() else SMALL_NUMBERS.get(word, 1)


def sum_stakes(amounts: Sequence[Decimal]) -> Decimal:
    """The largest sum told: totals are told beside their parts."""
    return max(amounts, default=Decimal(0))
