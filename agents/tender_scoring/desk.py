"""The desk where every surface brings tender files and fetches what they say.

Receiving keeps the files and returns at once; the work is a job of its own, which a restart of
the process takes up again. Built once per process.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from agents.tender_scoring import storage
from agents.tender_scoring.analysis import Means, OnPiece
from agents.tender_scoring.graph import score_files
from agents.tender_scoring.matching import find_relationship, match_points
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.exports import Export, make_export
from agents.tender_scoring.preferences import get_grid, get_profile
from agents.tender_scoring.rules.unreadable import NothingReadable
from agents.tender_scoring.storage import Progress, StoredAnalysis
from core.context import Clock, Context, Identity
from core.database import Database
from core.engine.protocol import Engine
from core.errors import DatabaseUnavailable, InvalidInput, NotAllowed, VoltaireError
from core.formats import count_noun
from ingest.tenders.intake import SourceFile, unpack

logger = logging.getLogger(__name__)
MIB = 1024 * 1024
LARGEST_BYTES, MOST_FILES = 200 * MIB, 100
LONGEST = dt.timedelta(hours=2)
"""An analysis not ended by then is given up: what stopped it so often will stop it again."""
EVERY_S = 0.5
MAY_BRING = frozenset({"sales", "quality", "director"})
NOT_YOURS = "Votre rôle permet de lire les analyses. Demandez à un commercial ou à la direction."
NOTHING = "Aucun fichier n’a été reçu. Joignez l’archive du dossier ou ses pièces."
ALL_EMPTY = "Le fichier reçu est vide (0 octet). Téléchargez-le de nouveau, puis redéposez-le."
TOO_LARGE = (
    "Le dossier dépasse {size} Mo. Retirez ce qui n’est pas une pièce écrite (plans, photos), puis "
    "redéposez-le."
)
TOO_MANY = "Le dossier compte plus de {count} fichiers. Réunissez-les dans une archive ZIP."
NOT_READY = "Cette analyse n’est pas terminée. Attendez quelques secondes et redemandez-la."
GIVEN_UP = (
    "L’analyse a été interrompue plusieurs fois. Vos fichiers sont gardés\u00a0: relancez-la, ou "
    "retirez la pièce la plus lourde."
)
UNEXPECTED = (
    "L’analyse n’a pas pu aboutir. Vos fichiers sont gardés\u00a0: relancez-la\u00a0; si l’erreur "
    "persiste, prévenez votre administrateur."
)
Defer = Callable[[Identity, UUID], Awaitable[None]]


async def leave_waiting(_: Identity, __: UUID) -> None:
    """Without a queue in this process, the worker finds the analysis by itself."""


def check_may_work(identity: Identity) -> None:
    """Raises NotAllowed for whoever only reads analyses."""
    if not identity.roles & MAY_BRING:
        raise NotAllowed(NOT_YOURS)


@dataclass(frozen=True)
class TenderDesk:
    """Receives tender files, scores them, gives the results out."""

    database: Database
    engine: Engine
    clock: Clock
    defer: Defer = leave_waiting

    async def receive(self, identity: Identity, paths: Sequence[Path], label: str = "") -> UUID:
        """Keep the files of one tender and ask for their analysis.

        Each path's last part is the name the file was given. Raises NotAllowed, or InvalidInput
        saying what to do about the files.
        """
        check_may_work(identity)
        files = await asyncio.to_thread(_inspect, paths)
        id_ = uuid4()
        named = label or _name(files)
        await storage.keep_received(self.database, identity, id_, named, files)
        await self.defer(identity, id_)
        return id_

    async def retry(self, identity: Identity, id_: UUID) -> None:
        """Ask for a failed analysis once more; the files are those kept. Raises NotFound."""
        check_may_work(identity)
        await storage.get_analysis(self.database, identity, id_)
        await storage.open_again(self.database, identity, id_)
        await self.defer(identity, id_)

    async def run(self, identity: Identity, id_: UUID) -> None:
        """Do an analysis, unless it is done or being done; a failure is kept in French.

        The lock goes with the connection: a process that dies lets go of its analyses.
        """
        async with self.database.session(identity) as session:
            row = await (await session.execute(storage.LOCK, (str(id_),))).fetchone()
            if not row or not row["is_mine"]:
                return
            try:
                await self._run(identity, id_)
            finally:
                await session.execute(storage.UNLOCK, (str(id_),))

    async def get(self, identity: Identity, id_: UUID) -> StoredAnalysis:
        """An analysis as it stands. Raises NotFound."""
        return await storage.get_analysis(self.database, identity, id_)

    async def get_done(self, identity: Identity, id_: UUID) -> TenderAnalysis:
        """A finished analysis. Raises NotFound, or InvalidInput while it is not."""
        stored = await self.get(identity, id_)
        if stored.analysis is None:
            raise InvalidInput(stored.error or NOT_READY)
        return stored.analysis

    async def follow(self, identity: Identity, id_: UUID) -> AsyncIterator[StoredAnalysis]:
        """The analysis each time it has moved, the last time when it has ended."""
        before: StoredAnalysis | None = None
        while True:
            stored = await self.get(identity, id_)
            if before is None or (stored.status, stored.progress) != (
                before.status, before.progress
            ):  # fmt: skip
                yield stored
            if stored.status != "running":
                return
            before = stored
            await asyncio.sleep(EVERY_S)

    async def export(self, identity: Identity, id_: UUID, name: str) -> Export:
        """A file to take away. Raises NotFound for an unknown name."""
        analysis = await self.get_done(identity, id_)
        return await make_export(self.make_context(identity), analysis, name)

    def make_context(self, identity: Identity) -> Context:
        """What a request of `identity` travels with."""
        return Context(identity, self.database, self.engine, self.clock)

    async def _run(self, identity: Identity, id_: UUID) -> None:
        stored = await self.get(identity, id_)
        if stored.status != "running":
            return
        if dt.datetime.now(dt.UTC) - stored.created_at > LONGEST:
            await storage.fail_analysis(self.database, identity, id_, GIVEN_UP)
            return
        try:
            with TemporaryDirectory(prefix="voltaire-ao-") as workspace:
                analysis = await self._analyse(identity, stored, Path(workspace))
        except DatabaseUnavailable:
            raise
        except Exception as error:
            if not isinstance(error, NothingReadable):
                logger.exception("Analyse d’appel d’offres impossible")
            told = error.message if isinstance(error, VoltaireError) else UNEXPECTED
            await storage.fail_analysis(self.database, identity, id_, told)
            return
        matched = await match_points(self.database, identity, analysis)
        await storage.finish_analysis(self.database, identity, matched)

    async def _analyse(
        self, identity: Identity, stored: StoredAnalysis, folder: Path
    ) -> TenderAnalysis:
        id_, received = stored.id, folder / "received"
        sources = await storage.write_received(self.database, identity, id_, received)
        unpacked = folder / "pieces"
        unpacked.mkdir()
        intake = await asyncio.to_thread(unpack, sources, unpacked)
        await storage.keep_pieces(self.database, identity, id_, intake.files)
        means = Means(
            await get_profile(self.database, identity),
            (await get_grid(self.database, identity)).grid,
            self.clock(),
        )
        return await score_files(
            sources,
            means,
            self.make_context(identity).engine,
            identifier=id_,
            label=stored.label,
            find_relationship=partial(find_relationship, self.database, identity),
            on_piece=self._tell_pieces(identity, id_),
        )

    def _tell_pieces(self, identity: Identity, id_: UUID) -> OnPiece:
        """What a thread calls for each piece it begins to read."""
        loop = asyncio.get_running_loop()

        def tell(name: str, rank: int, of: int) -> None:
            progress = Progress(name=name, rank=rank, of=of)
            asyncio.run_coroutine_threadsafe(
                storage.report_progress(self.database, identity, id_, progress), loop
            )

        return tell


def _inspect(paths: Sequence[Path]) -> list[SourceFile]:
    """The received files, archives first, within the limits. Raises InvalidInput."""
    if not paths:
        raise InvalidInput(NOTHING)
    if len(paths) > MOST_FILES:
        raise InvalidInput(TOO_MANY.format(count=MOST_FILES))
    sizes = [path.stat().st_size for path in paths]
    if not any(sizes):
        raise InvalidInput(ALL_EMPTY)
    if sum(sizes) > LARGEST_BYTES:
        raise InvalidInput(TOO_LARGE.format(size=LARGEST_BYTES // MIB))
    ordered = sorted(zip(paths, sizes, strict=True), key=lambda each: not _is_archive(each[0]))
    return [SourceFile(path.name, path, size, _digest(path)) for path, size in ordered]


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _name(files: Sequence[SourceFile]) -> str:
    first = Path(files[0].path).stem
    if len(files) == 1:
        return first
    others = count_noun(len(files) - 1, "autre fichier", "autres fichiers")
    return f"{first} et {others}"
