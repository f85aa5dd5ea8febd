"""What rows alone tell, so that no model is asked: the day, the mail since yesterday, a chart."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from agents.portfolio_assistant.articles import find_article_request
from agents.portfolio_assistant.contradictions import (
    are_contradictions_asked,
    find_review,
    tell_contradictions,
    tell_review,
)
from agents.portfolio_assistant.conversations import NewToolRun, Surface, add_tool_run
from agents.portfolio_assistant.day import is_day_asked, tell_day
from agents.portfolio_assistant.evidence import Evidence, ToolRun
from agents.portfolio_assistant.gaps import are_gaps_asked, tell_gaps
from agents.portfolio_assistant.library import find_library_request
from agents.portfolio_assistant.models import Answer
from agents.portfolio_assistant.verification import verify
from agents.told import Told
from agents.triage.asking import read_ask
from agents.triage.telling import tell_mail
from core.context import Context
from core.engine.offline import OfflineEngine
from core.errors import InvalidInput, NotAllowed, NotFound
from core.formats import count_noun
from tools.charts import Chart, find_chart, find_drawing
from tools.figures import may_draw
from tools.outputs import Rows

READING = "aggregate_records"
NOTHING_TO_DRAW = "Il n’y a pas assez de données pour un graphique\u00a0: "


Telling = Callable[[], Awaitable[Told]]


@dataclass(frozen=True)
class Place:
    """The turn that is being answered."""

    question: str
    conversation_id: UUID
    turn_id: UUID


def find_told(context: Context, question: str, surface: Surface) -> Telling | None:
    """What tells a question that rows alone answer; None for any other question."""
    if is_day_asked(question):
        return partial(_tell_text, partial(tell_day, context, surface))
    if are_gaps_asked(question):
        return partial(_tell_text, partial(tell_gaps, context))
    if are_contradictions_asked(question):
        return partial(_tell_text, partial(tell_contradictions, context))
    review = find_review(question)
    if review is not None:
        return partial(_tell_text, partial(tell_review, context, review, surface))
    ask = read_ask(question, context.today)
    if ask is not None:
        return partial(tell_mail, context, ask, question, surface)
    tell = find_article_request(question) or find_library_request(question)
    if tell is not None:
        return partial(_tell_text, partial(tell, context, question, surface))
    wanted = find_drawing(question)
    chart = find_chart(wanted) if wanted else None
    return partial(tell_chart, context, chart) if chart else None


async def tell_chart(context: Context, chart: Chart) -> Told:
    """A chart known by name, with the figures it is drawn from."""
    try:
        rows = await chart.read(context)
    except NotAllowed as error:
        return Told(error.message, status="refused")
    rows = rows.model_copy(update={"label": chart.title})
    lines = count_noun(rows.total_rows, "ligne", "lignes")
    if not may_draw([column.name for column in rows.columns], len(rows.rows)):
        return Told(f"{NOTHING_TO_DRAW}{lines} [R1].\n\n[TABLEAU R1]", rows=rows)
    return Told(f"{chart.title}, en {lines} [R1].\n\n[TABLEAU R1]", rows=rows)


async def answer_told(context: Context, place: Place, tell: Telling) -> Answer:
    """The answer, its rows stored as the run that proves it."""
    started = time.monotonic()
    told = await tell()
    runs = (await _keep(context, place, told.rows, started),) if told.rows else ()
    answer = Answer(
        turn_id=place.turn_id,
        conversation_id=place.conversation_id,
        question=place.question,
        status=told.status,
        text=told.text,
        suggestions=told.suggestions,
        mail_acts=told.acts,
        engine=OfflineEngine.name,
        is_model=False,
        duration_ms=round((time.monotonic() - started) * 1000),
    )
    if not runs:
        return answer
    checked = await verify(context, told.text, Evidence(runs), place.question)
    return answer.model_copy(
        update={
            "text": checked.text,
            "citations": checked.citations,
            "tables": checked.tables,
            "is_drawn": True,
        }
    )


async def _keep(context: Context, place: Place, rows: Rows, started: float) -> ToolRun:
    run = ToolRun(uuid4(), 1, READING, "", rows)
    duration = round((time.monotonic() - started) * 1000)
    await add_tool_run(
        context.database,
        context.identity,
        NewToolRun(run.id, place.turn_id, 1, "", READING, {}, rows, context.clock(), duration),
    )
    return run


async def _tell_text(tell: Callable[[], Awaitable[str]]) -> Told:
    try:
        return Told(await tell())
    except (InvalidInput, NotAllowed, NotFound) as error:
        return Told(error.message, status="refused")
