"""Errors of ingestion, worded for the person who must act on the file."""

from core.errors import VoltaireError


class UnreadableFile(VoltaireError):
    """The file cannot be read; the message says why and what to do."""

    status = 422
