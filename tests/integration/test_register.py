"""What the register says of documents, told in the conversation."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.library import (
    tell_changed,
    tell_in_force,
    tell_reviews,
    tell_table,
)
from agents.portfolio_assistant.models import Answer, AnswerReady
from agents.portfolio_assistant.register import tell_owner, tell_standards
from core.context import Identity, frozen_clock
from core.database import Database
from core.errors import InvalidInput
from evals.passages import PassageFile, store_passages
from tests.conftest import writing
from tests.integration.changes import TODAY, make_context

LATER = TODAY + dt.timedelta(days=10)
EARLIER = TODAY - dt.timedelta(days=10)
TEXT = "Odile Brancourt, du fournisseur Voltéa, répond aux réclamations sous cinq jours."


async def add(database: Database, identity: Identity, code: str, **fields: object) -> None:
    file = PassageFile(code, f"Titre de {code}", (("Délais", TEXT),), **fields)  # type: ignore[arg-type]
    await store_passages(database, identity, file)


async def set_up(database: Database, identity: Identity, code: str, **fields: object) -> None:
    """Write what the register alone says of a document."""
    async with writing(database, identity) as connection:
        await connection.execute(
            "UPDATE documents SET owner_id = %(owner)s, clause = %(clause)s WHERE code = %(code)s "
            "AND tenant_id = %(tenant)s",
            {"owner": None, "clause": None, "code": code, "tenant": identity.tenant_id, **fields},
        )
        await connection.execute(
            "UPDATE document_versions SET review_due_on = %(review)s WHERE document_id = "
            "(SELECT id FROM documents WHERE code = %(code)s AND tenant_id = %(tenant)s)",
            {"review": None, "code": code, "tenant": identity.tenant_id, **fields},
        )


async def ask(database: Database, identity: Identity, question: str) -> Answer:
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    async for event in assistant.ask(identity, question, surface="chat"):
        if isinstance(event, AnswerReady):
            return event.answer
    raise AssertionError(question)


async def test_the_owner_and_the_clause_of_a_document_are_told_from_the_register(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "PR-08", standards=("ISO 9001",))
    await add(database, identity, "PR-09")
    await set_up(database, identity, "PR-08", owner=identity.user_id, clause="8.7")
    context = make_context(database, identity)
    owner = await tell_owner(context, "Qui est responsable de PR-08 ?", "chat")
    assert owner == "**PR-08**, version 1 – Titre de PR-08\u00a0: responsable, Essai."
    clause = await tell_standards(context, "Quelle clause couvre PR-08 ?", "chat")
    assert clause.endswith("ISO 9001, clause 8.7.")
    assert "aucun responsable" in await tell_owner(context, "Responsable de PR-09 ?", "chat")
    assert "aucune norme" in await tell_standards(context, "Quelle norme pour PR-09 ?", "chat")


async def test_late_reviews_alone_are_listed_when_asked_for(
    database: Database, identity: Identity
) -> None:
    context, late = (
        make_context(database, identity),
        "Quels documents sont en retard de relecture ?",
    )
    await add(database, identity, "PR-08")
    await set_up(database, identity, "PR-08", review=LATER)
    assert "Aucun document n’est en retard" in await tell_reviews(context, late, "chat")
    await add(database, identity, "PR-09")
    await set_up(database, identity, "PR-09", review=EARLIER)
    told = await tell_reviews(context, late, "chat")
    assert "PR-09" in told and "PR-08" not in told
    assert "PR-08" in await tell_reviews(context, "Quels documents sont à réviser ?", "chat")


async def test_the_table_is_given_where_it_can_be_taken(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "PR-08")
    context, asked = make_context(database, identity), "Exporte les documents en vigueur en Excel"
    link = "(/api/v1/knowledge/documents.xlsx)"
    assert link in await tell_table(context, asked, "chat")
    assert link in await tell_in_force(context, "Quels documents sont en vigueur ?", "chat")
    assert "voltaire documents --xlsx" in await tell_table(context, asked, "cli")
    assert "page de conversation" in await tell_table(context, asked, "api")
    dated = await tell_table(
        context, "La liste des documents en vigueur au 1er mars 2025 au format Excel", "chat"
    )
    assert "as_of=2025-03-01" in dated


async def test_what_changed_since_a_day_is_listed(database: Database, identity: Identity) -> None:
    await add(database, identity, "PR-08", kind="procedure", valid_from=dt.date(2026, 10, 1))
    await add(database, identity, "PR-09", kind="procedure", valid_from=dt.date(2025, 1, 1))
    await add(database, identity, "PR-10", kind="procedure", valid_from=LATER)
    await add(database, identity, "IN-06", kind="instruction", status="withdrawn",
              valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2026, 9, 30))  # fmt: skip
    context = make_context(database, identity)
    told = await tell_changed(context, "Quels documents ont changé depuis septembre ?", "chat")
    assert "2\u00a0versions ont changé du 01/09/2026 au" in told
    assert "**PR-08**" in told and "retirée" in told and "PR-09" not in told
    told = await tell_changed(context, "Quelles procédures ont changé depuis septembre ?", "chat")
    assert "**PR-08**" in told and "IN-06" not in told
    with pytest.raises(InvalidInput, match="depuis quand"):
        await tell_changed(context, "Quels documents ont changé ?", "chat")


async def test_a_document_that_does_not_apply_is_said_to_be_so(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "IN-06", status="withdrawn",
              valid_from=dt.date(2020, 1, 1), valid_to=dt.date(2025, 12, 31))  # fmt: skip
    await add(database, identity, "PR-08", valid_from=dt.date(2019, 3, 1))
    await add(database, identity, "PR-11", access=("admin",), status="draft")
    answer = await ask(database, identity, "Que dit IN-06 ?")
    assert answer.status == "unanswered"
    assert "retirée" in answer.text and "jusqu’au 31/12/2025" in answer.text
    answer = await ask(database, identity, "Que disait IN-06 au 31/12/2025 ?")
    assert answer.status == "answered" and TEXT in answer.text
    answer = await ask(database, identity, "Que disait PR-08 au 3 février 1990 ?")
    assert "première version de PR-08" in answer.text and "01/03/2019" in answer.text
    answer = await ask(database, identity, "Que dit PR-11 ?")
    assert answer.status == "unanswered" and "brouillon" not in answer.text


async def test_a_name_that_a_document_bears_is_not_said_to_be_nowhere(
    database: Database, identity: Identity
) -> None:
    await add(database, identity, "PR-08")
    answer = await ask(database, identity, "le numéro de téléphone d'Odile Brancourt ?")
    assert "nom complet du client" not in answer.text
    assert "PR-08" in answer.text
