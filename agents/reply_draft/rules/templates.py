"""Approved templates filled from the thread and the CRM; what is missing shows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.reply_draft.models import MISSING, Template
from core.formats import format_date
from ingest.mail.facts import MailFacts
from ingest.mail.links import MailLinks
from ingest.mail.thread import CleanMessage

PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def choose_template(
    templates: Sequence[Template], facts: MailFacts, language: str
) -> Template | None:
    """The template of the thread's category in its language, if one is approved."""
    return next(
        (t for t in templates if t.category == facts.category and t.language == language), None
    )


def list_values(message: CleanMessage, links: MailLinks, author: str) -> dict[str, str]:
    """The values of the named placeholders, those known only."""
    mail = message.message
    contract = next(iter(links.contracts), None) if len(links.contracts) == 1 else None
    named = links.find_record("contracts")
    values = {
        "contact.nom": links.contact.name if links.contact else mail.sender.name,
        "client.nom": links.account.name if links.account else "",
        "date": format_date(mail.sent_at.date()),
        "date_reclamation": format_date(mail.sent_at.date()),
        "objet": mail.subject,
        "objet_reclamation": mail.subject,
        "responsable": author,
        "pilote": author,
        "signature": author,
        "contrat.reference": named.name if named else contract.reference if contract else "",
        "contrat.date_fin": format_date(contract.end_on) if contract and contract.end_on else "",
    }
    return {name: value for name, value in values.items() if value}


def fill_template(body: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The body with its placeholders filled, and the names of those that are not."""
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            missing.append(match[1])
        return value if value is not None else MISSING

    filled = PLACEHOLDER.sub(fill, body)
    return filled, tuple(dict.fromkeys(missing))
