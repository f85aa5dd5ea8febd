"""The graph of tender scoring: read, extract by rules, ask, verify, reconcile, judge, write.

Rules read and judge the whole file first and always. A model, where there is one, is then asked
for what they did not read; what it gives is kept only where the file says it, and code judges
again. Whatever goes wrong with the model, the rules' analysis is the answer, and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict
from uuid import UUID, uuid4

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.tender_scoring.analysis import RULES, Means, OnPiece, find_notice
from agents.tender_scoring.answer import FactKey, GivenSentence, GivenTender
from agents.tender_scoring.asking import build_request, list_sought, load_prompt, seeks_criteria
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.passages import Given, choose_passages
from agents.tender_scoring.reconciliation import reconcile
from agents.tender_scoring.rules.notes import Relationship
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading, read_statements
from agents.tender_scoring.rules.strangers import set_strangers_apart
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
from ingest.tenders.dossier import read_dossier
from ingest.tenders.intake import unpack

FindRelationship = Callable[[str | None], Awaitable[Relationship]]
BY_RULES = Provenance(RULES, is_model=False)


@dataclass
class Session:
    """One tender file on its way through the graph."""

    sources: Sequence[Path]
    workspace: Path
    means: Means
    engine: Engine
    identifier: UUID
    label: str
    record: str
    find_relationship: FindRelationship | None = None
    on_piece: OnPiece | None = None
    reading: Reading | None = None
    notice: Notice = field(default_factory=Notice)
    sheet: Sheet | None = None
    relationship: Relationship = field(default_factory=Relationship)
    drafted: TenderAnalysis | None = None
    sought: tuple[FactKey, ...] = ()
    passages: Given | None = None
    reasons: dict[str, Reason] = field(default_factory=dict[str, Reason])
    given: GivenTender | None = None
    verified: Verified = field(default_factory=Verified)
    sentences: list[GivenSentence] = field(default_factory=list[GivenSentence])
    failure: str | None = None
    analysis: TenderAnalysis | None = None


class State(TypedDict):
    """What the graph itself carries: whether a model's answer is still in play."""

    has_answer: bool


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
    named. `on_piece` hears each piece's name, rank and number, from the reading thread. Whatever
    cannot be read is a line of the analysis, never an error.
    """
    own = identifier or uuid4()
    with TemporaryDirectory(prefix="voltaire-dce-") as workspace:
        session = Session(
            sources, Path(workspace), means, engine, own, label or sources[0].stem,
            record or f"tender_analyses:{own}", find_relationship, on_piece,
        )  # fmt: skip
        await GRAPH.ainvoke({"has_answer": False}, context=session)
    assert session.analysis is not None  # noqa: S101 - the last node always sets it
    return session.analysis


async def read(state: State, runtime: Runtime[Session]) -> State:
    """Unpack the sources and read every piece, in a thread."""
    await asyncio.to_thread(_read, runtime.context)
    return state


def _read(session: Session) -> None:
    dossier = read_dossier(unpack(session.sources, session.workspace), session.on_piece)
    session.notice = find_notice(dossier)
    session.reading = read_statements(set_strangers_apart(dossier, session.notice))


async def extract(state: State, runtime: Runtime[Session]) -> State:
    """Read the facts and judge them, by rules alone."""
    session = runtime.context
    assert session.reading is not None  # noqa: S101 - set by `read`
    session.sheet = await asyncio.to_thread(read_sheet, session.reading, session.notice)
    session.relationship = await _look_up(session, session.sheet)
    session.drafted = await asyncio.to_thread(_judge, session, session.sheet, BY_RULES)
    return state


async def _look_up(session: Session, sheet: Sheet) -> Relationship:
    """What the CRM holds of the buyer; a look-up that fails is told as failed."""
    if session.find_relationship is None:
        return Relationship()
    try:
        return await session.find_relationship(sheet.facts.buyer and sheet.facts.buyer.value)
    except VoltaireError as error:
        return Relationship(failed=error.message)


def _judge(session: Session, sheet: Sheet, made_by: Provenance, dropped: int = 0) -> TenderAnalysis:
    assert session.reading is not None  # noqa: S101 - set by `read`
    reading, notice, means = session.reading, session.notice, session.means
    judgement = Judgement(means.profile, means.grid, means.now, session.relationship)
    checks = check_sheet(sheet, reading, notice, means.now)
    verdicts = judge_sheet(sheet, checks, reading, notice, judgement)
    return compose(session.identifier, session.label, sheet, checks, verdicts, reading, judgement,
                   made_by, dropped=dropped)  # fmt: skip


async def ask(state: State, runtime: Runtime[Session]) -> State:
    """Ask the model for what rules did not read, in one request."""
    session = runtime.context
    request = await asyncio.to_thread(prepare_request, session)
    try:
        session.given = await ask_structured(session.engine, request, GivenTender)
    except EngineError as error:
        session.failure = error.message
    return {**state, "has_answer": session.given is not None}


def prepare_request(session: Session) -> Request:
    """The request for a file that rules have judged. Blocking: pages are cut out of PDF files."""
    assert session.drafted is not None and session.reading is not None  # noqa: S101
    session.sought = list_sought(session.drafted.facts)
    session.reasons = mark_reasons(session.drafted.reasons)
    session.passages = choose_passages(
        session.reading, session.sought, seeks_criteria=seeks_criteria(session.drafted)
    )
    return build_request(
        session.drafted, session.sought, session.passages, session.reasons, session.record
    )


async def verify(state: State, runtime: Runtime[Session]) -> State:
    """Keep what the file proves; an answer of which nothing holds is refused whole."""
    session = runtime.context
    await asyncio.to_thread(check_answer, session)
    if session.given is not None and session.given.count and not (
        session.verified.count or session.sentences
    ):  # fmt: skip
        try:
            await reject_answer(session.engine)
        except EngineError as error:
            session.failure = error.message
    return {**state, "has_answer": session.failure is None}


def check_answer(session: Session) -> None:
    """Set what holds of the answer given."""
    assert session.given is not None and session.passages is not None  # noqa: S101
    assert session.reading is not None  # noqa: S101
    verifier = Verifier(
        session.passages.pieces, session.reading.statements, frozenset(session.sought)
    )
    session.verified = verifier.verify(session.given)
    session.sentences = verify_summary(session.given.summary, session.reasons)
    session.verified.dropped += len(session.given.summary) - len(session.sentences)


async def combine(state: State, runtime: Runtime[Session]) -> State:
    """Put both readings together; a buyer newly known is looked up."""
    session = runtime.context
    assert session.sheet is not None and session.drafted is not None  # noqa: S101
    known = session.sheet.facts.buyer
    session.sheet = reconcile(session.sheet, session.verified, session.drafted.requirements)
    if known is None and session.sheet.facts.buyer is not None:
        session.relationship = await _look_up(session, session.sheet)
    return state


async def judge(state: State, runtime: Runtime[Session]) -> State:
    """Gates, grid and verdict, by code, on the facts of both readings."""
    session = runtime.context
    assert session.sheet is not None  # noqa: S101 - set by `extract`
    made_by = Provenance(session.engine.name, True, load_prompt().sha256)
    session.analysis = await asyncio.to_thread(
        _judge, session, session.sheet, made_by, session.verified.dropped
    )
    return state


async def write(state: State, runtime: Runtime[Session]) -> State:
    """The analysis of both readings with its summary, or the rules' alone, with the reason."""
    session = runtime.context
    if session.analysis is not None:
        told = write_summary(session.sentences, session.reasons, session.analysis.reasons)
        session.analysis = session.analysis.model_copy(update={"summary": told})
        return state
    assert session.drafted is not None  # noqa: S101 - set by `extract`
    session.analysis = session.drafted
    if session.failure is not None:
        reason = f"{session.failure} L’analyse vient des règles."
        provenance = replace(BY_RULES, fallback_reason=reason)
        session.analysis = session.drafted.model_copy(
            update={"provenance": provenance, "dropped_items": session.verified.dropped}
        )
    return state


def _after_rules(_: State, runtime: Runtime[Session]) -> str:
    return "ask" if runtime.context.engine.is_model else "write"


def _after_model(name: str) -> Callable[[State], str]:
    return lambda state: name if state["has_answer"] else "write"


def build_graph() -> StateGraph[State, Session]:
    """read → extract → ask → verify → reconcile → judge → write; what fails goes to write."""
    graph = StateGraph(State, context_schema=Session)
    nodes = {"read": read, "extract": extract, "ask": ask, "verify": verify,
             "reconcile": combine, "judge": judge, "write": write}  # fmt: skip
    for name, node in nodes.items():
        graph.add_node(name, node)
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
