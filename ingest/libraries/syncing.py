"""Bringing the knowledge base to what a library holds: changes, rights, contents.

A page of changes and the place where the next begins are kept together, so that a run that stops
is taken up with nothing lost. Contents lie in a private folder, each under its item's identifier:
a file that is renamed or moved is not fetched again. Rights are asked anew each time, of every
file: SharePoint does not tell of all their changes.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import ClassVar

from core.context import Clock, Identity, system_clock
from core.database import Database
from core.errors import InvalidInput, VoltaireError
from core.formats import NBSP
from ingest.clients.graph_drive import SILENT, FileRefused, GraphDrives, Library
from ingest.clients.graph_transport import GraphError, GraphUnreachable, StaleDelta
from ingest.errors import ErasedFile, name_os_error
from ingest.folder import Holding, Progress, ingest_source
from ingest.libraries.paths import is_read, name_folder, place_items, shorten_name
from ingest.libraries.rights import find_rights
from ingest.libraries.storage import Item, Place
from ingest.listing import Listing
from ingest.register import REGISTER, Register, read_register
from ingest.report import IngestionReport
from ingest.source_rights import is_within
from ingest.storage import SourceFile, hash_file, withhold
from knowledge.documents import AccessRole, list_versions
from knowledge.ingested_files import list_erased

NOTEBOOK = (
    "Un bloc-notes OneNote n’est pas lu. Exportez ses pages en Word ou en PDF dans la bibliothèque."
)
SOURCE = f"Bibliothèque{NBSP}: "
PARTIAL = ".partial"
LOCK = ".lecture"
PATIENCE = 3
"""After so many files whose content did not come, the others wait for the next reading."""
UNSIGNED = 401
UNKEPT = (
    "Le contenu n’a pas pu être gardé sur ce serveur ({reason}). Libérez de la place ou rendez à "
    "Voltaire son dossier de données ; il sera redemandé au prochain passage."
)
TOO_LARGE = (
    "Le fichier dépasse la taille admise (VOLTAIRE_UPLOAD_LIMIT_MB). Découpez-le, ou relevez la "
    "limite."
)


class ReadingUnderWay(VoltaireError):
    """Another process reads the libraries of this installation."""

    status: ClassVar[int] = 409

    def __init__(self) -> None:
        super().__init__(
            "Une lecture des bibliothèques est déjà en cours. Attendez qu’elle se termine, puis "
            "relancez."
        )


@dataclass
class LibraryReader:
    """A library, where its contents lie on this machine, and how its groups are told."""

    database: Database
    identity: Identity
    drives: GraphDrives
    name: str
    folder: Path
    roles: Mapping[str, frozenset[AccessRole]]
    size_limit_mb: int
    clock: Clock = system_clock
    library: Library = field(init=False)
    _silences: int = field(init=False, default=0)

    @property
    def source(self) -> str:
        """How the ingestion's state calls it."""
        return name_source(self.name)

    async def sync(
        self, *, workers: int, full: bool = False, progress: Progress | None = None
    ) -> IngestionReport:
        """Read what changed, or everything, and bring the base to it. Raises VoltaireError.

        One reading at a time: the command and the background job share the contents on disk.
        """

        async def hold() -> Holding:
            self.library = await self.drives.find(self.name)
            self._silences = 0
            await self._follow(full=full)
            return await self._hold()

        with self._alone():
            return await ingest_source(
                self.database, self.identity, self.source, hold, workers=workers, progress=progress
            )

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Raises ReadingUnderWay."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ReadingUnderWay from error
            yield

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[Place]:
        async with self.database.transaction(self.identity, "knowledge_writer") as connection:
            yield Place(connection, self.identity.tenant_id, self.library.drive_id)

    async def _follow(self, *, full: bool) -> None:
        """Bring the known items to those of the library; whole once a day, or when asked."""
        async with self._place() as place:
            cursor, is_reconciled = await place.open()
        if cursor is not None and is_reconciled and not full:
            try:
                await self._read_changes(cursor)
            except StaleDelta:
                await self._read_changes(None)
        else:
            await self._read_changes(None)

    async def _read_changes(self, cursor: str | None) -> None:
        seen: set[str] = set()
        async for page in self.drives.list_changes(self.library.drive_id, cursor):
            gone = [item["id"] for item in page.items if "deleted" in item]
            kept = {item["id"]: item for item in page.items if "deleted" not in item}
            seen = (seen | kept.keys()) - set(gone)
            async with self._place() as place:
                await place.put(list(kept.values()))
                await place.remove(gone)
                if page.is_last:
                    if cursor is None:
                        await place.keep_only(sorted(seen))
                    await place.move(page.link, full=cursor is None)

    async def _hold(self) -> Holding:
        async with self._place() as place:
            items = await place.list_items()
        paths = place_items(items)
        files = {path: item for path, item in paths.items() if is_read(path)}
        register_item = paths.get(REGISTER)
        readable = {path: item for path, item in files.items() if not item.is_erased}
        rights, forbidden = await self._read_rights(readable)
        kept = [item for path, item in paths.items() if path not in forbidden]
        await asyncio.to_thread(self._forget, kept)
        try:
            register = await self._read_register(register_item)
        except InvalidInput:
            # Codes are then unknown, rights are not: what fewer may read now is closed at once.
            closed = forbidden | await self._forbid_widened(dict.fromkeys(files, ""), rights)
            await withhold(self.database, self.identity, self.source, sorted(closed))
            raise
        async with self.database.transaction(self.identity, "knowledge_writer") as connection:
            erased = await list_erased(connection, self.identity.tenant_id)
        listing, gone = await self._bring_all(files, forbidden, erased)
        stray = next(iter(register.strays.values()), None)
        left = {path: stray for path in files if stray and path not in register.entries}
        forbidden |= await self._forbid_widened({**left, **listing.unreadable}, rights)
        return Holding(self.source, listing, register, rights, forbidden, gone)

    async def _bring_all(
        self, files: Mapping[str, Item], forbidden: Mapping[str, str], erased: frozenset[str]
    ) -> tuple[Listing, tuple[str, ...]]:
        """The contents that may be had, and the paths of those that were erased from the base."""
        found: list[SourceFile] = []
        unreadable: dict[str, str] = {}
        gone: list[str] = []
        for path, item in files.items():
            if path in forbidden:
                unreadable[path] = forbidden[path]
                continue
            try:
                location = await self._bring_allowed(item, erased)
                found.append(SourceFile(self.source, path, location, item.size))
            except FileRefused as error:
                unreadable[path] = error.reason
            except ErasedFile:
                gone.append(path)
        return Listing(tuple(sorted(found, key=lambda file: file.path)), unreadable), tuple(gone)

    async def _forbid_widened(
        self, staying: Mapping[str, str], rights: Mapping[str, tuple[AccessRole, ...]]
    ) -> dict[str, str]:
        """What stays as it was read, by path with why, but that fewer people may read now."""
        if not staying:
            return {}
        async with self.database.transaction(self.identity, "knowledge_writer") as connection:
            versions = await list_versions(connection, self.identity.tenant_id)
        return {
            path: staying[path]
            for one in versions
            if (path := one.version.source_path) in staying
            and not is_within(one.document.access, rights.get(path, ()))
        }

    async def _read_rights(
        self, files: Mapping[str, Item]
    ) -> tuple[dict[str, tuple[AccessRole, ...]], dict[str, str]]:
        ids = [item.id for item in files.values()]
        permissions = await self.drives.list_permissions(self.library.drive_id, ids)
        now = self.clock()
        told = {
            path: find_rights(permissions.get(item.id), self.roles, now)
            for path, item in files.items()
        }
        access = {path: one.access for path, one in told.items() if one.refusal is None}
        return access, {path: one.refusal for path, one in told.items() if one.refusal is not None}

    async def _bring_allowed(self, item: Item, erased: frozenset[str]) -> Path:
        """`_bring`, but a content that was erased from the base does not stay on disk either.

        Raises ErasedFile for it; its name is forgotten, and it is not fetched again.
        """
        if item.is_erased:
            raise ErasedFile
        location = await self._bring(item)
        if erased and await asyncio.to_thread(hash_file, location) in erased:
            await asyncio.to_thread(location.unlink)
            async with self._place() as place:
                await place.erase(item.id)
            raise ErasedFile
        return location

    async def _bring(self, item: Item) -> Path:
        """The item's content on disk, fetched when it changed. Raises FileRefused, GraphError."""
        if item.content_tag is None:
            raise FileRefused(NOTEBOOK)
        if item.size > self.size_limit_mb * 2**20:
            raise FileRefused(TOO_LARGE)
        location = self._locate(item)
        if item.held_tag == item.content_tag and await asyncio.to_thread(_rename, location):
            return location
        await self._fetch(item.id, item.content_tag, location)
        async with self._place() as place:
            await place.hold(item.id, item.content_tag)
        return location

    async def _fetch(self, item_id: str, tag: str, location: Path) -> None:
        """Raises FileRefused for what concerns this file: the others and the rights go on."""
        if self._silences >= PATIENCE:
            raise FileRefused(SILENT)
        partial = location.with_name(PARTIAL)
        drive_id, limit = self.library.drive_id, self.size_limit_mb * 2**20
        try:
            location.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            await self.drives.download(drive_id, item_id, tag, limit, partial)
            await asyncio.to_thread(_replace, partial, location)
        except GraphUnreachable as error:
            self._silences += 1
            raise FileRefused(error.message) from error
        except GraphError as error:
            if error.http_status == UNSIGNED:
                raise
            raise FileRefused(
                f"Microsoft 365 refuse ce fichier ({error.http_status} {error.code}). Vérifiez "
                "qu’il n’est ni verrouillé ni supprimé ; il sera redemandé au prochain passage."
            ) from error
        except OSError as error:
            raise FileRefused(UNKEPT.format(reason=name_os_error(error))) from error

    def _locate(self, item: Item) -> Path:
        name = PurePosixPath(item.name.replace("\\", "/")).name
        safe = shorten_name(name) if name not in ("", "..", PARTIAL) else "fichier"
        return self.folder / name_folder(self.source) / name_folder(item.id) / safe

    def _forget(self, wanted: Sequence[Item]) -> None:
        """Remove from the disk what the library no longer holds, or lets nobody read."""
        base = self.folder / name_folder(self.source)
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = {name_folder(item.id) for item in wanted}
        for place in base.iterdir():
            if place.name not in kept:
                shutil.rmtree(place, ignore_errors=True)

    async def _read_register(self, item: Item | None) -> Register:
        """Raises InvalidInput where there is one that cannot be read: no code is then known."""
        if item is None:
            return Register()
        try:
            location = await self._bring(item)
        except FileRefused as error:
            raise InvalidInput(
                f"{REGISTER} n’a pas pu être lu dans la bibliothèque, rien n’a été changé. "
                f"{error.reason}"
            ) from error
        return await asyncio.to_thread(read_register, location.parent)


def name_source(name: str) -> str:
    """How the ingestion's state calls the library that the settings call `name`."""
    return SOURCE + name


def _rename(location: Path) -> bool:
    """Give the content on disk its present name; False where there is none."""
    held = [one for one in location.parent.glob("*") if one.name != PARTIAL]
    if len(held) != 1:
        return False
    held[0].replace(location)
    return True


def _replace(partial: Path, location: Path) -> None:
    for former in location.parent.iterdir():
        if former != partial:
            former.unlink()
    partial.replace(location)
