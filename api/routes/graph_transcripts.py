"""Notifications of Microsoft Graph: a transcript has appeared in Teams."""

from __future__ import annotations

import asyncio
import hmac
import logging
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from agents.meeting_synthesis.desk import Desk
from api.identities import ServicesOf
from api.routes.minutes import write_logged
from api.services import Services
from core.context import Identity
from core.errors import NotAllowed, NotFound, VoltaireError
from ingest.meetings.graph import GraphTranscripts, TranscriptAddress, parse_resource

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/graph/transcripts")
MAX_NOTIFICATIONS = 200


class Notification(BaseModel):
    """One change, as Graph tells it."""

    model_config = ConfigDict(extra="ignore")

    client_state: str | None = Field(default=None, alias="clientState")
    change_type: str | None = Field(default=None, alias="changeType")
    lifecycle_event: str | None = Field(default=None, alias="lifecycleEvent")
    resource: str = ""


class Notifications(BaseModel):
    """A batch of changes."""

    model_config = ConfigDict(extra="ignore")

    value: list[Notification] = Field(
        default_factory=list[Notification], max_length=MAX_NOTIFICATIONS
    )


@router.post("/notifications")
async def receive_transcript_notifications(
    services: ServicesOf,
    work: BackgroundTasks,
    body: Notifications | None = None,
    token: Annotated[str | None, Query(alias="validationToken", max_length=2000)] = None,
) -> Response:
    """Echo the validation token, or accept the changes at once and fetch them afterwards.

    A change without our own secret is refused: nothing of it is read.
    """
    if token is not None:
        return PlainTextResponse(token)
    secret = services.settings.graph_transcripts_state
    if secret is None or services.desk is None:
        raise NotFound("Les notifications de Teams ne sont pas configurées sur cette instance.")
    changes = body.value if body else []
    expected = secret.get_secret_value().encode()
    if any(not hmac.compare_digest((c.client_state or "").encode(), expected) for c in changes):
        raise NotAllowed("Cette notification ne porte pas le secret de l’abonnement.")
    for change in changes:
        address = parse_resource(change.resource)
        if address is not None and change.change_type == "created":
            work.add_task(fetch_logged, services, services.desk, address)
    return Response(status_code=202)


async def fetch_logged(services: Services, desk: Desk, address: TranscriptAddress) -> None:
    """Fetch a transcript and write its minutes; failures are logged, Graph repeats itself."""
    leader = await asyncio.to_thread(services.find_leader)
    if leader is None:
        return
    try:
        await fetch_minutes(make_client(services), desk, leader, address)
    except VoltaireError as error:
        logger.warning("Transcription Teams non lue : %s", error.message)
    except Exception:
        logger.exception("Transcription Teams interrompue")


async def fetch_minutes(
    client: GraphTranscripts, desk: Desk, identity: Identity, address: TranscriptAddress
) -> None:
    """Fetch, keep and summarise one transcript; the same one twice is one."""
    content = await client.get_content(address)
    invitation = await client.get_invitation(address)
    transcript_id = await desk.receive(
        identity, f"{address.transcript_id}.vtt", content, invitation, origin="graph",
        external_id=f"graph:{address.transcript_id}",
    )  # fmt: skip
    await write_logged(desk, identity, await desk.start(identity, transcript_id))


def make_client(services: Services) -> GraphTranscripts:
    """The client that the settings describe."""
    settings = services.settings

    async def get_token() -> str:
        if settings.graph_token is None:
            raise NotFound("VOLTAIRE_GRAPH_TOKEN n’est pas renseigné : Teams ne peut pas être lu.")
        return settings.graph_token.get_secret_value()

    return GraphTranscripts(get_token, settings.graph_base_url)
