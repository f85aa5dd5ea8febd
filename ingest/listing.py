"""What a folder holds: the files to read, and what could not even be opened."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import name_os_error
from ingest.register import REGISTER
from ingest.storage import SourceFile

IGNORED_NAMES = frozenset({REGISTER, "thumbs.db", "desktop.ini"})
UNOPENED = (
    "N’a pas pu être ouvert ({reason}). Donnez à Voltaire le droit de lecture ; ce qui en a déjà "
    "été lu reste en l’état."
)


@dataclass(frozen=True)
class Listing:
    """The files of a folder, and why what else stands there could not be opened, by path."""

    files: tuple[SourceFile, ...]
    unreadable: Mapping[str, str]

    def hides(self, path: str) -> bool:
        """Tell whether `path` stands at or below something that could not be opened."""
        return any(path == place or path.startswith(f"{place}/") or place == "."
                   for place in self.unreadable)  # fmt: skip


def list_source_files(root: Path) -> Listing:
    """Files below `root` in path order; hidden, lock and system files are left out."""
    found: list[SourceFile] = []
    unreadable: dict[str, str] = {}

    def note(error: OSError) -> None:
        place = Path(error.filename or root)
        inside = place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)
        unreadable[inside] = UNOPENED.format(reason=name_os_error(error))

    for folder, subfolders, names in os.walk(root, onerror=note):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in names:
            location = Path(folder) / name
            if name.startswith((".", "~$")) or name.lower() in IGNORED_NAMES:
                continue
            try:
                if location.is_file() and _is_below(location, root):
                    path = location.relative_to(root).as_posix()
                    found.append(SourceFile(str(root), path, location, location.stat().st_size))
            except OSError as error:
                note(error)
    return Listing(tuple(sorted(found, key=lambda file: file.path)), unreadable)


def _is_below(location: Path, root: Path) -> bool:
    """A link must not bring in files from outside the folder."""
    return location.resolve().is_relative_to(root)
