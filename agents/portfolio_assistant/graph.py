"""The graph of a turn: notify, think, act, propose, wait, conclude.

Its state holds ids; texts stay in our tables. A proposal waits in its own table, not in an
interrupted node: the conversation goes on, and `notify` tells what became of it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID, uuid4

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.portfolio_assistant.conversations import NewToolRun, add_tool_run
from agents.portfolio_assistant.evidence import Evidence, ToolRun, present
from agents.portfolio_assistant.models import (
    Answer,
    AnswerReady,
    StepFinished,
    StepStarted,
    TextDelta,
)
from agents.portfolio_assistant.streaming import MarkFilter
from agents.portfolio_assistant.suggestions import suggest_questions
from agents.portfolio_assistant.verification import verify
from core.context import Context
from core.engine.errors import AnswerCutShort, ToolLoopExhausted
from core.engine.protocol import Message, Request, ToolResult, ToolUse
from core.engine.protocol import TextDelta as EngineDelta
from core.formats import count_noun
from tools.approvals import list_cards, take_outcomes
from tools.cards import Card
from tools.outputs import Failure, MentionList, Passages, Proposed, Rows, ToolOutput
from tools.proposals import Circumstances, list_ids
from tools.registry import ALL_TOOLS, call_tool, proposes

MAX_ROUNDS = 8
UNTRUSTED_OBJECTS = frozenset({"emails", "email_threads", "meetings", "market_watch", "notes"})


def _append(left: list[str], right: list[str]) -> list[str]:
    return [*left, *right]


class TurnState(TypedDict):
    """What a checkpoint keeps of a conversation: ids and counters."""

    conversation_id: str
    turn_ids: Annotated[list[str], _append]
    rounds: int
    wants_tools: bool
    waiting: NotRequired[list[str]]


@dataclass
class Turn:
    """What a turn works with, outside any checkpoint."""

    context: Context
    request: Request
    question: str
    conversation_id: UUID
    turn_id: UUID
    fallback_reason: str | None = None
    is_drawn: bool = False
    started: float = field(default_factory=time.monotonic)
    messages: list[Message] = field(default_factory=list[Message])
    runs: list[ToolRun] = field(default_factory=list[ToolRun])
    results: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])
    outcomes: tuple[Card, ...] = ()


async def notify(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Learn what became of the user's proposals since they last asked something."""
    turn = runtime.context
    turn.outcomes = await take_outcomes(turn.context)
    settled = {str(card.id) for card in turn.outcomes}
    return {"waiting": [w for w in state.get("waiting", []) if w not in settled]}


