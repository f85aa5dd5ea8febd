"""What every source of mail gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class RawMail:
    """A mail as its source holds it; `outside_id` is the source's own name for it."""

    content: bytes = field(repr=False)
    name: str
    outside_id: str | None = None
    conversation_id: str | None = None


class MailSource(Protocol):
    """A mailbox whose mails can be read, any number of times, in any order."""

    @property
    def mailbox(self) -> str:
        """The mailbox's address, or the path of the folder."""
        ...

    def read(self) -> AsyncIterator[RawMail]:
        """The mails that are there (new ones alone where the source can tell).

        Raises SourceUnavailable.
        """
        ...
