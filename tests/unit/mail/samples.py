"""Mails made for tests."""

from __future__ import annotations

import datetime as dt

from ingest.mail.cleaning import clean_thread
from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.thread import CleanThread

OWN = frozenset({"cabinet.example"})
CLIENT = MailAddress("p.durand@usine.example", "Paul Durand")
BROKER = MailAddress("m.kerrien@cabinet.example", "Maud Kerrien")
START = dt.datetime(2026, 6, 3, 9, 0, tzinfo=dt.UTC)


def make_mail(
    text: str | None = None,
    *,
    name: str = "1",
    sender: MailAddress = CLIENT,
    subject: str = "Question",
    hours: int = 0,
    **fields: object,
) -> MailMessage:
    """A mail from the client to the broker, or back."""
    to = BROKER if sender is not BROKER else CLIENT
    given: dict[str, object] = {"to": (to,), **fields}
    return MailMessage(
        f"<{name}@test>", subject, sender, START + dt.timedelta(hours=hours), text=text, **given
    )  # type: ignore[arg-type]


def make_thread(*texts: str) -> CleanThread:
    """A thread of the client's mails."""
    return clean_thread(
        [make_mail(text, name=str(rank), hours=rank) for rank, text in enumerate(texts, 1)]
    )
