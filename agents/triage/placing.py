"""Drafts put into the mailbox: one per thread, never sent, never over a person's words."""

from __future__ import annotations

import hashlib
from typing import Any

from agents.reply_draft.drafting import is_edited
from core.context import Context
from crm.mail.waiting import list_ready_drafts, mark_placed
from ingest.clients.graph import GraphMailbox
from ingest.mail.page import read_page

MARK = "Voltaire"
FIELDS = "id,body,categories,conversationId,isDraft"


async def place_drafts(context: Context, mailbox: GraphMailbox) -> int:
    """Put the ready drafts of a mailbox where their owner finds them; how many were written."""
    tenant_id, written = context.identity.tenant_id, 0
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        rows = await list_ready_drafts(connection, tenant_id, mailbox.user)
    for row in rows:
        outside, is_new = await _find_or_create(mailbox, row)
        if outside is None:
            continue
        state, digest = "edited", row["written_sha256"]
        if is_new or not _was_edited(outside, row):
            await _write(mailbox, outside["id"], row)
            state, digest, written = "placed", _digest(row["body"]), written + 1
        async with context.database.transaction(context.identity, "sync_writer") as connection:
            await mark_placed(
                connection, tenant_id, row["thread_id"], state=state, outside_id=outside["id"],
                written_sha256=digest,
            )  # fmt: skip
    return written


async def _find_or_create(
    mailbox: GraphMailbox, row: dict[str, Any]
) -> tuple[dict[str, Any] | None, bool]:
    """The assistant's draft of the thread, looked for before one is made.

    A doubtful creation (answer lost) is found again by its conversation and mark.
    """
    if row["outside_id"]:
        known = await mailbox.get_message(row["outside_id"], FIELDS)
        # Sent or thrown away by its owner: that was their decision, no other is made.
        return (known, False) if known and known.get("isDraft") else (None, False)
    answered = await mailbox.get_message(row["answered_id"], "id,conversationId")
    if answered is None:
        return None, False
    for found in await mailbox.list_drafts(answered["conversationId"]):
        if MARK in found.get("categories", ()) or _text(found) == "":
            return found, _text(found) == ""
    many = len(row["to_addresses"]) + len(row["cc_addresses"]) > 1
    return await mailbox.create_reply(row["answered_id"], to_all=many), True


async def _write(mailbox: GraphMailbox, message_id: str, row: dict[str, Any]) -> None:
    """Body, mark and recipients at once: the reply's own recipients are not trusted."""
    await mailbox.update_message(
        message_id,
        {
            "body": {"contentType": "text", "content": row["body"]},
            "categories": [MARK],
            "toRecipients": _recipients(row["to_addresses"]),
            "ccRecipients": _recipients(row["cc_addresses"]),
        },
    )


def _recipients(addresses: list[str]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": address}} for address in addresses]


def _was_edited(outside: dict[str, Any], row: dict[str, Any]) -> bool:
    text = _text(outside)
    if row["written_sha256"] is None:
        return text != "" and _digest(text) != _digest(row["body"])
    return is_edited(text, row["written_sha256"])


def _text(outside: dict[str, Any]) -> str:
    body = outside.get("body") or {}
    content = str(body.get("content") or "")
    if str(body.get("contentType", "")).lower() == "html":
        content = read_page(content).text
    return content.strip()


def _digest(body: str) -> str:
    lines = body.replace("\r\n", "\n").strip().split("\n")
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()
