"""The calls that an outside program makes in a user's name: kept where the assistant's are.

One conversation a day and a user holds them, one turn a call, with its tool run.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from psycopg.types.json import Jsonb

from agents.portfolio_assistant.conversations import INSERT_TOOL_RUN
from core.context import Identity
from core.database import Database
from tools.outputs import Failure, ToolOutput

TITLE = "Programme relié (MCP)"
PROTOCOL = "mcp"

# The row stays locked to the end of the transaction: the turns of a day get their ranks in order.
OPEN_DAY = """
INSERT INTO conversations (id, tenant_id, user_id, surface, title) VALUES (%s, %s, %s, 'mcp', %s)
ON CONFLICT (tenant_id, id) DO UPDATE SET updated_at = clock_timestamp()
"""
INSERT_TURN = """
INSERT INTO turns (id, tenant_id, user_id, conversation_id, ordinal, question, status, engine,
                   answered_at)
SELECT %s, %s, %s, %s, coalesce(max(ordinal), 0) + 1, %s, %s, %s, clock_timestamp()
FROM turns WHERE conversation_id = %s
"""
LIST_KNOWN_IDS = """
SELECT DISTINCT found.id #>> '{}' AS id
FROM tool_runs r
JOIN turns t ON t.tenant_id = r.tenant_id AND t.id = r.turn_id
JOIN conversations c ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id
CROSS JOIN LATERAL (
    SELECT jsonb_path_query(r.result, '$.record_ids[*]') AS id
    UNION ALL SELECT jsonb_path_query(r.result, '$.mentions[*].candidates[*].record_id')
    UNION ALL SELECT jsonb_path_query(r.result, '$.proposal_id')
) AS found
WHERE c.surface = 'mcp' AND t.asked_at > clock_timestamp() - interval '24 hours'
"""


@dataclass(frozen=True)
class OutsideCall:
    """A call as it was made, `label` being the tool's French name."""

    tool: str
    label: str
    arguments: Mapping[str, Any]
    output: ToolOutput
    started_at: dt.datetime
    duration_ms: int


def name_day(identity: Identity, day: dt.date) -> UUID:
    """The conversation that holds a user's calls of a day."""
    return uuid5(identity.user_id, f"{PROTOCOL}:{day.isoformat()}")


async def keep_call(
    database: Database, identity: Identity, conversation_id: UUID, call: OutsideCall
) -> None:
    """Keep a call and what it gave, for its user alone."""
    turn_id, own = uuid4(), (identity.tenant_id, identity.user_id)
    status = "refused" if isinstance(call.output, Failure) else "answered"
    result = Jsonb(json.loads(call.output.model_dump_json()))
    async with database.transaction(identity) as connection:
        await connection.execute(OPEN_DAY, (conversation_id, *own, TITLE))
        await connection.execute(
            INSERT_TURN,
            (turn_id, *own, conversation_id, call.label, status, PROTOCOL, conversation_id),
        )
        await connection.execute(
            INSERT_TOOL_RUN,
            (uuid4(), *own, turn_id, 1, str(turn_id), call.tool, Jsonb(dict(call.arguments)),
             result, call.started_at, call.duration_ms),
        )  # fmt: skip


async def list_known_ids(database: Database, identity: Identity) -> frozenset[str]:
    """The records that such calls have shown the user in the last 24 hours."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_KNOWN_IDS)).fetchall()
    return frozenset(str(row["id"]) for row in rows if row["id"] is not None)
