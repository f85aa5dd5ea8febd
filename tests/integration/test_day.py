"""«Ma journée»: what is due by the one who asks, and nothing of others."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import psycopg
import pytest

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.day import is_day_asked, read_day, tell_day, write_day
from agents.portfolio_assistant.models import AnswerReady
from chat.home import list_buttons, write_quiet
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.engine.scripted import ScriptedEngine
from tests.conftest import make_identity

NOVEMBER_26 = frozen_clock(dt.date(2026, 11, 26))
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


INSERT_CONTRACT = """
INSERT INTO contracts (id, tenant_id, account_id, owner_id, reference, supplier, energy, price_type,
    start_on, end_on, notice_days, status)
VALUES (gen_random_uuid(), %(tenant)s, %(account)s, %(owner)s, %(reference)s, 'Armor', 'gas',
    'fixed', '2024-01-01', %(end)s, 10, 'active')
"""
INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status) VALUES (%s, %s, %s, 'health', 'client')
"""


async def test_who_sells_sees_their_portfolio_and_a_director_the_firm_s(
    database: Database, identity: Identity, conninfo: str
) -> None:
    sales = make_identity(conninfo, "reader", "sales", tenant_id=identity.tenant_id)
    other = make_identity(conninfo, "reader", "sales", tenant_id=identity.tenant_id)
    account = uuid4()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(INSERT_ACCOUNT, (account, identity.tenant_id, "Clinique [du] Lac"))
        for reference, owner in (("CT-2026-0001", sales), ("CT-2026-0002", other)):
            values = {"tenant": identity.tenant_id, "account": account, "owner": owner.user_id,
                      "reference": reference, "end": "2026-11-30"}  # fmt: skip
            connection.execute(INSERT_CONTRACT, values)
    days = {
        who: await read_day(Context(person, database, OfflineEngine({}), NOVEMBER_26))
        for who, person in (("sales", sales), ("director", identity))
    }
    deadlines = {who: day.sections[1] for who, day in days.items()}
    assert (deadlines["sales"].total, deadlines["director"].total) == (1, 2)
    (line,) = deadlines["sales"].lines
    assert line.opens == "Montrez le contrat CT-2026-0001"
    assert "Clinique \\[du\\] Lac" in write_day(days["sales"], "chat")


async def test_each_line_of_the_page_opens_something_and_empty_topics_are_named_on_a_line(
    database: Database, identity: Identity, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for number in range(5):
            row = (identity.tenant_id, identity.user_id, f"Relance {number}", "2026-11-20", "open")
            connection.execute(INSERT_TASK, row)
    day = await read_day(Context(identity, database, OfflineEngine({}), NOVEMBER_26))
    assert write_quiet(day).startswith("Rien à signaler côté échéances, appels d’offres à décider")
    (tasks,) = [section for section in day.sections if section.total]
    buttons = list_buttons(tasks)
    assert [button.label for button in buttons] == [
        *(f"Tâche\u00a0: Relance {n} – en retard depuis le 20/11/2026" for n in range(3)),
        "Voir toutes mes tâches (2\u00a0autres)",
    ]
    question = "Quelles sont mes tâches ouvertes\u00a0?"
    assert {button.payload["question"] for button in buttons} == {question}
    assert "Relance 4 – **en retard** depuis le 20/11/2026" in write_day(day, "api")
