"""The invitation to a meeting: when, who, about what."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.dates import find_period
from core.errors import InvalidInput

PARIS = ZoneInfo("Europe/Paris")
NAMED_DAY = re.compile(
    r"(?<!\d)(?P<year>20\d\d)(?P<apart>[-_.]?)(?P<month>\d\d)(?P=apart)(?P<day>\d\d)"
    r"(?:[_T-](?P<hour>\d\d)(?P<minute>\d\d)(?:\d\d)?)?(?!\d)"
)
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

    `duration_s` is how long it really lasted, where its source knows. `is_guessed`: nobody gave
    it, voices and file name stand in; `given_at` is when it was kept with the transcript.
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
    is_guessed: bool = False
    given_at: dt.datetime | None = None


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


def find_held_on(said: str, today: dt.date) -> dt.date | None:
    """The one day, past or present, that someone says with a transcript («réunion du 13/11»)."""
    found = find_period(said, today)
    if found is None or found.start != found.end or found.start is None or found.start > today:
        return None
    return found.start


def guess_invitation(
    speakers: tuple[tuple[str, bool], ...],
    now: dt.datetime,
    file_name: str = "",
    held_on: dt.date | None = None,
) -> Invitation:
    """What stands in for an invitation that nobody gave: the voices heard, the day `held_on`.

    Without it, the file's: Teams writes the day and hour in the name
    («Revue-20260312_140000-Enregistrement.vtt»). Where no day is found, the date is not known and
    `starts_at` is `now`. A day whose hour is not known starts at midnight.
    """
    people = tuple(Attendee(name, is_external=external) for name, external in speakers)
    if held_on is not None:
        starts_at = dt.datetime.combine(held_on, dt.time(), PARIS)
        return Invitation("Réunion", starts_at, people, is_guessed=True)
    found = NAMED_DAY.search(file_name)
    with suppress(ValueError):
        if found is not None:
            day = dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
            hour = dt.time(int(found["hour"] or 0), int(found["minute"] or 0))
            starts_at = dt.datetime.combine(day, hour, PARIS)
            return Invitation("Réunion", starts_at, people, is_guessed=True)
    return Invitation("Réunion", now, people, is_date_known=False, is_guessed=True)
