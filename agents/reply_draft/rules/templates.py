"""Approved templates filled from the thread and the CRM; what is missing shows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from agents.reply_draft.models import MISSING, Template
from core.formats import format_date
from ingest.mail.facts import MailFacts
from ingest.mail.links import ContractRow, MailLinks
from ingest.mail.signatures import is_closing
from ingest.mail.subjects import bare_subject
from ingest.mail.thread import CleanMessage

GREETING = re.compile(
    r"\A\s*((?:Bonjour|Bonsoir|Madame|Monsieur|Mesdames|Messieurs|Ch[eè]re?s?|Hello|Dear|Hi)\b"
    r"[^,\n]{0,80},)[ \u00a0]+(\w)"
)
QUOTED = frozenset({"objet", "objet_reclamation"})
PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def choose_template(
    templates: Sequence[Template], facts: MailFacts, language: str
) -> Template | None:
    """The template of the thread's category in its language, if one is approved."""
    return next(
        (t for t in templates if t.category == facts.category and t.language == language), None
    )


def list_values(
    message: CleanMessage,
    links: MailLinks,
    author: str,
    contracts: Sequence[ContractRow] = (),
    limit: dt.date | None = None,
) -> dict[str, str]:
    """The values of the named placeholders, those known only. `contracts` are those the thread
    may speak of; `limit` is the day the client wants an answer by."""
    mail = message.message
    subject = bare_subject(mail.subject)
    contract = contracts[0] if len(contracts) == 1 else None
    named = links.find_record("contracts")
    values = {
        "contact.nom": links.contact.name if links.contact else mail.sender.name,
        "client.nom": links.account.name if links.account else "",
        "date": format_date(mail.sent_at.date()),
        "date_reclamation": format_date(mail.sent_at.date()),
        "objet": subject,
        "objet_reclamation": subject,
        "echeance": format_date(limit) if limit else "",
        "responsable": author,
        "pilote": author,
        "signature": author,
        "contrat.reference": named.name if named else contract.reference if contract else "",
        "contrat.date_fin": format_date(contract.end_on) if contract and contract.end_on else "",
    }
    return {name: value for name, value in values.items() if value}


def fill_template(body: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The body with its placeholders filled, laid out in paragraphs, and the names of those that
    are not. A subject is put between quotation marks."""
    missing: list[str] = []

    def fill(match: re.Match[str]) -> str:
        value = values.get(match[1])
        if value is None:
            missing.append(match[1])
            return MISSING
        is_bare = match[1] in QUOTED and not body[: match.start()].rstrip().endswith(
            ("«", '"', "“")
        )
        return f"«\u00a0{value}\u00a0»" if is_bare else value

    filled = PLACEHOLDER.sub(fill, body)
    return lay_out(filled), tuple(dict.fromkeys(missing))


def lay_out(text: str) -> str:
    """A template written in one run, its greeting on a line of its own."""
    return GREETING.sub(lambda m: f"{m[1]}\n\n{m[2].upper()}", text.strip())


def is_signed(text: str) -> bool:
    """Tell whether a filled template ends with its own formula of courtesy or signature."""
    last = [line for line in text.splitlines() if line.strip()][-3:]
    return any(is_closing(line) for line in last[1:])
