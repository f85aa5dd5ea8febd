"""Conversations, turns and feedback of a user, read and kept through row-level security."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from agents.portfolio_assistant.conversations import TITLE_CHARS
from agents.portfolio_assistant.models import Answer, Citation, Table
from core.context import Identity
from core.database import Database
from core.errors import NotFound
from core.formats import shorten
from tools.outputs import Rows

LIST_CONVERSATIONS = """
SELECT c.id, c.title, c.surface, c.created_at, c.updated_at
FROM conversations c
WHERE c.tenant_id = %(tenant)s
  AND (%(surface)s::text IS NULL OR c.surface = %(surface)s)
  AND (%(before)s::timestamptz IS NULL OR c.updated_at < %(before)s)
  AND (%(search)s::text IS NULL OR c.title ILIKE %(search)s OR EXISTS (
        SELECT FROM turns t WHERE t.tenant_id = c.tenant_id AND t.conversation_id = c.id
        AND (t.question ILIKE %(search)s OR t.answer ->> 'text' ILIKE %(search)s))
      OR EXISTS (
        SELECT FROM conversation_cards k
        WHERE k.tenant_id = c.tenant_id AND k.conversation_id = c.id
        AND k.request ILIKE %(search)s))
  AND (%(feedback)s::int IS NULL OR EXISTS (
        SELECT FROM turns t
        JOIN feedback f ON f.tenant_id = t.tenant_id AND f.turn_id = t.id
        WHERE t.tenant_id = c.tenant_id AND t.conversation_id = c.id
        AND f.value = %(feedback)s))
  AND (EXISTS (
        SELECT FROM turns t WHERE t.tenant_id = c.tenant_id AND t.conversation_id = c.id)
    OR EXISTS (
        SELECT FROM conversation_cards k
        WHERE k.tenant_id = c.tenant_id AND k.conversation_id = c.id))
ORDER BY c.updated_at DESC
LIMIT %(limit)s
"""
GET_CONVERSATION = """
SELECT id, title, surface, created_at, updated_at FROM conversations
WHERE tenant_id = %s AND id = %s
"""
LIST_TURNS = """
SELECT t.id, t.ordinal, t.question, t.status, t.answer, t.asked_at, t.answered_at,
       f.value AS feedback, f.comment AS feedback_comment
FROM turns t
LEFT JOIN feedback f ON f.tenant_id = t.tenant_id AND f.turn_id = t.id
WHERE t.tenant_id = %s AND t.conversation_id = %s
ORDER BY t.ordinal
"""
GET_ANSWER = "SELECT answer FROM turns WHERE tenant_id = %s AND id = %s"
GET_RUN = "SELECT result FROM tool_runs WHERE tenant_id = %s AND turn_id = %s AND id = %s"
LIST_TOOL_RUNS = """
SELECT r.id, r.turn_id, r.tool, r.result, r.started_at, r.duration_ms
FROM tool_runs r
JOIN turns t ON t.tenant_id = r.tenant_id AND t.id = r.turn_id
WHERE r.tenant_id = %s AND t.conversation_id = %s
ORDER BY t.ordinal, r.ordinal
"""
OPEN_CONVERSATION = """
INSERT INTO conversations (id, tenant_id, user_id, surface, title)
VALUES (%s, %s, %s, 'chat', %s)
ON CONFLICT (tenant_id, id) DO NOTHING
"""
RENAME = "UPDATE conversations SET title = %s WHERE tenant_id = %s AND id = %s"
DELETE = "DELETE FROM conversations WHERE tenant_id = %s AND id = %s"
WITHDRAW_FEEDBACK = "DELETE FROM feedback WHERE tenant_id = %s AND turn_id = %s AND user_id = %s"


@dataclass(frozen=True)
class Conversation:
    """A conversation as a list shows it."""

    id: UUID
    title: str
    surface: str
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True)
class Turn:
    """A question and, once given, its answer and the user's opinion of it (-1 or 1)."""

    id: UUID
    ordinal: int
    question: str
    status: str
    answer: Answer | None
    asked_at: dt.datetime
    answered_at: dt.datetime | None
    feedback: int | None
    feedback_comment: str | None


@dataclass(frozen=True)
class ToolRun:
    """A tool that ran for a turn."""

    id: UUID
    turn_id: UUID
    tool: str
    result: dict[str, Any]
    started_at: dt.datetime
    duration_ms: int


@dataclass(frozen=True)
class ConversationFilter:
    """Which conversations to list; None does not filter."""

    surface: str | None = None
    before: dt.datetime | None = None
    search: str | None = None
    feedback: int | None = None


