"""Answers made of rows alone, whatever the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.triage.acts import MailAct
from tools.outputs import Rows


@dataclass(frozen=True)
class Told:
    """A text, what may be done of the mails it tells of, and the questions that follow.

    `rows` are those it cites under `[R1]`, if any. `status` is `clarification` when the name
    given fits several clients or none, `refused` when the request cannot be met, for
    want of rights or of what it names.
    """

    text: str
    acts: tuple[MailAct, ...] = ()
    suggestions: tuple[str, ...] = ()
    rows: Rows | None = None
    status: Literal["answered", "clarification", "refused"] = "answered"
