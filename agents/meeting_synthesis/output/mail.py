"""The e-mail that carries the minutes: a draft, to those invited and nobody else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.output.telling import (
    tell_decision,
    tell_due,
    tell_next_meeting,
    tell_owner,
)
from core.formats import NBSP, format_date
from ingest.meetings.invitation import Invitation

ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")


@dataclass(frozen=True)
class MailDraft:
    """A mail to be read, changed and sent by a person. `unreachable` have no address."""

    to: tuple[str, ...]
    subject: str
    body: str
    unreachable: tuple[str, ...] = ()


def draft_mail(
    minutes: Minutes, invitation: Invitation, sender: str = "", signature: str = ""
) -> MailDraft:
    """The draft, signed by whoever asks for it. Recipients come from the invitation alone,
    whatever was said in the meeting."""
    known = [a for a in invitation.attendees if ADDRESS.fullmatch(a.email)]
    addresses = tuple(dict.fromkeys(a.email for a in known if a.email != sender.lower()))
    without = tuple(a.name for a in invitation.attendees if not ADDRESS.fullmatch(a.email))
    day = format_date(minutes.starts_at.date()) if minutes.is_date_known else ""
    subject = f"Compte rendu{NBSP}: {minutes.title}{f' ({day})' if day else ''}"
    return MailDraft(addresses, subject, _write(minutes, day, signature), without)


def _write(minutes: Minutes, day: str, signature: str) -> str:
    decisions = [tell_decision(d) for d in minutes.decisions if d.status == "in_force"]
    actions = [f"{a.text} {tell_owner(a)}, {tell_due(a)}." for a in minutes.actions]
    open_points = [item.text for item in minutes.open_points]
    parts = [
        "Bonjour,",
        f"Veuillez trouver ci-joint le compte rendu de notre réunion{f' du {day}' if day else ''}.",
        *_list("Décisions", decisions),
        *_list("Actions", actions),
        *_list("Points ouverts", open_points),
    ]
    if minutes.next_meeting:
        told = tell_next_meeting(minutes)
        parts.append(f"Prochaine réunion{NBSP}: {told[0].lower()}{told[1:]}")
    parts += ["Merci de nous signaler toute correction sous cinq jours ouvrés.", "Cordialement,"]
    parts += [signature] if signature else []
    return "\n\n".join(parts) + "\n"


def _list(label: str, items: list[str]) -> list[str]:
    return ["\n".join([f"{label}{NBSP}:", *(f"- {item}" for item in items)])] if items else []
