"""The files that commands write, refused in French where they cannot be."""

from __future__ import annotations

from pathlib import Path

from core.errors import InvalidInput

UNWRITABLE = "«\u00a0{path}\u00a0» ne peut pas être écrit. Choisissez un autre dossier."


def check_writable(path: Path) -> None:
    """Raises InvalidInput where `path` cannot be written; leaves it as it was."""
    is_new = not path.exists()
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise InvalidInput(UNWRITABLE.format(path=path)) from error
    if is_new:
        path.unlink()


def write_file(path: Path, content: bytes) -> None:
    """Write `content` in the place of what was there. Raises InvalidInput."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InvalidInput(UNWRITABLE.format(path=path)) from error
