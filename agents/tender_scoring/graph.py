"""The graph of tender scoring: read, extract by rules, ask, verify, reconcile, judge, write.

Rules read and judge the whole file first and always. A model, where there is one, is then asked
for what they did not read; what it gives is kept only where the file says it, and code judges
again. Whatever goes wrong with the model, the rules' analysis is the answer, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict
from uuid import UUID, uuid4

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.tender_scoring.analysis import RULES, Means, OnPiece, Opened, open_files
from agents.tender_scoring.answer import FactKey, GivenSentence, GivenTender
from agents.tender_scoring.asking import build_request, list_sought, load_prompt, seeks_criteria
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.passages import Given, choose_passages
from agents.tender_scoring.reconciliation import reconcile
from agents.tender_scoring.rules.notes import Relationship
from agents.tender_scoring.scoring import (
    Judgement,
    Sheet,
    check_sheet,
    compose,
    judge_sheet,
    read_sheet,
)
from agents.tender_scoring.summary import mark_reasons, verify_summary, write_summary
from agents.tender_scoring.verdicts import Reason
from agents.tender_scoring.verification import Verified, Verifier
from core.engine.errors import EngineError
from core.engine.protocol import Engine, Request
from core.engine.provenance import Provenance
from core.engine.structured import ask_structured, reject_answer
from core.errors import VoltaireError

FindRelationship = Callable[[str | None], Awaitable[Relationship]]
BY_RULES = Provenance(RULES, is_model=False)


@dataclass(frozen=True)
class Session:
    """One tender file on its way through the graph: what it is given."""

    sources: Sequence[Path]
    workspace: Path
    means: Means
    engine: Engine
    identifier: UUID
    label: str
    record: str
    find_relationship: FindRelationship | None = None
    on_piece: OnPiece | None = None


@dataclass(frozen=True)
class Judged:
    """What was read of the file, what the CRM holds of its buyer, and the analysis of both."""

    sheet: Sheet
    relationship: Relationship
    analysis: TenderAnalysis


@dataclass(frozen=True)
class Question:
    """What the model is asked, and what its answer is held to."""

    request: Request
    sought: tuple[FactKey, ...]
    passages: Given
    reasons: Mapping[str, Reason]


@dataclass(frozen=True)
class Proved:
    """What holds of the model's answer."""

    verified: Verified
    sentences: list[GivenSentence]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing of the answer holds."""
        return not (self.verified.count or self.sentences)


class Started(TypedDict):
    """What the graph starts from: nothing failed, nothing dropped."""

    failure: str | None
    dropped: int


class State(Started):
    """What the graph carries: each part is there once the node that makes it has run."""

    opened: Opened
    drafted: Judged
    question: Question
    given: GivenTender
    proved: Proved
    merged: Sheet
    relationship: Relationship
    analysis: TenderAnalysis


async def score_files(
    sources: Sequence[Path],
    means: Means,
    engine: Engine,
    *,
    identifier: UUID | None = None,
    label: str | None = None,
    record: str | None = None,
    find_relationship: FindRelationship | None = None,
    on_piece: OnPiece | None = None,
) -> TenderAnalysis:
    """The analysis of archives, folders and files; never raises `EngineError`.

    `engine`: a context's, which keeps its accounts. `identifier` and `label` become the
    analysis's own (a new one; the first source's name); `record` names it in the ledger of model
    calls («tender_analyses:<id>»). `find_relationship` tells what the CRM holds of the buyer
    named. `on_piece` hears each piece's name, rank and number, from the reading thread. A piece
    that cannot be read is a line of the analysis; raises NothingReadable when none can.
    """
    own = identifier or uuid4()
    with TemporaryDirectory(prefix="voltaire-dce-") as workspace:
        session = Session(
            sources, Path(workspace), means, engine, own, label or sources[0].stem,
            record or f"tender_analyses:{own}", find_relationship, on_piece,
        )  # fmt: skip
        final = await GRAPH.ainvoke(Started(failure=None, dropped=0), context=session)
    analysis: TenderAnalysis = final["analysis"]
    return analysis


async def read(
    state: Started,  # noqa: ARG001 - given by the graph
    runtime: Runtime[Session],
) -> dict[str, Opened]:
    """Unpack the sources and read every piece, in a thread."""
    given = runtime.context
    opened = await asyncio.to_thread(open_files, given.sources, given.workspace, given.on_piece)
    return {"opened": opened}


async def extract(state: State, runtime: Runtime[Session]) -> dict[str, Judged]:
    """Read the facts and judge them, by rules alone."""
    session, opened = runtime.context, state["opened"]
    sheet = await asyncio.to_thread(read_sheet, opened.reading, opened.notice)
    known = await _look_up(session, sheet)
    analysis = await asyncio.to_thread(_judge, session, opened, sheet, known, BY_RULES)
    return {"drafted": Judged(sheet, known, analysis)}


async def _look_up(session: Session, sheet: Sheet) -> Relationship:
    """What the CRM holds of the buyer; a look-up that fails is told as failed."""
    if session.find_relationship is None:
        return Relationship()
    try:
        return await session.find_relationship(sheet.facts.buyer and sheet.facts.buyer.value)
    except VoltaireError as error:
        return Relationship(failed=error.message)


def _judge(
    session: Session, opened: Opened, sheet: Sheet, known: Relationship, made_by: Provenance,
    dropped: int = 0,
) -> TenderAnalysis:  # fmt: skip
    reading, notice, means = opened.reading, opened.notice, session.means
    judgement = Judgement(means.profile, means.grid, means.now, known)
    checks = check_sheet(sheet, reading, notice, means.now)
    verdicts = judge_sheet(sheet, checks, reading, notice, judgement)
    return compose(session.identifier, session.label, sheet, checks, verdicts, reading, judgement,
                   made_by, dropped=dropped)  # fmt: skip


async def ask(state: State, runtime: Runtime[Session]) -> dict[str, object]:
    """Ask the model for what rules did not read, in one request."""
    question = await asyncio.to_thread(
        prepare_question, state["opened"], state["drafted"].analysis, runtime.context.record
    )
    try:
        given = await ask_structured(runtime.context.engine, question.request, GivenTender)
    except EngineError as error:
        return {"failure": error.message}
    return {"question": question, "given": given}


def prepare_question(opened: Opened, drafted: TenderAnalysis, record: str) -> Question:
    """The request for a file that rules have judged. Blocking: pages are cut out of PDF files."""
    sought = list_sought(drafted.facts)
    reasons = mark_reasons(drafted.reasons)
    passages = choose_passages(opened.reading, sought, seeks_criteria=seeks_criteria(drafted))
    request = build_request(drafted, sought, passages, reasons, record)
    return Question(request, sought, passages, reasons)


async def verify(state: State, runtime: Runtime[Session]) -> dict[str, object]:
    """Keep what the file proves; an answer of which nothing holds is refused whole."""
    given = state["given"]
    proved = await asyncio.to_thread(check_answer, state["opened"], state["question"], given)
    failure: str | None = None
    if given.count and proved.is_empty:
        try:
            await reject_answer(runtime.context.engine)
        except EngineError as error:
            failure = error.message
    return {"proved": proved, "dropped": proved.verified.dropped, "failure": failure}


def check_answer(opened: Opened, question: Question, given: GivenTender) -> Proved:
    """What holds of the answer given; what does not is counted."""
    verifier = Verifier(
        question.passages.pieces, opened.reading.statements, frozenset(question.sought)
    )
    verified = verifier.verify(given)
    sentences = verify_summary(given.summary, question.reasons)
    verified.dropped += len(given.summary) - len(sentences)
    return Proved(verified, sentences)


async def combine(state: State, runtime: Runtime[Session]) -> dict[str, object]:
    """Put both readings together; a buyer newly known is looked up."""
    drafted, known = state["drafted"], state["drafted"].relationship
    merged = reconcile(drafted.sheet, state["proved"].verified, drafted.analysis.requirements)
    if drafted.sheet.facts.buyer is None and merged.facts.buyer is not None:
        known = await _look_up(runtime.context, merged)
    return {"merged": merged, "relationship": known}


async def judge(state: State, runtime: Runtime[Session]) -> dict[str, TenderAnalysis]:
    """Gates, grid and verdict, by code, on the facts of both readings."""
    made_by = Provenance(runtime.context.engine.name, True, load_prompt().sha256)
    analysis = await asyncio.to_thread(
        _judge, runtime.context, state["opened"], state["merged"], state["relationship"], made_by,
        state["dropped"],
    )  # fmt: skip
    return {"analysis": analysis}


async def write(state: State, runtime: Runtime[Session]) -> dict[str, TenderAnalysis]:
    """The analysis of both readings with its summary, or the rules' alone, with the reason."""
    if not runtime.context.engine.is_model or state["failure"] is not None:
        drafted = state["drafted"].analysis
        return {"analysis": _sign_rules(drafted, state["failure"], state["dropped"])}
    analysis = state["analysis"]
    told = write_summary(state["proved"].sentences, state["question"].reasons, analysis.reasons)
    return {"analysis": analysis.model_copy(update={"summary": told})}