async def list_conversations(
    database: Database, identity: Identity, limit: int, wanted: ConversationFilter
) -> list[Conversation]:
    """The user's conversations that hold a question or a card, the latest first."""
    search = None if not wanted.search else f"%{_escape_like(wanted.search)}%"
    parameters = {
        "tenant": identity.tenant_id,
        "surface": wanted.surface,
        "before": wanted.before,
        "search": search,
        "feedback": wanted.feedback,
        "limit": limit,
    }
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_CONVERSATIONS, parameters)).fetchall()
    return [_show(row) for row in rows]


async def find_conversation(
    database: Database, identity: Identity, conversation_id: UUID
) -> Conversation | None:
    """The conversation if it exists and is the user's."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(GET_CONVERSATION, (identity.tenant_id, conversation_id))
        row = await cursor.fetchone()
    return _show(row) if row else None


async def list_turns(database: Database, identity: Identity, conversation_id: UUID) -> list[Turn]:
    """The turns of a conversation, the first one first."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_TURNS, (identity.tenant_id, conversation_id))
        rows = await cursor.fetchall()
    return [_read_turn(row) for row in rows]


async def list_tool_runs(
    database: Database, identity: Identity, conversation_id: UUID
) -> list[ToolRun]:
    """The tools that ran in a conversation, in their order."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_TOOL_RUNS, (identity.tenant_id, conversation_id))
        rows = await cursor.fetchall()
    return [ToolRun(**row) for row in rows]


async def get_answer(database: Database, identity: Identity, turn_id: UUID) -> Answer:
    """The answer of a turn of the user. Raises NotFound."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(GET_ANSWER, (identity.tenant_id, turn_id))).fetchone()
    if row is None or row["answer"] is None:
        raise NotFound("Cette réponse n’existe pas, ou elle n’est pas la vôtre.")
    return Answer.model_validate(row["answer"])


async def get_citation(
    database: Database, identity: Identity, turn_id: UUID, number: int
) -> Citation:
    """The source `number` of an answer. Raises NotFound."""
    answer = await get_answer(database, identity, turn_id)
    for citation in answer.citations:
        if citation.number == number:
            return citation
    raise NotFound(f"Cette réponse n’a pas de source numéro {number}.")


async def get_table(database: Database, identity: Identity, turn_id: UUID, number: int) -> Table:
    """The table `number` of an answer. Raises NotFound."""
    answer = await get_answer(database, identity, turn_id)
    for table in answer.tables:
        if table.number == number:
            return table
    raise NotFound(f"Cette réponse n’a pas de tableau numéro {number}.")


async def find_table_rows(
    database: Database, identity: Identity, turn_id: UUID, table: Table
) -> Rows | None:
    """The rows that a table was written from, None where they were not kept."""
    async with database.transaction(identity) as connection:
        values = (identity.tenant_id, turn_id, table.run_id)
        row = await (await connection.execute(GET_RUN, values)).fetchone()
    is_rows = row is not None and row["result"].get("kind") == "rows"
    return Rows.model_validate(row["result"]) if row is not None and is_rows else None


async def open_conversation(
    database: Database, identity: Identity, conversation_id: UUID, question: str
) -> None:
    """Make sure the conversation exists, titled after its first question."""
    async with database.transaction(identity) as connection:
        await connection.execute(
            OPEN_CONVERSATION,
            (conversation_id, identity.tenant_id, identity.user_id, _flatten_title(question)),
        )


async def rename_conversation(
    database: Database, identity: Identity, conversation_id: UUID, title: str
) -> None:
    """Give a conversation of the user another title; the one that lists show is no other."""
    kept = _flatten_title(title)
    held = await find_conversation(database, identity, conversation_id)
    if held is None or held.title == kept:
        return
    async with database.transaction(identity) as connection:
        await connection.execute(RENAME, (kept, identity.tenant_id, conversation_id))


async def delete_conversation(
    database: Database, identity: Identity, conversation_id: UUID
) -> None:
    """Delete a conversation of the user with all it holds."""
    async with database.transaction(identity) as connection:
        await connection.execute(DELETE, (identity.tenant_id, conversation_id))


async def withdraw_feedback(database: Database, identity: Identity, turn_id: UUID) -> None:
    """Forget the user's opinion of an answer."""
    async with database.transaction(identity) as connection:
        await connection.execute(WITHDRAW_FEEDBACK, (identity.tenant_id, turn_id, identity.user_id))


def _flatten_title(text: str) -> str:
    """A title to keep, whole: half a name could not be erased."""
    return " ".join(text.replace("\0", "").split()) or "Conversation"


def _show(row: DictRow) -> Conversation:
    """A conversation as the database keeps it, its title cut for lists."""
    whole = Conversation(**row)
    return replace(whole, title=shorten(whole.title, TITLE_CHARS))


def _escape_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", "")


def _read_turn(row: dict[str, Any]) -> Turn:
    values = dict(row)
    stored = values.pop("answer")
    return Turn(**values, answer=Answer.model_validate(stored) if stored else None)
