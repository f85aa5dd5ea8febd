"""`voltaire tender`: a tender file read and judged on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import write_card
from agents.tender_scoring.profile import load_profile
from api.services import build_clock
from api.terminal import show_progress
from core.errors import InvalidInput
from core.formats import NBSP
from core.settings import Settings

MISSING = "« {path} » n’existe pas. Donnez l’archive, le dossier ou la pièce à lire."
UNUSABLE = "Le {what} « {path} » ne peut pas être lu : {reason}. Corrigez-le puis relancez."


@dataclass(frozen=True)
class TenderRequest:
    """What is asked: the file, and what goes with it."""

    file: Path
    notice: Path | None = None
    profile: Path | None = None
    grid: Path | None = None
    as_json: bool = False


def judge_here(settings: Settings, asked: TenderRequest) -> Iterator[str]:
    """The lines of the verdict card, or the whole analysis in JSON. Raises InvalidInput."""
    sources = [asked.file, *([asked.notice] if asked.notice else [])]
    for path in (*sources, asked.profile, asked.grid):
        if path is not None and not path.exists():
            raise InvalidInput(MISSING.format(path=path))
    means = _read_means(settings, asked)
    with show_progress() as progress:
        advance = progress.stage("Lecture des pièces")
        analysis = analyse_files(sources, means, lambda name, n, of: advance(n, of, name))
    yield analysis.model_dump_json(indent=2) if asked.as_json else _write(analysis)


def _read_means(settings: Settings, asked: TenderRequest) -> Means:
    now = build_clock(settings)()
    try:
        profile = load_profile(asked.profile) if asked.profile else load_profile()
    except ValueError as error:
        raise _refuse("profil", asked.profile, error) from error
    try:
        grid = load_grid(asked.grid) if asked.grid else load_grid()
    except ValueError as error:
        raise _refuse("barème", asked.grid, error) from error
    return Means(profile, grid, now)


def _refuse(what: str, path: Path | None, error: ValueError) -> InvalidInput:
    reason = str(error).splitlines()[0][:200]
    return InvalidInput(UNUSABLE.format(what=what, path=path, reason=reason))


def _write(analysis: TenderAnalysis) -> str:
    return write_card(analysis).replace("\\", "").replace(" :", f"{NBSP}:")
