"""Drafts of triage put into the mailbox where the firm's policy wants them there at once: a draft
is not a sending. One per thread, never over a person's words."""

from __future__ import annotations

import hashlib
from typing import Any

from core.context import Context
from crm.mail.waiting import list_ready_drafts, mark_placed
from crm.proposals.firm import get_policy
from ingest.clients.graph import GraphMailbox
from ingest.drafts.draft import DraftMail, DraftRefused
from ingest.drafts.graph import GraphDrafts, was_edited
from ingest.mail.bodies import digest_body


async def place_drafts(context: Context, mailbox: GraphMailbox) -> int:
    """Put the ready drafts of a mailbox where their owner finds them; how many were written."""
    tenant_id, written = context.identity.tenant_id, 0
    box = GraphDrafts(mailbox)
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        if not (await get_policy(connection, tenant_id)).drafts_placed:
            return 0
        rows = await list_ready_drafts(connection, tenant_id, mailbox.user)
    for row in rows:
        draft = _to_draft(row)
        try:
            current = await box.find_current(draft)
        except DraftRefused:
            continue
        if draft.known_id and (current is None or current["id"] != draft.known_id):
            # Sent or thrown away by its owner: that was their decision, no other is made.
            continue
        if current is not None and was_edited(current, draft):
            state, digest, outside_id = "edited", draft.written_sha256, str(current["id"])
        else:
            outside_id = await box.write(draft, current)
            state, digest, written = "placed", digest_body(draft.body), written + 1
        async with context.database.transaction(context.identity, "sync_writer") as connection:
            await mark_placed(
                connection, tenant_id, draft.thread_id, state=state, outside_id=outside_id,
                written_sha256=digest,
            )  # fmt: skip
    return written


def _to_draft(row: dict[str, Any]) -> DraftMail:
    name = f"triage|{row['thread_id']}|{row['in_reply_to']}|{digest_body(row['body'])}"
    return DraftMail(
        key=hashlib.sha256(name.encode()).hexdigest(),
        thread_id=row["thread_id"],
        mailbox=row["mailbox"],
        answered_id=row["answered_id"],
        in_reply_to=row["in_reply_to"],
        references=(),
        subject=row["subject"],
        body=row["body"],
        to=tuple(row["to_addresses"]),
        cc=tuple(row["cc_addresses"]),
        known_id=row["outside_id"],
        written_sha256=row["written_sha256"],
    )
