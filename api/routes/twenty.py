"""Twenty CRM announces its changes here; how the mirror stands, and what waits for a person."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.identities import Reader, ServicesOf
from api.paging import PageOf
from core.errors import NotFound
from ingest.twenty.mapping import BY_OBJECT
from ingest.twenty.notifications import read_announcement
from ingest.twenty.storage import NotedRecord, count_records, find_link, list_noted

router = APIRouter(prefix="/twenty")
NOT_FOLLOWED = "Les notifications de Twenty ne sont pas configurées sur cette instance."


class ObjectCounts(BaseModel):
    """How many records of an object are in each state."""

    object: str
    mirrored: int = 0
    refused: int = 0
    gone: int = 0
    awaited: int = 0


class TwentyStatus(BaseModel):
    """The mirror: whether it is on, when it was last read, why not since."""

    is_enabled: bool
    base_url: str | None = None
    read_at: dt.datetime | None = None
    reconciled_at: dt.datetime | None = None
    message: str | None = None
    objects: list[ObjectCounts] = []


class Noted(BaseModel):
    """A record that could not be taken, or that was deleted in Twenty; `url` opens it there."""

    object: str
    twenty_id: UUID
    record_id: UUID | None
    state: Literal["refused", "gone"]
    message: str | None
    noted_at: dt.datetime
    url: str


@router.post("/notifications", status_code=202)
async def receive_twenty_notification(request: Request, services: ServicesOf) -> Response:
    """Note at once which record changed: a job reads it again.

    What is not signed with our own secret, is old or came before is refused.
    """
    secret, follow = services.settings.twenty_webhook_secret, services.follow_twenty
    if secret is None or follow is None or services.settings.twenty_address is None:
        raise NotFound(NOT_FOLLOWED)
    body, now = await request.body(), dt.datetime.now(dt.UTC)
    await follow(read_announcement(secret.get_secret_value(), request.headers, body, now))
    return Response(status_code=202)


@router.get("")
async def get_twenty_status(reader: Reader, services: ServicesOf) -> TwentyStatus:
    """How the mirror of Twenty stands."""
    link = await find_link(services.database, reader)
    if link is None:
        return TwentyStatus(is_enabled=False)
    counts = await count_records(services.database, reader)
    return TwentyStatus(
        is_enabled=link.is_enabled, base_url=link.base_url, read_at=link.read_at,
        reconciled_at=link.reconciled_at, message=link.message,
        objects=[ObjectCounts(object=name, **held) for name, held in counts.items()],
    )  # fmt: skip


@router.get("/noted")
async def list_twenty_noted(
    reader: Reader,
    services: ServicesOf,
    page: PageOf,
    state: Literal["refused", "gone"] | None = None,
) -> list[Noted]:
    """The records that could not be taken, and those deleted in Twenty, the latest first."""
    link = await find_link(services.database, reader)
    states = [state] if state else ["refused", "gone"]
    found = await list_noted(services.database, reader, states, page.reach)
    return [_write(one, link.base_url if link else "") for one in page.cut(found)]


def _write(one: NotedRecord, base_url: str) -> Noted:
    singular = BY_OBJECT[one.object].singular
    return Noted(
        object=one.object, twenty_id=one.twenty_id, record_id=one.record_id,
        state="gone" if one.state == "gone" else "refused", message=one.message,
        noted_at=one.noted_at, url=f"{base_url}/object/{singular}/{one.twenty_id}",
    )  # fmt: skip
