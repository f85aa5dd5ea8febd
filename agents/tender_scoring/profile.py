"""The firm as tenders look at it: figures, licences, references, rules; edited by the firm."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.tender_scoring.plain import UnreadableSettings, parse_plain
from core.errors import InvalidInput

DEFAULT = Path(__file__).with_name("profile.yaml")


class Reference(BaseModel):
    """A contract the firm may show; what is not known is None."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    client: str
    kind: str = Field(default="", alias="type")
    volume_gwh: Decimal | None = None
    points: int | None = Field(default=None, alias="points_de_livraison")
    members: int | None = Field(default=None, alias="membres")
    amount_eur: Decimal | None = Field(default=None, alias="montant_eur")
    years: str = Field(default="", alias="annees")

    @property
    def label(self) -> str:
        """« Client : nature »."""
        return f"{self.client}\u00a0: {self.kind}"


class FirmProfile(BaseModel):
    """What gates and notes are measured against. Unknown keys are kept, and ignored."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    name: str = "Votre cabinet"
    activity: str = ""
    turnover_eur: dict[str, Decimal] = Field(default_factory=dict)
    regions_served_on_site: list[str] = Field(default_factory=list)
    regions_remote_only: list[str] = Field(default_factory=list)
    licences: dict[str, bool] = Field(default_factory=dict)
    certifications: list[str] = Field(default_factory=list)
    people_credentials: dict[str, int] = Field(default_factory=dict)
    insurance: dict[str, Any] = Field(default_factory=dict)
    remuneration: dict[str, str] = Field(default_factory=dict)
    references: list[Reference] = Field(default_factory=list, alias="references_3_ans")
    references_absent: list[str] = Field(default_factory=list)
    capacity: dict[str, int] = Field(default_factory=dict)
    rules: list[str] = Field(default_factory=list)
    staff: dict[str, int] = Field(default_factory=dict)
    conflicts: list[str] = Field(default_factory=list)
    electronic_signature: bool | None = None

    @property
    def turnovers(self) -> list[Decimal]:
        """Turnovers of the last three years, the oldest first."""
        return [self.turnover_eur[year] for year in sorted(self.turnover_eur)][-3:]

    @property
    def average_turnover(self) -> Decimal | None:
        """Their mean, in euros; None when none is known."""
        held = self.turnovers
        return sum(held, Decimal(0)) / len(held) if held else None

    @property
    def is_licensed_supplier(self) -> bool:
        """Tell whether the firm may sell energy."""
        return any(held for name, held in self.licences.items() if "fourniture" in name)


def load_profile(path: Path | None = None) -> FirmProfile:
    """The profile of a YAML or JSON file, or the default one. Raises InvalidInput."""
    text = (path or DEFAULT).read_text(encoding="utf-8")
    return parse_profile(text)


def parse_profile(text: str) -> FirmProfile:
    """A profile written in YAML or JSON. Raises InvalidInput with the fields that are wrong."""
    try:
        return FirmProfile.model_validate(parse_plain(text))
    except ValidationError as error:
        found = (".".join(map(str, each["loc"])) for each in error.errors()[:5])
        places = ", ".join(place or "le fichier" for place in found)
        raise InvalidInput(
            f"Le profil du cabinet est mal rempli\u00a0: {places}. Corrigez-le."
        ) from None
    except UnreadableSettings:
        raise InvalidInput(
            "Le profil du cabinet n’est ni du YAML ni du JSON. Corrigez le fichier."
        ) from None
