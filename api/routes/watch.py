"""The market watch: its list by status, an item in detail, the chart, what is wished of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Asker, Person, Reader, ServicesOf
from api.paging import PageOf
from api.services import Services, build_clock
from api.watch_jobs import build_watch_jobs
from core.context import PARIS, Identity
from core.errors import InvalidInput, NotAllowed
from crm.changes import ChangeDraft
from crm.watch import (
    RunCounts,
    chart_deadlines,
    get_item,
    list_items,
    list_runs,
    request_scoring,
    set_filters,
)
from ingest.notices.reading import read_notice
from ingest.watch.arrivals import list_arrived_files, take_arrivals
from ingest.watch.figure import draw_deadlines
from ingest.watch.filters import WatchFilters
from ingest.watch.proposals import propose_status, propose_tender
from ingest.watch.regions import find_region
from ingest.watch.watching import NOTICE, get_filters, take_notice

router = APIRouter(prefix="/watch")
Status = Literal["new", "kept", "dismissed", "converted"]
WRITERS = frozenset({"sales", "director"})
SETTERS = frozenset({"director", "admin"})
COLUMNS: tuple[tuple[Status, str], ...] = (
    ("new", "Nouveau"), ("kept", "Conservé"), ("converted", "Converti"), ("dismissed", "Écarté"),
)  # fmt: skip
NOT_YOURS = "Votre rôle permet de lire la veille. Demandez à un commercial ou à la direction."
NO_NOTICE = (
    "Cet élément de veille ne vient pas d’un avis lu\u00a0: proposez l’appel d’offres à la main."
)
ARRIVED = "Le dossier est arrivé\u00a0: son analyse commence."
MOST_BYTES = 20 * 1024 * 1024


class Move(BaseModel):
    """The status wished for an item, and why."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    reason: str = Field(default="", max_length=500)


class FilterSettings(BaseModel):
    """The filters of the firm."""

    model_config = ConfigDict(extra="forbid")

    cpv_prefixes: list[Annotated[str, Field(pattern=r"^\d{2,8}$")]] = Field(max_length=100)
    keywords: list[Annotated[str, Field(min_length=2, max_length=80)]] = Field(max_length=100)
    excluded_words: list[Annotated[str, Field(min_length=2, max_length=80)]] = Field(max_length=100)
    regions: list[str] = Field(max_length=20)
    remote_regions: list[str] = Field(default_factory=list[str], max_length=20)


