"""Minutes on a real database: kept, versioned, each firm its own; brought through the API."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import httpx
import psycopg
import pytest

from agents.meeting_synthesis.desk import Desk
from agents.meeting_synthesis.output.telling import tell_invitation
from agents.meeting_synthesis.storage import LOCK, UNLOCK, list_running
from api.transcript_jobs import TranscriptJobs
from api.worker import defer_first
from core.context import Identity
from core.errors import NotFound
from ingest.meetings.arrivals import MOST_ATTEMPTS, list_arrivals
from ingest.meetings.graph import GraphTranscripts
from ingest.meetings.invitation import parse_invitation
from ingest.meetings.store import get_transcript
from tests.conftest import make_identity
from tests.doubles.graph_meetings import TOKEN, GraphMeetings
from tests.integration.minutes_api import (  # noqa: F401 - fixtures
    INVITATION,
    VTT,
    Queue,
    provide_api,  # pyright: ignore[reportUnusedImport]
    provide_desk,  # pyright: ignore[reportUnusedImport]
    provide_queue,  # pyright: ignore[reportUnusedImport]
    work,
)

INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status)
VALUES (gen_random_uuid(), %s, 'Fonderie Chavanne', 'industry', 'client') RETURNING id
"""
INSERT_TASK = """
INSERT INTO tasks (id, tenant_id, account_id, title, source, status)
VALUES (gen_random_uuid(), %s, %s, 'Relancer Armor Électricité', 'manual', 'open')
"""


async def _write(desk: Desk, identity: Identity):
    transcript_id = await desk.receive(identity, "r.vtt", VTT, parse_invitation(INVITATION))
    return await desk.write(identity, await desk.start(identity, transcript_id))


async def test_minutes_are_kept_with_their_transcript(desk: Desk, identity: Identity) -> None:
    row = await _write(desk, identity)
    assert (row.status, row.version) == ("ready", 1)
    stored = await get_transcript(desk.database, identity, row.transcript_id)
    assert row.minutes is not None
    for action in row.minutes.actions:
        for quote in action.quotes:
            assert stored.transcript.text[quote.start : quote.end] == quote.text


async def test_the_same_file_is_one_transcript_with_further_versions(
    desk: Desk, identity: Identity
) -> None:
    first, second = await _write(desk, identity), await _write(desk, identity)
    assert first.transcript_id == second.transcript_id
    assert (first.version, second.version) == (1, 2)
    assert first.minutes == second.minutes


async def test_an_invitation_kept_is_told_and_may_be_dropped(
    desk: Desk, identity: Identity
) -> None:
    await _write(desk, identity)
    dropped = await desk.receive(identity, "Revue-20300101_0900.vtt", VTT)
    again = await desk.write(identity, await desk.start(identity, dropped))
    assert again.minutes and again.minutes.is_invited and again.minutes.invited_at
    assert "donnée le" in tell_invitation(again.minutes)
    alone = await desk.write(identity, await desk.change_invitation(identity, again.id, None))
    assert alone.minutes and not alone.minutes.is_invited
    assert {person.email for person in alone.minutes.attendance} == {""}
    assert "sont les voix entendues" in tell_invitation(alone.minutes)


async def test_a_day_said_later_dates_a_transcript_but_replaces_no_invitation(
    desk: Desk, identity: Identity
) -> None:
    first = await desk.receive(identity, "r.vtt", VTT)
    undated = await desk.write(identity, await desk.start(identity, first))
    assert undated.minutes and not undated.minutes.is_date_known
    said = dt.date(2026, 11, 12)
    same = await desk.receive(identity, "r.vtt", VTT, held_on=said)
    dated = await desk.write(identity, await desk.start(identity, same))
    assert same == first
    assert dated.minutes and dated.minutes.starts_at.date() == said
    invited = await _write(desk, identity)
    await desk.receive(identity, "r.vtt", VTT, held_on=said)
    again = await desk.write(identity, await desk.start(identity, same))
    assert again.minutes and invited.minutes
    assert again.minutes.starts_at == invited.minutes.starts_at


async def test_another_firm_sees_nothing(desk: Desk, identity: Identity, conninfo: str) -> None:
    row = await _write(desk, identity)
    stranger = make_identity(conninfo, "reader", "director")
    with pytest.raises(NotFound):
        await desk.get(stranger, row.id)
    with pytest.raises(NotFound):
        await get_transcript(desk.database, stranger, row.transcript_id)


