"""Files dropped in the chat, each given to what reads its kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import chainlit as cl

from chat.minutes import SUFFIXES as TRANSCRIPTS
from chat.minutes import show_minutes
from chat.texts import ASSISTANT_NAME

Handler = Callable[[Path, str, str], Awaitable[None]]
"""What reads a file: its path, its name, what the user said with it."""
HANDLERS: dict[str, Handler] = dict.fromkeys(TRANSCRIPTS, show_minutes)
UNKNOWN = (
    "Je ne sais pas lire «\u00a0{name}\u00a0». Déposez une transcription de réunion "
    "(.vtt, .srt, .docx, .txt)."
)


async def take_files(elements: Sequence[Any], said: str) -> bool:
    """Handle each dropped file; tell whether there was any. Raises VoltaireError."""
    files = [element for element in elements if getattr(element, "path", None)]
    for file in files:
        handler = HANDLERS.get(Path(file.name).suffix.lower())
        if handler is None:
            told = UNKNOWN.format(name=file.name)
            await cl.ErrorMessage(content=told, author=ASSISTANT_NAME).send()
        else:
            await handler(Path(str(file.path)), file.name, said)
    return bool(files)
