"""Tender files in the history: a turn that bears the analysis's id, and is read from it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.tender_scoring.storage import StoredAnalysis, find_analyses, get_analysis
from chat.conversations import open_conversation
from chat.tender_cards import Shown, write_shown
from core.context import Identity
from core.database import Database

INSERT_TURN = """
INSERT INTO turns (id, tenant_id, user_id, conversation_id, ordinal, question, status, answered_at)
SELECT %(id)s, %(tenant)s, %(user)s, %(conversation)s, coalesce(max(ordinal), 0) + 1,
    %(question)s, 'answered', clock_timestamp()
FROM turns WHERE tenant_id = %(tenant)s AND conversation_id = %(conversation)s
ON CONFLICT DO NOTHING
"""
TOUCH = """
UPDATE conversations SET updated_at = clock_timestamp() WHERE tenant_id = %s AND id = %s
"""
QUESTION = "Dossier d’appel d’offres déposé\u00a0: {label}"


async def open_turn(
    database: Database, identity: Identity, conversation: UUID, stored: StoredAnalysis
) -> None:
    """Note in the conversation that this file was dropped."""
    question = QUESTION.format(label=stored.label)
    await open_conversation(database, identity, conversation, question)
    async with database.transaction(identity) as connection:
        await connection.execute(INSERT_TURN, {
            "id": stored.id, "tenant": identity.tenant_id, "user": identity.user_id,
            "conversation": conversation, "question": question,
        })  # fmt: skip
        await connection.execute(TOUCH, (identity.tenant_id, conversation))


async def list_tenders(
    database: Database, identity: Identity, turns: Sequence[UUID]
) -> dict[UUID, Shown]:
    """What to show of the turns that are tender files, as their analyses stand now."""
    if not turns:
        return {}
    return {
        id_: write_shown(await get_analysis(database, identity, id_))
        for id_ in await find_analyses(database, identity, turns)
    }
