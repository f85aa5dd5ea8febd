"""The firm's grid: criteria, weights that sum to 100, thresholds of the verdict."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from agents.tender_scoring.plain import UnreadableSettings, parse_plain
from core.errors import InvalidInput

DEFAULT = Path(__file__).with_name("grid.yaml")
GridKey = Literal["fit", "relationship", "competition", "capacity", "profitability", "references",
                  "contract_risk"]  # fmt: skip


class GridCriterion(BaseModel):
    """A criterion of the grid and its weight in percent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    weight: Decimal


class Grid(BaseModel):
    """What a firm weighs. Raises a validation error unless it has every criterion, and weights
    that sum to 100."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criteria: dict[GridKey, GridCriterion]
    go_from: Decimal = Decimal(60)
    reserve_from: Decimal = Decimal(45)
    unknown_limit: int = 3

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = [key for key in get_args(GridKey) if key not in self.criteria]
        if missing:
            raise ValueError(f"il manque {', '.join(missing)}")
        total = sum(each.weight for each in self.criteria.values())
        if total != 100 or any(each.weight < 0 for each in self.criteria.values()):
            raise ValueError(f"les poids totalisent {total} au lieu de 100")
        if not 0 <= self.reserve_from <= self.go_from <= 100:
            raise ValueError("les seuils doivent se suivre entre 0 et 100")
        return self


def load_grid(path: Path | None = None) -> Grid:
    """The grid of a YAML file, or the default one. Raises InvalidInput."""
    return parse_grid((path or DEFAULT).read_text(encoding="utf-8"))


def parse_grid(text: str) -> Grid:
    """A grid written in YAML or JSON. Raises InvalidInput and says what is wrong."""
    try:
        return Grid.model_validate(parse_plain(text))
    except ValidationError as error:
        told = "\u00a0; ".join(_describe(each) for each in error.errors()[:3])
        raise InvalidInput(f"La grille n’est pas valable : {told}. Corrigez-la.") from None
    except UnreadableSettings:
        raise InvalidInput("La grille n’est ni du YAML ni du JSON. Corrigez le fichier.") from None


def _describe(error: ErrorDetails) -> str:
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    place = ".".join(map(str, error["loc"])) or "le fichier"
    return f"{place} manque ou n’a pas la forme attendue"
