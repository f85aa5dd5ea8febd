"""A folder of `.eml` and `.msg` files, or an `mbox` file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.sources.errors import SourceUnavailable
from ingest.sources.source import RawMail

SUFFIXES = (".eml", ".msg")
MBOX_SUFFIXES = (".mbox", ".mbx")
SIZE_LIMIT = 60_000_001
SEPARATOR = re.compile(rb"From \S.*\d{4}\s*$")
ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True)
class FolderSource:
    """Every mail file below `path`, by name; an mbox file among them is opened."""

    path: Path

    @property
    def mailbox(self) -> str:
        """The folder's path."""
        return str(self.path)

    def count(self) -> int:
        """How many files there are."""
        return len(_list_files(self.path))

    async def read(self) -> AsyncIterator[RawMail]:
        """The files' mails. Raises SourceUnavailable when the folder cannot be listed."""
        for file in await asyncio.to_thread(_list_files, self.path):
            if file.suffix.lower() in MBOX_SUFFIXES:
                async for mail in MboxSource(file).read():
                    yield mail
            else:
                yield RawMail(await asyncio.to_thread(_read, file), file.name)


@dataclass(frozen=True)
class MboxSource:
    """The mails of one `mbox` file, read one at a time whatever its size."""

    path: Path

    @property
    def mailbox(self) -> str:
        """The file's path."""
        return str(self.path)

    async def read(self) -> AsyncIterator[RawMail]:
        """The mails in the file's order."""
        mails = split_mbox(self.path)
        rank = 0
        while (content := await asyncio.to_thread(next, mails, None)) is not None:
            rank += 1
            yield RawMail(content, f"{self.path.name} no {rank}")


def open_path(path: Path) -> FolderSource | MboxSource:
    """The source at `path`. Raises SourceUnavailable where there is none."""
    if path.is_dir():
        return FolderSource(path)
    if path.is_file():
        return MboxSource(path)
    raise SourceUnavailable(
        f"«\u00a0{path}\u00a0» n’existe pas. Donnez un dossier de fichiers .eml ou .msg, ou un "
        "fichier mbox."
    )


def split_mbox(path: Path) -> Iterator[bytes]:
    """The mails of an mbox file (a «From » line after an empty one begins each)."""
    lines: list[bytes] = []
    is_start = True
    with path.open("rb") as file:
        for line in file:
            if is_start and SEPARATOR.match(line):
                if lines:
                    yield ESCAPED.sub(rb"\1", b"".join(lines))
                lines = []
            else:
                lines.append(line)
            is_start = not line.strip()
    if lines:
        yield ESCAPED.sub(rb"\1", b"".join(lines))


def _list_files(path: Path) -> list[Path]:
    kept = (*SUFFIXES, *MBOX_SUFFIXES)
    try:
        return sorted(f for f in path.rglob("*") if f.suffix.lower() in kept and f.is_file())
    except OSError as error:
        raise SourceUnavailable(
            f"Le dossier «\u00a0{path}\u00a0» n’est pas lisible ({error.strerror}). "
            "Vérifiez ses droits."
        ) from error


def _read(file: Path) -> bytes:
    """At most one byte more than a mail may have: reading refuses the rest with its reason."""
    try:
        with file.open("rb") as opened:
            return opened.read(SIZE_LIMIT)
    except OSError as error:
        raise SourceUnavailable(
            f"Le fichier «\u00a0{file.name}\u00a0» n’est pas lisible ({error.strerror})."
        ) from error
