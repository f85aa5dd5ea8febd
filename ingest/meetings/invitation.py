"""The invitation to a meeting: when, who, about what."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import InvalidInput

PARIS = ZoneInfo("Europe/Paris")
UNREADABLE = (
    "L’invitation n’est pas lisible ({where}). Donnez un JSON avec « date » (AAAA-MM-JJTHH:MM), "
    "« attendees » (name, email) et, si vous l’avez, « agenda »."
)


@dataclass(frozen=True)
class Attendee:
    """A person invited; `name` as the invitation writes it («LEFEVRE Camille»)."""

    name: str
    email: str = ""
    role: str = ""
    organisation: str = ""
    is_external: bool = False
    is_absent: bool = False


@dataclass(frozen=True)
class Invitation:
    """A meeting as it was called. `starts_at` is aware; `kind` and `client` may be empty.

    `duration_s` is how long it really lasted, where its source knows.
    """

    title: str
    starts_at: dt.datetime
    attendees: tuple[Attendee, ...] = ()
    agenda: tuple[str, ...] = ()
    kind: str = ""
    client: str = ""
    organizer: str = ""
    is_date_known: bool = True
    duration_s: int | None = None


class _Person(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(min_length=1)
    email: str = ""
    role: str = ""
    organisation: str = Field("", validation_alias=AliasChoices("organisation", "org"))
    external: bool = False
    absent: bool = False


class _Meeting(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: str = "Réunion"
    date: dt.datetime
    type: str = ""
    client: str = ""
    organizer: str = ""
    attendees: list[_Person] = Field(default_factory=list[_Person])
    agenda: list[str] = Field(default_factory=list[str])
    duration_s: int | None = Field(default=None, gt=0)

    @field_validator("date")
    @classmethod
    def _make_aware(cls, value: dt.datetime) -> dt.datetime:
        return value if value.tzinfo else value.replace(tzinfo=PARIS)


def parse_invitation(content: bytes | str) -> Invitation:
    """The invitation of a JSON text. Raises InvalidInput."""
    try:
        return make_invitation(json.loads(content))
    except ValueError as error:
        raise InvalidInput(UNREADABLE.format(where="ce n’est pas du JSON")) from error


def make_invitation(data: Mapping[str, Any]) -> Invitation:
    """The invitation of decoded JSON. Raises InvalidInput."""
    try:
        read = _Meeting.model_validate(data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, d["loc"])) or "racine" for d in error.errors()[:5])
        raise InvalidInput(UNREADABLE.format(where=places)) from error
    people = tuple(
        Attendee(p.name, p.email.strip().lower(), p.role, p.organisation, p.external, p.absent)
        for p in read.attendees
    )
    return Invitation(
        read.title, read.date, people, tuple(read.agenda), read.type, read.client, read.organizer,
        duration_s=read.duration_s,
    )  # fmt: skip


def guess_invitation(speakers: tuple[tuple[str, bool], ...], now: dt.datetime) -> Invitation:
    """What stands in for an invitation that nobody gave: the voices heard, today's date."""
    people = tuple(Attendee(name, is_external=external) for name, external in speakers)
    return Invitation("Réunion", now, people, is_date_known=False)
