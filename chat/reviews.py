"""An uncertain non-conformity in the chat: why it is uncertain, and the buttons that settle it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any, get_args

import chainlit as cl

from agents.non_conformity.models import FAMILY_LABELS, Family
from agents.triage.deciding import GONE, NO_FAMILY, decide
from agents.triage.digest import list_news
from chat.approvals import make_context, say, show_proposals
from chat.cards import plain
from chat.texts import ASSISTANT_NAME
from core.context import Context
from core.errors import InvalidInput, NotAllowed, NotFound, VoltaireError
from core.formats import NBSP, format_date
from ingest.mail.isolation import MailReader

OPEN = "open_review"
DECIDERS = frozenset({"quality", "director", "admin"})
NOT_YOURS = "Seules la qualité et la direction confirment ou écartent une non-conformité."
DISMISSED = "Écartée\u00a0: ce courriel n’est pas une non-conformité. Rien n’a été enregistré."
CONFIRMED = "Confirmée. La fiche proposée attend un accord, comme toute modification."


@cl.action_callback(OPEN)  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_open(action: cl.Action) -> None:
    """Show a review, with the buttons of those who may settle it."""
    try:
        context = await make_context()
        row = await _get_review(context, str(action.payload["key"]))
        message = cl.Message(content=write_review(row, context.today), author=ASSISTANT_NAME)
        if context.identity.roles & DECIDERS:
            message.actions = [
                _make_button(row["key"], "oui", "Confirmer la non-conformité"),
                _make_button(row["key"], "non", "Écarter"),
            ]
        await message.send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("decide_review")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_decide(action: cl.Action) -> None:
    """Settle a review; what is confirmed is shown to be approved."""
    try:
        context = await make_context()
        if not context.identity.roles & DECIDERS:
            raise NotAllowed(NOT_YOURS)
        await _settle(context, action)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


def write_review(row: dict[str, Any], today: dt.date) -> str:
    """What makes a mail an uncertain non-conformity."""
    day = format_date(row["due_on"])
    is_late = row["due_on"] < today
    due = f"**En retard**, à décider depuis le {day}" if is_late else f"À décider avant le {day}"
    reasons = "\n".join(f"- {plain(reason)}" for reason in row["reasons"])
    return "\n\n".join(
        [
            f"**Non-conformité à confirmer{NBSP}: {plain(row['subject'] or '(sans objet)')}**",
            f"Client{NBSP}: {plain(row['account'] or 'non identifié')}. {due}.",
            f"Pourquoi c’est incertain{NBSP}:\n\n{reasons}",
        ]
    )


async def _settle(context: Context, action: cl.Action) -> None:
    key, decision = str(action.payload["key"]), str(action.payload["decision"])
    given = action.payload.get("family")
    family = given if given in get_args(Family) else None
    reader = MailReader()
    try:
        submitted = await decide(context, reader, key, decision, family)
    except InvalidInput as error:
        if error.message != NO_FAMILY:
            raise
        await _ask_family(key)
        return
    finally:
        await asyncio.to_thread(reader.close)
    await action.remove()
    await say(CONFIRMED if decision == "oui" else DISMISSED)
    await show_proposals([s.proposal_id for s in submitted if s.proposal_id])
    for refusal in dict.fromkeys(s.refusal for s in submitted if s.refusal):
        await cl.ErrorMessage(content=refusal, author=ASSISTANT_NAME).send()


async def _ask_family(key: str) -> None:
    message = cl.Message(content=NO_FAMILY, author=ASSISTANT_NAME)
    message.actions = [
        _make_button(key, "oui", label.capitalize(), family)
        for family, label in FAMILY_LABELS.items()
    ]
    await message.send()


async def _get_review(context: Context, key: str) -> dict[str, Any]:
    _, reviews = await list_news(context, context.clock())
    for row in reviews:
        if row["key"] == key:
            return row
    raise NotFound(GONE)


def _make_button(key: str, decision: str, label: str, family: str | None = None) -> cl.Action:
    payload = {"key": key, "decision": decision, "family": family}
    return cl.Action(name="decide_review", label=label, payload=payload)
