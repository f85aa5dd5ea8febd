"""What a folder holds: the files to read, and what could not even be opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.formats import NBSP
from ingest.errors import name_os_error
from ingest.register import REGISTER
from ingest.storage import SourceFile

IGNORED_NAMES = frozenset({REGISTER, "thumbs.db", "desktop.ini"})
UNOPENED = (
    "N’a pas pu être ouvert ({reason}). Donnez à Voltaire le droit de lecture ; ce qui en a déjà "
    "été lu reste en l’état."
)
BROKEN_LINK = (
    f"C’est un lien dont la cible a disparu{NBSP}: rien n’en est consultable. Remplacez-le par le "
    "fichier lui-même, ou retirez-le du dossier."
)
LINK_OUTSIDE = (
    f"C’est un lien vers un fichier rangé hors de ce dossier{NBSP}: il n’est pas suivi, pour que "
    "les droits du dossier vaillent pour tout ce qui en est lu. Remplacez-le par le fichier "
    "lui-même, ou ajoutez son dossier aux sources."
)
LOOPING_LINK = (
    f"C’est un lien qui tourne en rond{NBSP}: rien n’en est consultable. Remplacez-le par le "
    "fichier lui-même, ou retirez-le du dossier."
)
LINK_TO_FOLDER = (
    f"C’est un lien vers un dossier{NBSP}: il n’est pas suivi. Remplacez-le par le dossier "
    "lui-même, ou ajoutez aux sources celui auquel il mène."
)
NO_FILE = (
    "Ce n’est pas un fichier de document (tube, connexion ou périphérique du système). Retirez-le "
    "du dossier."
)


@dataclass(frozen=True)
class Listing:
    """The files of a folder, and why what else stands there could not be opened, by path.

    What was read of the `unreadable` stays; nothing stays of the `refused`, which hold no file.
    """

    files: tuple[SourceFile, ...]
    unreadable: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict[str, str])

    def hides(self, path: str) -> bool:
        """Tell whether `path` stands at or below something that could not be opened."""
        return any(path == place or path.startswith(f"{place}/") or place == "."
                   for place in self.unreadable)  # fmt: skip


def list_source_files(root: Path) -> Listing:
    """Files below `root` in path order; hidden, lock and system files are left out."""
    found: list[SourceFile] = []
    unreadable: dict[str, str] = {}
    refused: dict[str, str] = {}

    def note(error: OSError) -> None:
        place = Path(error.filename or root)
        inside = place.relative_to(root).as_posix() if place.is_relative_to(root) else str(place)
        unreadable[inside] = UNOPENED.format(reason=name_os_error(error))

    for folder, subfolders, names in os.walk(root, onerror=note):
        links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in (*names, *links):
            location = Path(folder) / name
            if name.startswith((".", "~$")) or name.lower() in IGNORED_NAMES:
                continue
            try:
                path = location.relative_to(root).as_posix()
                if refusal := _find_refusal(location, root):
                    refused[path] = refusal
                else:
                    found.append(SourceFile(str(root), path, location, location.stat().st_size))
            except FileNotFoundError:
                # It went away meanwhile.
                continue
            except OSError as error:
                note(error)
    return Listing(tuple(sorted(found, key=lambda file: file.path)), unreadable, refused)


def _find_refusal(location: Path, root: Path) -> str | None:
    """Why what stands at `location` is not read; raises OSError when nobody can tell."""
    try:
        mode = location.stat().st_mode
    except OSError as error:
        if error.errno == errno.ELOOP:
            return LOOPING_LINK
        if isinstance(error, FileNotFoundError) and location.is_symlink():
            return BROKEN_LINK
        raise
    if stat.S_ISDIR(mode):
        return LINK_TO_FOLDER
    if not location.resolve().is_relative_to(root):
        return LINK_OUTSIDE
    return None if stat.S_ISREG(mode) else NO_FILE
