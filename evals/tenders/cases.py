"""Tender files with their truth: those of the data folder where present, and our own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pdfplumber
import yaml

from agents.tender_scoring.profile import FirmProfile, load_profile
from core.context import PARIS
from core.words import fold
from evals.case_files import TODAY
from evals.tenders.pieces import write_dossier

OWN = Path(__file__).parent.parent / "cases" / "tenders"
Truth = dict[str, Any]


@dataclass(frozen=True)
class TenderCase:
    """A tender file to judge, the firm that judges it, and what is true of it.

    `bare` is the same file without its hidden order, where there is one to take out.
    """

    id: str
    sources: tuple[Path, ...]
    truth: Truth
    profile: FirmProfile
    now: dt.datetime
    pages: dict[str, tuple[str, ...]]
    bare: tuple[Path, ...] = ()


def load_cases(workspace: Path, data: Path) -> Iterator[TenderCase]:
    """Our own files, printed into `workspace`, then those of `data` where it is."""
    yield from _load_own(workspace)
    yield from _load_authored(data / "dce-authored", workspace)


def _load_own(workspace: Path) -> Iterator[TenderCase]:
    profile = load_profile(OWN / "profile.yaml")
    now = dt.datetime.combine(TODAY, dt.time(9), PARIS)
    for path in sorted(OWN.glob("*/truth.yaml")):
        folder = path.parent
        truth: Truth = yaml.safe_load(path.read_text(encoding="utf-8"))
        archive = write_dossier(folder, workspace / f"{folder.name}.zip")
        notices = tuple(sorted(folder.glob("*.json")))
        bare: tuple[Path, ...] = ()
        if truth.get("injection"):
            (workspace / "bare").mkdir(exist_ok=True)
            without = workspace / "bare" / f"{folder.name}.zip"
            bare = (write_dossier(folder, without, with_hidden=False), *notices)
        yield TenderCase(folder.name, (archive, *notices), truth, profile, now,
                         _read_pages(archive, workspace), bare)  # fmt: skip


def _load_authored(folder: Path, workspace: Path) -> Iterator[TenderCase]:
    if not (folder / "profile.json").is_file():
        return
    profile = load_profile(folder / "profile.json")
    as_of = json.loads((folder / "profile.json").read_text(encoding="utf-8"))["as_of"]
    now = dt.datetime.combine(dt.date.fromisoformat(as_of), dt.time(9), PARIS)
    for path in sorted(folder.glob("*/truth.json")):
        archive = path.parent / f"{path.parent.name}.zip"
        truth: Truth = json.loads(path.read_text(encoding="utf-8"))
        yield TenderCase(path.parent.name, (archive, path.parent / "notice.json"), truth, profile,
                         now, _read_pages(archive, workspace))  # fmt: skip


def _read_pages(archive: Path, workspace: Path) -> dict[str, tuple[str, ...]]:
    """The text of each page of each PDF, on one line and folded: read apart from the product."""
    import zipfile

    pages: dict[str, tuple[str, ...]] = {}
    with zipfile.ZipFile(archive) as held:
        for name in held.namelist():
            if not name.endswith(".pdf"):
                continue
            path = workspace / "page.pdf"
            path.write_bytes(held.read(name))
            try:
                with pdfplumber.open(path) as document:
                    pages[name] = tuple(flatten(p.extract_text() or "") for p in document.pages)
            except Exception:  # a piece under a password has no pages to compare with
                pages[name] = ()
    return pages


def flatten(text: str) -> str:
    """Folded text on one line."""
    return " ".join(fold(text).split())
