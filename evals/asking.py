"""Asks the assistant as a user would, and gathers what its answer rests on."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.models import (
    Answer,
    AnswerReady,
    DocumentCitation,
    RecordCitation,
)
from core.context import Identity
from core.database import Database

CONCURRENCY = 4
READ_RUNS = "SELECT result FROM tool_runs WHERE id = ANY(%s)"
READ_TITLES = """
SELECT d.code || ' v' || v.label || ' – ' || d.title AS title
FROM documents d JOIN document_versions v ON v.tenant_id = d.tenant_id AND v.document_id = d.id
"""
READ_CHUNKS = "SELECT id, text FROM chunks WHERE id = ANY(%s)"
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Item = TypeVar("Item")
Result = TypeVar("Result")


class NoAnswer(Exception):
    """The assistant's events ended without an answer."""


@dataclass(frozen=True)
class Asked:
    """An answer with the texts it may draw its numbers from and the chunks it quotes.

    `titles` are those of documents, which the answer names and the user may read.
    """

    answer: Answer
    evidence: tuple[str, ...]
    chunks: Mapping[int, str]
    titles: tuple[str, ...]


async def ask(assistant: Assistant, identity: Identity, questions: Sequence[str]) -> Asked:
    """Ask each question in turn in one conversation; the last answer counts."""
    answer: Answer | None = None
    for question in questions:
        conversation = answer.conversation_id if answer else None
        answer = await _answer(assistant, identity, question, conversation)
    if answer is None:
        raise NoAnswer
    runs = await _read_runs(assistant.database, identity, answer)
    today = assistant.clock().date()
    titles = await _read_titles(assistant.database, identity)
    named = tuple(title for title in titles if title in answer.text)
    return Asked(
        answer,
        (*questions, *runs, *_shown(answer), *named, today.isoformat()),
        await _read_chunks(assistant.database, identity, answer),
        named,
    )


async def _read_titles(database: Database, identity: Identity) -> list[str]:
    async with database.transaction(identity) as connection:
        return [row["title"] for row in await (await connection.execute(READ_TITLES)).fetchall()]


async def _answer(
    assistant: Assistant, identity: Identity, question: str, conversation_id: UUID | None
) -> Answer:
    last: Answer | None = None
    stream = assistant.ask(identity, question, conversation_id=conversation_id, surface="api")
    async for event in stream:
        if isinstance(event, AnswerReady):
            last = event.answer
    if last is None:
        raise NoAnswer
    return last


async def _read_runs(database: Database, identity: Identity, answer: Answer) -> list[str]:
    """The stored rows of the cited runs, with their numbers of lines."""
    cited = [c for c in answer.citations if isinstance(c, RecordCitation)]
    if not cited:
        return []
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(READ_RUNS, ([c.tool_run_id for c in cited],))
        results = [row["result"] for row in await cursor.fetchall()]
    counts = [str(len(result.get("rows", []))) for result in results]
    return [UUID_TEXT.sub("", json.dumps(r, ensure_ascii=False)) for r in results] + counts


async def _read_chunks(database: Database, identity: Identity, answer: Answer) -> dict[int, str]:
    """The text of the quoted chunks, as this user may read it."""
    ids = [c.chunk_id for c in answer.citations if isinstance(c, DocumentCitation)]
    if not ids:
        return {}
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(READ_CHUNKS, (ids,))
        return {row["id"]: row["text"] for row in await cursor.fetchall()}


def _shown(answer: Answer) -> list[str]:
    cells = [cell for table in answer.tables for row in table.rows for cell in row]
    sums = [cell for table in answer.tables for cell in table.totals]
    sizes = [str(size) for table in answer.tables for size in (len(table.rows), table.total_rows)]
    quotes = [
        f"{c.quote} {c.code} {c.title} v{c.version_label} {c.version_label} {c.section} {c.page} "
        f"{c.valid_from} {c.valid_to}"
        for c in answer.citations
        if isinstance(c, DocumentCitation)
    ]
    return [*cells, *sums, *sizes, *quotes]


async def map_in_order(
    items: Sequence[Item], work: Callable[[Item], Awaitable[Result]]
) -> list[Result]:
    """Do `work` for each item, a few at a time; the results keep the items' order."""
    gate = asyncio.Semaphore(CONCURRENCY)

    async def one(item: Item) -> Result:
        async with gate:
            return await work(item)

    return list(await asyncio.gather(*(one(item) for item in items)))
