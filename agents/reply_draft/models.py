"""A reply to be read over by a person, with where each sentence comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.engine.provenance import Provenance
from core.spans import Span

Coverage = Literal["answered", "deferred", "unknown"]
SourceKind = Literal["template", "thread", "crm", "knowledge", "style", "missing"]
NoDraftReason = Literal["no_reply", "list", "auto_reply", "instruction", "nothing_to_answer",
                        "own_message", "no_recipient"]  # fmt: skip
COVERAGE_LABELS: dict[Coverage, str] = {
    "answered": "répondu", "deferred": "réponse annoncée", "unknown": "sans réponse",
}  # fmt: skip
MISSING = "[À COMPLÉTER]"


@dataclass(frozen=True)
class SentenceSource:
    """A sentence of the draft (`draft.body[start:end]`) and what it rests on."""

    start: int
    end: int
    kind: SourceKind
    spans: tuple[Span, ...] = ()
    record: str | None = None


@dataclass(frozen=True)
class CoveredAsk:
    """A question or request of the client, and the sentence of the draft that takes it up."""

    ask: Span
    status: Coverage
    answer: str


@dataclass(frozen=True)
class Article:
    """A passage of the knowledge base in force, given by the caller; `title` cites it."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Template:
    """An approved template of e-mail: `body` holds the named placeholders of docs/courriels.md."""

    id: UUID | None
    title: str
    body: str
    language: str = "fr"
    category: str | None = None


@dataclass(frozen=True)
class Style:
    """How the user writes: greeting, closing and signature of their own."""

    greeting: str = ""
    closing: str = ""
    signature: str = ""


@dataclass(frozen=True)
class ReplyDraft:
    """A draft. `to` and `cc` ⊆ participants ∪ the account's contacts; `refused` lists the
    addresses left out, with why, in French. `confidence` (0 to 1) follows from the coverage.

    `review` lists why a person must read it closely (never empty where it commits the firm).
    `body_sha256` is that of `body`: another hash in the mailbox means a person edited it.
    """

    subject: str
    body: str
    language: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    in_reply_to: str
    sources: tuple[SentenceSource, ...]
    missing: tuple[str, ...]
    coverage: tuple[CoveredAsk, ...]
    confidence: float
    review: tuple[str, ...]
    refused: tuple[str, ...]
    body_sha256: str
    provenance: Provenance
    dropped: int = 0


@dataclass(frozen=True)
class NoDraft:
    """Why no draft is due, in French."""

    reason: NoDraftReason
    message: str
