"""Approved answers asked again: what a changed document would change, and nothing else."""

from __future__ import annotations

import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.impact import compare, list_approved, replay
from agents.portfolio_assistant.models import AnswerReady
from core.context import Identity, frozen_clock
from core.database import Database
from crm.feedback import give_feedback, review_feedback
from evals.passages import PassageFile, store_passages
from tests.conftest import writing
from tests.integration.changes import TODAY

QUESTION = "Sous quel délai accuse-t-on réception d’une réclamation ?"
RULE = "Une réclamation reçoit un accusé de réception sous 2 jours ouvrés."


@pytest.fixture
async def assistant(database: Database, identity: Identity) -> Assistant:
    file = PassageFile("PR-08", "Réclamations", (("Délais", RULE),))
    await store_passages(database, identity, file)
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    events = [event async for event in assistant.ask(identity, QUESTION, surface="api")]
    assert isinstance(events[-1], AnswerReady)
    turn = events[-1].answer.turn_id
    await give_feedback(database, identity, turn, 1, None)
    await review_feedback(database, identity, turn, identity.user_id, "kept")
    return assistant


async def changes(assistant: Assistant, identity: Identity) -> list[str]:
    approved = await list_approved(assistant, identity)
    (one,) = [found async for found in replay(assistant, identity, approved)]
    return list(one.changes)


async def test_an_unchanged_base_changes_no_approved_answer(
    assistant: Assistant, identity: Identity
) -> None:
    assert await changes(assistant, identity) == []
    assert len(await assistant.list_conversations(identity)) == 1


async def test_an_answer_that_is_no_longer_sure_is_told(
    assistant: Assistant, identity: Identity
) -> None:
    (approved,) = await list_approved(assistant, identity)
    (turn,) = await assistant.list_turns(
        identity, (await assistant.list_conversations(identity))[0].id
    )
    assert turn.answer is not None
    unsure = turn.answer.model_copy(
        update={"status": "uncertain", "text": f"À vérifier.\n\n{turn.answer.text}"}
    )
    assert compare(approved, turn.answer) == []
    assert compare(approved, unsure) == ["n’est plus affirmée, mais donnée à vérifier"]


async def test_another_version_in_force_changes_the_sentence_and_the_number(
    assistant: Assistant, database: Database, identity: Identity
) -> None:
    async with writing(database, identity) as connection:
        await connection.execute(
            "UPDATE document_versions SET status = 'superseded' WHERE tenant_id = %s",
            (identity.tenant_id,),
        )
    gone = await changes(assistant, identity)
    assert gone == ["n’a plus de réponse"]
    text = RULE.replace("2 jours", "5 jours")
    file = PassageFile("PR-08", "Réclamations", (("Délais", text),), label="B")
    await store_passages(database, identity, file)
    told = await changes(assistant, identity)
    assert told[0].startswith("ne cite plus PR-08") and told[1].startswith("cite désormais PR-08")
    assert told[2] == "nombres\u00a0: 2 devient 5"
