"""Ingestion of a folder of documents: incremental, parallel, resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, VoltaireError
from core.formats import NBSP
from core.settings import get_settings
from ingest.errors import ErasedFile, FolderMissing, UnreadableFile
from ingest.filing import Known, Limits, Run, bring_up_to_date, load_known, place_file
from ingest.listing import Listing, list_source_files
from ingest.placing import complete, hold_back, is_default, place_files
from ingest.preparation import Workshop
from ingest.register import GONE, REGISTER, Entry, Register, read_register
from ingest.report import IngestionReport, Remark
from ingest.source_rights import apply_rights
from ingest.storage import (
    WRITER,
    SourceFile,
    find_conflict,
    keep_former,
    record_outcome,
    remove_vanished,
    withhold,
)
from knowledge.documents import AccessRole, StoredVersion
from knowledge.ingested_files import IngestedFile, list_files
from knowledge.ingestion_runs import begin_run, end_run, list_folders, was_read

Progress = Callable[[int, int, str], None]

SUDDENLY_EMPTY = 10
BROKEN = (
    "Une erreur imprévue. Relancez la lecture ; si elle se répète, transmettez le journal du "
    "service à qui tient l’installation."
)
EMPTIED = (
    "Ce fichier n’est plus dans la bibliothèque, comme tous ceux qui en avaient été lus. Il n’est "
    "consultable par personne. Si c’est une erreur, restaurez-le depuis la corbeille de "
    f"SharePoint{NBSP}: il sera relu au prochain passage. Sinon, effacez le document avec "
    f"«{NBSP}voltaire erase{NBSP}»."
)
WAITS = (
    "Une autre version de ce document a été approuvée et reste en vigueur. Celle-ci attend en "
    f"relecture{NBSP}: mettez-la en vigueur si elle la remplace."
)
ERASED = f"fichier effacé n°{NBSP}{{number}}"
STILL_THERE = (
    "Un fichier effacé de la base à la demande d’une personne ou du cabinet est toujours là. Son "
    f"nom, qui peut nommer quelqu’un, n’est pas noté ici{NBSP}; {{told}}. Retirez-le, ou "
    f"corrigez-le{NBSP}: sa nouvelle version sera lue."
)
TOLD_BY_INGEST = f"«{NBSP}voltaire ingest{NBSP}» le donne"
TOLD_BY_LIBRARIES = (
    f"«{NBSP}voltaire libraries{NBSP}» donne son dossier et son identifiant dans SharePoint"
)
MISNAMED = (
    f"Dans {REGISTER}, l’entrée «{{nbsp}}{{code}}{{nbsp}}», qui parlait de ce fichier, désigne "
    "maintenant «{nbsp}{path}{nbsp}», qui n’existe pas. Le fichier n’est consultable par personne "
    "tant qu’elle n’est pas corrigée ; écrivez-y le nom du fichier, puis relancez l’ingestion."
)


@dataclass(frozen=True)
class Holding:
    """What a source holds: how it is called, its files, its register, its rights.

    `rights` are those of the source, by path, where it has its own: they stand for the register's.
    `forbidden` are the files whose rights are unknown, and why: nobody sees them. `erased` are
    told, and only how many there are is noted: their names may name a person.
    """

    source: str
    listing: Listing
    register: Register
    rights: Mapping[str, tuple[AccessRole, ...]] | None = None
    forbidden: Mapping[str, str] = field(default_factory=dict[str, str])
    erased: tuple[str, ...] = ()


async def ingest_folder(
    database: Database,
    identity: Identity,
    root: Path,
    *,
    workers: int,
    progress: Progress | None = None,
    limits: Limits | None = None,
    workshop: Workshop | None = None,
) -> IngestionReport:
    """Bring the knowledge base to what the folder `root` holds.

    Unchanged files cost a hash. Each other file is read in one of `workers` processes and
    written in a transaction of its own; an unreadable one is reported and the others go on.
    Versions whose file is gone are removed first. `progress` receives (done, total, path);
    an open `workshop` lends its processes, which take seconds to start.
    Raises InvalidInput when the folder or its register cannot be used; noted, unless that folder
    was never read: a mistyped path is no source.
    """
    root = await asyncio.to_thread(root.resolve)
    is_there = await asyncio.to_thread(root.is_dir)
    if not is_there and not await was_read(database, identity, str(root)):
        raise FolderMissing(root)

    async def hold() -> Holding:
        if not await asyncio.to_thread(root.is_dir):
            raise FolderMissing(root)
        register = await asyncio.to_thread(read_register, root)
        return Holding(str(root), await asyncio.to_thread(list_source_files, root), register)

    return await ingest_source(
        database, identity, str(root), hold,
        workers=workers, progress=progress, limits=limits, workshop=workshop,
    )  # fmt: skip


async def list_folders_to_read(
    database: Database, identity: Identity, documents: Path
) -> list[Path]:
    """The documents folder, where it is, and each folder read before."""
    root = await asyncio.to_thread(documents.resolve)
    known = [Path(path) for path in await list_folders(database, identity)]
    if not await asyncio.to_thread(root.is_dir):
        return known
    return [root, *(path for path in known if path != root)]


async def ingest_source(
    database: Database,
    identity: Identity,
    source: str,
    hold: Callable[[], Awaitable[Holding]],
    *,
    workers: int,
    progress: Progress | None = None,
    limits: Limits | None = None,
    workshop: Workshop | None = None,
) -> IngestionReport:
    """Bring the knowledge base to what `hold` finds in the source called `source`.

    The reading is noted with its outcome, also when `hold` raises.
    """
    run_id = await begin_run(database, identity, source)
    report = IngestionReport()
    limits = limits or Limits(get_settings().upload_limit_mb)
    try:
        holding = await hold()
        async with nullcontext(workshop) if workshop else Workshop(workers) as opened:
            run = Run(database, identity, opened, limits, report)
            await _bring(run, holding, progress)
    except VoltaireError as error:
        await end_run(database, identity, run_id, report.counts, error.message)
        raise
    except Exception:
        await end_run(database, identity, run_id, report.counts, BROKEN)
        raise
    await end_run(database, identity, run_id, report.counts)
    return report


async def _bring(run: Run, holding: Holding, progress: Progress | None) -> None:
    database, identity, report = run.database, run.identity, run.report
    source, listing, register = holding.source, holding.listing, holding.register
    if register.is_absent and holding.rights is None:
        _require_register(await load_known(database, identity, source))
    present = {file.path for file in listing.files}
    there = present | listing.unreadable.keys() | listing.refused.keys()
    report.notices += _absent_entries(register.entries, there)
    refused = {
        **listing.unreadable, **listing.refused, **register.faults, **register.strays,
    }  # fmt: skip
    emptied = await _remove_gone(database, identity, holding, refused.keys(), report)
    known = await load_known(database, identity, source)
    misnamed = _find_misnamed(register.entries, present, known.versions)
    unknown = {**register.faults, **misnamed, **holding.forbidden, **emptied}
    files = [file for file in listing.files if file.path not in unknown
             and (file.path in register.entries or not register.strays)]  # fmt: skip
    entries = complete(register.entries, there)
    waiting = hold_back(entries, register.entries, known.versions.values())
    report.notices += [Remark(path, WAITS) for path in waiting]
    entries |= waiting
    placed = place_files(entries, [file.path for file in files])
    if holding.rights is not None:
        held = {
            path: each.document.code
            for each in known.versions.values()
            if (path := each.version.source_path) in listing.unreadable and path not in unknown
        }
        placed, disjoint = apply_rights(placed, holding.rights, held)
        unknown |= disjoint
    await _refuse(database, identity, source, {**refused, **unknown}, report)
    await withhold(database, identity, source, sorted(unknown))
    chosen = [file for file in files if file.path in placed]
    erased = await _ingest_all(run, chosen, placed, known, progress)
    told = TOLD_BY_INGEST if holding.rights is None else TOLD_BY_LIBRARIES
    await _tell_erased(run, source, (*holding.erased, *erased), STILL_THERE.format(told=told))


async def _tell_erased(run: Run, source: str, paths: Sequence[str], message: str) -> None:
    """Tell who reads the source which erased files are still there, and note how many."""
    for number, path in enumerate(paths, 1):
        run.report.failures.append(Remark(path, ErasedFile().message))
        row = IngestedFile(source, ERASED.format(number=number), None, 0, "failed", message)
        await record_outcome(run.database, run.identity, row)


def _require_register(known: Known) -> None:
    """Refuse to read without a register what was read with one: its rights would be lost."""
    for stored in known.versions.values():
        is_own = stored.version.source_path in known.ledger and stored.id not in known.foreign
        if is_own and not is_default(stored):
            raise InvalidInput(GONE)


def _absent_entries(register: Mapping[str, Entry], present: Set[str]) -> list[Remark]:
    message = f"inscrit dans {REGISTER}, mais absent du dossier."
    return [Remark(path, message) for path in register if path not in present]


def _find_misnamed(
    register: Mapping[str, Entry], present: Set[str], held: Mapping[tuple[str, str], StoredVersion]
) -> dict[str, str]:
    """Files that lost their entry to a name no file has: their rights are no longer known."""
    misnamed: dict[str, str] = {}
    for path, entry in register.items():
        stored = held.get((entry.code, entry.version))
        was_at = stored.version.source_path if stored else path
        if path not in present and was_at in present and was_at not in register:
            misnamed[was_at] = MISNAMED.format(nbsp=NBSP, code=entry.code, path=path)
    return misnamed


async def _remove_gone(
    database: Database,
    identity: Identity,
    holding: Holding,
    refused: Set[str],
    report: IngestionReport,
) -> dict[str, str]:
    """Remove what was read from files that are gone; not below what could not be opened.

    What is refused once more keeps its row, even where no file stands at that path. The many
    files of a library that holds none of them any more are returned with why, to be shown to
    nobody: unlike a folder it said so itself, but until each is back or erased it can be undone.
    """
    root, listing = holding.source, holding.listing
    async with database.transaction(identity, WRITER) as connection:
        rows = await list_files(connection, identity.tenant_id, root)
    present = {file.path for file in listing.files}
    gone = [row for row in rows if row.state != "removed" and row.source_path not in present
            and not listing.hides(row.source_path)
            and (row.state == "indexed" or row.source_path not in refused)]  # fmt: skip
    emptied = {row.source_path: EMPTIED for row in gone if row.message == EMPTIED}
    lost = [row for row in gone if row.state == "indexed"]
    if not present and len(lost) >= SUDDENLY_EMPTY:
        if holding.rights is None:
            raise InvalidInput(
                f"Le dossier {root} est vide alors que {len(lost)} documents en ont été lus : le "
                "partage est sans doute démonté. Rien n’a été retiré. Remontez-le, ou retirez les "
                "documents avec « voltaire erase » si c’est voulu."
            )
        emptied |= {row.source_path: EMPTIED for row in lost}
    gone = [row for row in gone if row.source_path not in emptied]
    if gone:
        await remove_vanished(database, identity, gone)
        report.removed += [row.source_path for row in gone if row.state == "indexed"]
    return emptied


async def _refuse(
    database: Database,
    identity: Identity,
    root: str,
    reasons: Mapping[str, str],
    report: IngestionReport,
) -> None:
    for path, message in reasons.items():
        report.failures.append(Remark(path, message))
        await record_outcome(
            database, identity, IngestedFile(root, path, None, 0, "failed", message)
        )


async def _ingest_all(
    run: Run,
    files: Sequence[SourceFile],
    entries: Mapping[str, tuple[Entry, Entry]],
    known: Known,
    progress: Progress | None,
) -> list[str]:
    """Ingest each file; the paths of those that were erased from the base, left alone."""
    slots = asyncio.Semaphore(run.workshop.size * 2)
    claimed: dict[tuple[str, str], str] = {}
    erased: list[str] = []
    done = 0

    async def ingest(file: SourceFile) -> None:
        nonlocal done
        async with slots:
            try:
                await _ingest_one(run, file, entries[file.path], known, claimed)
            except ErasedFile:
                erased.append(file.path)
        done += 1
        if progress is not None:
            progress(done, len(files), file.path)

    async with asyncio.TaskGroup() as group:
        for file in files:
            group.create_task(ingest(file))
    return sorted(erased)


async def _ingest_one(
    run: Run,
    file: SourceFile,
    entry: tuple[Entry, Entry],
    known: Known,
    claimed: dict[tuple[str, str], str],
) -> None:
    """Read and write one file, or note why not. Raises ErasedFile."""
    sha256: str | None = None
    try:
        placement = await place_file(file, *entry, known.users, run.limits)
        sha256 = placement.sha256
        if sha256 in known.erased:
            raise ErasedFile
        key = (placement.document.code, placement.version.label)
        holder = claimed.setdefault(key, file.path)
        stored = known.versions.get(key)
        conflict = find_conflict(placement, stored, known.foreign)
        conflict = conflict or _claim_refusal(key, holder, file.path)
        if conflict is not None:
            raise InvalidInput(conflict)
        if stored is None:
            placement = keep_former(placement, known.find_former(file.path, sha256))
        await bring_up_to_date(run, placement, stored, known.ledger.get(file.path))
    except ErasedFile:
        raise
    except (UnreadableFile, InvalidInput) as error:
        run.report.failures.append(Remark(file.path, error.message))
        await record_outcome(
            run.database, run.identity, file.ledger("failed", sha256, error.message)
        )


def _claim_refusal(key: tuple[str, str], holder: str, path: str) -> str | None:
    if holder == path:
        return None
    return (
        f"Le document {key[0]}, version {key[1]}, est déjà fourni par « {holder} ». Donnez un "
        f"autre code ou une autre version à l’un des deux fichiers dans {REGISTER}."
    )
