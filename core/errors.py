"""Errors that carry an HTTP status and a French message saying what to do next."""

from __future__ import annotations

from typing import Any, ClassVar


class VoltaireError(Exception):
    """An error shown to a person: `message` is French and says what to do next."""

    status: ClassVar[int] = 500

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class ConfigurationError(VoltaireError):
    """A setting is missing or wrong: what it would allow is unavailable."""

    status = 503


class NotFound(VoltaireError):
    """The record does not exist for this user (absent and forbidden look the same)."""

    status = 404


class InvalidInput(VoltaireError):
    """What was given cannot be used as it stands."""

    status = 422


class NotAllowed(VoltaireError):
    """The user's roles do not permit this."""

    status = 403


class DatabaseUnavailable(VoltaireError):
    """PostgreSQL cannot be reached or refuses to start."""

    status = 503
