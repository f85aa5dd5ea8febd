"""The summary of a thread: rules always, the model's sentences where the thread proves them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from agents.email_summary import rules
from agents.email_summary.models import EmailSummary, RecordFact
from agents.email_summary.wording import apply_wording, ask_model
from agents.thread_contracts import list_terms
from core.context import PARIS, Context
from core.engine.errors import EngineError
from core.engine.provenance import Provenance
from core.engine.structured import reject_answer
from ingest.mail.facts import MailFacts
from ingest.mail.links import MailLinks
from ingest.mail.reading import list_incoming, read_facts
from ingest.mail.thread import CleanThread

RULES = Provenance("moteur déterministe", is_model=False)
Known = Callable[[str], EmailSummary | None]


async def summarise(
    context: Context,
    thread: CleanThread,
    links: MailLinks,
    facts: MailFacts | None = None,
    *,
    last_read_at: dt.datetime | None = None,
    find_known: Known | None = None,
) -> EmailSummary:
    """The summary of `thread`. `find_known` gives the one already made for its key, if any.

    `facts` are read when not given. On any failure of the model the rules' summary is returned
    with the reason; it is never empty: at least the subject and the next action stand.
    """
    key = make_key(thread, context.identity.tenant_id)
    if find_known is not None and (known := find_known(key)) is not None:
        return replace(known, new_since=_new_since(thread, last_read_at))
    facts = facts or read_facts(thread, links.own_domains)
    ruled = summarise_by_rules(
        thread, links, facts, key=key, last_read_at=last_read_at, today=context.today
    )
    if not context.engine.is_model or ruled.is_short or facts.kind != "person":
        return ruled
    try:
        wording, provenance = await ask_model(context, thread, facts, links.own_domains)
        told = apply_wording(ruled, wording, thread, provenance)
        if told is None:
            await reject_answer(context.engine)
    except EngineError as error:
        return replace(ruled, provenance=Provenance(RULES.engine, False, None, error.message))
    return told


def summarise_by_rules(
    thread: CleanThread,
    links: MailLinks,
    facts: MailFacts,
    *,
    key: str,
    last_read_at: dt.datetime | None = None,
    today: dt.date | None = None,
) -> EmailSummary:
    """The rules' summary alone, as of `today` (the last message's day when not given). Pure."""
    own = links.own_domains
    is_short = rules.is_short(thread)
    now = today or thread.last.message.sent_at.astimezone(PARIS).date()
    contracts = rules.list_ending(thread, facts, links)
    tone = rules.tell_tone(list_incoming(thread, own))
    return EmailSummary(
        key=key,
        subject=_subject(thread),
        category=facts.category,
        urgency=facts.urgency,
        is_short=is_short,
        request=() if is_short else rules.list_requests(facts),
        facts=() if is_short else rules.list_facts(thread, own),
        decisions=() if is_short else rules.list_decisions(thread),
        open_questions=() if is_short else rules.list_open_questions(thread, facts, own),
        deadlines=facts.deadlines,
        amounts=facts.amounts,
        codes=facts.codes,
        tone=tone,
        next_action=rules.tell_next_action(facts, contracts, now, tone),
        new_since=_new_since(thread, last_read_at),
        anomalies=facts.anomalies,
        hidden=tuple(hidden for message in thread.messages for hidden in message.hidden),
        provenance=RULES,
        records=tuple(
            RecordFact(text, f"contracts:{contract.id}")
            for contract, text in list_terms(facts, contracts, now)
        ),
    )


def make_key(thread: CleanThread, tenant_id: UUID) -> str:
    """The name of a set of messages: the same set, in any order, has the same."""
    ids = "\n".join(sorted(message.source_id for message in thread.messages))
    return hashlib.sha256(f"{tenant_id}\n{ids}".encode()).hexdigest()


def _subject(thread: CleanThread) -> str:
    subject = " ".join(thread.messages[0].message.subject.split())
    return subject or "(sans objet)"


def _new_since(thread: CleanThread, last_read_at: dt.datetime | None) -> dt.datetime | None:
    """The instant of the first message later than the last reading."""
    if last_read_at is None:
        return None
    later = [m.message.sent_at for m in thread.messages if m.message.sent_at > last_read_at]
    return min(later, default=None)
