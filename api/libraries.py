"""The SharePoint and OneDrive libraries of the settings: reading them, and trying them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

from api.doctor import Finding
from api.mailboxes import build_credential
from api.offline import describe_report, run_here
from api.terminal import show_progress
from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError, VoltaireError
from core.formats import NBSP
from core.settings import Settings
from crm.installation import Installation
from ingest.clients.graph_drive import GraphDrives
from ingest.clients.graph_transport import authenticate
from ingest.libraries.retiring import retire_libraries
from ingest.libraries.rights import read_roles
from ingest.libraries.syncing import LibraryReader

NONE_SET = (
    "Aucune bibliothèque n’est réglée. Renseignez VOLTAIRE_LIBRARIES et VOLTAIRE_LIBRARY_ROLES "
    "(docs/sharepoint.md)."
)


def list_names(settings: Settings) -> list[str]:
    """The libraries of the settings, by name."""
    return [name.strip() for name in settings.libraries.split(";") if name.strip()]


@asynccontextmanager
async def opened_drives(settings: Settings) -> AsyncGenerator[GraphDrives]:
    """What reads the libraries, closed at the end. Raises ConfigurationError."""
    drives = GraphDrives(
        authentication=authenticate(build_credential(settings)), base_url=settings.graph_base_url
    )
    try:
        yield drives
    finally:
        await drives.close()


@asynccontextmanager
async def opened_readers(
    settings: Settings, database: Database, identity: Identity
) -> AsyncGenerator[list[LibraryReader]]:
    """A reader by library of the settings. Raises ConfigurationError."""
    roles = read_roles(settings.library_roles)
    async with opened_drives(settings) as drives:
        yield [
            LibraryReader(
                database, identity, drives, name, settings.libraries_dir, roles,
                settings.upload_limit_mb,
            )
            for name in list_names(settings)
        ]  # fmt: skip


def read_libraries_here(
    settings: Settings, user: str | None, *, full: bool
) -> tuple[list[str], bool]:
    """Read every library of the settings; what was done, and whether each could be read."""
    if not list_names(settings):
        raise ConfigurationError(NONE_SET)

    async def work(installation: Installation, identity: Identity) -> tuple[list[str], bool]:
        lines: list[str] = []
        is_whole = True
        async with opened_readers(settings, installation.database, identity) as readers:
            for reader in readers:
                lines.append(reader.source)
                try:
                    with show_progress() as progress:
                        report = await reader.sync(
                            workers=settings.ingest_workers, full=full,
                            progress=progress.stage("Lecture des documents"),
                        )  # fmt: skip
                    lines += describe_report(report)
                except VoltaireError as error:
                    lines.append(error.message)
                    is_whole = False
            kept = [reader.source for reader in readers]
            folder = settings.libraries_dir
            for source in await retire_libraries(installation.database, identity, kept, folder):
                lines.append(
                    f"{source}{NBSP}: plus réglée, ses documents ne sont plus consultables."
                )
        return lines, is_whole

    return run_here(settings, user, work)


def examine_libraries(settings: Settings) -> Iterator[Finding]:
    """Whether each library of the settings can be reached; nothing where none is set."""
    names = list_names(settings)
    if names:
        yield from asyncio.run(_examine(settings, names))


async def _examine(settings: Settings, names: list[str]) -> list[Finding]:
    try:
        read_roles(settings.library_roles)
        async with opened_drives(settings) as drives:
            return [await _examine_one(drives, name) for name in names]
    except VoltaireError as error:
        return [Finding("failed", "Bibliothèques", error.message)]


async def _examine_one(drives: GraphDrives, name: str) -> Finding:
    subject = f"Bibliothèque «{NBSP}{name}{NBSP}»"
    try:
        library = await drives.find(name)
        async for _ in drives.list_changes(library.drive_id, None):
            break
    except VoltaireError as error:
        return Finding("failed", subject, error.message)
    return Finding("ok", subject, "joignable")