async def think(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """One exchange with the engine: it asks for tools or writes the answer.

    Raises `EngineError`, also when the answer stops in its middle or never comes.
    """
    turn, write = runtime.context, get_stream_writer()
    request = _with_messages(turn)
    shown = MarkFilter()
    async for event in turn.context.engine.stream(request):
        if isinstance(event, EngineDelta):
            if text := shown.feed(event.text):
                write(TextDelta(text=text))
        else:
            turn.messages.append(event.message)
            if event.stop_reason == "max_tokens":
                raise AnswerCutShort
    if text := shown.flush():
        write(TextDelta(text=text))
    rounds, wants = state["rounds"] + 1, bool(turn.messages[-1].tool_uses)
    if wants and rounds == MAX_ROUNDS:
        raise ToolLoopExhausted(MAX_ROUNDS)
    return {"rounds": rounds, "wants_tools": wants}


async def act(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:  # noqa: ARG001
    """Run the readings asked for, in order, and store each run as evidence."""
    turn = runtime.context
    for use in turn.messages[-1].tool_uses:
        if not proposes(use.name):
            turn.results[use.id] = await _run_tool(turn, use)
    if not _wants_proposals(turn):
        _hand_over(turn)
    return {}


async def propose(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:  # noqa: ARG001
    """Store the changes wished for as proposals: nothing else is written here."""
    turn = runtime.context
    for use in turn.messages[-1].tool_uses:
        if proposes(use.name):
            turn.results[use.id] = await _run_tool(turn, use)
    _hand_over(turn)
    return {}


async def wait(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:
    """Note which proposals wait for a person; the turn goes on without their answer."""
    made = [str(p.proposal_id) for p in _proposed(runtime.context)]
    known = state.get("waiting", [])
    return {"waiting": [*known, *(p for p in made if p not in known)]}


async def conclude(state: TurnState, runtime: Runtime[Turn]) -> dict[str, Any]:  # noqa: ARG001
    """Verify what was written and hand over the answer."""
    turn, write = runtime.context, get_stream_writer()
    evidence = Evidence(tuple(turn.runs))
    checked = await verify(turn.context, turn.messages[-1].text, evidence, turn.question)
    proposals = await list_cards(turn.context, [p.proposal_id for p in _proposed(turn)])
    answer = Answer(
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        question=turn.question,
        status=checked.status,
        text=checked.text or "Je n’ai pas pu rédiger de réponse. Reformulez votre question.",
        citations=checked.citations,
        tables=checked.tables,
        suggestions=_suggest(turn),
        proposals=proposals,
        outcomes=turn.outcomes,
        engine=turn.context.engine.name,
        is_model=turn.context.engine.is_model,
        fallback_reason=turn.fallback_reason,
        removed_citations=checked.removed_citations,
        unproved_numbers=checked.unproved_numbers,
        is_drawn=turn.is_drawn,
        duration_ms=round((time.monotonic() - turn.started) * 1000),
    )
    write(AnswerReady(answer=answer))
    return {}


def build_graph() -> StateGraph[TurnState, Turn, TurnState, TurnState]:
    """The uncompiled graph; each request compiles it with its own checkpointer."""
    graph = StateGraph(TurnState, context_schema=Turn)
    for node in (notify, think, act, propose, wait, conclude):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "notify")
    graph.add_edge("notify", "think")
    graph.add_conditional_edges("think", _next, {"act": "act", "conclude": "conclude"})
    graph.add_conditional_edges("act", _after_act, {"propose": "propose", "think": "think"})
    graph.add_edge("propose", "wait")
    graph.add_edge("wait", "think")
    graph.add_edge("conclude", END)
    return graph


def _next(state: TurnState) -> Literal["act", "conclude"]:
    return "act" if state["wants_tools"] else "conclude"


def _after_act(state: TurnState, runtime: Runtime[Turn]) -> Literal["propose", "think"]:  # noqa: ARG001
    return "propose" if _wants_proposals(runtime.context) else "think"


def _wants_proposals(turn: Turn) -> bool:
    last = turn.messages[-1]
    return last.role == "assistant" and any(proposes(use.name) for use in last.tool_uses)


def _hand_over(turn: Turn) -> None:
    """Give the engine its results, in the order it asked."""
    uses = turn.messages[-1].tool_uses
    turn.messages.append(Message("user", tuple(turn.results.pop(use.id) for use in uses)))


def _proposed(turn: Turn) -> list[Proposed]:
    return [run.output for run in turn.runs if isinstance(run.output, Proposed)]


def _circumstances(turn: Turn, use: ToolUse) -> Circumstances:
    outputs = [run.output for run in turn.runs]
    engine = turn.context.engine
    return Circumstances(
        name="chat",
        conversation_id=turn.conversation_id,
        key=f"turn:{turn.turn_id}:{use.name}:{_hash(use.input)}",
        engine=engine.name,
        is_model=engine.is_model,
        prompt_sha256=turn.request.prompt_sha256,
        is_tainted=engine.is_model and any(_is_untrusted(output) for output in outputs),
        known_ids=list_ids(outputs),
    )


def _hash(arguments: Mapping[str, Any]) -> str:
    """The same call twice in a turn, by whichever engine, is one wish."""
    text = json.dumps(arguments, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _is_untrusted(output: ToolOutput) -> bool:
    """Tell whether a result holds text written outside the firm: documents, mails, minutes."""
    if isinstance(output, Rows):
        return output.object is None or output.object in UNTRUSTED_OBJECTS
    return isinstance(output, Passages)


def _with_messages(turn: Turn) -> Request:
    from dataclasses import replace

    return replace(turn.request, messages=(*turn.request.messages, *turn.messages))


async def _run_tool(turn: Turn, use: ToolUse) -> ToolResult:
    write = get_stream_writer()
    label = ALL_TOOLS[use.name].label if use.name in ALL_TOOLS else use.name
    run_id, ordinal = uuid4(), len(turn.runs) + 1
    write(StepStarted(step_id=str(run_id), tool=use.name, label=label))
    started_at, started = turn.context.clock(), time.monotonic()
    output = await call_tool(turn.context, use.name, use.input, _circumstances(turn, use))
    duration = round((time.monotonic() - started) * 1000)
    turn.runs.append(ToolRun(run_id, ordinal, use.name, use.id, output))
    await add_tool_run(
        turn.context.database,
        turn.context.identity,
        NewToolRun(run_id, turn.turn_id, ordinal, use.id, use.name, use.input, output,
                   started_at, duration),
    )  # fmt: skip
    failed = isinstance(output, Failure)
    write(
        StepFinished(
            step_id=str(run_id), tool=use.name, label=label, summary=_summarise(output),
            is_error=failed, duration_ms=duration,
        )
    )  # fmt: skip
    return ToolResult(use.id, present(ordinal, output), is_error=failed)


def _suggest(turn: Turn) -> tuple[str, ...]:
    lists = [run.output for run in turn.runs if isinstance(run.output, MentionList)]
    return suggest_questions(turn.question, lists[-1].mentions if lists else ())


def _summarise(output: ToolOutput) -> str:
    match output:
        case Rows():
            return count_noun(output.total_rows, "ligne", "lignes")
        case Passages():
            return count_noun(len(output.passages), "passage", "passages")
        case MentionList():
            return count_noun(len(output.mentions), "nom reconnu", "noms reconnus")
        case Proposed():
            return "approuvée d’office" if output.is_approved else "en attente d’approbation"
        case Failure():
            return output.message
