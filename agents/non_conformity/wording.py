"""The model's reading of a thread, as a typed verdict."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.non_conformity.models import Family, Label
from agents.thread_asking import ThreadQuestion, ask_on_thread
from core.context import Context
from core.engine.provenance import Provenance
from ingest.mail.facts import MailFacts
from ingest.mail.thread import CleanThread

QUESTION = ThreadQuestion(
    "non_conformity", Path(__file__).parent / "prompt.md", "Rendez le verdict en JSON.", 1200
)


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
    return await ask_on_thread(context, QUESTION, Verdict, thread, facts, own_domains)
