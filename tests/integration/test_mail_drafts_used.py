"""What people make of the drafts: measured in words, in Voltaire and in the mailbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from agents.triage.pipeline import triage_source
from agents.triage.placing import place_drafts
from core.context import Context, Identity
from core.database import Database
from crm.proposals.policy import Policy, parse_policy
from ingest.clients.graph import GraphMailbox
from ingest.mail.bodies import count_changed_words
from ingest.mail.isolation import MailReader
from ingest.sources.graph import GraphSource
from tests.doubles.graph.app import Graph
from tests.integration.changes import run_sql
from tests.integration.test_mail_api import as_user, client, thread_id
from tests.integration.test_mail_effect import (
    USER,
    address,
    context,
    graph,
    list_drafts,
    mailbox,
    reader,
)
from tests.integration.test_triage import THREAD
from tools.approvals import list_pending

__all__ = ["address", "client", "context", "graph", "mailbox", "reader", "thread_id"]

SENT = """From: Sarah <sarah@test.example>
To: lea@client.example
Subject: RE: Facture
Date: Mon, 12 Oct 2026 09:30:00 +0200
Message-ID: <sent@test.example>
In-Reply-To: <a@client.example>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{body}
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a b c", "a b c", (0, 3)),
        ("a b c", "a x c d", (2, 4)),
        ("", "a b", (2, 2)),
        ("a  b\nc", "a b c", (0, 3)),
        ("a b c d", "b c d", (1, 4)),
    ],
)
def test_changed_words_are_counted(before: str, after: str, expected: tuple[int, int]) -> None:
    assert count_changed_words(before, after) == expected


async def test_a_corrected_draft_becomes_a_proposal_and_its_distance_is_kept(
    client: httpx.AsyncClient, database: Database, identity: Identity, thread_id: str, conninfo: str
) -> None:
    headers = as_user(identity, conninfo)
    opened = (await client.get(f"/api/v1/mail/threads/{thread_id}", headers=headers)).json()
    drafted = opened["mailbox_draft"]["body"]
    address = f"/api/v1/mail/threads/{thread_id}/draft"
    first = (await client.post(address, json={}, headers=headers)).json()
    assert (first["is_new"], first["words_changed"]) == (True, 0)
    again = (await client.post(address, json={}, headers=headers)).json()
    assert (again["is_new"], again["proposal_id"]) == (False, first["proposal_id"])
    corrected = await client.post(address, json={"body": f"{drafted} Merci bien."}, headers=headers)
    assert corrected.json()["words_changed"] == 2
    rows = await run_sql(
        database, identity, "assistant_read", "SELECT id::text, status FROM proposals"
    )
    assert {row["id"]: row["status"] for row in rows} == {
        first["proposal_id"]: "superseded", corrected.json()["proposal_id"]: "pending",
    }  # fmt: skip
    opened = (await client.get(f"/api/v1/mail/threads/{thread_id}", headers=headers)).json()
    assert [edit["distance"] for edit in opened["draft_edits"]] == [2]
    told = (await client.get("/api/v1/mail/feedback", headers=headers)).json()
    assert (told["drafts_used"], told["drafts_unchanged"], told["words_changed"]) == (1, 0, 2)
    unknown = f"/api/v1/mail/threads/{UUID(int=1)}/draft"
    assert (await client.post(unknown, json={}, headers=headers)).status_code == 404


async def test_what_was_sent_is_compared_and_the_next_mail_gets_a_draft_of_its_own(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph
) -> None:
    box = graph.open(USER)
    source = GraphSource(mailbox, context.database, context.identity)
    box.deliver(THREAD[0], conversation="c1")
    await triage_source(context, reader, source)
    await place_drafts(context, mailbox)
    (draft,) = list_drafts(graph)
    drafted = str(draft.fields["body"]["content"])
    draft.fields["isDraft"] = False
    box.move(draft, "archive")
    box.deliver(SENT.format(body=drafted.replace("Bonjour", "Chère")).encode(), "sentitems", "c1")
    await triage_source(context, reader, source)
    rows = await run_sql(
        context.database, context.identity, "assistant_read",
        "SELECT place, distance FROM mail_draft_edits",
    )  # fmt: skip
    assert [(row["place"], row["distance"]) for row in rows] == [("mailbox", 1)]
    box.deliver(THREAD[1], conversation="c1")
    await triage_source(context, reader, source)
    assert await place_drafts(context, mailbox) == 1
    (following,) = list_drafts(graph)
    assert following.immutable != draft.immutable


async def test_a_firm_may_have_each_draft_approved_before_it_is_in_a_mailbox(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def get_policy(*_: Any) -> Policy:
        return parse_policy("brouillons_deposes_d_office: false")

    monkeypatch.setattr("agents.triage.steps.get_policy", get_policy)
    monkeypatch.setattr("agents.triage.placing.get_policy", get_policy)
    graph.open(USER).deliver(THREAD[0], conversation="c1")
    source = GraphSource(mailbox, context.database, context.identity)
    await triage_source(context, reader, source)
    assert await place_drafts(context, mailbox) == 0
    assert list_drafts(graph) == []
    (card,) = await list_pending(context)
    assert card.object == "reply_drafts"
    graph.open(USER).deliver(THREAD[1], conversation="c1")
    await triage_source(context, reader, source)
    (following,) = await list_pending(context)
    assert following.id != card.id


async def test_forms_used_three_times_open_and_close_the_next_draft_until_they_are_forgotten(
    client: httpx.AsyncClient, database: Database, identity: Identity, conninfo: str
) -> None:
    headers = as_user(identity, conninfo)

    async def draft(name: str) -> tuple[str, str]:
        """A mail brought, and the draft that waits for it."""
        raw = THREAD[0].replace(b"<a@", f"<{name}@".encode()).replace(b"Facture", name.encode())
        post = {**headers, "content-type": "message/rfc822"}
        brought = await client.post("/api/v1/mail/messages", content=raw, headers=post)
        address = f"/api/v1/mail/threads/{brought.json()['thread_id']}"
        opened = (await client.get(address, headers=headers)).json()
        return address, str(opened["mailbox_draft"]["body"])

    for name in ("un", "deux", "trois"):
        address, body = await draft(name)
        first, *_, signature = body.split("\n")
        own = body.replace(first, "Bonjour,").replace("Bien cordialement,", "Bien à vous,")
        assert own != body and signature
        await client.post(f"{address}/draft", json={"body": own}, headers=headers)
    style = (await client.get("/api/v1/mail/style", headers=headers)).json()
    assert style == {"greeting": "Bonjour,", "closing": "Bien à vous,"}
    _, learnt = await draft("quatre")
    assert learnt.startswith("Bonjour,\n")
    assert "Bien à vous," in learnt and "Bien cordialement" not in learnt
    assert (await client.delete("/api/v1/mail/style", headers=headers)).status_code == 204
    style = (await client.get("/api/v1/mail/style", headers=headers)).json()
    assert style == {"greeting": None, "closing": None}
    _, usual = await draft("cinq")
    assert "Bien cordialement," in usual
