"""The command `voltaire watch`: one run, or the list, on the data folder itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from api.offline import run_here
from api.services import build_clock
from api.watch_jobs import build_watch_jobs
from core.context import Identity
from core.errors import InvalidInput, VoltaireError
from core.formats import count_noun, format_instant, format_money, join_words
from core.settings import Settings
from core.words import fold
from crm.installation import Installation
from crm.watch import RunCounts, list_items
from ingest.notices.errors import NoticeUnreadable
from ingest.notices.reading import read_notice
from ingest.watch.watching import get_filters, take_notice

STATUSES = {"new": "nouveau", "kept": "conservé", "dismissed": "écarté", "converted": "converti"}
OUTCOMES = {
    "added": "ajouté à la veille", "updated": "mis à jour", "unchanged": "déjà connu",
    "set_aside": "écarté par les filtres",
}  # fmt: skip
NOTHING = "La veille est vide. Relevez les avis avec «\u00a0voltaire watch --once\u00a0»."


def watch_here(settings: Settings, user: str | None) -> list[str]:
    """Run the watch once. Raises VoltaireError where it is off or the service fails."""
    counts = run_here(settings, user, _watch)
    if counts.failure:
        raise VoltaireError(counts.failure)
    return [describe_counts(counts)]


def add_files_here(settings: Settings, user: str | None, path: Path) -> list[str]:
    """Read notices from a file, or from the files of a folder. Raises InvalidInput."""
    if not path.exists():
        raise InvalidInput(f"«\u00a0{path}\u00a0» n’existe pas. Donnez le fichier d’un avis.")
    files = sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]
    return run_here(settings, user, partial(_add, files=files))


def list_watch_here(
    settings: Settings, user: str | None, status: str | None, limit: int
) -> list[str]:
    """The items of the watch, most relevant first."""
    wanted = None if status is None else read_status(status)
    items = run_here(settings, user, partial(_list, status=wanted, limit=limit))
    return [line for item in items for line in describe_item(item)] or [NOTHING]


def read_status(text: str) -> str:
    """The status of the watch that a French word names, accents or not. Raises InvalidInput."""
    for name, label in STATUSES.items():
        if fold(text.strip()) == fold(label):
            return name
    raise InvalidInput(f"Le statut «\u00a0{text[:40]}\u00a0» est inconnu. Choisissez "
                       f"{join_words(list(STATUSES.values()), 'ou')}.")  # fmt: skip


def describe_counts(counts: RunCounts) -> str:
    """What a run met, in one sentence."""
    read = count_noun(counts.seen, "avis lu", "avis lus")
    added = count_noun(counts.added, "nouveau", "nouveaux")
    changed = count_noun(counts.updated, "mis à jour", "mis à jour")
    aside = count_noun(counts.set_aside, "écarté", "écartés")
    told = f"{read}\u00a0: {added}, {changed}, {aside}."
    if counts.unreadable:
        told += (
            f" {count_noun(counts.unreadable, 'formulaire illisible', 'formulaires illisibles')}."
        )
    return told


def describe_item(item: dict[str, Any]) -> list[str]:
    """An item on two lines: score, title, then buyer, deadline, value, address."""
    score = "--" if item["relevance"] is None else f"{item['relevance']:>2}"
    head = f"{score}/100  [{STATUSES[item['status']]}] {item['title']}"
    parts = [
        item["buyer"] or "",
        f"remise avant le {format_instant(item['deadline'])}" if item["deadline"] else "",
        format_money(item["estimated_value_eur"]) if item["estimated_value_eur"] else "",
        item["url"] or "",
    ]
    return [head, "        " + " · ".join(part for part in parts if part)]


async def _watch(installation: Installation, identity: Identity) -> RunCounts:
    return await build_watch_jobs(installation.settings).run(installation.database, identity)


async def _add(installation: Installation, identity: Identity, files: Sequence[Path]) -> list[str]:
    lines: list[str] = []
    filters = await get_filters(installation.database, identity)
    now = build_clock(installation.settings)()
    for file in files:
        try:
            notice = read_notice(file.read_bytes())
        except NoticeUnreadable as error:
            lines.append(f"{file.name}\u00a0: {error.message}")
            continue
        done = await take_notice(installation.database, identity, notice, filters, now)
        lines.append(f"{file.name}\u00a0: {OUTCOMES[done]}")
    return lines


async def _list(
    installation: Installation, identity: Identity, status: str | None, limit: int
) -> list[dict[str, Any]]:
    return await list_items(installation.database, identity, status=status, limit=limit)
