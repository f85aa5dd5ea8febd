"""The page of the morning: what the day asks of the user, each line a button that opens it."""

from __future__ import annotations

import logging
import re
from uuid import UUID

import chainlit as cl

from agents.portfolio_assistant.day import Day, Line, Section, Topic, read_day, write_title
from chat.approvals import COMMAND, make_context, show_pending, show_proposals
from chat.mail import make_opening
from chat.texts import ASSISTANT_NAME
from core.errors import VoltaireError
from core.formats import NBSP, count_noun, format_long_date, join_words

logger = logging.getLogger(__name__)
LINES_SHOWN = 3
LABEL_CHARS = 130
LIST = "list"
UNREAD = (
    "Votre journée n’a pas pu être lue. Vos questions restent possibles\u00a0; rechargez la page "
    "dans un instant."
)
QUIET = "Rien ne vous attend ce matin."
ALL: dict[Topic, str] = {
    "tasks": "Voir toutes mes tâches", "deadlines": "Voir les contrats à échéance",
    "tenders": "Voir les appels d’offres à décider", "approvals": "Tout voir et approuver",
    "reviews": "Voir les courriels et les examens",
    "gaps": "Voir les questions sans réponse", "mails": "Voir les courriels triés",
}  # fmt: skip
MAILS = f"Que s’est-il passé depuis hier{NBSP}?"
QUIET_NAMES: dict[Topic, str] = {
    "tasks": "tâches", "deadlines": "échéances", "tenders": "appels d’offres à décider",
    "reviews": "non-conformités à examiner", "approvals": "modifications à approuver",
    "gaps": "questions sans réponse", "mails": "courriels",
}  # fmt: skip


async def show_home() -> None:
    """Show the day above the first question; a day that cannot be read stops nothing."""
    try:
        day = await read_day(await make_context())
    except Exception:
        logger.exception("Page du matin illisible")
        await _send(UNREAD, [])
        return
    await _send(f"**Votre journée du {format_long_date(day.today)}**", [])
    for section in day.sections:
        if section.total:
            await _send(write_title(section), list_buttons(section))
    if quiet := write_quiet(day):
        await _send(quiet, [])


def write_quiet(day: Day) -> str:
    """The topics that hold nothing, on a line; empty where each holds something."""
    quiet = [QUIET_NAMES[section.topic] for section in day.sections if not section.total]
    if len(quiet) == len(day.sections):
        return QUIET
    return f"Rien à signaler côté {join_words(quiet)}." if quiet else ""


def list_buttons(section: Section) -> list[cl.Action]:
    """A button per line, then one for the whole list where it holds more or is decided at once."""
    shown = section.lines[:LINES_SHOWN]
    buttons = [_make_button(section, line) for line in shown]
    rest = len(section.lines) - len(shown)
    if rest > 0:
        others = count_noun(rest, "autre", "autres")
        return [*buttons, _make_whole(section, f"{ALL[section.topic]} ({others})")]
    is_batch = section.topic == "approvals" and len(shown) > 1
    return [*buttons, _make_whole(section, ALL[section.topic])] if is_batch else buttons


def write_label(line: Line) -> str:
    """A line as the label of a button, cut at a word."""
    when = f" – en retard {line.when}" if line.is_late else f" – {line.when}" if line.when else ""
    text = re.sub(r"\s*[\r\n\t]\s*", " ", line.text)
    room = LABEL_CHARS - len(when)
    if len(text) > room:
        text = text[:room].rsplit(" ", 1)[0] + "…"
    return text + when


@cl.action_callback("open_proposal")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_proposal(action: cl.Action) -> None:
    """Show a proposal as a card, with its buttons."""
    try:
        await show_proposals([UUID(str(action.payload["id"]))])
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("open_pending")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_pending(_: cl.Action) -> None:
    """Show all that waits for the user's agreement."""
    try:
        await show_pending(COMMAND)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


def _make_button(section: Section, line: Line) -> cl.Action:
    label = write_label(line)
    if section.topic == "approvals":
        return cl.Action(name="open_proposal", label=label, payload={"id": line.opens})
    if section.topic in ("reviews", "mails") and line.opens:
        return make_opening(UUID(line.opens), label)
    question = line.opens or section.question
    return cl.Action(name="ask", label=label, payload={"question": question})


def _make_whole(section: Section, label: str) -> cl.Action:
    if section.topic == "approvals":
        return cl.Action(name="open_pending", label=label, payload={}, icon=LIST)
    payload = {"question": section.question or MAILS}
    return cl.Action(name="ask", label=label, payload=payload, icon=LIST)


async def _send(content: str, actions: list[cl.Action]) -> None:
    """A message of this type leaves the starters on screen."""
    message = cl.Message(content=content, type="system_message", author=ASSISTANT_NAME)
    message.actions = actions
    await message.send()
