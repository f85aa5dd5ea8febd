"""What the commands share: the settings, and how a user or a day is given."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import InvalidInput

if TYPE_CHECKING:
    from core.settings import Settings

TELLING_ADDRESSES = ("httpx", "httpcore")
"""Loggers that write each address called; that of a SharePoint content carries its own right."""
UserOption = Annotated[
    str | None,
    typer.Option("--user", metavar="ADRESSE", help="Adresse de l’utilisateur qui demande."),
]


def read_day(text: str | None) -> dt.date | None:
    """The day written AAAA-MM-JJ. Raises InvalidInput."""
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"« {text} » n’est pas une date. Écrivez-la AAAA-MM-JJ, par exemple 2026-11-16."
        ) from error


def settings_of_command() -> Settings:
    """The settings, once every library is kept from calling out and the log is at its level."""
    import logging

    from core.settings import get_settings, prepare_process_environment

    prepare_process_environment()
    settings = get_settings()
    logging.basicConfig(level=settings.log_level.upper())
    for name in TELLING_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)
    return settings
