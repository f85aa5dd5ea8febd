"""The model's reading of a thread, as a typed verdict."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.non_conformity.models import Family, Label
from core.context import Context
from core.engine.protocol import Message, Request, Text
from core.engine.provenance import Provenance
from core.engine.structured import ask_structured
from core.prompts import read_prompt
from ingest.mail.facts import MailFacts
from ingest.mail.fencing import fence_thread
from ingest.mail.thread import CleanThread

PROMPT = Path(__file__).parent / "prompt.md"
MAX_TOKENS = 1200


class Verdict(BaseModel):
    """Le verdict du modèle ; `quote` reprend le courriel mot pour mot."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[Label, Field(description="oui, incertain ou non")]
    family: Annotated[Family | None, Field(description="famille de l’écart, null si « non »")] = (
        None
    )
    requirement: Annotated[
        str | None, Field(max_length=400, description="exigence non respectée")
    ] = None
    quote: Annotated[
        str, Field(max_length=1000, description="phrase du courriel, mot pour mot")
    ] = ""
    reason: Annotated[str, Field(max_length=300, description="ce qui décide, en une phrase")] = ""


async def ask_model(
    context: Context, thread: CleanThread, facts: MailFacts, own_domains: Collection[str]
) -> tuple[Verdict, Provenance]:
    """The model's verdict and who gave it. Raises EngineError."""
    request = make_request(context, thread, facts, own_domains)
    verdict = await ask_structured(context.engine, request, Verdict)
    return verdict, Provenance(context.engine.name, True, request.prompt_sha256)


def make_request(
    context: Context, thread: CleanThread, facts: MailFacts, own_domains: Collection[str]
) -> Request:
    """The request as sent: the prompt, then the thread fenced as data."""
    prompt = read_prompt(PROMPT)
    warning = "\n".join(f"Anomalie déjà relevée : {a.message}" for a in facts.anomalies)
    content = f"{fence_thread(thread, own_domains)}\n{warning}\nRendez le verdict en JSON."
    return Request(
        use_case="non_conformity",
        tier="fast",
        system=prompt.text,
        messages=(Message("user", (Text(content),)),),
        tools=(),
        today=context.today,
        max_tokens=MAX_TOKENS,
        prompt_sha256=prompt.sha256,
        record=f"emails:{thread.last.source_id}",
    )
