"""The day's mails and meetings: played through the product, then sent whole as a first draft would.

A mail of the day is the thread of `mix.yaml` under a reference of its own: three messages, each
with its signature, its notice and the history quoted below, as mail programs write them.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from agents.email_summary.summary import summarise
from agents.meeting_synthesis.graph import synthesise
from agents.non_conformity.detection import detect
from agents.reply_draft.drafting import draft
from agents.reply_draft.models import NoDraft
from core.context import Context, frozen_clock
from core.engine.protocol import Message, Request, Text
from core.engine.provenance import Provenance
from evals.benchmarks.day import Bench, Body, Task
from evals.case_files import TODAY
from evals.meetings.perfect import answer_perfectly
from evals.meetings.truths import DEMONSTRATION, MeetingCase, load_cases
from ingest.mail.cleaning import clean_thread
from ingest.mail.links import MailLinks
from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.reading import read_facts
from ingest.mail.thread import CleanThread
from tests.doubles.messages_api import Reply

MIX = Path(__file__).with_name("mix.yaml")
OWN = frozenset({"cabinet.example"})
LINKS = MailLinks(own_domains=OWN)
REFERENCE = re.compile(r"CT-2026-(\d{4})")
END = re.compile(r"\[\[FIN DES DONNÉES [0-9a-f]+\]\]")
START = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)
Work = Callable[[Context, CleanThread], Awaitable[Provenance | None]]
Play = Callable[[Bench, Mapping[str, Any], int], Awaitable[None]]


@lru_cache(maxsize=1)
def read_script() -> Mapping[str, Any]:
    """The thread and the answers of `mix.yaml`."""
    return yaml.safe_load(MIX.read_text(encoding="utf-8"))["mail"]


def write_mails(number: int) -> list[MailMessage]:
    """The thread under its reference, raw."""
    script = read_script()
    reference, history, mails = f"CT-2026-{number:04}", "", list[MailMessage]()
    for rank, (side, words) in enumerate(script["messages"]):
        who = MailAddress(*script["people"][side])
        sent = START + dt.timedelta(hours=5 * rank)
        text = f"{words.format(reference=reference)}\n\n{script['signatures'][side]}"
        body = f"{text}\n\n{history}" if history else text
        mails.append(
            MailMessage(f"<{number}.{rank}@day.example>", f"Contrat {reference}", who, sent,
                        to=(MailAddress(*script["people"]["out" if side == "in" else "in"]),),
                        text=body)
        )  # fmt: skip
        quoted = "\n".join(f"> {line}".rstrip() for line in body.splitlines())
        history = f"Le {sent:%d/%m/%Y} à {sent:%H:%M}, {who.name} <{who.email}> a écrit :\n{quoted}"
    return mails


def play_mails(use_case: str, work: Work) -> Play:
    """`work` on `count` threads, spread over the day."""

    async def play(bench: Bench, mix: Mapping[str, Any], count: int) -> None:
        context = Context(bench.identity, bench.database, bench.engine, frozen_clock(TODAY))
        answer = json.dumps(read_script()["answers"][use_case], ensure_ascii=False)
        for number in range(1, count + 1):
            reply = Reply(answer.replace("{reference}", f"CT-2026-{number:04}"))
            bench.answer_with(lambda _, reply=reply: reply)
            check(await work(context, clean_thread(write_mails(number))))
            bench.double.let_pass(mix["hours"] * 3600 / count)

    return play


def check(provenance: Provenance | None) -> None:
    """Raises RuntimeError where rules answered: the day would not be the model's."""
    if provenance is None or not provenance.is_model:
        raise RuntimeError(provenance.fallback_reason if provenance else "aucun brouillon")


async def _summarise(context: Context, thread: CleanThread) -> Provenance:
    return (await summarise(context, thread, LINKS)).provenance


async def _detect(context: Context, thread: CleanThread) -> Provenance:
    return (await detect(context, thread, LINKS, read_facts(thread, OWN))).provenance


async def _draft(context: Context, thread: CleanThread) -> Provenance | None:
    made = await draft(context, thread, read_facts(thread, OWN), LINKS)
    return None if isinstance(made, NoDraft) else made.provenance


def send_whole_threads(bodies: Sequence[Body]) -> Iterator[Body]:
    """Every message as received, quoted history included; what is asked beside it stays."""
    for body in bodies:
        sent = body["messages"][0]["content"][0]["text"]
        [number] = {int(found) for found in REFERENCE.findall(sent)}
        mails = [f"{m.sender.name} <{m.sender.email}>\n{m.subject}\n{m.text}"
                 for m in write_mails(number)]  # fmt: skip
        yield replace_words(body, "\n\n".join(mails) + END.split(sent)[-1])


def replace_words(body: Body, words: str) -> Body:
    """The request with `words` as its only message."""
    return {**body, "messages": [{"role": "user", "content": [{"type": "text", "text": words}]}]}


async def play_meetings(bench: Bench, mix: Mapping[str, Any], count: int) -> None:
    """`count` of the demonstration's meetings, in turn."""
    context = Context(bench.identity, bench.database, bench.engine, frozen_clock(TODAY))
    for case in itertools.islice(itertools.cycle(load_cases(DEMONSTRATION)), count):
        bench.answer_with(lambda body, case=case: answer_meeting(case, body))
        check((await synthesise(context, case.transcript, case.invitation)).provenance)
        bench.double.let_pass(mix["hours"] * 3600 / count)


def answer_meeting(case: MeetingCase, body: Body) -> Reply:
    """The meeting's truth."""
    asked = Message("user", (Text(body["messages"][0]["content"][0]["text"]),))
    request = Request("meeting_synthesis", "balanced", "", (asked,), (), TODAY, 1, "")
    return Reply(answer_perfectly(case, request).text)


def send_whole_files(bodies: Sequence[Body]) -> Iterator[Body]:
    """The transcript's file as received, its marks of time included."""
    for body, case in zip(bodies, itertools.cycle(load_cases(DEMONSTRATION)), strict=False):
        [file] = (DEMONSTRATION / case.id).glob("*.vtt")
        yield replace_words(body, file.read_text(encoding="utf-8"))


WRITTEN_TASKS: tuple[Task, ...] = (
    Task("email_summary", play_mails("email_summary", _summarise), send_whole_threads),
    Task("reply_draft", play_mails("reply_draft", _draft), send_whole_threads),
    Task("non_conformity", play_mails("non_conformity", _detect), send_whole_threads),
    Task("meeting_synthesis", play_meetings, send_whole_files),
)
