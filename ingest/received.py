"""The name of a received file, made fit for a folder of ours."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

LONGEST_STEM, LONGEST_SUFFIX = 150, 10


def clean_name(given: str | None) -> str:
    """The last part of a name, without control characters; «fichier» when nothing is left."""
    last = PureWindowsPath(PurePosixPath(given or "").name).name
    kept = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(". ")
    stem, suffix = PurePosixPath(kept).stem, PurePosixPath(kept).suffix
    return f"{stem[:LONGEST_STEM]}{suffix[:LONGEST_SUFFIX]}" if kept else "fichier"
