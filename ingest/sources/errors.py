"""Errors of mail sources, worded for the person who set them up."""

from core.errors import VoltaireError


class SourceUnavailable(VoltaireError):
    """The mailbox or folder cannot be read; the message says what to check."""

    status = 503
