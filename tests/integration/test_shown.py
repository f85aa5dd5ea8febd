"""What the chat showed replays when its conversation is opened again, for its user alone."""

from __future__ import annotations

import datetime as dt
from uuid import UUID, uuid4

import psycopg
import pytest

from agents.meeting_synthesis.desk import Desk
from api.auth import Gatekeeper
from chat import deposits as chat_deposits
from chat import minutes as chat_minutes
from chat.conversations import (
    ConversationFilter,
    delete_conversation,
    list_conversations,
    open_conversation,
    rename_conversation,
)
from chat.services import ChatServices, install_chat_services
from chat.shown import LOST, Reference, add_shown, list_shown, write_shown
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from evals.passages import PassageFile, store_passages
from tests.conftest import SECRETS, make_identity

VTT = (
    b"WEBVTT\n\nc1\n00:00:01.000 --> 00:00:03.000\n"
    b"<v MARTIN Lea>Je vous envoie le bilan jeudi.</v>\n"
)
EVERY = ConversationFilter(surface="chat")


@pytest.fixture
def desk(database: Database) -> Desk:
    desk = Desk(database, OfflineEngine({}), frozen_clock(dt.date(2026, 11, 26)))

    def make_context(identity: Identity) -> Context:
        return Context(identity, database, desk.engine, desk.clock)

    assistant = None
    install_chat_services(
        ChatServices(database, assistant, Gatekeeper(database, SECRETS), make_context, desk)  # type: ignore[arg-type]
    )
    return desk


async def _open(desk: Desk, identity: Identity, kind: str, reference: Reference) -> UUID:
    conversation_id = uuid4()
    await open_conversation(desk.database, identity, conversation_id, "Réunion du 12 mars")
    assert await list_conversations(desk.database, identity, 9, EVERY) == []
    await add_shown(desk.database, identity, conversation_id, kind, "Réunion du 12 mars", reference)
    return conversation_id


async def test_a_title_is_kept_whole_and_shown_cut(
    desk: Desk, identity: Identity, conninfo: str
) -> None:
    said = "Relancer le client au sujet de la facture de mars, puis écrire à Marie-Hélène Durand"
    conversation_id = await _open(desk, identity, "watch", {})

    async def rename(title: str) -> tuple[str, str]:
        await rename_conversation(desk.database, identity, conversation_id, title)
        (shown,) = await list_conversations(desk.database, identity, 9, EVERY)
        with psycopg.connect(conninfo) as connection:
            row = connection.execute(
                "SELECT title FROM conversations WHERE id = %s", (conversation_id,)
            ).fetchone()
        assert row is not None
        return shown.title, row[0]

    cut, kept = await rename(said)
    assert kept == said and cut.endswith("Marie-Hélène…") and len(cut) <= 80
    # The page only knows the title cut: to confirm it changes nothing.
    assert await rename(cut) == (cut, said)
    assert await rename("Facture de mars") == ("Facture de mars",) * 2


async def _replay(desk: Desk, identity: Identity, conversation_id: UUID) -> list[str]:
    (shown,) = await list_shown(desk.database, identity, conversation_id)
    steps = await write_shown(str(conversation_id), identity, shown)
    return [str(step.get("output")) for step in steps]


async def test_a_conversation_that_holds_only_minutes_is_listed_and_replays(
    desk: Desk, identity: Identity
) -> None:
    transcript_id = await desk.receive(identity, "r.vtt", VTT)
    minutes_id = await desk.start(identity, transcript_id)
    await desk.write(identity, minutes_id)
    conversation_id = await _open(desk, identity, "minutes", {"id": str(minutes_id)})
    listed = await list_conversations(desk.database, identity, 9, EVERY)
    assert [c.id for c in listed] == [conversation_id]
    said, text = await _replay(desk, identity, conversation_id)
    assert said == "Réunion du 12 mars"
    assert text == await chat_minutes.replay_minutes(identity, {"id": str(minutes_id)})
    assert "Envoyer le bilan" in text and f"/api/v1/minutes/{minutes_id}/document.docx" in text


async def test_documents_handed_over_are_told_as_they_stand_now(
    desk: Desk, identity: Identity
) -> None:
    file = PassageFile("PR-44", "Accueil", (("Objet", "Un badge est remis."),), status="draft")
    kept = await store_passages(desk.database, identity, file)
    reference = {"ids": [str(kept.version_id), str(uuid4())], "refused": ["« a.bin » : illisible."]}
    conversation_id = await _open(desk, identity, "deposits", reference)
    _, text = await _replay(desk, identity, conversation_id)
    stands, gone, refused = text.split("\n\n")
    assert stands == "Le document **PR-44**, version 1 («\u00a0Accueil\u00a0»)\u00a0: brouillon."
    assert (gone, refused) == (chat_deposits.GONE, "« a.bin » : illisible.")


async def test_what_is_gone_or_unknown_is_told_and_hides_nothing_else(
    desk: Desk, identity: Identity
) -> None:
    gone = await _open(desk, identity, "minutes", {"id": str(uuid4())})
    assert "n’existe pas" in (await _replay(desk, identity, gone))[1]
    await delete_conversation(desk.database, identity, gone)
    assert await list_shown(desk.database, identity, gone) == []
    unknown = await _open(desk, identity, "other_kind", {})
    assert (await _replay(desk, identity, unknown))[1] == LOST


async def test_another_user_sees_nothing_of_it(
    desk: Desk, identity: Identity, conninfo: str
) -> None:
    conversation_id = await _open(desk, identity, "minutes", {"id": str(uuid4())})
    stranger = make_identity(conninfo, "reader", "director")
    assert await list_shown(desk.database, stranger, conversation_id) == []
    assert await list_conversations(desk.database, stranger, 9, EVERY) == []
