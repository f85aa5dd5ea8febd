"""The steps of triage, each leaving its result beside the key of the messages it read.

What a model was asked is kept at once; what rules compute again in milliseconds is kept with the
next result, so that a mail costs few transactions.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from agents.email_summary.models import EmailSummary
from agents.email_summary.summary import summarise
from agents.non_conformity.detection import detect, review_due_on
from agents.non_conformity.models import Detection
from agents.reply_draft.drafting import draft
from agents.reply_draft.models import NoDraft, ReplyDraft
from agents.triage.means import read_library
from agents.triage.replying import compare, propose_reply
from agents.triage.work import Work, Write
from core.context import PARIS
from core.database import Connection
from core.errors import VoltaireError
from crm.mail.drafts import find_placed_body, finish_draft, keep_edit
from crm.mail.triage import attach_sender, attach_thread
from crm.mail.waiting import keep_review, withdraw_draft, write_draft
from crm.proposals.canonical import Origin
from crm.proposals.firm import get_policy
from crm.proposals.submission import Submission, propose
from ingest.mail.classification import settle
from ingest.mail.linking import find_links
from ingest.mail.links import MailLinks

SUMMARY = TypeAdapter(EmailSummary)
DETECTION = TypeAdapter(Detection)
LINKS = TypeAdapter(MailLinks)
DRAFT: TypeAdapter[ReplyDraft | NoDraft] = TypeAdapter(ReplyDraft | NoDraft)
STEPS = ("clean", "link", "classify", "summarise", "detect", "draft", "propose")


async def clean(work: Work) -> None:
    """Keep each message's own words."""
    thread, _ = await work.read()
    cleaned = [
        {"id": m.source_id, "new_text": m.new_text, "language": m.language,
         "from": m.message.sender.email, "sent_at": m.message.sent_at.isoformat()}
        for m in thread.messages
    ]  # fmt: skip
    work.keep("clean", cleaned)


async def link(work: Work) -> None:
    """Link the thread to the CRM; attach it to its client where that is certain."""
    if "link" in work.steps:
        work.links = LINKS.validate_python(work.steps["link"])
        return
    thread, facts = await work.read()
    context = work.context
    async with context.database.transaction(context.identity) as connection:
        links = await find_links(connection, thread, facts, work.loaded.own_domains)
    work.links = links
    account_id = links.account.id if links.account else None
    dumped = LINKS.dump_python(links, mode="json")
    work.keep("link", dumped, {"account_id": account_id}, _attach(work, links))


def _attach(work: Work, links: MailLinks) -> Write:
    tenant_id, thread_id = work.context.identity.tenant_id, work.thread_id

    async def write(connection: Connection) -> None:
        account, contact = links.account, links.contact
        if account is not None:
            await attach_thread(connection, tenant_id, thread_id, account.id)
        if contact is not None:
            await attach_sender(connection, tenant_id, thread_id, contact.id, contact.email)

    return write


async def classify(work: Work) -> None:
    """Keep category and urgency as the words alone give them."""
    _, facts = await work.read()
    result = {"category": facts.category, "urgency": facts.urgency, "kind": facts.kind}
    work.keep("classify", result, {"category": facts.category, "urgency": facts.urgency})


async def make_summary(work: Work) -> None:
    """Use case 1."""
    if "summarise" in work.steps:
        work.summary = SUMMARY.validate_python(work.steps["summarise"])
        return
    thread, facts = await work.read()
    work.summary = await work.compute(summarise(work.context, thread, _links(work), facts))
    work.keep("summarise", SUMMARY.dump_python(work.summary, mode="json"))
    await _save_asked(work)


async def find_non_conformity(work: Work) -> None:
    """Use case 5; an uncertain case opens a review with its due day."""
    thread, facts = await work.read()
    if "detect" in work.steps:
        work.detection = DETECTION.validate_python(work.steps["detect"])
    else:
        work.detection = await work.compute(detect(work.context, thread, _links(work), facts))
    found = work.detection
    settled = settle(
        facts, is_non_conformity=found.label == "oui", is_major=found.severity == "major"
    )
    work.facts = settled
    columns = {"category": settled.category, "urgency": settled.urgency,
               "non_conformity": found.label, "severity": found.severity}  # fmt: skip
    dumped = DETECTION.dump_python(found, mode="json")
    work.keep("detect", dumped, columns, _review(work, found))
    await _save_asked(work)


