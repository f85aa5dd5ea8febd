"""What a reading of a source ended with, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.ingestion_runs import RunCounts


@dataclass(frozen=True)
class Remark:
    """What a person must know of one file: why it was not read, or how it was."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} : {self.message}"


@dataclass
class IngestionReport:
    """Paths by outcome, in the order they ended."""

    indexed: list[str] = field(default_factory=list[str])
    updated: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])
    failures: list[Remark] = field(default_factory=list[Remark])
    notices: list[Remark] = field(default_factory=list[Remark])

    @property
    def counts(self) -> RunCounts:
        """How many files by outcome."""
        return RunCounts(
            len(self.indexed), len(self.updated), len(self.unchanged), len(self.removed),
            len(self.failures),
        )  # fmt: skip
