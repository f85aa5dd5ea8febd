"""The user's past conversations, and the proofs and tables of each answer."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel

from agents.portfolio_assistant.models import Answer
from api.identities import Reader, ServicesOf
from api.paging import PageOf
from api.reading_page import write_page
from api.tables import write_csv, write_workbook
from chat.citations import describe_citation
from chat.conversations import (
    Conversation,
    ConversationFilter,
    find_conversation,
    find_table_rows,
    get_citation,
    get_table,
    list_conversations,
    list_turns,
)
from core.errors import InvalidInput, NotFound
from core.office import SHEET_TYPE
from crm.proofs import get_proof
from tools.figures import draw
from tools.proofs import write_proof

router = APIRouter()

PRIVATE = {"cache-control": "no-store"}
NO_FIGURE = "Ce tableau ne se dessine pas : un graphique demande une répartition et ses montants."


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


@router.get("/turns/{turn_id}/proof")
async def get_turn_proof(
    turn_id: UUID, request: Request, reader: Reader, services: ServicesOf
) -> Response:
    """The proof file of an answer, checked against the audit's chain, as Markdown.

    A browser, which accepts `text/html`, gets it as a page.
    """
    file = await get_proof(services.make_context(reader), turn_id)
    headers = {**PRIVATE, "x-voltaire-proof": "fault" if file.faults else "whole"}
    text = write_proof(file)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(write_page("Dossier de preuve – Voltaire", text), headers=headers)
    return PlainTextResponse(text, media_type="text/markdown", headers=headers)


@router.get("/turns/{turn_id}/tables/{number}.csv")
async def get_turn_table(
    turn_id: UUID, number: int, reader: Reader, services: ServicesOf
) -> Response:
    """Table `number` of an answer for a spreadsheet: UTF-8 with BOM, semicolons."""
    table = await get_table(services.database, reader, turn_id, number)
    return _attach(write_csv(table), "text/csv; charset=utf-8", f"voltaire-tableau-{number}.csv")


@router.get("/turns/{turn_id}/tables/{number}.xlsx")
async def get_turn_workbook(
    turn_id: UUID, number: int, reader: Reader, services: ServicesOf
) -> Response:
    """The same table as an Excel workbook, its numbers and dates as values."""
    table = await get_table(services.database, reader, turn_id, number)
    return _attach(write_workbook(table), SHEET_TYPE, f"voltaire-tableau-{number}.xlsx")


@router.get("/turns/{turn_id}/tables/{number}/figure")
async def get_turn_figure(
    turn_id: UUID, number: int, reader: Reader, services: ServicesOf
) -> JSONResponse:
    """The chart of a table of figures, for Plotly. Raises InvalidInput where it has none."""
    table = await get_table(services.database, reader, turn_id, number)
    rows = await find_table_rows(services.database, reader, turn_id, table)
    figure = draw(rows) if rows else None
    if figure is None:
        raise InvalidInput(NO_FIGURE)
    return JSONResponse(figure, headers=PRIVATE)


def _attach(content: bytes, media_type: str, name: str) -> Response:
    headers = {**PRIVATE, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