def _review(work: Work, found: Detection) -> Write:
    tenant_id, thread_id = work.context.identity.tenant_id, work.thread_id
    received = work.thread.last.message.sent_at if work.thread else work.context.clock()
    due_on = review_due_on(found, received.astimezone(PARIS).date())
    key = found.key if found.label == "incertain" else None

    async def write(connection: Connection) -> None:
        await keep_review(connection, tenant_id, thread_id, key, due_on, found.reasons)

    return write


async def write_reply(work: Work) -> None:
    """Use case 2: one draft per thread, or none where none is due."""
    thread, facts = await work.read()
    signalled = work.detection.evidence if work.detection else None
    if "draft" in work.steps:
        reply = DRAFT.validate_python(work.steps["draft"])
    else:
        library = await read_library(work.context, facts)
        reply = await work.compute(
            draft(
                work.context, thread, facts, _links(work), templates=library.templates,
                articles=library.articles, style=library.style, signalled=signalled,
            )
        )  # fmt: skip
    work.reply = reply if isinstance(reply, ReplyDraft) else None
    work.keep("draft", DRAFT.dump_python(reply, mode="json"), {}, _store(work, reply))
    await _save_asked(work)


def _store(work: Work, reply: ReplyDraft | NoDraft) -> Write:
    tenant_id, thread_id = work.context.identity.tenant_id, work.thread_id

    async def write(connection: Connection) -> None:
        if isinstance(reply, NoDraft):
            await withdraw_draft(connection, tenant_id, thread_id)
            if reply.reason == "own_message":
                await _measure_sent(connection, work)
            return
        await write_draft(
            connection, tenant_id, thread_id, mailbox=work.loaded.mailbox,
            in_reply_to=reply.in_reply_to, subject=reply.subject, body=reply.body,
            to=reply.to, cc=reply.cc,
        )  # fmt: skip

    return write


async def _measure_sent(connection: Connection, work: Work) -> None:
    """How far what its owner sent is from the draft that answered the same message, if any."""
    tenant_id, thread_id = work.context.identity.tenant_id, work.thread_id
    sent = work.thread.last if work.thread else None
    answered = sent.message.in_reply_to if sent else None
    if sent is None or answered is None:
        return
    drafted = await find_placed_body(connection, tenant_id, thread_id, answered)
    if drafted is not None:
        author = work.context.identity.user_id
        edit = compare(thread_id, drafted, sent.mask("new", "signature"), "mailbox", author)
        await keep_edit(connection, tenant_id, edit)
    await finish_draft(connection, tenant_id, thread_id, answered)


async def propose_changes(work: Work) -> None:
    """Hand the wishes over; what is refused stays with its reason, for a later run."""
    found = work.detection
    results: list[dict[str, Any]] = []
    if work.reply is not None and await _awaits_approval(work):
        if not await work.save():
            return
        results.append(await _propose_reply(work, work.reply))
    if found is not None and found.changes:
        if not await work.save():
            return
        made_by = found.provenance
        origin = Origin("email", made_by.engine, made_by.is_model, made_by.prompt_sha256)
        submitted = await propose(work.context, found.changes, origin)
        results += [_describe(one) for one in submitted]
    work.keep("propose", results)
    await work.save(is_done=True)


async def _awaits_approval(work: Work) -> bool:
    """Tell whether the firm wants each draft approved before it stands in a mailbox."""
    context = work.context
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        return not (await get_policy(connection, context.identity.tenant_id)).drafts_placed


async def _propose_reply(work: Work, reply: ReplyDraft) -> dict[str, Any]:
    made_by = reply.provenance
    origin = Origin("email", made_by.engine, made_by.is_model, made_by.prompt_sha256)
    try:
        return _describe(await propose_reply(work.context, work.thread_id, origin))
    except VoltaireError as error:
        return _describe(Submission("mail-draft", refusal=error.message))


def _describe(one: Submission) -> dict[str, Any]:
    return {"key": one.key, "proposal_id": str(one.proposal_id) if one.proposal_id else None,
            "refusal": one.refusal}  # fmt: skip


def _links(work: Work) -> MailLinks:
    return work.links or MailLinks(own_domains=work.loaded.own_domains)


async def _save_asked(work: Work) -> None:
    """Keep at once what a model was asked: it is not asked again."""
    if work.context.engine.is_model:
        await work.save()
