"""What one may do from what is told of the mail."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class MailAct(BaseModel):
    """Something to do about a thread, as a button: open it, use its draft, decide its review.

    `key` names the review to decide.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["open", "reply", "confirm", "dismiss"]
    label: str
    thread_id: UUID
    key: str = ""
