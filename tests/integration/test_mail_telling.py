"""The mail told in answer to a question: threads found, drafts shown, what each may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from agents.triage.asking import read_ask
from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from agents.triage.telling import tell_mail, tell_opened
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import NotFound
from ingest.mail.isolation import MailReader
from tests.conftest import make_identity
from tests.integration.test_mail_decisions import ODD, add_client
from tests.integration.test_triage import write

TODAY = dt.date(2026, 10, 13)


@pytest.fixture
async def context(database: Database, identity: Identity, conninfo: str) -> AsyncIterator[Context]:
    add_client(conninfo, identity)
    context, reader = (
        Context(identity, database, OfflineEngine({}), frozen_clock(TODAY)),
        MailReader(),
    )
    try:
        for name, body in (("o", ODD), ("q", "Bonjour,\n\nQuel est le préavis ?\n\nLéa Roux")):
            taken = await take_in(context, reader, write(name, body), mailbox="m", name=name)
            assert taken.thread_id is not None
            assert await triage_thread(context, reader, taken.thread_id)
    finally:
        reader.close()
    yield context


async def tell(context: Context, question: str) -> tuple[str, list[str], list[UUID]]:
    ask = read_ask(question, context.today)
    assert ask is not None
    told = await tell_mail(context, ask, question, "chat")
    return told.text, [act.kind for act in told.acts], [act.thread_id for act in told.acts]


async def test_a_digest_opens_its_threads_and_each_shows_all_there_is(context: Context) -> None:
    text, kinds, threads = await tell(context, "Quels mails sont arrivés ce mois-ci ?")
    assert text.startswith("**Courriels reçus du 01/10/2026 au 31/10/2026**")
    assert "Ouvrez un fil par son bouton" in text
    assert kinds == ["open", "open"]
    opened = [await tell_opened(context, thread_id) for thread_id in threads]
    (doubt,) = [told for told in opened if "à confirmer" in told.text]
    assert [act.kind for act in doubt.acts] == ["reply", "confirm", "dismiss"]
    assert "index plus bas que le mois dernier" in doubt.text
    assert "**Brouillon de réponse**, à relire" in doubt.text


async def test_period_and_kind_are_honoured(context: Context) -> None:
    text, kinds, _ = await tell(context, "réclamations ce mois-ci")
    assert "réclamations et écarts signalés" in text and kinds == ["open"]
    text, kinds, _ = await tell(context, "réclamations du mois dernier")
    assert "Aucun courriel de cette sorte sur cette période." in text and kinds == []


async def test_a_client_s_thread_is_told_as_asked(context: Context) -> None:
    text, kinds, _ = await tell(context, "montre-moi le brouillon pour Client d’essai")
    assert "**Brouillon de réponse**" in text and kinds[:2] == ["reply", "open"]
    assert "1\u00a0autre fil de ce nom" in text
    text, _, _ = await tell(context, "ouvre le courriel de lea@client.example")
    assert "> " in text
    text, kinds, _ = await tell(context, "résume le fil de Bidule")
    assert "ne correspond à «\u00a0bidule\u00a0»" in text and set(kinds) == {"open"}


async def test_a_reader_reads_and_acts_on_nothing(context: Context, conninfo: str) -> None:
    plain = make_identity(conninfo, "reader", tenant_id=context.identity.tenant_id)
    text, kinds, threads = await tell(
        replace(context, identity=plain), "montre-moi le brouillon pour Client d’essai"
    )
    assert "**Brouillon de réponse**" in text and "reply" not in kinds
    other = replace(context, identity=make_identity(conninfo, "director"))
    with pytest.raises(NotFound):
        await tell_opened(other, threads[0])
