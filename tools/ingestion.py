"""The state of the documentary base: what is read, what is not and why, since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.context import Context
from core.errors import NotAllowed
from core.formats import NBSP, count_noun, format_instant
from core.roles import SUPERVISORS
from knowledge.ingestion_runs import UPLOADS, FileTrouble, SourceState, list_sources, list_troubles

NOT_KEEPER = (
    "L’état de la base documentaire est réservé à la qualité, à la direction et à "
    "l’administration. Demandez-le à l’une d’elles."
)
NOTHING = "Aucune source n’a encore été lue. Lancez « voltaire ingest » sur un dossier."


@dataclass(frozen=True)
class IngestionState:
    """Every source, then the files that want a person's attention; `at` is when it was read."""

    at: dt.datetime
    sources: Sequence[SourceState]
    troubles: Sequence[FileTrouble]


async def read_state(context: Context, limit: int = 200) -> IngestionState:
    """The state of the firm's base. Raises NotAllowed for who does not look after it."""
    identity = context.identity
    if not identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)
    async with context.database.transaction(identity) as connection:
        sources = await list_sources(connection, identity.tenant_id)
        troubles = await list_troubles(connection, identity.tenant_id, limit)
    return IngestionState(dt.datetime.now(dt.UTC), sources, troubles)


def tell_state(state: IngestionState) -> list[str]:
    """The state in French lines: each source, then its files with what to do."""
    if not state.sources:
        return [NOTHING.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")]
    lines = [line for source in state.sources for line in _tell_source(source, state.at)]
    failed = [one for one in state.troubles if one.state == "failed"]
    remarks = [one for one in state.troubles if one.state != "failed"]
    lines += _tell_troubles("Non lus", failed)
    lines += _tell_troubles("Lus, avec une remarque", remarks)
    return lines


def _tell_troubles(title: str, troubles: Sequence[FileTrouble]) -> Iterator[str]:
    """Under a heading by source: two sources may hold files of the same name."""
    for root in dict.fromkeys(one.source_root for one in troubles):
        # The blank line keeps the heading out of the list above it, where this is Markdown.
        yield ""
        yield f"{title}, dans «{NBSP}{root}{NBSP}»{NBSP}:"
        for one in troubles:
            if one.source_root == root:
                yield f"- {one.source_path}{NBSP}: {one.message}"


def _tell_source(source: SourceState, now: dt.datetime) -> list[str]:
    counts = [count_noun(source.indexed, "document lu", "documents lus")]
    if source.failed:
        counts.append(count_noun(source.failed, "fichier refusé", "fichiers refusés"))
    lines = [f"- {source.source_root}{NBSP}: {', '.join(counts)}."]
    if source.source_root != UPLOADS:
        lines.append(f"  {_tell_last(source, now)}")
    return lines


def _tell_last(source: SourceState, now: dt.datetime) -> str:
    synced = (
        f"Dernière lecture complète le {format_instant(source.succeeded_at)}, "
        f"{_tell_lag(now - source.succeeded_at)}."
        if source.succeeded_at
        else "Aucune lecture complète."
    )
    if source.message is not None:
        return f"{synced} La dernière s’est arrêtée{NBSP}: {source.message}"
    if source.started_at is not None and source.ended_at is None:
        return f"{synced} Une lecture est en cours, ou a été interrompue, depuis le " + (
            f"{format_instant(source.started_at)}."
        )
    return synced


def _tell_lag(lag: dt.timedelta) -> str:
    minutes = max(0, int(lag.total_seconds() // 60))
    if minutes < 1:
        return "il y a moins d’une minute"
    if minutes < 120:
        return f"il y a {count_noun(minutes, 'minute', 'minutes')}"
    hours = minutes // 60
    return (
        f"il y a {count_noun(hours, 'heure', 'heures') if hours < 48 else f'{hours // 24} jours'}"
    )
