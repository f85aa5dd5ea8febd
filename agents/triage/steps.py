"""The steps of triage, each leaving its result beside the key of the messages it read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from agents.email_summary.models import EmailSummary
from agents.email_summary.summary import summarise
from agents.non_conformity.detection import detect, review_due_on
from agents.non_conformity.models import Detection
from agents.reply_draft.drafting import draft
from agents.reply_draft.models import NoDraft, ReplyDraft
from agents.triage.work import Work
from core.context import PARIS
from crm.mail.triage import attach_sender, attach_thread, save_step
from crm.mail.waiting import keep_review, withdraw_draft, write_draft
from crm.proposals.canonical import Origin
from crm.proposals.submission import propose
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
    await _keep(work, "clean", cleaned)


async def link(work: Work) -> None:
    """Link the thread to the CRM; attach it to its client where that is certain."""
    thread, facts = await work.read()
    if "link" in work.steps:
        work.links = LINKS.validate_python(work.steps["link"])
        return
    context, tenant_id = work.context, work.context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        links = await find_links(connection, thread, facts, work.own_domains)
    work.links = links
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        if links.account is not None:
            await attach_thread(connection, tenant_id, work.thread_id, links.account.id)
        if links.contact is not None:
            await attach_sender(
                connection, tenant_id, work.thread_id, links.contact.id, links.contact.email
            )
        account_id = links.account.id if links.account else None
        dumped = LINKS.dump_python(links, mode="json")
        await _save(work, connection, "link", dumped, {"account_id": account_id})


async def classify(work: Work) -> None:
    """Keep category and urgency as the words alone give them."""
    _, facts = await work.read()
    result = {"category": facts.category, "urgency": facts.urgency, "kind": facts.kind}
    await _keep(work, "classify", result, {"category": facts.category, "urgency": facts.urgency})


async def make_summary(work: Work) -> None:
    """Use case 1."""
    if "summarise" in work.steps:
        work.summary = SUMMARY.validate_python(work.steps["summarise"])
        return
    thread, facts = await work.read()
    work.summary = await summarise(work.context, thread, _links(work), facts)
    await _keep(work, "summarise", SUMMARY.dump_python(work.summary, mode="json"))


async def find_non_conformity(work: Work) -> None:
    """Use case 5; an uncertain case opens a review with its due day."""
    thread, facts = await work.read()
    if "detect" in work.steps:
        work.detection = DETECTION.validate_python(work.steps["detect"])
    else:
        work.detection = await detect(work.context, thread, _links(work), facts)
    found = work.detection
    settled = settle(
        facts, is_non_conformity=found.label == "oui", is_major=found.severity == "major"
    )
    work.facts = settled
    due_on = review_due_on(found, thread.last.message.sent_at.astimezone(PARIS).date())
    columns = {"category": settled.category, "urgency": settled.urgency,
               "non_conformity": found.label, "severity": found.severity}  # fmt: skip
    context = work.context
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        await keep_review(
            connection, context.identity.tenant_id, work.thread_id,
            found.key if found.label == "incertain" else None, due_on, found.reasons,
        )  # fmt: skip
        dumped = DETECTION.dump_python(found, mode="json")
        await _save(work, connection, "detect", dumped, columns)


async def write_reply(work: Work) -> None:
    """Use case 2: one draft per thread, or none where none is due."""
    thread, facts = await work.read()
    signalled = work.detection.evidence if work.detection else None
    if "draft" in work.steps:
        reply = DRAFT.validate_python(work.steps["draft"])
    else:
        reply = await draft(work.context, thread, facts, _links(work), signalled=signalled)
    context, tenant_id = work.context, work.context.identity.tenant_id
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        if isinstance(reply, NoDraft):
            await withdraw_draft(connection, tenant_id, work.thread_id)
        else:
            await write_draft(
                connection, tenant_id, work.thread_id, mailbox=work.mailbox,
                in_reply_to=reply.in_reply_to, subject=reply.subject, body=reply.body,
                to=reply.to, cc=reply.cc,
            )  # fmt: skip
        await _save(work, connection, "draft", DRAFT.dump_python(reply, mode="json"), {})


async def propose_changes(work: Work) -> None:
    """Hand the wishes over; what is refused stays with its reason, for a later run."""
    found = work.detection
    results: list[dict[str, Any]] = []
    if found is not None and found.changes:
        made_by = found.provenance
        origin = Origin("email", made_by.engine, made_by.is_model, made_by.prompt_sha256)
        submitted = await propose(work.context, found.changes, origin)
        results = [
            {"key": s.key, "proposal_id": str(s.proposal_id) if s.proposal_id else None,
             "refusal": s.refusal}
            for s in submitted
        ]  # fmt: skip
    await _keep(work, "propose", results, is_done=True)


def _links(work: Work) -> MailLinks:
    return work.links or MailLinks(own_domains=work.own_domains)


async def _keep(
    work: Work,
    step: str,
    result: Any,
    columns: Mapping[str, Any] | None = None,
    *,
    is_done: bool = False,
) -> None:
    context = work.context
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        await _save(work, connection, step, result, columns or {}, is_done=is_done)


async def _save(
    work: Work, connection: Any, step: str, result: Any, columns: Mapping[str, Any], *,
    is_done: bool = False,
) -> None:  # fmt: skip
    tenant_id: UUID = work.context.identity.tenant_id
    await save_step(
        connection, tenant_id, work.thread_id, work.key, step, result,
        columns=columns, is_done=is_done,
    )  # fmt: skip
