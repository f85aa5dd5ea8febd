"""Answers about the mail, made of rows alone: no model is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from agents.told import Told
from agents.triage.acts import MailAct
from agents.triage.asking import Act, MailAsk
from agents.triage.card import (
    escape_words,
    write_detection,
    write_draft,
    write_head,
    write_mails,
    write_short,
    write_summary,
)
from agents.triage.digest import (
    Digest,
    list_review_lines,
    read_digest,
    since_yesterday,
    write_digest,
)
from agents.triage.finding import Found, find_threads
from core.context import PARIS, Context
from core.errors import NotFound
from core.formats import NBSP, count_noun
from core.roles import OPERATORS, SUPERVISORS
from crm.mail.triage import ThreadFilter, find_triage, list_named_threads, list_triaged
from crm.mail.waiting import find_draft, list_reviews
from ingest.mail.facts import CATEGORY_LABELS

Surface = Literal["chat", "api", "cli"]
MOST_OPENED, MOST_OTHERS, MOST_DRAFTS = 10, 5, 50
DRAFT_DAYS = 90
NO_THREAD = "Ce fil n’existe pas, ou n’est pas encore trié."
ASK_FOR_ONE = (
    "«\u00a0Résume le fil de …\u00a0», «\u00a0Montre le brouillon pour …\u00a0», «\u00a0Ouvre le "
    "courriel de …\u00a0»."
)
HINTS: dict[Surface, str] = {
    "chat": f"Ouvrez un fil par son bouton, ou demandez-le\u00a0: {ASK_FOR_ONE}",
    "api": f"Pour un fil, demandez par exemple\u00a0: {ASK_FOR_ONE}",
    "cli": 'Pour lire un fil et son brouillon\u00a0: voltaire triage --show "client ou objet".',
}
"""How to go on from a digest, on each surface."""
NOT_NAMED = (
    "De quel courriel parlez-vous\u00a0? Nommez le client, l’expéditeur ou l’objet, ou ouvrez l’un "
    "des derniers fils."
)
NOT_FOUND = (
    "Aucun courriel trié ne correspond à «\u00a0{said}\u00a0». Vérifiez le client, l’adresse "
    "ou l’objet, ou ouvrez l’un des derniers fils."
)
SEVERAL = "«\u00a0{said}\u00a0» peut désigner plusieurs clients. Duquel parlez-vous\u00a0?"
PREPARED = (
    "Réponse préparée au tri\u00a0; rien n’est envoyé. Proposez-la pour la déposer dans votre "
    "messagerie, corrigée ou non."
)
NO_DRAFTS = "Aucun brouillon n’attend votre relecture."
NO_REVIEWS = "Aucune non-conformité n’attend de décision."


async def tell_mail(context: Context, ask: MailAsk, question: str, surface: Surface) -> Told:
    """What `ask` is after, for the user's eyes."""
    match ask.act:
        case "list":
            return await _tell_list(context, ask, question, HINTS[surface])
        case "reviews":
            return await _tell_reviews(context)
        case "drafts":
            return await _tell_drafts(context)
        case _:
            return await _tell_named(context, ask.act, question)


async def tell_opened(context: Context, thread_id: UUID) -> Told:
    """All that a person needs of a thread, and what they may do. Raises NotFound."""
    return await _tell_thread(context, thread_id, "open")


async def tell_named(context: Context, words: str) -> Told:
    """All of the thread that `words` name (client, sender, subject), the latest of them."""
    return await _tell_named(context, "open", words)


async def _tell_list(context: Context, ask: MailAsk, question: str, hint: str) -> Told:
    found = Found(()) if _is_plain(ask) else await find_threads(context, question)
    since, until = _bounds(context, ask)
    wanted = ThreadFilter(
        until=until,
        categories=() if ask.is_complaint else ask.categories,
        accounts=found.accounts,
        urgency=3 if ask.is_pressing else None,
        is_complaint=ask.is_complaint,
    )
    digest = await read_digest(context, since, wanted, _name_kind(ask, found))
    return Told(write_digest(digest, hint if digest.threads else ""), _open_acts(digest))


def _is_plain(ask: MailAsk) -> bool:
    return ask.days is None and not (ask.categories or ask.is_complaint or ask.is_pressing)


def _bounds(context: Context, ask: MailAsk) -> tuple[dt.datetime, dt.datetime | None]:
    """From the first day to the end of the last; since the last working day by default."""
    if ask.days is None:
        return since_yesterday(context.clock()), None
    start = dt.datetime.combine(ask.days.first, dt.time(), PARIS)
    if ask.days.last is None:
        return start, None
    return start, dt.datetime.combine(ask.days.last + dt.timedelta(days=1), dt.time(), PARIS)


def _name_kind(ask: MailAsk, found: Found) -> str:
    """What is listed, in French; empty for all the mail."""
    names = [CATEGORY_LABELS[category].lower() for category in ask.categories]
    kinds = ["réclamations et écarts signalés"] if ask.is_complaint else names
    kinds += ["à traiter aujourd’hui"] if ask.is_pressing else []
    kinds += [found.said] if found.accounts else []
    return ", ".join(kinds)


