"""Conversations and their turns: the assistant's own rows, seen by their user alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from agents.portfolio_assistant.models import Answer, DocumentCitation
from core.context import Identity
from core.database import Connection, Database
from core.errors import NotFound
from core.formats import shorten
from crm.proofs import ProvedTurn, record_proof
from tools.outputs import ToolOutput

Surface = Literal["chat", "api", "cli"]
TITLE_CHARS = 80
RECALLED_TURNS = 6

INSERT_CONVERSATION = """
INSERT INTO conversations (id, tenant_id, user_id, surface, title) VALUES (%s, %s, %s, %s, %s)
"""
GET_CONVERSATION = "SELECT id FROM conversations WHERE id = %s"
LIST_CONVERSATIONS = """
SELECT id, surface, title, created_at, updated_at FROM conversations
ORDER BY updated_at DESC LIMIT %s
"""
LIST_TURNS = """
SELECT id, question, status, answer FROM turns WHERE conversation_id = %s ORDER BY ordinal
"""
INSERT_TURN = """
INSERT INTO turns (id, tenant_id, user_id, conversation_id, ordinal, question, status,
                   prompt_sha256)
SELECT %s, %s, %s, %s, coalesce(max(ordinal), 0) + 1, %s, 'running', %s
FROM turns WHERE conversation_id = %s
"""
FINISH_TURN = """
UPDATE turns SET status = %s, answer = %s, engine = %s, answered_at = clock_timestamp()
WHERE id = %s RETURNING id, asked_at, prompt_sha256
"""
TOUCH_CONVERSATION = "UPDATE conversations SET updated_at = clock_timestamp() WHERE id = %s"
INSERT_TOOL_RUN = """
INSERT INTO tool_runs (id, tenant_id, user_id, turn_id, ordinal, tool_use_id, tool, arguments,
                       result, started_at, duration_ms)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
CLEAR_TOOL_RUNS = "DELETE FROM tool_runs WHERE turn_id = %s"


@dataclass(frozen=True)
class ConversationRow:
    """A conversation in a list, its title cut.

    The database keeps it whole: half a name could not be erased.
    """

    id: UUID
    surface: str
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class TurnRow:
    """A question and its answer (None while it runs, or when it failed)."""

    id: UUID
    question: str
    status: str
    answer: Answer | None


@dataclass(frozen=True)
class NewToolRun:
    """A tool run to be stored."""

    id: UUID
    turn_id: UUID
    ordinal: int
    tool_use_id: str
    tool: str
    arguments: Mapping[str, Any]
    output: ToolOutput
    started_at: dt.datetime
    duration_ms: int


async def list_conversations(
    database: Database, identity: Identity, limit: int = 50
) -> list[ConversationRow]:
    """The user's conversations, the latest first."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_CONVERSATIONS, (limit,))).fetchall()
    whole = [ConversationRow(**row) for row in rows]
    return [replace(one, title=shorten(one.title, TITLE_CHARS)) for one in whole]


async def list_turns(
    database: Database, identity: Identity, conversation_id: UUID
) -> list[TurnRow]:
    """The turns of one of the user's conversations, in order; NotFound for another's."""
    async with database.transaction(identity) as connection:
        await _check_conversation(connection, conversation_id)
        rows = await (await connection.execute(LIST_TURNS, (conversation_id,))).fetchall()
    return [
        TurnRow(r["id"], r["question"], r["status"],
                Answer.model_validate(r["answer"]) if r["answer"] else None)
        for r in rows
    ]  # fmt: skip


async def start_turn(
    database: Database,
    identity: Identity,
    question: str,
    conversation_id: UUID | None,
    surface: Surface,
    prompt_sha256: str,
) -> tuple[UUID, UUID]:
    """Open a turn (and its conversation if need be); returns the two ids."""
    turn_id = uuid4()
    async with database.transaction(identity) as connection:
        if conversation_id is None:
            conversation_id = uuid4()
            await connection.execute(
                INSERT_CONVERSATION,
                (
                    conversation_id,
                    identity.tenant_id,
                    identity.user_id,
                    surface,
                    " ".join(question.split()),
                ),
            )
        else:
            await _check_conversation(connection, conversation_id)
        await connection.execute(
            INSERT_TURN,
            (turn_id, identity.tenant_id, identity.user_id, conversation_id, question,
             prompt_sha256, conversation_id),
        )  # fmt: skip
    return conversation_id, turn_id


async def finish_turn(database: Database, identity: Identity, answer: Answer) -> None:
    """Store the answer of a turn, and seal the proof of what it rests on."""
    plain = json.loads(answer.model_dump_json())
    stored = Jsonb(plain)
    cited = [one for one in answer.citations if isinstance(one, DocumentCitation)]
    versions = list({one.version_id for one in cited})
    passages = list({one.chunk_id for one in cited})
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(
            FINISH_TURN, (answer.status, stored, answer.engine, answer.turn_id)
        )
        row = await cursor.fetchone()
        await connection.execute(TOUCH_CONVERSATION, (answer.conversation_id,))
        if row is not None:
            turn = ProvedTurn(**row)
            await record_proof(connection, identity, turn, plain, versions, passages)


async def fail_turn(database: Database, identity: Identity, turn_id: UUID, engine: str) -> None:
    """Mark a turn that could not be answered."""
    async with database.transaction(identity) as connection:
        await connection.execute(FINISH_TURN, ("failed", None, engine, turn_id))


async def add_tool_run(database: Database, identity: Identity, run: NewToolRun) -> None:
    """Store a tool run beside its turn."""
    async with database.transaction(identity) as connection:
        await connection.execute(
            INSERT_TOOL_RUN,
            (run.id, identity.tenant_id, identity.user_id, run.turn_id, run.ordinal,
             run.tool_use_id, run.tool, Jsonb(dict(run.arguments)),
             Jsonb(json.loads(run.output.model_dump_json())), run.started_at, run.duration_ms),
        )  # fmt: skip


async def clear_tool_runs(database: Database, identity: Identity, turn_id: UUID) -> None:
    """Forget the runs of an attempt that came to no answer, before another one."""
    async with database.transaction(identity) as connection:
        await connection.execute(CLEAR_TOOL_RUNS, (turn_id,))


async def _check_conversation(connection: Connection, conversation_id: UUID) -> None:
    row = await (await connection.execute(GET_CONVERSATION, (conversation_id,))).fetchone()
    if row is None:
        raise NotFound("Cette conversation n’existe pas ou n’est pas la vôtre.")
