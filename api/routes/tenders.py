"""Tender files: bring them, follow the reading, fetch the verdict, its pieces and its exports."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, get_args
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel

from agents.tender_scoring.desk import LARGEST_BYTES, TenderDesk
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import make_card
from agents.tender_scoring.outputs.exports import ExportName
from agents.tender_scoring.outputs.places import Place, describe_place, get_place
from agents.tender_scoring.storage import Progress, StoredAnalysis, get_piece, list_analyses
from api.identities import Asker, Reader, ServicesOf
from api.paging import PageOf
from api.problems import problem
from api.routes.ask import HEADERS, encode_event
from api.streams import read_apart
from api.uploads import save_uploads
from core.addresses import API
from core.context import Identity
from core.errors import NotFound, VoltaireError
from ingest.tenders.highlighting import highlight

router = APIRouter(prefix="/tenders")
PRIVATE = {"cache-control": "private, no-store"}
OPENS_ITSELF = frozenset({"application/pdf"})
UNKNOWN_PIECE = "Cette pièce n’existe pas dans cette analyse."


def get_desk(services: ServicesOf) -> TenderDesk:
    """The desk of the running application. Raises ConfigurationError without one."""
    return services.get_tenders()


DeskOf = Annotated[TenderDesk, Depends(get_desk)]


class TenderStatus(BaseModel):
    """Where an analysis stands; `progress` is the piece being read."""

    id: UUID
    label: str
    status: Literal["running", "done", "failed"]
    progress: Progress | None = None
    error: str | None = None
    created_at: dt.datetime
    verdict: str | None = None
    exports: tuple[str, ...] = ()


@router.post("", status_code=202)
async def bring_tender(
    identity: Asker,
    desk: DeskOf,
    files: Annotated[list[UploadFile], File()],
    label: Annotated[str, Form(max_length=200)] = "",
) -> TenderStatus:
    """Keep the files of one tender (archives, pieces, notice) and start their analysis."""
    with TemporaryDirectory(prefix="voltaire-depot-") as folder:
        paths = await save_uploads(files, Path(folder), LARGEST_BYTES)
        id_ = await desk.receive(identity, paths, label.strip())
    return write_status(await desk.get(identity, id_))


@router.get("")
async def list_tenders(reader: Reader, desk: DeskOf, page: PageOf) -> dict[str, Any]:
    """The firm's last analyses, the newest first."""
    return {"tenders": page.cut(await list_analyses(desk.database, reader, page.reach))}


@router.get("/{tender}")
async def get_tender(tender: UUID, reader: Reader, desk: DeskOf) -> TenderStatus:
    """Where an analysis stands."""
    return write_status(await desk.get(reader, tender))


@router.post("/{tender}/retry", status_code=202)
async def retry_tender(tender: UUID, identity: Asker, desk: DeskOf) -> TenderStatus:
    """Do a failed analysis again, from the files kept."""
    await desk.retry(identity, tender)
    return write_status(await desk.get(identity, tender))


@router.get("/{tender}/events")
async def follow_tender(tender: UUID, reader: Reader, desk: DeskOf) -> StreamingResponse:
    """The status each time it moves, as server-sent events; the last one ends the stream."""
    events = read_apart(desk.follow(reader, tender))
    first = await anext(events)
    return StreamingResponse(
        _stream(first, events), media_type="text/event-stream", headers=HEADERS
    )


@router.get("/{tender}/result")
async def get_tender_result(tender: UUID, reader: Reader, desk: DeskOf) -> TenderAnalysis:
    """The whole analysis."""
    return await desk.get_done(reader, tender)


@router.get("/{tender}/card")
async def get_tender_card(tender: UUID, reader: Reader, desk: DeskOf) -> dict[str, Any]:
    """The verdict card as data, each statement with its places."""
    return make_card(await desk.get_done(reader, tender))


@router.get("/{tender}/exports/{name}")
async def get_tender_export(tender: UUID, name: str, reader: Reader, desk: DeskOf) -> Response:
    """A file to take away: card, matrix, questions, memo. Raises NotFound for another name."""
    export = await desk.export(reader, tender, name)
    return _give_file(export.content, export.media_type, export.name, is_inline=False)


@router.get("/{tender}/pieces")
async def get_tender_piece(
    tender: UUID, piece: str, reader: Reader, desk: DeskOf, place: int | None = None
) -> Response:
    """A piece as it was received; a PDF opens in the page (`#page=4` brings to a page).

    With `place`, a number of the card, the words cited there are marked in yellow in a PDF.
    """
    return await _give_piece(desk, reader, tender, piece, place)


@router.get("/{tender}/places/{number}")
async def get_tender_place(tender: UUID, number: int, reader: Reader, desk: DeskOf) -> Response:
    """What the number of the card cites: the words, and the piece to open."""
    analysis = await desk.get_done(reader, tender)
    place = get_place(analysis, number)
    address = f"{API}/tenders/{tender}/pieces?piece={quote(place.piece, safe='')}"
    text = f"{describe_place(place)}\n\n[Ouvrir la pièce]({address})"
    return PlainTextResponse(text, media_type="text/markdown", headers=PRIVATE)


def write_status(stored: StoredAnalysis) -> TenderStatus:
    """The status as the API gives it."""
    is_done = stored.analysis is not None
    return TenderStatus(
        id=stored.id, label=stored.label, status=stored.status, progress=stored.progress,
        error=stored.error, created_at=stored.created_at,
        verdict=stored.analysis.verdict if stored.analysis else None,
        exports=get_args(ExportName) if is_done else (),
    )  # fmt: skip


async def _give_piece(
    desk: TenderDesk, reader: Identity, tender: UUID, piece: str, number: int | None
) -> Response:
    analysis = await desk.get_done(reader, tender)
    found = next((one for one in analysis.pieces if one.id == piece), None)
    if found is None:
        raise NotFound(UNKNOWN_PIECE)
    stored = await get_piece(desk.database, reader, tender, found.sha256)
    is_inline = stored.media_type in OPENS_ITSELF
    content = stored.content
    if is_inline and number is not None:
        content = await asyncio.to_thread(_mark_place, content, get_place(analysis, number), piece)
    return _give_file(content, stored.media_type, found.name, is_inline=is_inline)


def _mark_place(content: bytes, place: Place, piece: str) -> bytes:
    """The PDF with the passage marked where it is of this piece."""
    if place.piece != piece or place.page is None:
        return content
    box = place.evidence.box
    return highlight(content, place.page, place.evidence.quote, box[1] if box else None)


def _give_file(content: bytes, media_type: str, name: str, *, is_inline: bool) -> Response:
    kind = "inline" if is_inline else "attachment"
    headers = {**PRIVATE, "content-disposition": f"{kind}; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, media_type=media_type, headers=headers)


async def _stream(
    first: StoredAnalysis, events: AsyncIterator[StoredAnalysis]
) -> AsyncIterator[str]:
    yield _encode(first)
    try:
        async for stored in events:
            yield _encode(stored)
    except VoltaireError as error:
        yield encode_event("error", json.dumps(problem(error.status, error.message)))


def _encode(stored: StoredAnalysis) -> str:
    name = {"running": "progress", "done": "done", "failed": "failed"}[stored.status]
    return encode_event(name, write_status(stored).model_dump_json())
