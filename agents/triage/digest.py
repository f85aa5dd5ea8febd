"""What happened in the mail since a moment: a table by urgency, reviews to decide, drafts ready."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.context import PARIS, Context
from core.formats import NBSP, count_noun, format_date, format_instant, format_long_date
from crm.mail.triage import list_triaged
from crm.mail.waiting import list_poison, list_reviews
from ingest.mail.facts import CATEGORY_LABELS
from ingest.mail.folding import fold

URGENCY = {3: "aujourd’hui", 2: "cette semaine", 1: "sans urgence"}
NON_CONFORMITIES = {"oui": "oui", "incertain": "à confirmer", "non": "non"}
SEVERITIES = {"major": "majeure", "minor": "mineure"}
DRAFTS = {"ready": "à relire", "placed": "dans votre messagerie", "edited": "modifié par vous"}
NONE = "–"
ROWS = 100
ASKED = re.compile(
    r"^(?:que|qu.?est.ce qui|quoi)\b.*\b(?:passe|arrive|neuf|nouveau)\b.*\bdepuis (?:hier|ce matin|"
    r"avant-hier|lundi)|^/?(?:tri|triage|courriels du jour|digest)$"
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
REVIEWS = 12
ASIDE = (
    "ils n’ont pas pu être lus en entier. Ouvrez-les dans votre messagerie, ou demandez à votre "
    "administrateur de les relancer."
)
EMPTY = "Aucun courriel trié depuis."


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


async def list_news(
    context: Context, since: dt.datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The threads triaged since a moment, the urgent ones first, and the reviews to decide."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        threads = await list_triaged(connection, tenant_id, since, ROWS)
        return threads, await list_reviews(connection, tenant_id)


async def tell_digest(context: Context) -> str:
    """What happened in the mail since the last working day."""
    return write_digest(await read_digest(context, since_yesterday(context.clock())))


def write_digest(digest: Digest) -> str:
    """The digest in Markdown, for the page and the terminal."""
    lines = [f"**Courriels reçus depuis {_moment(digest.since, digest.today)}**", ""]
    lines += [_summary(digest), "", *_threads(digest.threads)] if digest.threads else [EMPTY]
    if digest.reviews:
        lines += ["", f"**Non-conformités à confirmer ou à écarter{NBSP}: {len(digest.reviews)}**"]
        lines += ["", *(_review(row, digest.today) for row in digest.reviews[:REVIEWS])]
        if (rest := len(digest.reviews) - REVIEWS) > 0:
            lines.append(f"- et {count_noun(rest, 'autre', 'autres')}")
    if drafts := [row["draft"] for row in digest.threads if row["draft"] in ("ready", "placed")]:
        placed = drafts.count("placed")
        there = f", dont {placed} dans votre messagerie" if placed else ""
        lines += ["", f"**Brouillons à relire{NBSP}: {len(drafts)}**{there}"]
    if digest.poison:
        lines += ["", f"**Courriels mis de côté{NBSP}: {len(digest.poison)}** – {ASIDE}"]
    return "\n".join(lines)


def _summary(digest: Digest) -> str:
    """The day in a sentence: how many exchanges, and how many press."""
    pressing = sum(row["urgency"] == 3 for row in digest.threads)
    press = f", dont {pressing} à traiter aujourd’hui" if pressing else ", aucun ne presse"
    return f"{count_noun(len(digest.threads), 'échange', 'échanges')}{press}."


def _review(row: dict[str, Any], today: dt.date) -> str:
    day = format_date(row["due_on"])
    due = f"à décider avant le {day}"
    if row["due_on"] < today:
        due = f"**en retard**, à décider depuis le {day}"
    account = _cell(row["account"]) or "client non identifié"
    return f"- {_subject(row)} ({account}), {due}{NBSP}: {_cell(' '.join(row['reasons']))}"


def _threads(rows: Sequence[dict[str, Any]]) -> list[str]:
    head = "| À traiter | Objet | Client | Nature | Non-conformité | Brouillon | Suite proposée |"
    return [head, "|---|---|---|---|---|---|---|", *(_row(row) for row in rows)]


def _row(row: dict[str, Any]) -> str:
    severity = SEVERITIES.get(row["severity"] or "") if row["non_conformity"] == "oui" else None
    cells = (
        URGENCY.get(row["urgency"], "tri en cours"),
        _subject(row),
        _cell(row["account"] or "non identifié"),
        CATEGORY_LABELS.get(row["category"], NONE) if row["category"] else NONE,
        severity or NON_CONFORMITIES.get(row["non_conformity"] or "", NONE),
        DRAFTS.get(row["draft"] or "", NONE),
        _cell(row["next_action"] or NONE),
    )
    return "| " + " | ".join(cells) + " |"


def _subject(row: dict[str, Any]) -> str:
    return _cell(row["subject"]) or "(sans objet)"


def _cell(text: str | None) -> str:
    """Untrusted text as plain words: no markup, no link, no new cell."""
    flat = " ".join((text or "").split())[:200]
    return re.sub(r"([\\`*_\[\]<>|#!~])", r"\\\1", flat)


def _moment(instant: dt.datetime, today: dt.date) -> str:
    local = instant.astimezone(PARIS)
    if local.time() != dt.time():
        return f"le {format_instant(instant)}"
    weekday = WEEKDAYS[local.weekday()]
    if local.date() == today - dt.timedelta(days=1):
        return f"hier, {weekday} {format_long_date(local.date())}"
    return f"le {weekday} {format_long_date(local.date())}"
