"""What a worker process does with a file: read it, cut it into passages, prepare its index.

Processes are spawned, import at first use, and end with the process that started them. A file
that takes one down is tried once more alone, then refused; the others go on.
"""

from __future__ import annotations

import asyncio
import faulthandler
import multiprocessing
import multiprocessing.process
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar, TypeVarTuple

from core.formats import format_number
from core.settings import prepare_process_environment
from ingest.errors import UnreadableFile
from knowledge.models import DraftVersion, ParsedDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from knowledge.indexing import PreparedIndex

Given = TypeVarTuple("Given")
Made = TypeVar("Made")

HARD_LIMIT_RATIO = 1.5
LONG_TABLE_ROWS = 3_000


@dataclass(frozen=True)
class Reading:
    """What to read, and under which code and title.

    Without `title`, the one the document states; where it states none, `name`.
    """

    path: Path
    code: str
    title: str | None
    name: str
    size_limit_mb: int
    time_limit_s: float


@dataclass(frozen=True)
class PreparedFile:
    """A file read and indexed, ready to be written. `parsed` has lost its blocks by then."""

    parsed: ParsedDocument
    draft: DraftVersion
    index: PreparedIndex


def prepare_file(reading: Reading) -> PreparedFile:
    """Read, cut and index one file; raises UnreadableFile."""
    from ingest.reading import read_document
    from knowledge.chunking import build_draft

    with _deadline(reading.time_limit_s * HARD_LIMIT_RATIO):
        parsed = read_document(
            reading.path,
            size_limit_mb=reading.size_limit_mb,
            time_limit_s=reading.time_limit_s,
        )
    draft = build_draft(parsed, reading.title or parsed.title or reading.name)
    index = index_draft(draft, reading.code)
    notice = parsed.notice or _note_length(draft)
    return PreparedFile(replace(parsed, blocks=(), notice=notice), draft, index)


def index_draft(draft: DraftVersion, code: str) -> PreparedIndex:
    """The index of `draft`, a version of document `code`."""
    from knowledge.indexing import prepare_index
    from knowledge.passage_embedder import get_passage_embedder

    return prepare_index(draft, code, get_passage_embedder())


def _note_length(draft: DraftVersion) -> str | None:
    rows = sum(
        len(chunk.sentences)
        for section in draft.sections
        for chunk in section.chunks
        if chunk.kind == "table"
    )
    if rows <= LONG_TABLE_ROWS:
        return None
    return (
        f"Table de {format_number(rows)} lignes, lue en entier : chaque changement coûte "
        "plusieurs minutes de lecture. Découpez-la par année ou par client, ou ne déposez que "
        "les lignes utiles."
    )


@contextmanager
def _deadline(seconds: float) -> Generator[None]:
    """End this process if a library holds it beyond `seconds` without heeding the alarm."""
    with Path(os.devnull).open("w") as sink:
        faulthandler.dump_traceback_later(seconds, exit=True, file=sink)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _start_worker() -> None:
    prepare_process_environment()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)


@dataclass
class Workshop:
    """At most `size` worker processes, started at first need; an async context manager."""

    size: int
    _pool: ProcessPoolExecutor | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def prepare(self, reading: Reading) -> PreparedFile:
        """`prepare_file` in a worker; raises UnreadableFile, also when the worker dies of it."""
        pool = self._open()
        try:
            return await _run(pool, prepare_file, reading)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
        return await _prepare_alone(reading)

    async def index(self, draft: DraftVersion, code: str) -> PreparedIndex:
        """`prepare_index` in a worker, with the embedder of the settings."""
        return await _run(self._open(), index_draft, draft, code)

    def _open(self) -> ProcessPoolExecutor:
        self._pool = self._pool or _open_pool(self.size)
        return self._pool


async def _prepare_alone(reading: Reading) -> PreparedFile:
    with _open_pool(1) as pool:
        try:
            return await _run(pool, prepare_file, reading)
        except BrokenProcessPool as error:
            raise UnreadableFile(
                "La lecture du fichier épuise la mémoire ou le temps alloués. Découpez-le ou "
                "enregistrez-le dans un format plus simple."
            ) from error


async def _run(pool: ProcessPoolExecutor, work: Callable[[*Given], Made], *given: *Given) -> Made:
    return await asyncio.get_running_loop().run_in_executor(pool, work, *given)


def _open_pool(size: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        size, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
    )
