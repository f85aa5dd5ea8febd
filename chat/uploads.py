"""Files dropped in the chat, each given to what reads its kind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chainlit as cl

from chat.deposits import asks_deposit, show_deposits
from chat.doubts import ask_purpose, asks_tender
from chat.mail import show_mails
from chat.minutes import show_minutes
from chat.sheets import show_sheet
from chat.tenders import show_tender
from chat.texts import ASSISTANT_NAME
from core.errors import InvalidInput, VoltaireError
from ingest.meetings.invitation import Invitation, parse_invitation
from ingest.tenders.dropped import Dropped, sort_files

ALONE = "Cette invitation est lue avec sa transcription\u00a0: déposez les deux fichiers ensemble."
SEVERAL = "Déposez une seule invitation avec la transcription."


async def take_files(elements: Sequence[Any], said: str) -> bool:
    """Handle each dropped file; tell whether there was any. Raises VoltaireError.

    `said` comes with them, and may hand them over to the knowledge base. The pieces dropped
    together are one tender.
    """
    files = [
        (Path(str(element.path)), str(element.name))
        for element in elements
        if getattr(element, "path", None)
    ]
    if files and asks_deposit(said):
        await show_deposits(files, said)
        return True
    dropped = await asyncio.to_thread(sort_files, files)
    await _take_meetings(dropped, said)
    for file in dropped:
        if file.destination == "sheet":
            await _take_sheet(file, said)
        elif file.refusal is not None:
            await cl.ErrorMessage(content=file.refusal, author=ASSISTANT_NAME).send()
    mails = [(file.path, file.name) for file in dropped if file.destination == "mail"]
    if mails:
        await show_mails(mails, said)
    await _take_pieces(dropped, said)
    return bool(files)


async def _take_pieces(dropped: Sequence[Dropped], said: str) -> None:
    """The pieces of a tender; one that speaks of none is asked about, unless `said` tells."""
    doubtful = [file for file in dropped if file.destination == "doubtful"]
    pieces = [file for file in dropped if file.destination == "piece"]
    if asks_tender(said):
        pieces, doubtful = [*pieces, *doubtful], []
    for file in doubtful:
        await ask_purpose(file, said)
    if pieces:
        await show_tender(pieces)


async def _take_meetings(dropped: Sequence[Dropped], said: str) -> None:
    """The minutes of each transcript, with the invitation dropped beside it, if any."""
    invitation = await asyncio.to_thread(_read_invitation, dropped)
    meetings = [file for file in dropped if file.destination == "transcript"]
    for file in meetings:
        await show_minutes(file.path, file.name, said, invitation)
    if invitation and not meetings:
        await cl.ErrorMessage(content=ALONE, author=ASSISTANT_NAME).send()


async def _take_sheet(file: Dropped, said: str) -> None:
    """A sheet that cannot be imported is told of, and the others are still read."""
    try:
        await show_sheet(file.path, file.name, said)
    except VoltaireError as error:
        told = f"«\u00a0{file.name}\u00a0»\u00a0: {error.message}"
        await cl.ErrorMessage(content=told, author=ASSISTANT_NAME).send()


def _read_invitation(dropped: Sequence[Dropped]) -> Invitation | None:
    """The invitation dropped with the words of a meeting. Raises InvalidInput for several."""
    found = [file for file in dropped if file.destination == "invitation"]
    if len(found) > 1:
        raise InvalidInput(SEVERAL)
    return parse_invitation(found[0].path.read_bytes()) if found else None
