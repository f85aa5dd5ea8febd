"""What one may do from what is told of the mail, and what is told with it."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Told:
    """A text made of rows alone, what may be done from it, and the questions that follow.

    `is_unsure`: the name given fits several clients, or none.
    """

    text: str
    acts: tuple[MailAct, ...] = ()
    suggestions: tuple[str, ...] = ()
    is_unsure: bool = False
