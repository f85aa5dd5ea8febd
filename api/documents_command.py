"""The commands `voltaire documents` and `voltaire ingestion`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from agents.portfolio_assistant.assistant import offline_engine
from agents.portfolio_assistant.library import tell_reviews, tell_unread, write_readers
from agents.portfolio_assistant.revisions import write_revision
from api.offline import ingest_again_here, run_here
from api.services import build_clock
from api.written import write_file
from core.context import Context, Identity
from core.errors import InvalidInput
from core.formats import NBSP, format_date, format_instant
from core.settings import Settings
from crm.installation import Installation
from knowledge.control import STANDINGS, ControlledVersion
from tools import library
from tools.document_table import write_document_table
from tools.ingestion import read_state, tell_state
from tools.revisions import find_revision

NO_DOCUMENT = "Aucun document que vous puissiez lire."
SIGN = "CODE ou CODE@VERSION"


@dataclass(frozen=True)
class DocumentsAsked:
    """What `voltaire documents` is asked: one thing at a time, else the list."""

    as_of: dt.date | None = None
    every: bool = False
    xlsx: Path | None = None
    reviews: bool = False
    unread: bool = False
    readers: str | None = None
    changes: str | None = None
    read: str | None = None
    put_in_force: str | None = None
    withdraw: str | None = None
    on: dt.date | None = None


def documents_here(settings: Settings, user: str | None, asked: DocumentsAsked) -> list[str]:
    """The documents, or what was asked of them, as lines for the terminal."""

    async def work(context: Context) -> list[str]:
        told = await _tell(context, asked)
        if told is not None:
            return _plain(told)
        if asked.read is not None:
            version = await _find(context, asked.read)
            at = await library.acknowledge_reading(context, version.id)
            return [f"Lecture confirmée{NBSP}: {_name(version)}, le {format_instant(at)}."]
        if asked.put_in_force is not None or asked.withdraw is not None:
            return [await _decide(context, asked)]
        versions = await library.list_versions(context, as_of=asked.as_of)
        if asked.xlsx is not None:
            return [await _write(context, versions, asked.xlsx, asked.as_of)]
        every = asked.every or asked.as_of is not None
        kept = [one for one in versions if every or one.standing == "in_force"]
        return [_describe(one) for one in kept] or [NO_DOCUMENT]

    return _run(settings, user, work)


def ingestion_here(settings: Settings, user: str | None, *, again: bool) -> list[str]:
    """The state of the documentary base; with `again`, its folders are read first."""
    told = ingest_again_here(settings, user) if again else []

    async def work(context: Context) -> list[str]:
        return tell_state(await read_state(context))

    return [*told, *_run(settings, user, work)]


async def _tell(context: Context, asked: DocumentsAsked) -> str | None:
    """What the conversation would say, for what is asked of a document or of oneself."""
    if asked.reviews:
        return await tell_reviews(context, "", "cli")
    if asked.unread:
        return await tell_unread(context, "", "cli")
    if asked.readers is not None:
        return await write_readers(context, await _find(context, asked.readers))
    if asked.changes is not None:
        version = await _find(context, asked.changes)
        return write_revision(await find_revision(context, version.id), "cli")
    return None


async def _decide(context: Context, asked: DocumentsAsked) -> str:
    status = "in_force" if asked.put_in_force is not None else "withdrawn"
    version = await _find(context, asked.put_in_force or asked.withdraw or "")
    what, e = ("Mise en vigueur", "e") if status == "in_force" else ("Retrait", "")
    day = asked.on or context.today
    made = await library.propose_status(
        context, version.id, status, on=day, reason=f"{what} demandé{e} en ligne de commande"
    )
    state = f"proposé{e}" if made.is_new else f"déjà proposé{e}"
    return (
        f"{what} de {_name(version)} au {format_date(day)}, {state}. Rien ne change avant "
        f"l’accord{NBSP}: «{NBSP}voltaire approvals list{NBSP}»."
    )


async def _write(
    context: Context, versions: list[ControlledVersion], path: Path, as_of: dt.date | None
) -> str:
    day = as_of or context.today
    asker = context.identity
    book = write_document_table(
        versions, asker.tenant_name, day, roles=asker.roles, in_history=as_of is not None
    )
    await asyncio.to_thread(write_file, path, book)
    return f"Table des documents en vigueur au {format_date(day)}{NBSP}: {path}"


async def _find(context: Context, named: str) -> ControlledVersion:
    code, _, label = named.partition("@")
    if not code.strip():
        raise InvalidInput(f"Nommez le document{NBSP}: {SIGN}, par exemple PR-08@3.1.")
    return await library.find_version(context, code.strip(), label.strip() or None)


def _name(version: ControlledVersion) -> str:
    return f"{version.code}, version {version.label}"


def _describe(version: ControlledVersion) -> str:
    parts = [f"{_name(version)} – {version.title}", STANDINGS[version.standing]]
    parts += library.list_bounds(version)
    if version.review_due_on is not None:
        parts.append(f"à relire pour le {format_date(version.review_due_on)}")
    parts.append(version.owner_name or "sans responsable")
    return f"{NBSP}; ".join(parts)


def _plain(text: str) -> list[str]:
    return [line for line in text.replace("**", "").replace("*", "").splitlines() if line]


def _run(
    settings: Settings, user: str | None, work: Callable[[Context], Awaitable[list[str]]]
) -> list[str]:
    async def run(installation: Installation, identity: Identity) -> list[str]:
        clock = build_clock(settings)
        return await work(Context(identity, installation.database, offline_engine(), clock))

    return run_here(settings, user, run)
