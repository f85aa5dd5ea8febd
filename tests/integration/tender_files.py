"""Tender files of the demonstration, built as a buyer would send them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from core.settings import PROJECT_ROOT

SOURCES = PROJECT_ROOT / "demo" / "documents" / "sources" / "appels-d-offres"


def build_pieces(name: str, folder: Path) -> list[Path]:
    """The pieces of a demonstration tender, as PDF and Word files and tables."""
    from demo.documents.builder import build_documents

    chosen = folder / "sources"
    shutil.copytree(SOURCES / name, chosen / "appels-d-offres" / name)
    built = folder / "built"
    build_documents(built, folder=chosen)
    return sorted(path for path in built.rglob("*") if path.is_file() and path.suffix != ".yaml")


def zip_pieces(pieces: list[Path], target: Path) -> Path:
    """The archive of these pieces."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for piece in pieces:
            archive.write(piece, piece.name)
    return target
