"""Small meetings written in the tests, one line a speaker."""

from __future__ import annotations

import datetime as dt

from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.rules.minutes import Records, draft_minutes, set_scene
from core.context import PARIS
from ingest.meetings.invitation import Attendee, Invitation
from ingest.meetings.reading import read_transcript
from ingest.meetings.transcript import Transcript

PEOPLE = (
    Attendee("MARTIN Léa", "lea.martin@cabinet.example", organisation="Cabinet"),
    Attendee("ROUX Paul", "paul.roux@cabinet.example", organisation="Cabinet"),
    Attendee("BERGER Anne", "anne.berger@client.example", organisation="Brasserie du Lac",
             is_external=True),
)  # fmt: skip
FULL = {"L": "MARTIN Léa", "P": "ROUX Paul", "A": "BERGER Anne", "?": ""}
MONDAY = dt.datetime(2026, 11, 9, 10, 0, tzinfo=PARIS)


def make_invitation(**changes: object) -> Invitation:
    """A Monday review with three people."""
    values: dict[str, object] = {
        "title": "Revue Brasserie du Lac", "starts_at": MONDAY, "attendees": PEOPLE,
        "client": "Brasserie du Lac", "organizer": "MARTIN Léa",
    }  # fmt: skip
    return Invitation(**(values | changes))  # type: ignore[arg-type]


def make_transcript(*said: str) -> Transcript:
    """A Teams file of lines «L: …»; cues are named c1, c2…"""
    blocks = ["WEBVTT"]
    for number, line in enumerate(said, 1):
        who, _, words = line.partition(": ")
        name = FULL[who]
        body = f"<v {name}>{words}</v>" if name else words
        blocks.append(f"c{number}\n00:00:{number:02d}.000 --> 00:00:{number:02d}.900\n{body}")
    return read_transcript("essai.vtt", "\n\n".join(blocks).encode())


def write(*said: str, records: Records | None = None, **changes: object) -> Minutes:
    """The minutes that rules give of these lines."""
    scene = set_scene(make_transcript(*said), make_invitation(**changes))
    return draft_minutes(scene, records or Records())
