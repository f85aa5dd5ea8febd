"""Where a library's items stand: by path in the library, and under what names on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from ingest.libraries.storage import Item
from ingest.listing import IGNORED_NAMES
from ingest.register import REGISTER

NAME_BYTES = 255


def place_items(items: Sequence[Item]) -> dict[str, Item]:
    """The files by their path below the library's root; what hangs on nothing known is left."""
    by_id = {item.id: item for item in items}
    placed: dict[str, Item] = {}
    for item in items:
        if item.is_folder:
            continue
        names, current, steps = [item.name], item, 0
        while current.parent_id in by_id and steps < len(items):
            current = by_id[current.parent_id]
            names.append(current.name)
            steps += 1
        if current.is_folder and current.parent_id not in by_id and len(names) > 1:
            placed[PurePosixPath(*reversed(names[:-1])).as_posix()] = item
    return placed


def is_read(path: str) -> bool:
    """Tell whether a file is meant to be read: neither hidden, nor a lock, nor the register."""
    parts = PurePosixPath(path).parts
    hidden = any(part.startswith((".", "~$")) for part in parts)
    return not hidden and parts[-1].lower() not in IGNORED_NAMES and path != REGISTER


def shorten_name(name: str) -> str:
    """A name that a disk takes, its suffix kept: SharePoint counts letters, a disk bytes."""
    suffix = PurePosixPath(name).suffix.encode()
    if len(suffix) > NAME_BYTES // 2:
        suffix = b""
    stem = name.encode()[: len(name.encode()) - len(suffix)]
    return (stem[: NAME_BYTES - len(suffix)] + suffix).decode(errors="ignore")


def name_folder(identifier: str) -> str:
    """A name of folder for an identifier, whatever its letters."""
    return hashlib.sha256(identifier.encode()).hexdigest()[:32]
