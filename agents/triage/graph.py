"""The graph of one thread's triage: its steps in order, taken up where a run stopped."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID, uuid5

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from agents.triage import steps
from agents.triage.intake import POISON
from agents.triage.work import Work, load
from core.context import Context
from core.database import StatementFailed, raise_if_down
from core.errors import DatabaseUnavailable, VoltaireError
from crm.mail.waiting import SetAside, set_aside
from ingest.mail.isolation import MailReader

logger = logging.getLogger(__name__)
Step = Callable[[Work], Awaitable[None]]
STEPS: tuple[tuple[str, Step], ...] = (
    ("clean", steps.clean),
    ("link", steps.link),
    ("classify", steps.classify),
    ("summarise", steps.make_summary),
    ("detect", steps.find_non_conformity),
    ("draft", steps.write_reply),
    ("propose", steps.propose_changes),
)
UNEXPECTED = (
    "Le tri de ce fil s’est arrêté à l’étape «\u00a0{step}\u00a0». Relancez-le avec "
    "«\u00a0voltaire triage --replay\u00a0»\u00a0; si cela se répète, transmettez le journal "
    "au support."
)


class TriageState(TypedDict):
    """Ids alone: texts stay in the tables."""

    thread_id: str
    step: str


@dataclass(frozen=True)
class Means:
    """What the nodes work with."""

    work: Work


def build_graph() -> Any:
    """The compiled graph; a step's result in its table is its checkpoint."""
    graph = StateGraph(TriageState, context_schema=Means)
    previous = START
    for name, step in STEPS:
        graph.add_node(name, _make_node(name, step))  # pyright: ignore[reportArgumentType]
        graph.add_edge(previous, name)
        previous = name
    graph.add_edge(previous, END)
    return graph.compile()


def _make_node(name: str, step: Step) -> Callable[..., Awaitable[dict[str, str]]]:
    async def node(_: TriageState, runtime: Runtime[Means]) -> dict[str, str]:
        await step(runtime.context.work)
        return {"step": name}

    return node


GRAPH = build_graph()


async def triage_thread(
    context: Context, reader: MailReader, thread_id: UUID, *, again: bool = False
) -> bool:
    """Triage a thread; False when it was set aside. A thread done already is left as it is.

    `again` forgets what earlier runs found. Raises DatabaseUnavailable: the job is tried again.
    """
    step = "load"
    try:
        work = await load(context, reader, thread_id, again=again)
        if work is None or work.is_done:
            return True
        state: TriageState = {"thread_id": str(thread_id), "step": step}
        async for update in GRAPH.astream(state, context=Means(work), stream_mode="updates"):
            step = next(iter(update))
    except DatabaseUnavailable:
        raise
    except StatementFailed as error:
        raise_if_down(error)
        logger.exception("Tri interrompu après l’étape %s", step)
        await _set_aside(context, thread_id, step, UNEXPECTED.format(step=step))
        return False
    except VoltaireError as error:
        await _set_aside(context, thread_id, step, error.message)
        return False
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        logger.exception("Tri interrompu après l’étape %s", step)
        await _set_aside(context, thread_id, step, UNEXPECTED.format(step=step))
        return False
    return True


async def _set_aside(context: Context, thread_id: UUID, step: str, message: str) -> None:
    tenant_id = context.identity.tenant_id
    poison = SetAside(
        uuid5(POISON, f"{tenant_id}|{thread_id}"), "", f"Fil {thread_id}", step, message,
        thread_id=thread_id,
    )  # fmt: skip
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        await set_aside(connection, tenant_id, poison)
