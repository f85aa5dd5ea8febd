"""A model asked for a typed reading of one mail thread, fenced as data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from core.context import Context
from core.engine.protocol import Message, Request, Text
from core.engine.provenance import Provenance
from core.engine.structured import ask_structured
from core.prompts import read_prompt
from ingest.mail.facts import MailFacts
from ingest.mail.fencing import fence_thread
from ingest.mail.thread import CleanThread

Reading = TypeVar("Reading", bound=BaseModel)


@dataclass(frozen=True)
class ThreadQuestion:
    """What a use case asks of a thread: its prompt's file, `closing` words, tokens at most."""

    use_case: str
    prompt: Path
    closing: str
    max_tokens: int


async def ask_on_thread(
    context: Context,
    question: ThreadQuestion,
    answer: type[Reading],
    thread: CleanThread,
    facts: MailFacts,
    own_domains: Collection[str],
) -> tuple[Reading, Provenance]:
    """The model's reading and who gave it. Raises EngineError."""
    request = make_request(context, question, thread, facts, own_domains)
    reading = await ask_structured(context.engine, request, answer)
    return reading, Provenance(context.engine.name, True, request.prompt_sha256)


def make_request(
    context: Context,
    question: ThreadQuestion,
    thread: CleanThread,
    facts: MailFacts,
    own_domains: Collection[str],
) -> Request:
    """The request as sent: the prompt, then the thread fenced as data."""
    prompt = read_prompt(question.prompt)
    warning = "\n".join(f"Anomalie déjà relevée : {a.message}" for a in facts.anomalies)
    content = f"{fence_thread(thread, own_domains)}\n{warning}\n{question.closing}"
    return Request(
        use_case=question.use_case,
        tier="fast",
        system=prompt.text,
        messages=(Message("user", (Text(content),)),),
        tools=(),
        today=context.today,
        max_tokens=question.max_tokens,
        prompt_sha256=prompt.sha256,
        record=f"emails:{thread.last.source_id}",
    )
