"""Drafts as `.eml` files in a folder, one per thread."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from ingest.drafts.draft import DraftMail, check_unedited, make_eml, read_key


@dataclass(frozen=True)
class FolderDrafts:
    """The drafts of `folder`, made at need; a double click opens one for editing."""

    folder: Path

    async def find(self, draft: DraftMail) -> str | None:
        """The file that bears this key."""
        return await asyncio.to_thread(self._find, draft)

    async def put(self, draft: DraftMail) -> str:
        """Write the thread's file whole, or not at all. Raises DraftRefused, OSError."""
        return await asyncio.to_thread(self._put, draft)

    def _path(self, draft: DraftMail) -> Path:
        return self.folder / f"reponse-{draft.thread_id}.eml"

    def _find(self, draft: DraftMail) -> str | None:
        path = self._path(draft)
        try:
            return str(path) if read_key(path.read_bytes()) == draft.key else None
        except FileNotFoundError:
            return None

    def _put(self, draft: DraftMail) -> str:
        path = self._path(draft)
        self.folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            check_unedited(path.read_bytes())
        partial = self.folder / f".{uuid4()}"
        try:
            with partial.open("wb") as file:
                file.write(make_eml(draft))
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return str(path)
