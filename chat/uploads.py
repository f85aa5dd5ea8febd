"""Files dropped in the chat, each given to what reads its kind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chainlit as cl

from chat.minutes import show_minutes
from chat.tenders import show_tender
from chat.texts import ASSISTANT_NAME
from ingest.tenders.dropped import sort_files


async def take_files(elements: Sequence[Any], said: str) -> bool:
    """Handle each dropped file; tell whether there was any. Raises VoltaireError.

    `said` comes with them. The pieces dropped together are one tender.
    """
    files = [
        (Path(str(element.path)), str(element.name))
        for element in elements
        if getattr(element, "path", None)
    ]
    dropped = await asyncio.to_thread(sort_files, files)
    for file in dropped:
        if file.destination == "transcript":
            await show_minutes(file.path, file.name, said)
        elif file.refusal is not None:
            await cl.ErrorMessage(content=file.refusal, author=ASSISTANT_NAME).send()
    pieces = [file for file in dropped if file.destination == "piece"]
    if pieces:
        await show_tender(pieces)
    return bool(files)