async def test_tasks_are_proposed_but_for_those_already_open(
    desk: Desk, identity: Identity, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        account = connection.execute(INSERT_ACCOUNT, (identity.tenant_id,)).fetchone()
        assert account is not None
        connection.execute(INSERT_TASK, (identity.tenant_id, account[0]))
    row = await _write(desk, identity)
    proposals = await desk.propose(identity, row.id)
    assert [task.title for _, task in proposals.tasks.known] == ["Relancer Armor Électricité"]
    assert len(proposals.tasks.drafts) == 3
    assert {str(draft.fields["account_id"]) for draft in proposals.tasks.drafts} == {
        str(account[0])
    }


async def test_a_failed_version_says_why(desk: Desk, identity: Identity) -> None:
    transcript_id = await desk.receive(identity, "r.vtt", VTT, parse_invitation(INVITATION))
    broken = dataclasses.replace(desk, engine=None)  # type: ignore[arg-type]
    minutes_id = await desk.start(identity, transcript_id)
    with pytest.raises(AttributeError):
        await broken.write(identity, minutes_id)
    row = await desk.get(identity, minutes_id)
    assert row.status == "failed"
    assert "n’a pas pu être établi" in (row.failure or "")


async def test_a_transcript_is_brought_and_its_minutes_fetched(
    api: httpx.AsyncClient, queue: Queue
) -> None:
    sent = await api.post(
        "/api/v1/minutes", files={"file": ("r.vtt", VTT)}, data={"invitation": INVITATION.decode()}
    )
    assert (sent.status_code, sent.json()["status"]) == (202, "running")
    await work(queue)
    found = (await api.get(f"/api/v1/minutes/{sent.json()['id']}")).json()
    assert (found["status"], len(found["minutes"]["actions"])) == ("ready", 4)
    base = f"/api/v1/minutes/{found['id']}"
    word = await api.get(f"{base}/document.docx")
    assert word.content.startswith(b"PK")
    assert (await api.get(f"{base}/document.pdf")).content.startswith(b"%PDF")
    text = (await api.get(f"{base}/document.md?layout=internal")).text
    assert f"{base}/cues?cue=" in text
    cue = found["minutes"]["actions"][0]["quotes"][0]["cue"]
    shown = await api.get(f"{base}/cues", params={"cue": cue})
    assert "**" in shown.text
    mail = (await api.get(f"{base}/mail")).json()
    assert "florence.lacroix@fonderie-chavanne.example" in mail["to"]
    proposals = (await api.get(f"{base}/proposals")).json()
    assert len(proposals["tasks"]) == 4


async def test_minutes_left_by_a_process_that_died_are_taken_up_again_once(
    desk: Desk, queue: Queue, identity: Identity, api: httpx.AsyncClient
) -> None:
    transcript_id = await desk.receive(identity, "r.vtt", VTT, parse_invitation(INVITATION))
    left = await desk.start(identity, transcript_id)
    assert [one.id for one in await list_running(desk.database, identity)] == [left]
    await defer_first(queue[0])
    await defer_first(queue[0])
    await work(queue)
    written = await desk.get(identity, left)
    assert (written.status, await list_running(desk.database, identity)) == ("ready", [])
    await queue[1].desk.defer(identity, left)
    await work(queue)
    assert await desk.get(identity, left) == written


async def test_minutes_being_written_elsewhere_are_awaited_not_written_twice(
    desk: Desk, identity: Identity
) -> None:
    transcript_id = await desk.receive(identity, "r.vtt", VTT, parse_invitation(INVITATION))
    minutes_id = await desk.start(identity, transcript_id)
    first, second = await asyncio.gather(
        desk.write(identity, minutes_id), desk.write(identity, minutes_id)
    )
    assert first == second and first.status == "ready"
    async with desk.database.session(identity) as other:
        again = await desk.start(identity, transcript_id)
        await other.execute(LOCK, (str(again),))
        waiting = asyncio.create_task(desk.write(identity, again))
        await asyncio.sleep(0.2)
        assert (await desk.get(identity, again)).status == "running"
        await other.execute(UNLOCK, (str(again),))
        assert (await waiting).status == "ready"


async def test_minutes_that_stop_the_process_again_and_again_are_given_up(
    desk: Desk, queue: Queue, identity: Identity, conninfo: str
) -> None:
    transcript_id = await desk.receive(identity, "r.vtt", VTT, parse_invitation(INVITATION))
    minutes_id = await desk.start(identity, transcript_id)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE meeting_minutes SET started_at = now() - interval '3 hours' WHERE id = %s",
            (minutes_id,),
        )
    await queue[1].desk.defer(identity, minutes_id)
    await work(queue)
    row = await desk.get(identity, minutes_id)
    assert row.status == "failed" and "interrompu plusieurs fois" in (row.failure or "")


async def test_a_file_that_is_no_transcript_is_refused_in_french(api: httpx.AsyncClient) -> None:
    refused = await api.post("/api/v1/minutes", files={"file": ("r.vtt", b"WEBVTT\n\n")})
    assert refused.status_code == 422
    assert "Aucune parole" in refused.json()["detail"]


async def test_an_unknown_layout_is_refused(api: httpx.AsyncClient, queue: Queue) -> None:
    sent = await api.post("/api/v1/minutes", files={"file": ("r.vtt", VTT)})
    await work(queue)
    refused = await api.get(f"/api/v1/minutes/{sent.json()['id']}/document.md?layout=x")
    assert refused.status_code == 422


