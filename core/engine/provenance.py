"""Who made a result: shown beside it, stored with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """`engine` is the name shown; `is_model` is False for a result made by rules.

    `fallback_reason` says in French why rules answered where a model was asked.
    """

    engine: str
    is_model: bool
    prompt_sha256: str | None = None
    fallback_reason: str | None = None
