"""The graph of minutes: segment, extract by stretches, verify, reconcile, write.

Rules read the whole meeting first and always; a model, where there is one, reads it by stretches
and what it proves takes the place of what rules found. Whatever goes wrong with the model, the
rules' minutes are the answer, and say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.meeting_synthesis.answer import GivenMinutes
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.reconciliation import reconcile
from agents.meeting_synthesis.rules.minutes import Records, draft_minutes, set_scene
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.summary import write_summary
from agents.meeting_synthesis.verification import Verified, Verifier
from core.context import Context
from core.engine.errors import EngineError
from core.engine.protocol import Message, Request, Text
from core.engine.provenance import Provenance
from core.engine.structured import ask_structured, reject_answer
from core.prompts import Prompt, Untrusted, fence, read_prompt
from ingest.meetings.invitation import Invitation
from ingest.meetings.transcript import Cue, Transcript

USE_CASE = "meeting_synthesis"
STRETCH_CUES = 260
OVERLAP_CUES = 20
MAX_TOKENS = 8192


@dataclass
class Session:
    """One meeting on its way through the graph."""

    context: Context
    transcript: Transcript
    invitation: Invitation
    records: Records
    record: str | None = None
    scene: Scene | None = None
    drafted: Minutes | None = None
    stretches: list[list[Cue]] = field(default_factory=list[list[Cue]])
    given: list[GivenMinutes] = field(default_factory=list[GivenMinutes])
    verified: list[Verified] = field(default_factory=list[Verified])
    failure: str | None = None
    minutes: Minutes | None = None


class State(TypedDict):
    """What the graph itself carries: the count of stretches read."""

    stretches_read: int


@lru_cache(maxsize=1)
def load_prompt() -> Prompt:
    """The text of `prompt.md` and its SHA-256."""
    return read_prompt(Path(__file__).with_name("prompt.md"))


async def synthesise(
    context: Context,
    transcript: Transcript,
    invitation: Invitation,
    records: Records | None = None,
    record: str | None = None,
) -> Minutes:
    """The minutes of a meeting, by the context's engine; never raises `EngineError`.

    `record` names the transcript in the ledger of model calls («meeting_transcripts:<id>»).
    """
    session = Session(context, transcript, invitation, records or Records(), record)
    await GRAPH.ainvoke({"stretches_read": 0}, context=session)
    assert session.minutes is not None  # noqa: S101 - the last node always sets it
    return session.minutes


async def segment(state: State, runtime: Runtime[Session]) -> State:
    """Cut the meeting in lines and, for a model, in stretches that overlap a little."""
    session = runtime.context
    scene = await asyncio.to_thread(set_scene, session.transcript, session.invitation)
    session.scene = scene
    session.drafted = await asyncio.to_thread(draft_minutes, scene, session.records)
    session.stretches = cut_stretches(session.transcript.cues)
    return {**state, "stretches_read": 0}


async def extract(state: State, runtime: Runtime[Session]) -> State:
    """Ask the model about each stretch, in order; the first failure ends it."""
    session = runtime.context
    for stretch in session.stretches:
        try:
            request = build_request(session, stretch)
            session.given.append(
                await ask_structured(session.context.engine, request, GivenMinutes)
            )
        except EngineError as error:
            session.failure = error.message
            break
    return {**state, "stretches_read": len(session.given)}


async def verify(state: State, runtime: Runtime[Session]) -> State:
    """Keep what the transcript proves."""
    session = runtime.context
    assert session.scene is not None  # noqa: S101 - set by `segment`
    verifier = Verifier(session.scene)
    session.verified = [verifier.verify(given) for given in session.given]
    unproved = sum(each.unproved for each in session.verified)
    if session.failure is None and unproved and all(each.is_empty for each in session.verified):
        try:
            await reject_answer(session.context.engine)
        except EngineError as error:
            session.failure = error.message
    return state


async def write(state: State, runtime: Runtime[Session]) -> State:
    """The model's proved items over the rules' frame, or the rules' minutes alone."""
    session = runtime.context
    assert session.drafted is not None and session.scene is not None  # noqa: S101
    is_model = session.context.engine.is_model
    if not is_model or session.failure is not None:
        session.minutes = _sign_rules(session)
        return state
    provenance = Provenance(session.context.engine.name, True, load_prompt().sha256)
    merged = reconcile(session.drafted, session.verified)
    merged = merged.model_copy(update={"provenance": provenance})
    session.minutes = merged.model_copy(update={"summary": write_summary(merged)})
    return state


def _sign_rules(session: Session) -> Minutes:
    assert session.drafted is not None  # noqa: S101 - set by `segment`
    if session.failure is None:
        return session.drafted
    reason = f"{session.failure} Le compte rendu vient des règles."
    provenance = replace(session.drafted.provenance, fallback_reason=reason)
    return session.drafted.model_copy(update={"provenance": provenance})


def cut_stretches(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Stretches of cues that overlap, so that no exchange is cut in two unseen."""
    if len(cues) <= STRETCH_CUES + OVERLAP_CUES:
        return [list(cues)]
    step = STRETCH_CUES - OVERLAP_CUES
    return [
        list(cues[start : start + STRETCH_CUES])
        for start in range(0, max(1, len(cues) - OVERLAP_CUES), step)
    ]


def build_request(session: Session, stretch: Sequence[Cue]) -> Request:
    """What the model is asked about a stretch: the people, the agenda, then the words as data."""
    assert session.scene is not None  # noqa: S101 - set by `segment`
    prompt, people = load_prompt(), session.scene.people
    lines = [
        f"[{cue.id}] {people.who(cue.speaker) or '(voix inconnue)'} : {_join_lines(cue.text)}"
        for cue in stretch
    ]
    names = " ; ".join(person.name for person in people.everyone)
    agenda = " ; ".join(session.invitation.agenda) or "non communiqué"
    meeting = (
        f"Réunion : {session.invitation.title}\nParticipants : {names}\nOrdre du jour : {agenda}"
    )
    said = Untrusted("transcription", "\n".join(lines))
    asked = f"{fence(Untrusted('invitation', meeting))}\n{fence(said)}"
    return Request(
        use_case=USE_CASE, tier="balanced", system=prompt.text,
        messages=(Message("user", (Text(asked),)),), tools=(),
        today=session.invitation.starts_at.date(), max_tokens=MAX_TOKENS,
        prompt_sha256=prompt.sha256, record=session.record,
    )  # fmt: skip


def _join_lines(text: str) -> str:
    """One line a cue: no cue can pass for several."""
    return " ".join(text.splitlines())


def _route(_: State, runtime: Runtime[Session]) -> str:
    return "extract" if runtime.context.context.engine.is_model else "write"


def build_graph() -> StateGraph[State, Session]:
    """segment → extract → verify → write; without a model segment → write."""
    graph = StateGraph(State, context_schema=Session)
    graph.add_node("segment", segment)
    graph.add_node("extract", extract)
    graph.add_node("verify", verify)
    graph.add_node("write", write)
    graph.add_edge(START, "segment")
    graph.add_conditional_edges("segment", _route, {"extract": "extract", "write": "write"})
    graph.add_edge("extract", "verify")
    graph.add_edge("verify", "write")
    graph.add_edge("write", END)
    return graph


GRAPH = build_graph().compile()
