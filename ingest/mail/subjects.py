"""Subjects of mails: their prefixes read, put and taken off."""

from __future__ import annotations

import re

PREFIX = re.compile(
    r"^(?:\s*(?:re|rép?|tr|fwd?|fw|aw|wg|sv|vs|i|r)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE
)


def bare_subject(subject: str) -> str:
    """A subject without its «Re:», «Tr:»…, blanks reduced."""
    return " ".join(PREFIX.sub("", subject).split())


def reply_subject(subject: str) -> str:
    """The subject of a reply: one «RE : », whatever came."""
    return f"RE\u00a0: {bare_subject(subject)}".rstrip()