async def test_a_subscription_is_confirmed_and_a_stranger_s_notification_refused(
    api: httpx.AsyncClient,
) -> None:
    address = "/api/v1/graph/transcripts/notifications"
    echoed = await api.post(f"{address}?validationToken=abc%20d")
    assert (echoed.status_code, echoed.text) == (200, "abc d")
    change = {"clientState": "guess", "changeType": "created", "resource": "users/u/x"}
    assert (await api.post(address, json={"value": [change]})).status_code == 403
    ours = change | {"clientState": "our-secret"}
    assert (await api.post(address, json={"value": [ours]})).status_code == 202


def _make_jobs(desk: Desk, identity: Identity, double: GraphMeetings) -> TranscriptJobs:
    async def get_token() -> str:
        return TOKEN

    client = GraphTranscripts(get_token, transport=double)
    return TranscriptJobs(desk.database, identity, desk, client)


MEETING: dict[str, object] = {"subject": "Revue", "startDateTime": "2026-11-24T09:00:00Z"}
CREATED = {"clientState": "our-secret", "changeType": "created",
           "resource": "users('u')/onlineMeetings('m')/transcripts('t')"}  # fmt: skip
NOTIFICATIONS = "/api/v1/graph/transcripts/notifications"


async def test_a_transcript_announced_twice_gets_its_minutes_once(
    api: httpx.AsyncClient, desk: Desk, identity: Identity, conninfo: str
) -> None:
    double = GraphMeetings({("u", "m", "t"): VTT}, {("u", "m"): MEETING})
    for _ in range(2):
        answer = await api.post(NOTIFICATIONS, json={"value": [CREATED]})
        assert answer.status_code == 202
    assert double.requests == []
    for _ in range(2):
        await _make_jobs(desk, identity, double).fetch_waiting()
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT t.origin, m.version, m.status FROM meeting_minutes m "
            "JOIN meeting_transcripts t ON t.id = m.transcript_id WHERE m.tenant_id = %s",
            (identity.tenant_id,),
        ).fetchall()
    assert rows == [("graph", 1, "ready")]
    assert await list_arrivals(desk.database, identity, "waiting") == []


async def test_a_refusal_of_graph_is_tried_again_then_set_aside_and_may_be_replayed(
    api: httpx.AsyncClient, desk: Desk, identity: Identity
) -> None:
    await api.post(NOTIFICATIONS, json={"value": [CREATED]})
    absent = _make_jobs(desk, identity, GraphMeetings())
    for _ in range(MOST_ATTEMPTS - 1):
        await absent.fetch_waiting()
    assert (await api.get("/api/v1/graph/transcripts/poison")).json() == []
    await absent.fetch_waiting()
    (aside,) = (await api.get("/api/v1/graph/transcripts/poison")).json()
    assert (aside["attempts"], "n’existe plus" in aside["message"]) == (MOST_ATTEMPTS, True)
    replayed = await api.post(f"/api/v1/graph/transcripts/poison/{aside['id']}/replay")
    assert replayed.status_code == 202
    double = GraphMeetings({("u", "m", "t"): VTT}, {("u", "m"): MEETING})
    await _make_jobs(desk, identity, double).fetch_waiting()
    assert len(await list_arrivals(desk.database, identity, "done")) == 1
    again = await api.post(f"/api/v1/graph/transcripts/poison/{aside['id']}/replay")
    assert again.status_code == 404


async def test_an_unreadable_transcript_is_set_aside_at_once_and_keeps_no_other_waiting(
    api: httpx.AsyncClient, desk: Desk, identity: Identity
) -> None:
    good = CREATED | {"resource": "users('u')/onlineMeetings('m')/transcripts('good')"}
    await api.post(NOTIFICATIONS, json={"value": [CREATED, good]})
    held = {("u", "m", "t"): b"WEBVTT\n", ("u", "m", "good"): VTT}
    await _make_jobs(desk, identity, GraphMeetings(held, {("u", "m"): MEETING})).fetch_waiting()
    (aside,) = await list_arrivals(desk.database, identity, "poison")
    assert aside.address.transcript_id == "t" and aside.message
    (done,) = await list_arrivals(desk.database, identity, "done")
    assert done.address.transcript_id == "good"


async def test_actions_become_proposals_once_and_no_task_is_written(
    api: httpx.AsyncClient, desk: Desk, identity: Identity
) -> None:
    row = await _write(desk, identity)
    assert row.minutes is not None and row.minutes.actions
    first = (await api.post(f"/api/v1/minutes/{row.id}/proposals")).json()
    again = (await api.post(f"/api/v1/minutes/{row.id}/proposals")).json()
    assert first
    assert all(s["refusal"] is None and s["proposal_id"] for s in first)
    assert [s["proposal_id"] for s in again] == [s["proposal_id"] for s in first]
    waiting = (await api.get("/api/v1/proposals")).json()
    cards = [card for group in waiting for card in group["cards"]]
    assert {card["id"] for card in cards} == {s["proposal_id"] for s in first}
    assert all(card["is_tainted"] and card["evidence"] for card in cards)
    async with desk.database.transaction(identity) as connection:
        rows = await (await connection.execute("SELECT title FROM tasks")).fetchall()
    assert not {action.text for action in row.minutes.actions} & {r["title"] for r in rows}
