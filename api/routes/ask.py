"""A question and its answer, streamed as server-sent events or given whole."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from agents.portfolio_assistant.models import Answer, AnswerReady, AssistantEvent
from api.identities import Asker, ServicesOf
from api.problems import UNEXPECTED, problem
from api.streams import read_apart
from chat.services import Surface
from core.errors import VoltaireError

logger = logging.getLogger(__name__)
router = APIRouter()

HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Question(BaseModel):
    """A question, within a conversation when one is named."""

    model_config = ConfigDict(extra="forbid")

    question: str
    conversation_id: UUID | None = None


@router.post("/ask", response_model=Answer)
async def ask(body: Question, request: Request, identity: Asker, services: ServicesOf) -> Response:
    """Answer a question of the signed-in user.

    With `Accept: application/json` the verified answer comes alone; otherwise every event
    comes as it happens, its type as the event's name.
    """
    surface: Surface = "cli" if request.headers.get("x-voltaire-surface") == "cli" else "api"
    events = services.assistant.ask(
        identity, body.question, conversation_id=body.conversation_id, surface=surface
    )
    if "application/json" in request.headers.get("accept", ""):
        answer = await collect_answer(events)
        return Response(answer.model_dump_json(), media_type="application/json", headers=HEADERS)
    events = read_apart(events)
    first = await anext(events)
    return StreamingResponse(
        stream_events(first, events), media_type="text/event-stream", headers=HEADERS
    )


async def collect_answer(events: AsyncIterator[AssistantEvent]) -> Answer:
    """The verified answer at the end of `events`."""
    answer: Answer | None = None
    async for event in events:
        if isinstance(event, AnswerReady):
            answer = event.answer
    if answer is None:
        raise VoltaireError(UNEXPECTED)
    return answer


async def stream_events(
    first: AssistantEvent, events: AsyncIterator[AssistantEvent]
) -> AsyncIterator[str]:
    """`first`, then the rest, encoded; an error ends the stream as an `error` event."""
    yield encode_event(first.type, first.model_dump_json())
    try:
        async for event in events:
            yield encode_event(event.type, event.model_dump_json())
    except VoltaireError as error:
        yield encode_event("error", json.dumps(problem(error.status, error.message)))
    except Exception:
        logger.exception("Réponse interrompue")
        yield encode_event("error", json.dumps(problem(500, UNEXPECTED)))


def encode_event(name: str, data: str) -> str:
    """One server-sent event; `data` is a JSON document on one line."""
    return f"event: {name}\ndata: {data}\n\n"
