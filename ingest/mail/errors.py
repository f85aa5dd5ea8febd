"""Errors of mail reading, worded for the person who looks at the mail set aside."""

from core.errors import VoltaireError


class UnreadableMail(VoltaireError):
    """The mail cannot be read; the message says why and what to do."""

    status = 422