def _open_acts(digest: Digest) -> tuple[MailAct, ...]:
    """A button for each thread, the pressing first, and for those whose review waits."""
    rows = {row["thread_id"]: row for row in (*digest.threads, *digest.reviews)}
    return tuple(_open(row) for row in list(rows.values())[:MOST_OPENED])


def _open(row: dict[str, Any]) -> MailAct:
    subject = " ".join(row["subject"].split())[:60] or "(sans objet)"
    account = f" – {row['account']}" if row.get("account") else ""
    return MailAct(kind="open", label=f"{subject}{account}", thread_id=row["thread_id"])


async def _tell_reviews(context: Context) -> Told:
    async with context.database.transaction(context.identity) as connection:
        rows = await list_reviews(connection, context.identity.tenant_id)
    if not rows:
        return Told(NO_REVIEWS)
    title = f"**Non-conformités à confirmer ou à écarter{NBSP}: {len(rows)}**"
    lines = "\n".join(list_review_lines(rows, context.today))
    return Told(f"{title}\n\n{lines}", tuple(_open(row) for row in rows[:MOST_OPENED]))


async def _tell_drafts(context: Context) -> Told:
    since = context.clock() - dt.timedelta(days=DRAFT_DAYS)
    async with context.database.transaction(context.identity) as connection:
        tenant_id, wanted = context.identity.tenant_id, ThreadFilter(has_draft=True)
        rows = await list_triaged(connection, tenant_id, since, MOST_DRAFTS, wanted)
    if not rows:
        return Told(NO_DRAFTS)
    lines = [
        f"- {escape_words(row['subject']) or '(sans objet)'} "
        f"({escape_words(row['account']) or 'client non identifié'})"
        + (", dans votre messagerie" if row["draft"] == "placed" else "")
        for row in rows
    ]
    title = f"**Brouillons à relire{NBSP}: {len(rows)}**"
    return Told("\n".join([title, "", *lines]), tuple(_open(row) for row in rows[:MOST_OPENED]))


async def _tell_named(context: Context, act: Act, question: str) -> Told:
    """The thread that a question names; the others of the same name as buttons."""
    found = await find_threads(context, question)
    if found.names:
        said = found.names[0][0]
        suggestions = tuple(question.replace(said, name) for said, name in found.names)
        return Told(
            SEVERAL.format(said=escape_words(said)), (), suggestions, status="clarification"
        )
    if not found.threads:
        return await _tell_lost(context, found.said)
    chosen = _choose(act, found.threads)
    others = [row for row in found.threads if row is not chosen][:MOST_OTHERS]
    told = await _tell_thread(context, chosen["thread_id"], act)
    rest = len(found.threads) - 1
    note = f"\n\n*{count_noun(rest, 'autre fil', 'autres fils')} de ce nom.*" if rest else ""
    return Told(told.text + note, (*told.acts, *map(_open, others)))


async def _tell_lost(context: Context, said: str) -> Told:
    async with context.database.transaction(context.identity) as connection:
        rows = await list_named_threads(connection, context.identity.tenant_id, MOST_OTHERS)
    text = NOT_FOUND.format(said=escape_words(said)) if said else NOT_NAMED
    return Told(text, tuple(map(_open, rows)), status="clarification")


def _choose(act: Act, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The latest thread; for a draft, the latest that has one."""
    drafted = [row for row in rows if row["draft"]] if act in ("draft", "reply") else []
    return (drafted or list(rows))[0]


async def _tell_thread(context: Context, thread_id: UUID, act: Act) -> Told:
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        row = await find_triage(connection, tenant_id, thread_id)
        if row is None:
            raise NotFound(NO_THREAD)
        stored = await find_draft(connection, tenant_id, thread_id)
        reviews = await list_reviews(connection, tenant_id)
    review = next((one for one in reviews if one["thread_id"] == thread_id), None)
    conformity = write_detection(row, review["due_on"] if review else None, context.today)
    parts = {
        "summary": [write_short(row), write_summary(row), conformity],
        "mail": [write_mails(row)],
        "draft": [write_draft(row, stored)],
        "reply": [PREPARED if stored else "", write_draft(row, stored)],
        "open": [write_mails(row), write_summary(row), conformity, write_draft(row, stored)],
    }[act]
    text = "\n\n".join(part for part in (write_head(row), *parts) if part)
    return Told(text, tuple(_list_acts(context, row, stored, review, act)))


def _list_acts(
    context: Context,
    row: dict[str, Any],
    stored: dict[str, Any] | None,
    review: dict[str, Any] | None,
    act: Act,
) -> list[MailAct]:
    """What this user may do of a thread."""
    thread_id, roles = row["thread_id"], context.identity.roles
    acts: list[MailAct] = []
    if stored is not None and stored["state"] in ("ready", "placed") and roles & OPERATORS:
        acts.append(MailAct(kind="reply", label="Proposer ce brouillon", thread_id=thread_id))
    if review is not None and roles & SUPERVISORS and act in ("summary", "open"):
        key = str(review["key"])
        acts += [
            MailAct(kind="confirm", label="Confirmer l’écart", thread_id=thread_id, key=key),
            MailAct(kind="dismiss", label="Écarter", thread_id=thread_id, key=key),
        ]
    if act != "open":
        acts.append(MailAct(kind="open", label="Tout le fil", thread_id=thread_id))
    return acts
