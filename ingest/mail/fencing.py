"""Threads as they are shown to a model: data between marks that no mail can close."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.formats import format_instant
from core.prompts import Untrusted, fence
from ingest.mail.addresses import domain_of
from ingest.mail.thread import CleanMessage, CleanThread

INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f\u202a-\u202e]")
LIMIT = 24_000


def fence_thread(thread: CleanThread, own_domains: Collection[str] = ()) -> str:
    """Each message's own words, and what it forwards, oldest first, cut at 24,000 characters
    from the oldest on."""
    shown = [_show(message, own_domains) for message in thread.messages]
    while len(shown) > 1 and sum(map(len, shown)) > LIMIT:
        shown.pop(0)
    return fence(Untrusted("fil de courriels", "\n\n".join(shown)[-LIMIT:]))


def _show(message: CleanMessage, own_domains: Collection[str]) -> str:
    mail = message.message
    side = "cabinet" if domain_of(mail.sender.email) in own_domains else "correspondant"
    forwarded = "\n".join(part.span.quote for part in message.list_parts("forwarded"))
    answers = "\n".join(
        f"« {a.question.quote} » → {a.answer.quote}" for a in message.inline_answers
    )
    pieces = (
        f"[{side}] {mail.sender.name or mail.sender.email}, {format_instant(mail.sent_at)}",
        f"Objet : {mail.subject}",
        message.new_text,
        f"Réponses dans le texte :\n{answers}" if answers else "",
        f"Message transféré :\n{forwarded}" if forwarded else "",
    )
    return INVISIBLE.sub("", "\n".join(piece for piece in pieces if piece))
