"""What happened in the mail since a moment: a table by urgency, reviews to decide, drafts ready."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.context import PARIS, Context
from core.formats import NBSP
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
EMPTY = "Aucun courriel trié sur cette période."


@dataclass(frozen=True)
class Digest:
    """The lists of a digest, from rows alone."""

    since: dt.datetime
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
            await list_triaged(connection, tenant_id, since, ROWS),
            await list_reviews(connection, tenant_id),
            await list_poison(connection, tenant_id, ROWS),
        )


def write_digest(digest: Digest) -> str:
    """The digest in Markdown, for the page and the terminal."""
    lines = [f"**Courriels depuis le {_moment(digest.since)}**", ""]
    lines += _threads(digest.threads) if digest.threads else [EMPTY]
    if digest.reviews:
        lines += ["", f"**Non-conformités à examiner ({len(digest.reviews)})**", ""]
        lines += [
            f"- {_cell(r['subject'])} ({_cell(r['account']) or 'client inconnu'}), avant le "
            f"{r['due_on']:%d/%m/%Y}{NBSP}: {_cell(' '.join(r['reasons']))}"
            for r in digest.reviews
        ]
    ready = [row for row in digest.threads if row["draft"] in ("ready", "placed")]
    if ready:
        lines += ["", f"**Brouillons à relire{NBSP}: {len(ready)}**"]
    if digest.poison:
        lines += [
            "", f"**Mis de côté{NBSP}: {len(digest.poison)}** (voir «{NBSP}voltaire triage "
            f"--poison{NBSP}»)",
        ]  # fmt: skip
    return "\n".join(lines)


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
    return f"{local:%d/%m/%Y} à {local.hour}{NBSP}h{NBSP}{local.minute:02}"