def _sign_rules(drafted: TenderAnalysis, failure: str | None, dropped: int) -> TenderAnalysis:
    if failure is None:
        return drafted
    provenance = replace(BY_RULES, fallback_reason=f"{failure} L’analyse vient des règles.")
    return drafted.model_copy(update={"provenance": provenance, "dropped_items": dropped})


def _after_rules(_: State, runtime: Runtime[Session]) -> str:
    return "ask" if runtime.context.engine.is_model else "write"


def _after_model(name: str) -> Callable[[State], str]:
    return lambda state: name if state["failure"] is None else "write"


def build_graph() -> StateGraph[State, Session, Started]:
    """read → extract → ask → verify → reconcile → judge → write; what fails goes to write."""
    graph = StateGraph(State, context_schema=Session, input_schema=Started)
    graph.add_node("read", read)
    graph.add_node("extract", extract)
    graph.add_node("ask", ask)
    graph.add_node("verify", verify)
    graph.add_node("reconcile", combine)
    graph.add_node("judge", judge)
    graph.add_node("write", write)
    graph.add_edge(START, "read")
    graph.add_edge("read", "extract")
    graph.add_conditional_edges("extract", _after_rules, {"ask": "ask", "write": "write"})
    graph.add_conditional_edges("ask", _after_model("verify"), ["verify", "write"])
    graph.add_conditional_edges("verify", _after_model("reconcile"), ["reconcile", "write"])
    graph.add_edge("reconcile", "judge")
    graph.add_edge("judge", "write")
    graph.add_edge("write", END)
    return graph


GRAPH = build_graph().compile()
