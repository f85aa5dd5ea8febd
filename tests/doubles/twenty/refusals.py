"""Errors in Twenty's form."""

from __future__ import annotations


class Refused(Exception):
    """Answered as {statusCode, error, messages}."""

    def __init__(self, status: int, error: str, message: str, retry_after: str = "") -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message
        self.retry_after = retry_after


def bad_request(message: str) -> Refused:
    """A 400 of the API itself."""
    return Refused(400, "BadRequestException", message)


def not_found() -> Refused:
    """A record that is not there, or is in the bin."""
    return Refused(404, "NotFoundException", "Record not found")
