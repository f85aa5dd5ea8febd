"""A document dropped alone that speaks of no tender: the user says what it is for.

The session keeps where the file is; a button names it and carries nothing else.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from uuid import uuid4

import chainlit as cl

from chat.approvals import say
from chat.cards import plain
from chat.deposits import show_deposits
from chat.sessions import get_current_identity
from chat.shown import Reference, keep_shown, replays
from chat.tenders import show_tender
from chat.texts import ASSISTANT_NAME
from core.context import Identity
from core.errors import InvalidInput, VoltaireError
from core.formats import NBSP
from core.roles import SUPERVISORS
from core.words import fold
from ingest.tenders.dropped import Dropped

DOUBTFUL = "doubtful_files"
TENDER = re.compile(
    r"\bappels? d'offres?\b|\b(?:ao|dce)\b|\bmarches? publics?\b|\bconsultation\b"
    r"|\b(?:faut-il|devons-nous|doit-on|peut-on) (?:y )?repondre\b"
)
DROPPED = f"Document déposé{NBSP}: {{name}}"
ASKED = (
    f"«{NBSP}{{name}}{NBSP}» ne contient pas les mots d’un appel d’offres (règlement de la "
    f"consultation, acte d’engagement, CCTP, date limite de remise des offres…). Qu’en faire{NBSP}?"
)
WHO_ADDS = (
    "La qualité, la direction et l’administration peuvent l’ajouter aux documents du cabinet"
    f"{NBSP}: remettez-le à l’une d’elles."
)
ANALYSE, ADD, CANCEL = "Analyser comme appel d’offres", "Ajouter aux documents", "Annuler"
CANCELLED = f"Rien n’a été fait de «{NBSP}{{name}}{NBSP}»."
GONE = "Ce fichier n’est plus disponible. Redéposez-le pour choisir ce qu’il faut en faire."


@dataclass(frozen=True)
class Doubt:
    """A file and the question asked of it, whose buttons go once it is answered."""

    file: Dropped
    message: cl.Message


def asks_tender(said: str) -> bool:
    """Tell whether the words that come with files speak of a tender."""
    return TENDER.search(fold(said)) is not None


def list_choices(identity: Identity) -> list[tuple[str, str]]:
    """The buttons of the question, by name: documents are added by who looks after them."""
    add = [("add_doubtful", ADD)] if identity.roles & SUPERVISORS else []
    return [("analyse_doubtful", ANALYSE), *add, ("cancel_doubtful", CANCEL)]


def word_question(name: str, identity: Identity) -> str:
    """What is asked of the file `name`, and who adds documents where `identity` may not."""
    asked = ASKED.format(name=plain(name))
    return asked if identity.roles & SUPERVISORS else f"{asked} {WHO_ADDS}"


async def ask_purpose(file: Dropped, said: str) -> None:
    """Ask what to do of `file`; `said` came with it."""
    key, identity = str(uuid4()), await get_current_identity()
    known: dict[str, Doubt] = cl.user_session.get(DOUBTFUL) or {}
    message = cl.Message(content=word_question(file.name, identity), author=ASSISTANT_NAME)
    message.actions = [
        cl.Action(name=name, label=label, payload={"key": key})
        for name, label in list_choices(identity)
    ]
    await message.send()
    cl.user_session.set(DOUBTFUL, {**known, key: Doubt(file, message)})
    request = f"{said}\n\n{DROPPED.format(name=file.name)}".strip()
    await keep_shown("doubtful_file", request, {"name": file.name})


@replays("doubtful_file")
async def replay_doubt(_: Identity, reference: Reference) -> str:
    """The question alone: the file itself is kept nowhere."""
    return f"{ASKED.format(name=plain(str(reference['name'])))} {GONE}"


@cl.action_callback("analyse_doubtful")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_analyse_doubtful(action: cl.Action) -> None:
    """Take the document for a tender."""
    try:
        file = await _take(action)
        await show_tender([file])
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("add_doubtful")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_add_doubtful(action: cl.Action) -> None:
    """Keep the document as a draft of the knowledge base."""
    try:
        file = await _take(action)
        await show_deposits([(file.path, file.name)], "")
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("cancel_doubtful")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_cancel_doubtful(action: cl.Action) -> None:
    """Leave the document."""
    try:
        file = await _take(action)
        await say(CANCELLED.format(name=plain(file.name)))
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _take(action: cl.Action) -> Dropped:
    """The file of a question, which is then answered. Raises InvalidInput once it is gone."""
    known: dict[str, Doubt] = cl.user_session.get(DOUBTFUL) or {}
    doubt = known.get(str(action.payload.get("key")))
    if doubt is None or not await asyncio.to_thread(doubt.file.path.exists):
        raise InvalidInput(GONE)
    await doubt.message.remove_actions()
    return doubt.file
