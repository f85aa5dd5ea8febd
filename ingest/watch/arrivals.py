"""Tender files that were awaited: found in the folder where people leave them."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from core.context import Identity
from core.database import Database
from crm.watch import list_requests, mark_arrived

QUIET = (".part", ".crdownload", ".tmp")
Score = Callable[[Identity, UUID, Path], Awaitable[None]]


@dataclass(frozen=True)
class Arrival:
    """An awaited file that is there; `sha256` of its bytes, of its listing for a folder."""

    item: UUID
    title: str
    path: Path
    sha256: str


async def take_arrivals(
    database: Database, identity: Identity, folder: Path, score: Score | None = None
) -> list[Arrival]:
    """The awaited files found in `folder`, each marked once and handed to `score`."""
    awaited = await list_requests(database, identity)
    found = await asyncio.to_thread(find_arrivals, folder, awaited)
    for arrival in found:
        if score is not None:
            await score(identity, arrival.item, arrival.path)
        await mark_arrived(database, identity, arrival.item, arrival.sha256)
    return found


async def list_arrived_files(path: Path) -> list[Path]:
    """The file itself, or every file of a folder."""
    return await asyncio.to_thread(_list_files, path)


def find_arrivals(folder: Path, awaited: Sequence[dict[str, Any]]) -> list[Arrival]:
    """The entries of `folder` whose name holds the number of an awaited notice.

    Downloads in progress and hidden entries are left alone.
    """
    if not folder.is_dir():
        return []
    entries = [path for path in sorted(folder.iterdir())
               if not path.name.startswith(".") and path.suffix.lower() not in QUIET]  # fmt: skip
    found: list[Arrival] = []
    for wanted in awaited:
        names = [wanted["source_reference"], *wanted["notice_ids"]]
        path = next((p for p in entries if _bears(p.name, names)), None)
        if path is not None:
            found.append(Arrival(wanted["market_watch_id"], wanted["title"], path, _digest(path)))
    return found


def _list_files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def _bears(name: str, numbers: Sequence[str | None]) -> bool:
    plain = name.replace("_", "-")
    return any(number and re.search(rf"(?<!\d){re.escape(number)}(?!\d)", plain)
               for number in numbers)  # fmt: skip


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    if path.is_dir():
        for inner in sorted(path.rglob("*")):
            digest.update(f"{inner.relative_to(path)}\0{inner.stat().st_size}\n".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
