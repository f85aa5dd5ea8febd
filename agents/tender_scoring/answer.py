"""What a model is asked to give of a tender file, before any of it is verified."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FactKey = Literal[
    "buyer", "title", "reference", "procedure", "contract_type", "framework", "cpv", "deadline",
    "question_deadline", "visit", "offer_validity", "call_off_validity", "duration", "renewals",
    "variants", "price_structure", "guarantees", "insurance", "penalties", "required_documents",
    "eliminatory", "reserved_lots", "platform", "signature", "payment", "incumbents",
]  # fmt: skip


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GivenItem(_Given):
    """Words of a piece: where they stand, to the letter."""

    piece: str = Field(description="Repère de la pièce : D1, D2…")
    page: int | None = Field(description="Page où se trouve la citation ; null si [sans page]")
    quote: str = Field(max_length=900, description="Citation recopiée lettre pour lettre")


class GivenFact(GivenItem):
    """A statement sought; code reads its number or date in the quote."""

    key: FactKey
    value: str = Field(max_length=300, description="Mots de la citation qui donnent la valeur")


class GivenCriterion(GivenItem):
    """An award criterion; code reads its weight in the quote."""

    name: str = Field(max_length=200, description="Intitulé, mots de la citation")


class GivenRequirement(GivenItem):
    """Something asked of the candidate or the holder."""

    category: Literal[
        "candidacy", "offer", "capacity", "eliminatory", "technical", "administrative", "price"
    ]


class GivenSentence(_Given):
    """A sentence of the summary and the reasons it tells."""

    text: str = Field(max_length=300, description="Une phrase courte, en français")
    reasons: list[str] = Field(description="Repères des motifs qui la prouvent : M1, M2…")


class GivenTender(_Given):
    """The whole answer."""

    facts: list[GivenFact] = Field(max_length=40)
    criteria: list[GivenCriterion] = Field(max_length=30)
    requirements: list[GivenRequirement] = Field(max_length=30)
    summary: list[GivenSentence] = Field(max_length=5)

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.facts) + len(self.criteria) + len(self.requirements) + len(self.summary)
