"""Uploaded files written to disk under their own names, one folder each, within a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from fastapi import UploadFile

from core.errors import InvalidInput
from ingest.received import clean_name

BLOCK = 1024 * 1024
TOO_LARGE = "L’envoi dépasse {size} Mo. Allégez le dossier ou envoyez-le en plusieurs fois."


async def save_uploads(uploads: Sequence[UploadFile], folder: Path, limit_bytes: int) -> list[Path]:
    """The files below `folder`, block by block. Raises InvalidInput over the limit."""
    saved: list[Path] = []
    left = limit_bytes
    for number, upload in enumerate(uploads):
        target = folder / str(number) / clean_name(upload.filename)
        await asyncio.to_thread(target.parent.mkdir, parents=True)
        with await asyncio.to_thread(target.open, "wb") as stream:
            while block := await upload.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise InvalidInput(TOO_LARGE.format(size=limit_bytes // BLOCK))
                await asyncio.to_thread(stream.write, block)
        saved.append(target)
    return saved
