"""A tender file from the disk to its verdict, by rules: what every surface calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from agents.tender_scoring.grid import Grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.profile import FirmProfile
from agents.tender_scoring.rules.notice import Notice, read_notice
from agents.tender_scoring.rules.statements import Reading, read_statements
from agents.tender_scoring.rules.strangers import set_strangers_apart
from agents.tender_scoring.rules.unreadable import check_readable
from agents.tender_scoring.scoring import (
    Judgement,
    check_sheet,
    compose,
    judge_sheet,
    read_sheet,
)
from core.engine.provenance import Provenance
from ingest.notices.errors import NoticeUnreadable
from ingest.tenders.dossier import Dossier, read_dossier
from ingest.tenders.intake import unpack

OnPiece = Callable[[str, int, int], None]
RULES = "moteur déterministe (sans modèle)"


@dataclass(frozen=True)
class Means:
    """Against whom, by which grid and when a tender is judged."""

    profile: FirmProfile
    grid: Grid
    now: dt.datetime


@dataclass(frozen=True)
class Opened:
    """A tender file once read: its statements, and the notice it holds."""

    reading: Reading
    notice: Notice


def analyse_files(
    sources: Sequence[Path], means: Means, on_piece: OnPiece | None = None
) -> TenderAnalysis:
    """The analysis of archives, folders and files; `on_piece` hears each name, rank and number.

    A notice among them is compared with the pieces. A piece that cannot be read is a line of the
    analysis; raises NothingReadable when none can.
    """
    with TemporaryDirectory(prefix="voltaire-dce-") as workspace:
        opened = open_files(sources, Path(workspace), on_piece)
        return judge_opened(opened, sources[0].stem, means)


def open_files(sources: Sequence[Path], workspace: Path, on_piece: OnPiece | None = None) -> Opened:
    """The files unpacked below `workspace` and read. Raises NothingReadable when none can be."""
    dossier = read_dossier(unpack(sources, workspace), on_piece)
    notice = find_notice(dossier)
    opened = Opened(read_statements(set_strangers_apart(dossier, notice)), notice)
    check_readable(opened.reading, notice)
    return opened


def judge_opened(opened: Opened, label: str, means: Means) -> TenderAnalysis:
    """The analysis, by rules, of files already read."""
    reading, notice = opened.reading, opened.notice
    judgement = Judgement(means.profile, means.grid, means.now)
    sheet = read_sheet(reading, notice)
    checks = check_sheet(sheet, reading, notice, means.now)
    verdicts = judge_sheet(sheet, checks, reading, notice, judgement)
    made_by = Provenance(RULES, is_model=False)
    return compose(uuid4(), label, sheet, checks, verdicts, reading, judgement, made_by)


def find_notice(dossier: Dossier) -> Notice:
    """The notice of the dossier, the latest when it was corrected; an unknown one without any."""
    found: list[Notice] = []
    for file in dossier.notices:
        try:
            found.append(
                read_notice(file.name, file.disk.read_bytes(), f"{file.sha256[:16]}:{file.path}")
            )
        except NoticeUnreadable:
            continue
    calls = [n for n in found if n.published.kind in ("contract", "correction")] or found
    return max(calls, key=lambda n: n.published.published_on or dt.date.min, default=Notice())
