"""«Ma journée»: what is due by the one who asks, and nothing of others."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.day import is_day_asked, tell_day
from agents.portfolio_assistant.models import AnswerReady
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.engine.scripted import ScriptedEngine
from tests.conftest import make_identity

INSERT_TASK = """
INSERT INTO tasks (id, tenant_id, owner_id, title, due_on, source, status)
VALUES (gen_random_uuid(), %s, %s, %s, %s, 'manual', %s)
"""


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Qu’est-ce que j’ai à faire ce matin ?", True),
        ("ma journée", True),
        ("Que dois-je faire aujourd’hui ?", True),
        ("qu’est-ce que j'ai à faire ce matin ?", True),
        ("Qu’ai-je à faire aujourd’hui ?", True),
        ("j’ai quoi à faire ce matin", True),
        ("Qu’est-ce qui m’attend aujourd’hui ?", True),
        ("Mes priorités du jour", True),
        ("Que dois-je traiter en priorité aujourd’hui ?", True),
        ("J’ai quoi comme contrats ?", False),
        ("Qu’est-ce que j’ai signé ce matin ?", False),
        ("Quelles tâches sont ouvertes chez Armor ?", False),
        ("Que dois-je faire si un client conteste sa facture ?", False),
    ],
)
def test_the_day_is_asked_in_several_ways(question: str, *, asks: bool) -> None:
    assert is_day_asked(question) is asks


async def test_the_day_holds_ones_own_tasks_due_and_no_others(
    database: Database, identity: Identity, conninfo: str
) -> None:
    colleague = make_identity(conninfo, "sales")
    rows = [
        (identity.tenant_id, identity.user_id, "Relancer Armor", "2026-11-20", "open"),
        (identity.tenant_id, identity.user_id, "Envoyer le mandat", "2026-11-26", "open"),
        (identity.tenant_id, identity.user_id, "Dans longtemps", "2027-03-01", "open"),
        (identity.tenant_id, identity.user_id, "Déjà faite", "2026-11-26", "done"),
        (colleague.tenant_id, colleague.user_id, "D’un autre cabinet", "2026-11-26", "open"),
    ]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for row in rows:
            connection.execute(INSERT_TASK, row)
    clock = frozen_clock(dt.date(2026, 11, 26))
    text = await tell_day(Context(identity, database, OfflineEngine({}), clock), "chat")
    assert "Relancer Armor – **en retard** depuis le 20/11/2026" in text
    assert "Envoyer le mandat – aujourd’hui" in text
    assert not any(word in text for word in ("Dans longtemps", "Déjà faite", "autre cabinet"))


@pytest.mark.parametrize("surface", ["chat", "api", "cli"])
async def test_the_assistant_tells_the_day_on_every_surface_without_a_model(
    database: Database, identity: Identity, conninfo: str, surface: Surface
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        row = (identity.tenant_id, identity.user_id, "Relancer Armor", "2026-11-20", "open")
        connection.execute(INSERT_TASK, row)
    assistant = Assistant(database, ScriptedEngine(()), frozen_clock(dt.date(2026, 11, 26)))
    question = "qu’est-ce que j’ai à faire ce matin ?"
    events = [event async for event in assistant.ask(identity, question, surface=surface)]
    (ready,) = events
    assert isinstance(ready, AnswerReady)
    assert (ready.answer.status, ready.answer.is_model) == ("answered", False)
    assert "Relancer Armor – **en retard**" in ready.answer.text
    (turn,) = await assistant.list_turns(identity, ready.answer.conversation_id)
    assert turn.answer == ready.answer


async def test_the_assistant_tells_the_mail_since_yesterday_without_a_model(
    database: Database, identity: Identity
) -> None:
    assistant = Assistant(database, ScriptedEngine(()), frozen_clock(dt.date(2026, 11, 26)))
    events = [
        event
        async for event in assistant.ask(
            identity, "Que s’est-il passé depuis hier ?", surface="api"
        )
    ]
    (ready,) = events
    assert isinstance(ready, AnswerReady)
    assert (ready.answer.status, ready.answer.is_model) == ("answered", False)
    assert ready.answer.text.startswith("**Courriels reçus depuis hier, mercredi 25\u00a0novembre")
