"""What happened in the mail since a moment: a table by urgency, reviews to decide, drafts ready."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.triage.card import escape_words
from core.context import PARIS, Context
from core.formats import NBSP, count_noun, format_date, format_instant, format_long_date
from crm.mail.triage import ThreadFilter, list_triaged
from crm.mail.waiting import list_poison, list_reviews
from ingest.mail.facts import CATEGORY_LABELS

URGENCY = {3: "aujourd’hui", 2: "cette semaine", 1: "sans urgence"}
NON_CONFORMITIES = {"oui": "oui", "incertain": "à confirmer", "non": "non"}
SEVERITIES = {"major": "majeure", "minor": "mineure"}
DRAFTS = {"ready": "à relire", "placed": "dans votre messagerie", "edited": "modifié par vous"}
NONE = "–"
ROWS = 100
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
REVIEWS = 12
ASIDE = (
    "ils n’ont pas pu être lus en entier. Ouvrez-les dans votre messagerie, ou demandez à votre "
    "administrateur de les relancer."
)
EMPTY = "Aucun courriel trié depuis."
WIDEN = "Élargissez la période, par exemple à «\u00a0ce mois-ci\u00a0»."
EMPTY_PERIOD = f"Aucun courriel trié sur cette période. {WIDEN}"
EMPTY_WANTED = f"Aucun courriel de cette sorte sur cette période. {WIDEN}"


@dataclass(frozen=True)
class Digest:
    """The lists of a digest, from rows alone, up to `until` (excluded); `about` says in French
    which mails were wanted, empty for all."""

    since: dt.datetime
    today: dt.date
    threads: Sequence[dict[str, Any]]
    reviews: Sequence[dict[str, Any]]
    poison: Sequence[dict[str, Any]]
    until: dt.datetime | None = None
    about: str = ""


def since_yesterday(now: dt.datetime) -> dt.datetime:
    """Midnight of the working day before `now`, in Paris."""
    day = now.astimezone(PARIS).date() - dt.timedelta(days=1)
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), PARIS)


async def read_digest(
    context: Context, since: dt.datetime, wanted: ThreadFilter | None = None, about: str = ""
) -> Digest:
    """The digest of what the user may see; all that waits with all the mail, else what the
    listed threads wait for."""
    tenant_id, chosen = context.identity.tenant_id, wanted or ThreadFilter()
    async with context.database.transaction(context.identity) as connection:
        threads = await list_triaged(connection, tenant_id, since, ROWS, chosen)
        reviews = await list_reviews(connection, tenant_id)
        poison = await list_poison(connection, tenant_id, ROWS)
    listed = {row["thread_id"] for row in threads}
    is_whole = not (about or chosen.until)
    kept = reviews if is_whole else [row for row in reviews if row["thread_id"] in listed]
    return Digest(
        since, context.today, threads, kept, poison if is_whole else [], chosen.until, about
    )


async def list_news(
    context: Context, since: dt.datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The threads triaged since a moment, the urgent ones first, and the reviews to decide."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        threads = await list_triaged(connection, tenant_id, since, ROWS, ThreadFilter())
        return threads, await list_reviews(connection, tenant_id)


def write_digest(digest: Digest, hint: str = "") -> str:
    """The digest in Markdown, for the page and the terminal; `hint` says how to go on."""
    about = f" ({digest.about})" if digest.about else ""
    lines = [f"**Courriels reçus {_period(digest)}{about}**", ""]
    nothing = EMPTY_WANTED if digest.about else EMPTY_PERIOD if digest.until else EMPTY
    lines += [_summary(digest), "", *_threads(digest.threads)] if digest.threads else [nothing]
    if digest.reviews:
        lines += ["", f"**Non-conformités à confirmer ou à écarter{NBSP}: {len(digest.reviews)}**"]
        lines += ["", *list_review_lines(digest.reviews[:REVIEWS], digest.today)]
        if (rest := len(digest.reviews) - REVIEWS) > 0:
            lines.append(f"- et {count_noun(rest, 'autre', 'autres')}")
    if drafts := [row["draft"] for row in digest.threads if row["draft"] in ("ready", "placed")]:
        placed = drafts.count("placed")
        there = f", dont {placed} dans votre messagerie" if placed else ""
        lines += ["", f"**Brouillons à relire{NBSP}: {len(drafts)}**{there}"]
    if digest.poison:
        lines += ["", f"**Courriels mis de côté{NBSP}: {len(digest.poison)}** – {ASIDE}"]
    return "\n".join([*lines, *(["", hint] if hint else [])])


def list_review_lines(rows: Sequence[dict[str, Any]], today: dt.date) -> list[str]:
    """A line for each review, with the day it is to be decided by."""
    return [_review(row, today) for row in rows]


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
    account = escape_words(row["account"]) or "client non identifié"
    return f"- {_subject(row)} ({account}), {due}{NBSP}: {escape_words(' '.join(row['reasons']))}"


def _threads(rows: Sequence[dict[str, Any]]) -> list[str]:
    head = "| À traiter | Objet | Client | Nature | Non-conformité | Brouillon | Suite proposée |"
    return [head, "|---|---|---|---|---|---|---|", *(_row(row) for row in rows)]


def _row(row: dict[str, Any]) -> str:
    severity = SEVERITIES.get(row["severity"] or "") if row["non_conformity"] == "oui" else None
    cells = (
        URGENCY.get(row["urgency"], "tri en cours"),
        _subject(row),
        escape_words(row["account"] or "non identifié"),
        CATEGORY_LABELS.get(row["category"], NONE) if row["category"] else NONE,
        severity or NON_CONFORMITIES.get(row["non_conformity"] or "", NONE),
        DRAFTS.get(row["draft"] or "", NONE),
        escape_words(row["next_action"] or NONE),
    )
    return "| " + " | ".join(cells) + " |"


def _subject(row: dict[str, Any]) -> str:
    return escape_words(row["subject"]) or "(sans objet)"


def _period(digest: Digest) -> str:
    """«depuis hier…», «le lundi 23 novembre 2026», «du 23/11/2026 au 29/11/2026»."""
    if digest.until is None:
        return f"depuis {_moment(digest.since, digest.today)}"
    first = digest.since.astimezone(PARIS).date()
    last = digest.until.astimezone(PARIS).date() - dt.timedelta(days=1)
    if first == last:
        return f"le {WEEKDAYS[first.weekday()]} {format_long_date(first)}"
    return f"du {format_date(first)} au {format_date(last)}"


def _moment(instant: dt.datetime, today: dt.date) -> str:
    local = instant.astimezone(PARIS)
    if local.time() != dt.time():
        return f"le {format_instant(instant)}"
    weekday = WEEKDAYS[local.weekday()]
    if local.date() == today - dt.timedelta(days=1):
        return f"hier, {weekday} {format_long_date(local.date())}"
    return f"le {weekday} {format_long_date(local.date())}"
