"""Microsoft Graph announces transcripts of Teams; those that could not be read wait here."""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Asker, Reader, ServicesOf
from api.paging import PageOf
from core.errors import NotAllowed, NotFound
from core.roles import OPERATORS
from ingest.meetings.arrivals import list_arrivals, put_back
from ingest.meetings.graph import parse_resource

router = APIRouter(prefix="/graph/transcripts")
MAX_NOTIFICATIONS = 200


class SetAside(BaseModel):
    """A transcript that could not be read, and why."""

    id: UUID
    graph_id: str
    attempts: int
    message: str | None
    announced_at: dt.datetime


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
    body: Notifications | None = None,
    token: Annotated[str | None, Query(alias="validationToken", max_length=2000)] = None,
) -> Response:
    """Echo the validation token, or note the changes at once: a job fetches them.

    A change without our own secret is refused: nothing of it is read.
    """
    if token is not None:
        return PlainTextResponse(token)
    secret, follow = services.settings.graph_transcripts_state, services.follow_transcript
    if secret is None or follow is None:
        raise NotFound("Les notifications de Teams ne sont pas configurées sur cette instance.")
    changes = body.value if body else []
    expected = secret.get_secret_value().encode()
    if any(not hmac.compare_digest((c.client_state or "").encode(), expected) for c in changes):
        raise NotAllowed("Cette notification ne porte pas le secret de l’abonnement.")
    for change in changes:
        address = parse_resource(change.resource)
        if address is not None and change.change_type == "created":
            await follow(address)
    return Response(status_code=202)


@router.get("/poison")
async def list_transcripts_set_aside(
    reader: Reader, services: ServicesOf, page: PageOf
) -> list[SetAside]:
    """Transcripts announced that could not be read, and why."""
    found = await list_arrivals(services.database, reader, "poison", page.reach)
    return [
        SetAside(id=a.id, graph_id=a.address.transcript_id, attempts=a.attempts,
                 message=a.message, announced_at=a.announced_at)
        for a in page.cut(found)
    ]  # fmt: skip


@router.post("/poison/{arrival_id}/replay", status_code=202)
async def replay_transcript(arrival_id: UUID, identity: Asker, services: ServicesOf) -> None:
    """Try one of them again, at the job's next passage. Raises NotFound."""
    if not identity.roles & OPERATORS:
        raise NotAllowed("Votre profil ne permet pas cette action. Demandez à la direction.")
    await put_back(services.database, identity, arrival_id)
