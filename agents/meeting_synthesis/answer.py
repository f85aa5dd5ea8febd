"""What a model is asked to give of a stretch of a meeting, before any of it is verified."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GivenItem(_Given):
    """Something said: words of the minutes, and the cues that prove them."""

    text: str = Field(description="Une phrase en français, au présent, sans rien ajouter")
    cue_ids: list[str] = Field(description="Identifiants des répliques qui le prouvent")
    quote: str = Field(description="Mots exacts d’une de ces répliques")


class GivenDecision(GivenItem):
    """A choice someone agreed to."""

    condition: str | None = Field(default=None, description="Réserve, mots exacts, sinon null")
    replaces: int | None = Field(
        default=None, description="Rang (0…) de la décision de cette liste qu’elle remplace"
    )
    is_agreed: bool = Field(default=True, description="Faux si personne n’a donné son accord")


class GivenAction(GivenItem):
    """Something someone undertook to do."""

    owner: str | None = Field(default=None, description="Nom de la liste des participants ou null")
    due_raw: str | None = Field(default=None, description="Échéance, mots exacts, sinon null")


class GivenContradiction(GivenItem):
    """Two statements that do not go together."""

    is_settled: bool = False


class GivenNumber(GivenItem):
    """A number not to be relied upon; `raw` as said."""

    raw: str
    corrected: str | None = Field(default=None, description="Valeur corrigée en séance, sinon null")


class GivenName(GivenItem):
    """A name the transcription misheard."""

    heard: str
    meant: str


class GivenMinutes(_Given):
    """The whole answer for a stretch."""

    decisions: list[GivenDecision] = Field(default_factory=list[GivenDecision])
    actions: list[GivenAction] = Field(default_factory=list[GivenAction])
    open_points: list[GivenItem] = Field(default_factory=list[GivenItem])
    risks: list[GivenItem] = Field(default_factory=list[GivenItem])
    dropped: list[GivenItem] = Field(default_factory=list[GivenItem])
    contradictions: list[GivenContradiction] = Field(default_factory=list[GivenContradiction])
    numbers: list[GivenNumber] = Field(default_factory=list[GivenNumber])
    names: list[GivenName] = Field(default_factory=list[GivenName])
    kind: Literal["minutes"] = "minutes"
