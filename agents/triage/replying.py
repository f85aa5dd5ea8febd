"""A draft of triage handed over as a proposal: approved, it goes to the mailbox by the outbox."""

from __future__ import annotations

from uuid import UUID

from agents.reply_draft.style import read_forms
from core.context import Context
from core.errors import NotFound
from crm.changes import ChangeDraft, Value
from crm.mail.drafts import (
    Edit,
    Place,
    find_email_id,
    find_waiting_reply,
    keep_edit,
    name_reply,
)
from crm.mail.triage import find_triage
from crm.mail.waiting import find_draft
from crm.proposals.canonical import Origin
from crm.proposals.submission import Submission, propose_one
from ingest.mail.bodies import count_changed_words, digest_body
from ingest.mail.languages import detect_language

NO_DRAFT = (
    "Aucun brouillon n’attend dans ce fil. Relancez son tri, ou répondez de votre messagerie."
)
COMPUTED = frozenset({"to_addresses", "cc_addresses", "account_id"})


async def use_draft(
    context: Context, thread_id: UUID, *, body: str | None = None, subject: str | None = None
) -> tuple[Submission, Edit]:
    """Propose a thread's draft as the user wants it, and keep how far that is from the draft.

    None leaves the draft's own words. Raises NotFound, or what a refused proposal raises.
    """
    tenant_id, user_id = context.identity.tenant_id, context.identity.user_id
    async with context.database.transaction(context.identity) as connection:
        row = await find_draft(connection, tenant_id, thread_id)
    if row is None:
        raise NotFound(NO_DRAFT)
    origin = Origin("email", "saisie", is_model=False)
    submitted = await propose_reply(context, thread_id, origin, body=body, subject=subject)
    used = row["body"] if body is None else body
    edit = compare(thread_id, row["body"], used, "voltaire", user_id)
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        await keep_edit(connection, tenant_id, edit)
    return submitted, edit


def compare(thread_id: UUID, drafted: str, used: str, place: Place, user_id: UUID) -> Edit:
    """How far what a person used is from the draft, and the forms they used."""
    distance, words = count_changed_words(drafted, used)
    forms = read_forms(drafted, used)
    return Edit(
        thread_id, digest_body(drafted), place, distance, words, user_id, forms.greeting,
        forms.closing, detect_language(used),
    )  # fmt: skip


async def propose_reply(
    context: Context,
    thread_id: UUID,
    origin: Origin,
    *,
    body: str | None = None,
    subject: str | None = None,
) -> Submission:
    """Propose a thread's draft; one that still waits for the same thread is replaced.

    The recipients are those that triage computed. Raises NotFound, InvalidChange,
    ChangeNotAllowed.
    """
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        row = await find_draft(connection, tenant_id, thread_id)
        triage = await find_triage(connection, tenant_id, thread_id)
        email_id = row and await find_email_id(connection, tenant_id, row["in_reply_to"])
        if row is None or email_id is None:
            raise NotFound(NO_DRAFT)
        text = row["body"] if body is None else body
        key = name_reply(thread_id, digest_body(f"{subject or row['subject']}\n{text}"))
        replaced = await find_waiting_reply(connection, tenant_id, thread_id, key)
    account_id = triage["account_id"] if triage else None
    fields: dict[str, Value] = {
        "email_id": str(email_id),
        "to_addresses": list(row["to_addresses"]),
        "cc_addresses": list(row["cc_addresses"]),
        "subject": subject or row["subject"],
        "body_text": text,
        "account_id": str(account_id) if account_id else None,
    }
    change = ChangeDraft(
        "create", "reply_drafts", fields, "Réponse préparée au tri de ce courriel.", key
    )
    written = {"body_text"} if body is not None else set[str]()
    return await propose_one(context, change, origin, typed=COMPUTED | written, replaces=replaced)
