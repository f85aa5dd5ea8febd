"""What the chat shows besides answers (minutes, approvals, digest…), kept so that it replays.

A kind is registered once with what writes it again from its reference, as the user who reopens
the conversation may see it then: nothing is shown that they may no longer read.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import chainlit as cl
from chainlit.step import StepDict
from psycopg.types.json import Jsonb

from chat.conversations import open_conversation
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.texts import ASSISTANT_NAME
from core.context import Identity
from core.database import Database
from core.errors import VoltaireError

logger = logging.getLogger(__name__)
REQUEST_CHARS = 4000
LOST = "Ce contenu ne peut plus être affiché."
INSERT = """
INSERT INTO conversation_cards (id, tenant_id, user_id, conversation_id, kind, request, reference)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
TOUCH = """
UPDATE conversations SET updated_at = clock_timestamp() WHERE tenant_id = %s AND id = %s
"""
LIST = """
SELECT id, kind, request, reference, shown_at FROM conversation_cards
WHERE tenant_id = %s AND conversation_id = %s ORDER BY shown_at
"""
Reference = Mapping[str, Any]
Replay = Callable[[Identity, Reference], Awaitable[str]]
_replays: dict[str, Replay] = {}


@dataclass(frozen=True)
class Shown:
    """Something shown: its kind, what the user had said, and what names it."""

    id: UUID
    kind: str
    request: str
    reference: Reference
    shown_at: dt.datetime


def replays(kind: str) -> Callable[[Replay], Replay]:
    """Register what writes `kind` again, as Markdown. May raise VoltaireError."""

    def register(replay: Replay) -> Replay:
        _replays[kind] = replay
        return replay

    return register


async def keep_shown(kind: str, request: str, reference: Reference) -> None:
    """Keep what has just been shown in the conversation of this session."""
    services, identity = get_chat_services(), await get_current_identity()
    conversation_id = UUID(cl.context.session.thread_id)
    await open_conversation(services.database, identity, conversation_id, request)
    await add_shown(services.database, identity, conversation_id, kind, request, reference)


async def add_shown(
    database: Database,
    identity: Identity,
    conversation_id: UUID,
    kind: str,
    request: str,
    reference: Reference,
) -> None:
    """Keep something shown in a conversation of the user."""
    said = request.replace("\0", "")[:REQUEST_CHARS]
    tenant_id = identity.tenant_id
    async with database.transaction(identity) as connection:
        await connection.execute(
            INSERT,
            (uuid4(), tenant_id, identity.user_id, conversation_id, kind, said,
             Jsonb(dict(reference))),
        )  # fmt: skip
        await connection.execute(TOUCH, (tenant_id, conversation_id))


async def list_shown(database: Database, identity: Identity, conversation_id: UUID) -> list[Shown]:
    """What was shown in a conversation of the user, in order."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST, (identity.tenant_id, conversation_id))
        return [Shown(**row) for row in await cursor.fetchall()]


async def write_shown(thread_id: str, identity: Identity, shown: Shown) -> list[StepDict]:
    """The user's words, then what answered them, written again."""
    asked = _write_step(thread_id, shown, "user_message", "Vous", shown.request)
    answer = await _replay(identity, shown)
    return [asked, _write_step(thread_id, shown, "assistant_message", ASSISTANT_NAME, answer)]


async def _replay(identity: Identity, shown: Shown) -> str:
    replay = _replays.get(shown.kind)
    if replay is None:
        return LOST
    try:
        return await replay(identity, shown.reference)
    except VoltaireError as error:
        return error.message
    except Exception:
        logger.exception("Contenu d’une conversation illisible : %s", shown.kind)
        return LOST


def _write_step(thread_id: str, shown: Shown, kind: Any, name: str, text: str) -> StepDict:
    moment = shown.shown_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return StepDict(
        id=str(uuid5(NAMESPACE_URL, f"{shown.id}/{kind}")),
        threadId=thread_id,
        parentId=None,
        name=name,
        type=kind,
        output=text,
        createdAt=moment,
        start=moment,
        end=moment,
    )
