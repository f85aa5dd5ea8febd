"""`voltaire tender`: a tender file read and judged on the command line, its exports written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from agents.tender_scoring.analysis import Means, OnPiece
from agents.tender_scoring.graph import score_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.matching import find_relationship, match_points
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import write_card
from agents.tender_scoring.outputs.exports import ExportName, make_export
from agents.tender_scoring.outputs.proofs import find_proofs
from agents.tender_scoring.preferences import get_grid, get_profile, put_grid, put_profile
from agents.tender_scoring.profile import load_profile
from api.offline import run_here
from api.services import build_clock, build_engine, meter_engine
from api.terminal import show_progress
from api.written import UNWRITABLE, write_file
from core.context import Context, Identity
from core.engine.protocol import Engine
from core.errors import InvalidInput
from core.formats import NBSP
from core.settings import Settings
from crm.installation import Installation

MISSING = "« {path} » n’existe pas. Donnez l’archive, le dossier ou la pièce à lire."
UNUSABLE = "{what} « {path} » n’est pas lisible : {reason}. Corrigez ce fichier puis relancez."
NOTHING_GIVEN = "Donnez au moins un profil (--profile) ou une grille (--grid) à enregistrer."


@dataclass(frozen=True)
class TenderRequest:
    """What is asked: the files of one tender, and what goes with them.

    With `export` (a folder), every export is written there, drawn from the firm's own documents
    and delivery points; without it nothing but the files is read.
    """

    files: tuple[Path, ...]
    notice: Path | None = None
    profile: Path | None = None
    grid: Path | None = None
    as_json: bool = False
    export: Path | None = None
    user: str | None = None


def judge_here(settings: Settings, asked: TenderRequest) -> Iterator[str]:
    """The lines of the verdict card, or the whole analysis in JSON. Raises InvalidInput."""
    sources = [*asked.files, *([asked.notice] if asked.notice else [])]
    for path in (*sources, asked.profile, asked.grid):
        if path is not None and not path.exists():
            raise InvalidInput(MISSING.format(path=path))
    means = _read_means(settings, asked)
    with show_progress() as progress:
        advance = progress.stage("Lecture des pièces")
        analysis, written = _score(
            settings, asked, sources, means, lambda name, n, of: advance(n, of, name)
        )
    yield analysis.model_dump_json(indent=2) if asked.as_json else _write(analysis)
    yield from (f"Écrit{NBSP}: {path}" for path in written)


def set_preferences_here(
    settings: Settings, user: str | None, profile: Path | None, grid: Path | None
) -> Iterator[str]:
    """Take up the firm's profile and grid from files. Raises InvalidInput, NotAllowed."""
    if profile is None and grid is None:
        raise InvalidInput(NOTHING_GIVEN)
    means = _read_means(settings, TenderRequest((), profile=profile, grid=grid))

    async def keep(installation: Installation, identity: Identity) -> None:
        if profile is not None:
            await put_profile(installation.database, identity, means.profile)
        if grid is not None:
            await put_grid(installation.database, identity, means.grid)

    run_here(settings, user, keep)
    if profile is not None:
        yield f"Profil enregistré{NBSP}: {means.profile.name}"
    if grid is not None:
        yield "Barème enregistré. Le précédent est gardé."


def _score(
    settings: Settings, asked: TenderRequest, sources: list[Path], means: Means, on_piece: OnPiece
) -> tuple[TenderAnalysis, list[Path]]:
    """The analysis and the exports written. Rules that export nothing need no database."""
    engine = build_engine(settings)
    if not _needs_database(settings, asked):
        return asyncio.run(score_files(sources, means, engine, on_piece=on_piece)), []

    async def work(
        installation: Installation, identity: Identity
    ) -> tuple[TenderAnalysis, list[Path]]:
        database = installation.database
        async with _closing_engine(engine):
            metered = meter_engine(engine, database, settings)
            context = Context(identity, database, metered, build_clock(settings))
            analysis = await score_files(
                sources, means, context.engine, on_piece=on_piece,
                find_relationship=partial(find_relationship, database, identity),
            )  # fmt: skip
            analysis = await match_points(database, identity, analysis)
            if asked.export is None:
                return analysis, []
            return analysis, await _export(context, analysis, asked.export)

    return run_here(settings, asked.user, work)


@asynccontextmanager
async def _closing_engine(engine: Engine) -> AsyncGenerator[None, None]:
    """Close the connections of a model within the event loop that opened them."""
    try:
        yield
    finally:
        if engine.is_model:
            from core.engine.anthropic import AnthropicEngine

            if isinstance(engine, AnthropicEngine):
                await engine.aclose()


def _needs_database(settings: Settings, asked: TenderRequest) -> bool:
    """A model's accounts are kept there, and what the exports draw upon."""
    return asked.export is not None or settings.anthropic_api_key is not None


async def _export(context: Context, analysis: TenderAnalysis, folder: Path) -> list[Path]:
    """Every export below `folder`."""
    proofs = await find_proofs(context, analysis.requirements)
    written: list[Path] = []
    for name in get_args(ExportName):
        export = await make_export(context, analysis, name, proofs=proofs)
        written.append(_save(folder / export.name, export.content))
    return written


def _save(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(UNWRITABLE.format(path=path)) from error
    write_file(path, content)
    return path


def _read_means(settings: Settings, asked: TenderRequest) -> Means:
    """The files given, else what the firm has set where its database is opened, else defaults."""
    now = build_clock(settings)()
    held = _read_held(settings, asked.user) if _needs_database(settings, asked) else None
    try:
        profile = load_profile(asked.profile) if asked.profile or held is None else held.profile
    except ValueError as error:
        raise _refuse("Le profil", asked.profile, error) from error
    try:
        grid = load_grid(asked.grid) if asked.grid or held is None else held.grid
    except ValueError as error:
        raise _refuse("La grille", asked.grid, error) from error
    return Means(profile, grid, now)


def _read_held(settings: Settings, user: str | None) -> Means:
    async def read(installation: Installation, identity: Identity) -> Means:
        return Means(
            await get_profile(installation.database, identity),
            (await get_grid(installation.database, identity)).grid,
            build_clock(settings)(),
        )

    return run_here(settings, user, read)


def _refuse(what: str, path: Path | None, error: ValueError) -> InvalidInput:
    reason = str(error).splitlines()[0][:200]
    return InvalidInput(UNUSABLE.format(what=what, path=path, reason=reason))


def _write(analysis: TenderAnalysis) -> str:
    return write_card(analysis).replace("\\", "").replace(" :", f"{NBSP}:")
