"""Changes asked for in the conversation and through tools, audited and told."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import Answer, AnswerReady
from core.context import Identity, frozen_clock
from core.database import Database
from crm.proposals.audit import verify_chain
from crm.proposals.outbox import DueEffect, EffectNotMade, EffectRefused, send_due
from crm.proposals.policy import parse_policy
from crm.proposals.submission import propose
from tests.conftest import make_identity, writing
from tests.integration.changes import (
    ORIGIN,
    approve_all,
    executing,
    make_context,
    read_proposal,
    run_sql,
    submit,
    wish,
)
from tests.integration.portfolio import TODAY, Portfolio, build_portfolio
from tools.approvals import get_card, history, take_outcomes
from tools.outputs import Failure, Proposed
from tools.proposals import Circumstances
from tools.registry import call_tool, list_tools, proposes

REFUSALS = "SELECT body FROM audit_events WHERE kind = 'refused' ORDER BY id"


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


async def ask(
    database: Database, identity: Identity, question: str, conversation_id: UUID | None = None
) -> Answer:
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    events = assistant.ask(identity, question, conversation_id=conversation_id, surface="api")
    return [event async for event in events if isinstance(event, AnswerReady)][-1].answer


async def name_of(database: Database, identity: Identity, table: str, record_id: UUID) -> str:
    rows = await run_sql(
        database, identity, "assistant_read",
        f"SELECT coalesce(to_jsonb(t) ->> 'reference', to_jsonb(t) ->> 'name') AS name "
        f"FROM {table} t WHERE id = %s", record_id,
    )  # fmt: skip
    return rows[0]["name"]


def lines(answer: Answer) -> dict[str, tuple[str, str]]:
    assert len(answer.proposals) == 1, answer.text
    return {line.field: (line.before, line.after) for line in answer.proposals[0].lines}


@pytest.mark.parametrize(
    ("request_text", "field", "after"),
    [
        ("Passe le contrat {c1} en résilié", "status", "Résilié"),
        ("Peux-tu passer le contrat {c1} en fin de vie", "status", "En fin de vie"),
        ("Résilie le contrat {c1}", "status", "Résilié"),
        ("Mets le préavis du contrat {c1} à 45 jours", "notice_days", "45\u00a0jours"),
        ("Change le montant annuel du contrat {c1} : 12 500,50 €", "annual_amount_eur",
         "12\u202f500,50\u00a0€"),
        ("Modifie le fournisseur du contrat {c1} par « Ekwateur »", "supplier", "Ekwateur"),
        ("Clôture la non-conformité {nc1}", "status", "Clôturée"),
    ],
)  # fmt: skip
async def test_a_new_value_is_proposed_with_before_and_after(
    database: Database, identity: Identity, portfolio: Portfolio, request_text: str, field: str,
    after: str,
) -> None:  # fmt: skip
    names = {
        "c1": await name_of(database, identity, "contracts", portfolio.ids["c1"]),
        "nc1": await name_of(database, identity, "non_conformities", portfolio.ids["nc1"]),
    }
    answer = await ask(database, identity, request_text.format(**names))
    before, written = lines(answer)[field]
    assert (written, before == written) == (after, False)
    assert "Rien n’est écrit" in answer.text
    shown = [line.after for card in answer.proposals for line in card.lines]
    assert any(after in value for value in shown)


async def test_a_task_a_note_and_a_person_in_charge_are_proposed(
    database: Database, conninfo: str, identity: Identity, portfolio: Portfolio
) -> None:
    account = await name_of(database, identity, "accounts", portfolio.ids["dijon"])
    task = lines(await ask(database, identity, f"Crée une tâche pour rappeler {account} vendredi"))
    assert task["due_on"][1] == "27/11/2026"
    assert task["account_id"][1] == account
    assert task["title"][1].startswith("Rappeler")
    note = lines(
        await ask(database, identity, f"Ajoute une note sur {account} : budget voté en mars")
    )
    assert note["body"] == ("–", "Budget voté en mars")
    colleague = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    async with writing(database, identity) as connection:
        await connection.execute(
            "UPDATE users SET full_name = 'Hortense Valmy' WHERE id = %s", (colleague.user_id,)
        )
    contract = await name_of(database, identity, "contracts", portfolio.ids["c1"])
    owner = lines(
        await ask(
            database, identity, f"Change le responsable du contrat {contract} : Hortense Valmy"
        )
    )
    assert owner["owner_id"][1] == "Hortense Valmy"


@pytest.mark.parametrize(
    ("request_text", "field", "after"),
    [
        ("Annule la tâche « Rappeler » des Aciéries du Rhône", "status", "Annulée"),
        ("Peux-tu marquer la tâche Rappeler comme faite ?", "status", "Faite"),
        ("Reporte la tâche « Rappeler » au 12 mars", "due_on", "12/03/2027"),
    ],
)
async def test_an_existing_task_is_found_and_its_change_proposed(
    database: Database, identity: Identity, portfolio: Portfolio, request_text: str, field: str,
    after: str,
) -> None:  # fmt: skip
    answer = await ask(database, identity, request_text)
    before, written = lines(answer)[field]
    assert (written, before == written) == (after, False)
    assert answer.proposals[0].operation == "update"
    rows = await run_sql(
        database, identity, "assistant_read", "SELECT status, due_on FROM tasks WHERE id = %s",
        portfolio.ids["task"],
    )  # fmt: skip
    assert (rows[0]["status"], str(rows[0]["due_on"])) == ("open", "2026-11-30")


async def test_a_task_that_does_not_exist_is_not_guessed(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    answer = await ask(database, identity, "Annule la tâche « Commander le compteur »")
    assert (answer.status, answer.proposals) == ("unanswered", ())
    assert "aucune tâche ouverte" in answer.text


async def test_what_is_missing_is_asked_and_nothing_is_proposed(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    contract = await name_of(database, identity, "contracts", portfolio.ids["c1"])
    for question in (
        "Passe le contrat en résilié",
        f"Change le contrat {contract}",
        "Ajoute une note : budget voté",
        f"Change le responsable du contrat {contract}",
    ):
        answer = await ask(database, identity, question)
        assert (answer.status, answer.proposals) == ("clarification", ()), question


async def test_the_conversation_goes_on_and_is_told_of_the_outcome_once(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    account = await name_of(database, identity, "accounts", portfolio.ids["dijon"])
    first = await ask(database, identity, f"Ajoute une note sur {account} : budget voté")
    talk = first.conversation_id
    meanwhile = await ask(database, identity, "Combien de contrats avons-nous ?", talk)
    assert (meanwhile.status, meanwhile.outcomes) == ("answered", ())
    card = first.proposals[0]
    context = make_context(database, identity)
    from crm.proposals.submission import Submission

    await approve_all(context, Submission("", card.id, card.digest))
    async with executing(database) as executor:
        await executor.run_once()
    told = await ask(database, identity, "Combien de sites avons-nous ?", talk)
    assert [(c.id, c.status) for c in told.outcomes] == [(card.id, "executed")]
    again = await ask(database, identity, "Combien de clients avons-nous ?", talk)
    assert again.outcomes == ()


async def test_a_tool_without_its_role_is_not_offered(
    database: Database, conninfo: str, identity: Identity, portfolio: Portfolio
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    assert not any(proposes(tool.name) for tool in list_tools(reader))
    offered = {tool.name for tool in list_tools(quality)}
    assert "propose_non_conformity_step" in offered
    assert "propose_contracts" not in offered
    refused = await call_tool(
        make_context(database, reader), "propose_note", {"fields": {}, "reason": "x"}
    )
    assert isinstance(refused, Failure)


@pytest.mark.parametrize(
    ("tool", "fields", "told"),
    [
        ("propose_contracts", {"id": "x"}, "Champ inconnu"),
        ("propose_contracts", {"tenant_id": str(uuid4())}, "Champ inconnu"),
        ("propose_contracts", {"notice_days": True}, "nombre entier"),
        ("propose_contracts", {"notice_days": 1.0}, "nombre entier"),
        ("propose_contracts", {"annual_amount_eur": 12.5}, "montant"),
        ("propose_contracts", {"account_id": str(uuid4())}, "aucune fiche"),
        ("propose_note", {"body": "x" * 2_000_000}, "trop long"),
        ("propose_note", {"author_id": str(uuid4()), "body": "x"}, "ne se remplit pas"),
        ("propose_reply_draft", {"to_addresses": ["a@b.fr"]}, "ne se remplit pas"),
        ("propose_task", {}, "Il manque"),
    ],
)
async def test_bad_input_is_refused_in_french_and_audited(
    database: Database, identity: Identity, portfolio: Portfolio, tool: str,
    fields: dict[str, Any], told: str,
) -> None:  # fmt: skip
    arguments: dict[str, Any] = {"fields": fields, "reason": "Essai"}
    if tool == "propose_contracts":
        arguments["record_id"] = str(portfolio.ids["c1"])
    output = await call_tool(make_context(database, identity), tool, arguments)
    assert isinstance(output, Failure)
    assert told in output.message
    rows = await run_sql(database, identity, "assistant_read", REFUSALS)
    assert told in rows[-1]["body"]
    assert await run_sql(database, identity, "assistant_read", "SELECT 1 FROM proposals") == []


async def test_an_id_read_in_a_text_is_refused(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    contract = str(portfolio.ids["c1"])
    arguments = {"record_id": contract, "fields": {"notice_days": 3}, "reason": "Essai"}
    unknown = Circumstances(is_tainted=False, known_ids=frozenset())
    output = await call_tool(context, "propose_contracts", arguments, unknown)
    assert isinstance(output, Failure)
    known = Circumstances(is_tainted=False, known_ids=frozenset({contract}))
    assert isinstance(await call_tool(context, "propose_contracts", arguments, known), Proposed)


async def test_the_same_wish_is_proposed_once(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    draft = wish("notes", key="meeting:1:action:1", account_id=str(portfolio.ids["dijon"]),
                 body="Relancer")  # fmt: skip
    refused = wish("notes", key="meeting:1:action:2", body="Sans client")
    first, wrong = await propose(context, [draft, refused], ORIGIN)
    second, _ = await propose(context, [draft, refused], ORIGIN)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.proposal_id == second.proposal_id
    assert wrong.refusal and "Client" in wrong.refusal


async def test_a_reply_goes_to_its_author_alone_and_becomes_an_effect(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    email = uuid4()
    async with writing(database, identity) as connection:
        await connection.execute(
            "INSERT INTO emails (id, tenant_id, thread_id, internet_message_id, direction, "
            "from_address, sent_at, subject, body_text) VALUES (%s, %s, %s, %s, 'in', "
            "'zoe@mairie-dijon.fr', now(), 'Facture', 'Bonjour')",
            (email, identity.tenant_id, portfolio.ids["thread"], str(email)),
        )
    context = make_context(database, identity)
    output = await call_tool(
        context, "propose_reply_draft",
        {"fields": {"email_id": str(email), "body_text": "Bonjour, …"}, "reason": "Réponse"},
    )  # fmt: skip
    assert isinstance(output, Proposed), output
    card = await get_card(context, output.proposal_id)
    assert {line.field: line.after for line in card.lines}["to_addresses"] == "zoe@mairie-dijon.fr"
    assert card.effect
    from crm.proposals.submission import Submission

    await approve_all(context, Submission("", card.id, card.digest))
    effect = Mailbox(lost=1)
    async with executing(database) as executor:
        await executor.run_once()
        for _ in range(4):
            await send_due(executor.database, [effect])
            await _make_due(database)
    assert effect.made == [card.digest]
    assert effect.attempts == 1
    rows = await run_sql(
        database, identity, "assistant_read", "SELECT state, outside_id FROM outbox"
    )
    assert [(r["state"], r["outside_id"]) for r in rows] == [("done", "draft-1")]
    with pytest.raises(Exception, match=r"ressemble"):
        await submit(
            context,
            wish("reply_drafts", email_id=str(email), to_addresses=["zoe@rnairie-dijon.fr"],
                 subject="S", body_text="B"),
        )  # fmt: skip


class Mailbox:
    """A mailbox that makes drafts by key and loses its first answers, the draft being made."""

    kind = "mail_draft"

    def __init__(self, lost: int) -> None:
        self.lost, self.attempts, self.made = lost, 0, list[str]()

    async def send(self, effect: DueEffect) -> str:
        self.attempts += 1
        self.made.append(effect.key)
        if self.attempts <= self.lost:
            raise TimeoutError
        return f"draft-{len(self.made)}"

    async def find_by_key(self, effect: DueEffect) -> str | None:
        return f"draft-{self.made.index(effect.key) + 1}" if effect.key in self.made else None


async def _make_due(database: Database) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(database.base_conninfo) as connection:
        await connection.execute("UPDATE outbox SET next_at = now()")


async def test_an_effect_surely_not_made_is_tried_again_and_a_refused_one_is_not() -> None:
    from crm.proposals.outbox import attempt

    class Down(Mailbox):
        def __init__(self, error: Exception) -> None:
            super().__init__(0)
            self.error = error

        async def send(self, effect: DueEffect) -> str:
            raise self.error

    due = DueEffect(uuid4(), uuid4(), "mail_draft", "k", {})
    states = [
        (await attempt(Down(error), due, is_doubtful=False)).state
        for error in (EffectNotMade("plus tard"), EffectRefused("jamais"), ValueError())
    ]
    assert states == ["due", "failed", "doubtful"]


async def test_a_low_risk_change_is_approved_by_the_policy_where_the_firm_asked_for_it(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    from crm.proposals.approving import approve_by_policy

    context = make_context(database, identity)
    policy = parse_policy("approbation_automatique: [{objet: tasks, operation: create}]")
    clean = await submit(context, wish("tasks", title="Relancer"))
    tainted = await submit(context, wish("tasks", title="Relancer", is_tainted=True))
    assert clean.proposal_id and tainted.proposal_id
    assert not await approve_by_policy(context, clean.proposal_id)
    assert await approve_by_policy(context, clean.proposal_id, policy=policy)
    assert not await approve_by_policy(context, tainted.proposal_id, policy=policy)
    async with executing(database, policy) as executor:
        await executor.run_once()
    assert (await read_proposal(context, clean)).status == "executed"
    assert (await read_proposal(context, tainted)).status == "pending"


async def test_the_audit_tells_a_record_s_life_and_its_chain_shows_any_tampering(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    import psycopg

    context = make_context(database, identity)
    contract = portfolio.ids["c1"]
    proposed = await submit(context, wish("contracts", contract, notice_days=45))
    await approve_all(context, proposed)
    async with executing(database) as executor:
        await executor.run_once()
    events = await history(context, contract)
    assert [e.label for e in events] == ["Proposée", "Approuvée", "Effectuée"]
    assert all(e.seal for e in events)
    found = await verify_chain(context)
    assert (found.events, found.waiting, found.fault) == (3, 0, None)
    assert (await verify_chain(context, found.head)).fault is None
    assert (await verify_chain(context, "f" * 64)).fault is not None
    tampering = (
        "UPDATE audit_events SET body = replace(body, '45', '46') WHERE tenant_id = %s "
        "AND kind = 'executed'",
        "DELETE FROM audit_chain WHERE tenant_id = %s AND ordinal = 3",
        "DELETE FROM audit_events WHERE tenant_id = %s AND kind = 'approved'",
        "UPDATE audit_events SET actor_id = NULL WHERE tenant_id = %s AND kind = 'approved'",
        "UPDATE proposals SET canonical = replace(canonical, '45', '46') WHERE tenant_id = %s",
    )
    saved = await _save(database, identity)
    for statement in tampering:
        async with await psycopg.AsyncConnection.connect(database.base_conninfo) as connection:
            await connection.execute("SET session_replication_role = replica")
            await connection.execute(statement.encode(), (identity.tenant_id,))
        assert (await verify_chain(context)).fault is not None, statement
        await _mend(database, identity, saved)
        assert (await verify_chain(context)).fault is None


TAMPERED = ("audit_chain", "audit_events", "proposals")


async def _save(database: Database, identity: Identity) -> dict[str, list[Any]]:
    async with writing(database, identity) as connection:
        return {
            name: await (
                await connection.execute(
                    f"SELECT to_jsonb(t) AS row FROM {name} t WHERE tenant_id = %s",
                    (identity.tenant_id,),
                )
            ).fetchall()
            for name in TAMPERED
        }


async def _mend(database: Database, identity: Identity, saved: dict[str, list[Any]]) -> None:
    """Put every row back as it was, triggers off."""
    from psycopg.types.json import Jsonb

    async with writing(database, identity) as connection:
        await connection.execute("SET session_replication_role = replica")
        for name in TAMPERED:
            await connection.execute(
                f"DELETE FROM {name} WHERE tenant_id = %s", (identity.tenant_id,)
            )
            for saved_row in saved[name]:
                await connection.execute(
                    f"INSERT INTO {name} OVERRIDING SYSTEM VALUE "
                    f"SELECT * FROM jsonb_populate_record(NULL::{name}, %s)",
                    (Jsonb(saved_row["row"]),),
                )


async def test_outcomes_are_told_to_their_author_alone(
    database: Database, conninfo: str, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    proposed = await submit(context, wish("tasks", title="Relancer"))
    await approve_all(context, proposed)
    async with executing(database) as executor:
        await executor.run_once()
    other = make_identity(conninfo, "director", tenant_id=identity.tenant_id)
    assert await take_outcomes(make_context(database, other)) == ()
    assert [card.id for card in await take_outcomes(context)] == [proposed.proposal_id]
    assert await take_outcomes(context) == ()
