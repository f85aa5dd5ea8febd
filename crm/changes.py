"""A change wished for, before anyone has proposed or approved it: plain data, no effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from core.spans import Span

Operation = Literal["create", "update", "link"]
Scalar = str | int | bool | None
Value = Scalar | list[str]


@dataclass(frozen=True)
class ChangeDraft:
    """What a use case would write: a row of `object` (a table) to create, update or link.

    `fields` holds wire values: text, whole numbers, booleans, ISO dates and instants, amounts and
    quantities as decimal strings («1234.56»), never floats. `record_id` is the row to update.
    `evidence` is why, word for word; `is_tainted` tells that a value comes from a mail, a file or
    a transcript. `key` names the wish within its source, so that a second run proposes nothing
    twice («meeting:<id>:action:3»).
    """

    operation: Operation
    object: str
    fields: Mapping[str, Value]
    reason: str
    key: str
    record_id: UUID | None = None
    evidence: tuple[Span, ...] = field(default=())
    is_tainted: bool = True
