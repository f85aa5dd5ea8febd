"""What minutes hold: items with their evidence, in the form that surfaces show and tables keep."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.engine.provenance import Provenance

DecisionStatus = Literal["in_force", "replaced", "mentioned"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Quote(_Model):
    """Words of the transcript: `text` is its stored text from `start` to `end`; `cue` is its id."""

    cue: str
    start: int
    end: int
    text: str
    speaker: str | None = None
    at_ms: int | None = None


class Item(_Model):
    """Something said. `quotes` is never empty; `topic` is the agenda item it was said under."""

    text: str
    quotes: tuple[Quote, ...]
    topic: int | None = None

    @property
    def cues(self) -> tuple[str, ...]:
        """Ids of the cues cited."""
        return tuple(dict.fromkeys(quote.cue for quote in self.quotes))


class Decision(Item):
    """What was agreed. Replaced by a later one (`replaced_by`, its rank), or merely mentioned."""

    status: DecisionStatus = "in_force"
    condition: str | None = None
    replaced_by: int | None = None


class Action(Item):
    """Who does what for when. `owner` is an attendee; None is written «non attribué».

    `due_raw` without `due_on`: a day was said that cannot be told for sure.
    """

    owner: str | None = None
    due_on: dt.date | None = None
    due_raw: str | None = None
    is_rough: bool = False
    task_key: str | None = None


class Contradiction(Item):
    """Two statements that do not go together; settled when one of the speakers gave way."""

    is_settled: bool = False


class SuspectNumber(Item):
    """A number not to be relied upon: `raw` as said, what it was corrected to if it was."""

    raw: str
    value: Decimal
    unit: str = ""
    corrected: str | None = None


class NameSlip(Item):
    """A name misheard by the transcription."""

    heard: str
    meant: str


class NextMeeting(Item):
    """When the next meeting is; the time is midnight where only the day was said.

    `starts_at` is None where the day cannot be told, the meeting's own day being unknown.
    """

    starts_at: dt.datetime | None
    has_time: bool = True


class AgendaPoint(_Model):
    """An item of the agenda and the sentences that tell what was said under it."""

    title: str
    sentences: tuple[Item, ...] = ()


class Attendance(_Model):
    """A person and whether they took part."""

    name: str
    organisation: str = ""
    role: str = ""
    email: str = ""
    is_external: bool = False
    status: Literal["present", "excused", "absent"] = "present"


class Coverage(_Model):
    """How much of the meeting the minutes rest on, in percent; `remarks` say what is missing."""

    percent: int
    named_percent: int
    remarks: tuple[str, ...] = ()


class Minutes(_Model):
    """The minutes of a meeting.

    `is_invited`: people and day come from an invitation, kept at `invited_at`; else from the
    voices heard and the file's name.
    """

    title: str
    starts_at: dt.datetime
    is_date_known: bool
    kind: str
    client: str
    attendance: tuple[Attendance, ...]
    points: tuple[AgendaPoint, ...]
    decisions: tuple[Decision, ...]
    actions: tuple[Action, ...]
    open_points: tuple[Item, ...]
    risks: tuple[Item, ...]
    dropped: tuple[Item, ...]
    contradictions: tuple[Contradiction, ...]
    numbers: tuple[SuspectNumber, ...]
    names: tuple[NameSlip, ...]
    anomalies: tuple[Item, ...]
    next_meeting: NextMeeting | None
    coverage: Coverage
    summary: str
    provenance: Provenance
    unproved: int = 0
    is_invited: bool = True
    invited_at: dt.datetime | None = None
