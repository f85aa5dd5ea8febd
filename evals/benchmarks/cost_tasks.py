"""The tasks of a day whose cost is measured: how each is played, and what its first draft sent.

A use case joins with a `Task` in `TASKS` (mails and meetings: in `written_tasks.py`, tenders: in
`tender_tasks.py`) and its count in `mix.yaml`. The
assistant's shows how: play the task through the product with `bench.answer_with(model)`, then give
each recorded request in its naive form (a mail thread uncleaned, a tender file whole).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.portfolio_assistant.assistant import Assistant
from core.context import frozen_clock
from evals.benchmarks.day import Bench, Body, Task
from evals.benchmarks.tender_tasks import TENDER_TASK
from evals.benchmarks.written_tasks import WRITTEN_TASKS
from evals.case_files import TODAY
from tests.doubles.messages_api import Reply, ToolCall
from tests.doubles.messages_api.blocks import as_blocks

# What a broker reads under a table: about 120 tokens of prose.
PROSE = (
    "Voici ce que montre le portefeuille à ce jour. Les lignes sont classées de la plus proche à "
    "la plus lointaine, et chacune renvoie à sa fiche. Les dossiers sans montant restent dans la "
    "liste sans entrer dans le total. Pour aller plus loin, précisez le client, l’énergie ou la "
    "période qui vous intéresse, et je restreindrai la recherche en conséquence. "
)


async def play_assistant(bench: Bench, mix: Mapping[str, Any], count: int) -> None:
    """`count` questions, by conversations spread over the day."""
    script = mix["assistant"]
    assistant = Assistant(bench.database, bench.engine, frozen_clock(TODAY))
    conversations = itertools.cycle(script["conversations"])
    left, day_s = count, mix["hours"] * 3600
    while left > 0:
        conversation = next(conversations)[:left]
        left -= len(conversation)
        await _converse(bench, assistant, conversation, script["pause_s"])
        bench.double.let_pass(day_s * len(conversation) / count)


async def _converse(
    bench: Bench, assistant: Assistant, turns: Sequence[Mapping[str, Any]], pause_s: float
) -> None:
    conversation_id = None
    for turn in turns:
        bench.answer_with(lambda body, turn=turn: answer_from(turn["calls"], body))
        events = [
            event
            async for event in assistant.ask(
                bench.identity, turn["question"], conversation_id=conversation_id, surface="api"
            )
        ]
        [answer] = [event.answer for event in events if event.type == "answer"]
        if not answer.is_model:
            raise RuntimeError(answer.fallback_reason)
        conversation_id = answer.conversation_id
        bench.double.let_pass(pause_s)


def answer_from(calls: Sequence[tuple[str, Mapping[str, Any]]], body: Body) -> Reply:
    """One tool at a time, as a model does, then the prose."""
    done = count_results(body)
    if done < len(calls):
        name, arguments = calls[done]
        return Reply(tool_uses=(ToolCall(name, dict(arguments)),))
    return Reply(f"{PROSE}[R{done}]\n[TABLEAU R{done}]")


def count_results(body: Body) -> int:
    """Tool results since the user's question."""
    count = 0
    for message in body["messages"]:
        results = [b for b in as_blocks(message["content"]) if b["type"] == "tool_result"]
        if message["role"] == "user":
            count = count + len(results) if results else 0
    return count


def keep_whole_threads(bodies: Sequence[Body]) -> Iterator[Body]:
    """The conversation as it was really held: earlier turns with their tools' results.

    Our own requests recall a question and its answer. A call whose messages begin with an earlier
    question continues that question's conversation.
    """
    thread: list[Any] = []
    last: Body | None = None
    for body in bodies:
        if last is not None and len(body["messages"]) == 1:
            thread, last = [], None
        if last is not None and count_results(body) == 0:
            answered = body["messages"][-2]
            thread = [*thread, *_of_turn(last), answered]
        last = body
        yield {**body, "messages": [*thread, *_of_turn(body)]}


def _of_turn(body: Body) -> list[Any]:
    """The messages from the last question on."""
    questions = [
        index
        for index, message in enumerate(body["messages"])
        if message["role"] == "user"
        and all(b["type"] != "tool_result" for b in as_blocks(message["content"]))
    ]
    return body["messages"][questions[-1] :]


TASKS: tuple[Task, ...] = (
    Task("portfolio_assistant", play_assistant, keep_whole_threads),
    *WRITTEN_TASKS,
    TENDER_TASK,
)
