"""The graph of minutes: segment, extract by stretches, verify, reconcile, write.

Rules read the whole meeting first and always; a model, where there is one, reads it by stretches
and what it proves takes the place of what rules found. Whatever goes wrong with the model, the
rules' minutes are the answer, and say so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.meeting_synthesis.answer import GivenMinutes
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.reconciliation import reconcile
from agents.meeting_synthesis.rules.minutes import Records, draft_minutes, set_scene
from agents.meeting_synthesis.rules.people import People
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


@dataclass(frozen=True)
class Session:
    """One meeting on its way through the graph: what it is given."""

    context: Context
    transcript: Transcript
    invitation: Invitation
    records: Records
    record: str | None = None


@dataclass(frozen=True)
class Drafted:
    """The meeting as rules read it, and the stretches that a model will read."""

    scene: Scene
    minutes: Minutes
    stretches: list[list[Cue]]


class Asked(TypedDict):
    """What the graph starts from: nothing read, nothing failed."""

    given: tuple[GivenMinutes, ...]
    verified: tuple[Verified, ...]
    failure: str | None


class State(Asked):
    """What the graph carries: the draft once segmented, the minutes once written."""

    drafted: Drafted
    minutes: Minutes


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
    started = Asked(given=(), verified=(), failure=None)
    final = await GRAPH.ainvoke(started, context=session)
    minutes: Minutes = final["minutes"]
    return minutes


async def segment(
    state: Asked,  # noqa: ARG001 - given by the graph
    runtime: Runtime[Session],
) -> dict[str, Drafted]:
    """Cut the meeting in lines and, for a model, in stretches that overlap a little."""
    session = runtime.context
    scene = await asyncio.to_thread(set_scene, session.transcript, session.invitation)
    minutes = await asyncio.to_thread(draft_minutes, scene, session.records)
    return {"drafted": Drafted(scene, minutes, cut_stretches(session.transcript.cues))}


async def extract(state: State, runtime: Runtime[Session]) -> Asked:
    """Ask the model about each stretch, in order; the first failure ends it."""
    session, given = runtime.context, list[GivenMinutes]()
    failure: str | None = None
    for stretch in state["drafted"].stretches:
        try:
            request = build_request(session, state["drafted"].scene.people, stretch)
            given.append(await ask_structured(session.context.engine, request, GivenMinutes))
        except EngineError as error:
            failure = error.message
            break
    return Asked(given=tuple(given), verified=(), failure=failure)


async def verify(state: State, runtime: Runtime[Session]) -> Asked:
    """Keep what the transcript proves."""
    verifier, failure = Verifier(state["drafted"].scene), state["failure"]
    verified = tuple(verifier.verify(given) for given in state["given"])
    unproved = sum(each.unproved for each in verified)
    if failure is None and unproved and all(each.is_empty for each in verified):
        try:
            await reject_answer(runtime.context.context.engine)
        except EngineError as error:
            failure = error.message
    return Asked(given=state["given"], verified=verified, failure=failure)


async def write(state: State, runtime: Runtime[Session]) -> dict[str, Minutes]:
    """The model's proved items over the rules' frame, or the rules' minutes alone."""
    engine, drafted = runtime.context.context.engine, state["drafted"].minutes
    if not engine.is_model or state["failure"] is not None:
        return {"minutes": _sign_rules(drafted, state["failure"])}
    provenance = Provenance(engine.name, True, load_prompt().sha256)
    merged = reconcile(drafted, state["verified"]).model_copy(update={"provenance": provenance})
    return {"minutes": merged.model_copy(update={"summary": write_summary(merged)})}


def _sign_rules(drafted: Minutes, failure: str | None) -> Minutes:
    if failure is None:
        return drafted
    provenance = replace(drafted.provenance, fallback_reason=failure)
    return drafted.model_copy(update={"provenance": provenance})


def cut_stretches(cues: Sequence[Cue]) -> list[list[Cue]]:
    """Stretches of cues that overlap, so that no exchange is cut in two unseen."""
    if len(cues) <= STRETCH_CUES + OVERLAP_CUES:
        return [list(cues)]
    step = STRETCH_CUES - OVERLAP_CUES
    return [
        list(cues[start : start + STRETCH_CUES])
        for start in range(0, max(1, len(cues) - OVERLAP_CUES), step)
    ]


def build_request(session: Session, people: People, stretch: Sequence[Cue]) -> Request:
    """What the model is asked about a stretch: the people, the agenda, then the words as data."""
    prompt = load_prompt()
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


def _route(_: Asked, runtime: Runtime[Session]) -> str:
    return "extract" if runtime.context.context.engine.is_model else "write"


def build_graph() -> StateGraph[State, Session, Asked]:
    """segment → extract → verify → write; without a model segment → write."""
    graph = StateGraph(State, context_schema=Session, input_schema=Asked)
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
