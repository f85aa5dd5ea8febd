"""The user's past conversations, and the proofs and tables of each answer."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from agents.portfolio_assistant.models import Answer, Table
from api.identities import Reader, ServicesOf
from api.paging import PageOf
from chat.citations import describe_citation
from chat.conversations import (
    Conversation,
    ConversationFilter,
    find_conversation,
    get_answer,
    get_citation,
    list_conversations,
    list_turns,
)
from core.errors import NotFound
from core.formats import label_totals
from tools.exporting import defuse

router = APIRouter()

PRIVATE = {"cache-control": "no-store"}


class TurnOut(BaseModel):
    """A question of a conversation and its answer."""

    id: UUID
    question: str
    status: str
    answer: Answer | None


class ConversationOut(BaseModel):
    """A conversation and its turns."""

    conversation: Conversation
    turns: list[TurnOut]


@router.get("/conversations")
async def get_conversations(
    reader: Reader, services: ServicesOf, page: PageOf
) -> list[Conversation]:
    """The user's conversations on every surface, the latest first."""
    found = await list_conversations(services.database, reader, page.reach, ConversationFilter())
    return page.cut(found)


@router.get("/conversations/{conversation_id}")
async def get_conversation(
    conversation_id: UUID, reader: Reader, services: ServicesOf
) -> ConversationOut:
    """A conversation of the user with its questions and answers."""
    conversation = await find_conversation(services.database, reader, conversation_id)
    if conversation is None:
        raise NotFound("Cette conversation n’existe pas, ou elle n’est pas la vôtre.")
    turns = await list_turns(services.database, reader, conversation_id)
    shown = [
        TurnOut(id=turn.id, question=turn.question, status=turn.status, answer=turn.answer)
        for turn in turns
    ]
    return ConversationOut(conversation=conversation, turns=shown)


@router.get("/turns/{turn_id}/citations/{number}")
async def get_turn_citation(
    turn_id: UUID, number: int, reader: Reader, services: ServicesOf
) -> PlainTextResponse:
    """What proves source `number` of an answer, as Markdown."""
    citation = await get_citation(services.database, reader, turn_id, number)
    text = await describe_citation(services.database, reader, citation)
    return PlainTextResponse(
        text, media_type="text/markdown", headers={"cache-control": "no-store"}
    )


@router.get("/turns/{turn_id}/tables/{number}.csv")
async def get_turn_table(
    turn_id: UUID, number: int, reader: Reader, services: ServicesOf
) -> Response:
    """Table `number` of an answer for a spreadsheet: UTF-8 with BOM, semicolons."""
    answer = await get_answer(services.database, reader, turn_id)
    for table in answer.tables:
        if table.number == number:
            name = f'attachment; filename="voltaire-tableau-{number}.csv"'
            return Response(
                write_csv(table),
                media_type="text/csv; charset=utf-8",
                headers={**PRIVATE, "content-disposition": name},
            )
    raise NotFound(f"Cette réponse n’a pas de tableau numéro {number}.")


def write_csv(table: Table) -> bytes:
    """`table` as a spreadsheet opens it; a cell that would run as a formula is made text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.label for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [
                cell if column.is_numeric else defuse(cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
        )
    if table.totals:
        writer.writerow(label_totals(table.totals))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()
