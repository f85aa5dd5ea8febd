"""The model's sentences for a summary, each kept only with its proof."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.email_summary.models import EmailSummary, Item, Tone
from agents.thread_asking import ThreadQuestion, ask_on_thread
from core.claims import ADDRESS, find_unproved
from core.context import Context
from core.engine.provenance import Provenance
from core.spans import Span, find_span
from ingest.mail.anomalies import is_instruction
from ingest.mail.facts import MailFacts
from ingest.mail.thread import CleanThread

QUESTION = ThreadQuestion(
    "email_summary", Path(__file__).parent / "prompt.md", "Rendez le résumé en JSON.", 2500
)


class Told(BaseModel):
    """Une phrase du résumé et la citation qui la prouve."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=300, description="une phrase courte, en français")]
    quote: Annotated[str, Field(max_length=600, description="passage du fil, mot pour mot")]


class Wording(BaseModel):
    """Le résumé tel que le modèle le propose."""

    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(max_length=120, description="objet en une ligne")]
    request: list[Told] = Field(default_factory=list[Told], max_length=8)
    facts: list[Told] = Field(default_factory=list[Told], max_length=10)
    decisions: list[Told] = Field(default_factory=list[Told], max_length=6)
    open_questions: list[Told] = Field(default_factory=list[Told], max_length=8)
    tone: Tone = "neutral"
    next_action: Annotated[str, Field(max_length=200)] = ""


async def ask_model(
    context: Context, thread: CleanThread, facts: MailFacts, own_domains: Collection[str]
) -> tuple[Wording, Provenance]:
    """The model's wording and who gave it. Raises EngineError."""
    return await ask_on_thread(context, QUESTION, Wording, thread, facts, own_domains)


def apply_wording(
    ruled: EmailSummary, wording: Wording, thread: CleanThread, provenance: Provenance
) -> EmailSummary | None:
    """The rules' summary with the model's sentences that hold: an exact quote, and no number or
    name that the thread does not have. The rest is dropped and counted; a list that loses all its
    sentences keeps the rules'; None where no sentence at all holds. Dates, amounts, codes and
    urgency stay those of the rules, and so does the next action of a thread with an anomaly."""
    source = _everything(thread)
    lists = {
        name: prove(getattr(wording, name), thread, source)
        for name in ("request", "facts", "decisions", "open_questions")
    }
    told = sum(len(getattr(wording, name)) for name in lists)
    if not any(lists.values()):
        return None
    subject = wording.subject if _is_proved(wording.subject, source) else ruled.subject
    is_safe = _is_proved(wording.next_action, source) and not ruled.anomalies
    action = wording.next_action if is_safe else ""
    return replace(
        ruled,
        subject=subject or ruled.subject,
        request=lists["request"] or ruled.request,
        facts=lists["facts"] or ruled.facts,
        decisions=lists["decisions"] or ruled.decisions,
        open_questions=lists["open_questions"] or ruled.open_questions,
        tone=wording.tone,
        next_action=action or ruled.next_action,
        provenance=provenance,
        dropped=told - sum(map(len, lists.values())),
    )


def prove(told: Sequence[Told], thread: CleanThread, source: str) -> tuple[Item, ...]:
    """The sentences whose quote stands in a message's own words and that add nothing to it."""
    kept: list[Item] = []
    for sentence in told:
        span = find_quote(sentence.quote, thread)
        if (
            span is not None
            and _is_proved(sentence.text, source)
            and not is_instruction(span.quote)
        ):
            kept.append(Item(sentence.text, (span,)))
    return tuple(kept)


def find_quote(quote: str, thread: CleanThread) -> Span | None:
    """Where a message says `quote` in its own words or in what it forwards."""
    for message in reversed(thread.messages):
        found = find_span(message.source_id, message.mask("new", "forwarded"), quote)
        if found is not None:
            return message.span(found.start, found.end)
    return None


def _everything(thread: CleanThread) -> str:
    return "\n".join(
        f"{m.message.subject}\n{m.message.sender.name}\n{m.text}" for m in thread.messages
    )


def _is_proved(text: str, source: str) -> bool:
    """Neither an address, nor an order to a machine, nor anything that the thread lacks."""
    return bool(text.strip()) and not (
        ADDRESS.search(text) or is_instruction(text) or find_unproved(text, source)
    )
