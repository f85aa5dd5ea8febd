"""Transcripts fetched from Microsoft Graph, against a double that refuses what Graph refuses."""

from __future__ import annotations

import pytest

from ingest.meetings.graph import (
    GraphRefused,
    GraphTranscripts,
    GraphUnavailable,
    TranscriptAddress,
    parse_resource,
)
from tests.doubles.graph_meetings import TOKEN, GraphMeetings

ADDRESS = TranscriptAddress("u1", "m1", "t1")
VTT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Lea>Bonjour.</v>\n"
MEETING = {
    "subject": "Revue", "startDateTime": "2026-11-09T09:00:00Z",
    "participants": {
        "organizer": {"upn": "lea@cabinet.example",
                      "identity": {"user": {"displayName": "Léa Martin", "tenantId": "x"}}},
        "attendees": [{"upn": "anne@client.example", "identity": None}],
    },
}  # fmt: skip


def _client(double: GraphMeetings, token: str = TOKEN) -> GraphTranscripts:
    async def get_token() -> str:
        return token

    return GraphTranscripts(get_token, transport=double)


def _double(**changes: object) -> GraphMeetings:
    return GraphMeetings(
        {("u1", "m1", "t1"): VTT},
        {("u1", "m1"): dict(MEETING)},
        **changes,  # type: ignore[arg-type]
    )


async def test_the_transcript_comes_with_its_voices() -> None:
    assert await _client(_double()).get_content(ADDRESS) == VTT


async def test_the_meeting_gives_date_and_attendees() -> None:
    invitation = await _client(_double()).get_invitation(ADDRESS)
    assert invitation.starts_at.isoformat() == "2026-11-09T09:00:00+00:00"
    assert [(a.name, a.email) for a in invitation.attendees] == [
        ("Léa Martin", "lea@cabinet.example"), ("anne", "anne@client.example"),
    ]  # fmt: skip


async def test_a_busy_service_is_waited_for() -> None:
    double = _double(busy=2)
    assert await _client(double).get_content(ADDRESS) == VTT
    assert len(double.requests) == 3


async def test_a_long_wait_is_given_up() -> None:
    with pytest.raises(GraphUnavailable):
        await _client(_double(busy=1, retry_after="600")).get_content(ADDRESS)


async def test_a_refusal_says_which_right_is_missing() -> None:
    double = _double()
    with pytest.raises(GraphRefused, match="OnlineMeetingTranscript"):
        await _client(double, "wrong").get_content(ADDRESS)
    assert len(double.requests) == 1


@pytest.mark.parametrize(
    "resource",
    [
        "users('u1')/onlineMeetings('m1')/transcripts('t1')",
        "users/u1/onlineMeetings/m1/transcripts/t1",
    ],
)
def test_a_notification_names_its_transcript(resource: str) -> None:
    assert parse_resource(resource) == ADDRESS


def test_other_resources_are_not_transcripts() -> None:
    assert parse_resource("users/u1/messages/x") is None
