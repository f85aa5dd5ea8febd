"""What happened in the mail since a moment: a table by urgency, reviews to decide, drafts ready."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.context import PARIS, Context
from core.formats import NBSP, format_date, format_instant, format_long_date
from crm.mail.triage import list_triaged
from crm.mail.waiting import list_poison, list_reviews
from ingest.mail.facts import CATEGORY_LABELS
from ingest.mail.folding import fold

URGENCY = {3: "aujourd’hui", 2: "cette semaine", 1: "sans urgence"}
LABELS = {"oui": "oui", "incertain": "à examiner", "non": "non"}
DRAFTS = {"ready": "prêt", "placed": "dans Outlook", "edited": "repris par vous"}
ROWS = 100
ASKED = re.compile(
    r"^(?:que|qu.?est.ce qui|quoi)\b.*\b(?:passe|arrive|neuf|nouveau)\b.*\bdepuis (?:hier|ce matin|"
    r"avant-hier|lundi)|^/?(?:tri|triage|courriels du jour|digest)$"
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
REVIEWS = 12
ASIDE = (
    "(courriels qui n’ont pu être lus jusqu’au bout\u00a0: ouvrez-les dans votre messagerie, ou "
    "demandez à votre administrateur de les relancer)"
)
EMPTY = "Aucun courriel trié sur cette période."


@dataclass(frozen=True)
class Digest:
    """The lists of a digest, from rows alone."""

    since: dt.datetime
    today: dt.date
    threads: Sequence[dict[str, Any]]
    reviews: Sequence[dict[str, Any]]
    poison: Sequence[dict[str, Any]]


def is_asked(question: str) -> bool:
    """Tell whether a question asks for the digest."""
    return bool(ASKED.search(fold(question).strip(" ?!.\u00a0\u202f")))


def since_yesterday(now: dt.datetime) -> dt.datetime:
    """Midnight of the working day before `now`, in Paris."""
    day = now.astimezone(PARIS).date() - dt.timedelta(days=1)
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), PARIS)


async def read_digest(context: Context, since: dt.datetime) -> Digest:
    """The digest of what the user may see."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        return Digest(
            since,
            context.today,
            await list_triaged(connection, tenant_id, since, ROWS),
            await list_reviews(connection, tenant_id),
            await list_poison(connection, tenant_id, ROWS),
        )


def write_digest(digest: Digest) -> str:
    """The digest in Markdown, for the page and the terminal."""
    lines = [f"**Courriels depuis le {_moment(digest.since)}**", ""]
    lines += _threads(digest.threads) if digest.threads else [EMPTY]
    if digest.reviews:
        lines += ["", f"**Non-conformités à examiner{NBSP}: {len(digest.reviews)}**", ""]
        lines += [_review(row, digest.today) for row in digest.reviews[:REVIEWS]]
        if len(digest.reviews) > REVIEWS:
            lines.append(f"- et {len(digest.reviews) - REVIEWS} autres")
    ready = [row for row in digest.threads if row["draft"] in ("ready", "placed")]
    if ready:
        lines += ["", f"**Brouillons à relire{NBSP}: {len(ready)}**"]
    if digest.poison:
        lines += ["", f"**Mis de côté{NBSP}: {len(digest.poison)}** {ASIDE}"]
    return "\n".join(lines)


def _review(row: dict[str, Any], today: dt.date) -> str:
    is_late = row["due_on"] < today
    due = (
        f"**en retard**, attendue le {format_date(row['due_on'])}"
        if is_late
        else (f"avant le {format_date(row['due_on'])}")
    )
    account = _cell(row["account"]) or "client inconnu"
    return f"- {_cell(row['subject'])} ({account}), {due}{NBSP}: {_cell(' '.join(row['reasons']))}"


def _threads(rows: Sequence[dict[str, Any]]) -> list[str]:
    head = "| Urgence | Objet | Client | Nature | Non-conformité | Brouillon | Suite proposée |"
    return [head, "|---|---|---|---|---|---|---|", *(_row(row) for row in rows)]


def _row(row: dict[str, Any]) -> str:
    cells = (
        URGENCY.get(row["urgency"], "en cours de tri"),
        row["subject"],
        row["account"] or "inconnu",
        CATEGORY_LABELS.get(row["category"], "") if row["category"] else "",
        LABELS.get(row["non_conformity"] or "", "")
        + (" (majeure)" if row["severity"] == "major" else ""),
        DRAFTS.get(row["draft"] or "", "aucun"),
        row["next_action"] or "",
    )
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str | None) -> str:
    """Untrusted text as plain words: no markup, no link, no new cell."""
    flat = " ".join((text or "").split())[:200]
    return re.sub(r"([\\`*_\[\]<>|#!~])", r"\\\1", flat)


def _moment(instant: dt.datetime) -> str:
    local = instant.astimezone(PARIS)
    if local.time() == dt.time():
        return f"{WEEKDAYS[local.weekday()]} {format_long_date(local.date())}"
    return format_instant(instant)
