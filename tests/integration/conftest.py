"""What the tests on a real database share: the processes that read documents."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from ingest.preparation import Workshop


class KeptWorkshop(Workshop):
    """A workshop whose processes outlive the ingestion that opened it."""

    async def __aexit__(self, *_: object) -> None:
        """Leave them ready for the next ingestion."""

    async def end(self) -> None:
        """End them."""
        await super().__aexit__()


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """One set of processes: each takes seconds of processor to start, and keeps nothing of what
    it reads."""
    kept = KeptWorkshop(2)
    yield kept
    asyncio.run(kept.end())


@pytest.fixture(autouse=True)
def ingest_in_kept_processes(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every ingestion of a test reads in those processes."""

    def open_workshop(size: int) -> Workshop:
        return workshop

    monkeypatch.setattr("ingest.folder.Workshop", open_workshop)
    monkeypatch.setattr("ingest.reindexing.Workshop", open_workshop)