@router.get("")
async def get_watch(
    reader: Reader,
    services: ServicesOf,
    page: PageOf,
    status: Status | None = None,
    source: Literal["boamp", "ted", "cre", "press"] | None = None,
    before: dt.date | None = None,
    words: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """The items, in the columns of a board."""
    end = dt.datetime.combine(before, dt.time.max, PARIS) if before else None
    items = page.cut(
        await list_items(services.database, reader, status=status, source=source, before=end,
                         words=words, limit=page.reach)
    )  # fmt: skip
    return {
        "columns": [
            {"status": name, "label": label, "items": [i for i in items if i["status"] == name]}
            for name, label in COLUMNS
            if status in {None, name}
        ],
        "total": len(items),
    }


@router.get("/chart")
async def get_watch_chart(reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """Deadlines to come and their value, by week and status; unknown values are counted apart."""
    now = build_clock(services.settings)()
    return {"weeks": await chart_deadlines(services.database, reader, now)}


@router.get("/figure")
async def get_watch_figure(reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """The same, as a figure for Plotly."""
    now = build_clock(services.settings)()
    return draw_deadlines(await chart_deadlines(services.database, reader, now))


@router.get("/runs")
async def list_watch_runs(reader: Reader, services: ServicesOf, page: PageOf) -> dict[str, Any]:
    """The last runs, and whether the watch is on."""
    runs = page.cut(await list_runs(services.database, reader, page.reach))
    return {"is_enabled": services.settings.watch_enabled, "runs": runs}


@router.post("/runs")
async def run_watch(asker: Asker, services: ServicesOf) -> RunCounts:
    """Run the watch at once. Raises ConfigurationError where it is off."""
    _require(asker, WRITERS)
    return await build_watch_jobs(services.settings).run(services.database, asker)


@router.get("/filters")
async def get_watch_filters(reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """The filters of the firm."""
    return asdict(await get_filters(services.database, reader))


@router.put("/filters")
async def put_watch_filters(
    body: FilterSettings, asker: Person, services: ServicesOf
) -> dict[str, Any]:
    """Replace the filters of the firm."""
    _require(asker, SETTERS)
    for name in (*body.regions, *body.remote_regions):
        if find_region(name) is None:
            raise InvalidInput(
                f"La région «\u00a0{name[:60]}\u00a0» est inconnue. Écrivez son nom officiel."
            )
    await set_filters(services.database, asker, body.model_dump())
    return asdict(await get_filters(services.database, asker))


@router.post("/notices")
async def add_watch_notice(file: UploadFile, asker: Asker, services: ServicesOf) -> dict[str, str]:
    """Read a notice from its file (BOAMP, TED, eForms) into the watch."""
    _require(asker, WRITERS)
    data = await file.read(MOST_BYTES + 1)
    notice = read_notice(data)
    filters: WatchFilters = await get_filters(services.database, asker)
    now = build_clock(services.settings)()
    return {"outcome": await take_notice(services.database, asker, notice, filters, now)}


@router.get("/{item}")
async def get_watch_item(item: UUID, reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """An item, its notices (the last first) and the detail of its pre-score."""
    found, notices = await get_item(services.database, reader, item)
    return {"item": found, "notices": notices}


@router.post("/{item}/status")
async def move_watch_item(
    item: UUID, body: Move, asker: Asker, services: ServicesOf
) -> dict[str, Any]:
    """The change to propose so that the item moves."""
    _require(asker, WRITERS)
    found, _ = await get_item(services.database, asker, item)
    draft = propose_status(item, found["status"], body.status, body.reason)
    return {"drafts": [_write(draft)], "version": found["version"]}


@router.post("/{item}/tender")
async def propose_watch_item(item: UUID, asker: Asker, services: ServicesOf) -> dict[str, Any]:
    """The changes to propose so that the item becomes a tender."""
    _require(asker, WRITERS)
    _, notices = await get_item(services.database, asker, item)
    if not notices:
        raise InvalidInput(NO_NOTICE)
    notice = NOTICE.validate_python(notices[0]["notice"])
    return {"drafts": [_write(draft) for draft in propose_tender(item, notice)]}


@router.post("/{item}/score")
async def score_watch_item(item: UUID, asker: Asker, services: ServicesOf) -> dict[str, Any]:
    """Score the tender file at once where it is in the watch's folder, else when it comes."""
    _require(asker, WRITERS)
    await request_scoring(services.database, asker, item)
    found, _ = await get_item(services.database, asker, item)
    tender = await _score_arrived(services, asker, item)
    if tender is not None:
        return {"is_wanted": True, "tender_id": tender, "message": ARRIVED, "url": found["url"]}
    return {
        "is_wanted": True,
        "tender_id": None,
        "message": (
            "Déposez le dossier de consultation sous un nom qui contient le numéro "
            f"{found['source_reference']}\u00a0: il sera analysé dès son arrivée."
        ),
        "folder": services.settings.tender_files_dir.name,
        "url": found["url"],
    }


async def _score_arrived(services: Services, asker: Identity, item: UUID) -> UUID | None:
    """The analysis of the item's file, if it was there; other awaited files are scored too."""
    if services.tenders is None:
        return None
    desk, scored = services.tenders, dict[UUID, UUID]()

    async def score(identity: Identity, found: UUID, path: Path) -> None:
        files = await list_arrived_files(path)
        scored[found] = await desk.receive(identity, files, path.stem)

    await take_arrivals(services.database, asker, services.settings.tender_files_dir, score)
    return scored.get(item)


def _require(identity: Identity, roles: frozenset[str]) -> None:
    if not identity.roles & roles:
        raise NotAllowed(NOT_YOURS)


def _write(draft: ChangeDraft) -> dict[str, Any]:
    return asdict(draft)
