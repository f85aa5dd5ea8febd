"""Drafts in a Microsoft 365 mailbox: `createReply`, then written; `Mail.Send` is never asked for.

The draft bears a category from its creation, so that one whose answer was lost is found again in
its conversation, and its key as an extended property, so that it is found wherever it was moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.clients.graph import GraphMailbox
from ingest.drafts.draft import EDITED, GONE, DraftMail, DraftRefused
from ingest.mail.bodies import digest_body, is_edited
from ingest.mail.page import read_page

MARK = "Voltaire"
KEY_PROPERTY = "String {5c1b8a34-6f0e-4b51-9f0a-3f6f6f2b6d11} Name VoltaireDraftKey"
FIELDS = "id,body,categories,conversationId,isDraft"


@dataclass(frozen=True)
class GraphDrafts:
    """The drafts of one mailbox."""

    mailbox: GraphMailbox

    async def find(self, draft: DraftMail) -> str | None:
        """The message that bears this key, in whatever folder, sent or not."""
        return await self.mailbox.find_by_property(KEY_PROPERTY, draft.key)

    async def find_current(self, draft: DraftMail) -> dict[str, Any] | None:
        """The thread's draft of ours: the one known, else the one marked in the conversation."""
        if draft.known_id:
            known = await self.mailbox.get_message(draft.known_id, FIELDS)
            if known is not None and known.get("isDraft"):
                return known
        answered = None
        if draft.answered_id:
            answered = await self.mailbox.get_message(draft.answered_id, "id,conversationId")
        if answered is None:
            raise DraftRefused(GONE.format(mailbox=self.mailbox.user))
        for found in await self.mailbox.list_drafts(answered["conversationId"]):
            if MARK in found.get("categories", ()):
                return found
        return None

    async def put(self, draft: DraftMail) -> str:
        """Write the thread's only draft. Raises DraftRefused, GraphError, GraphUnreachable."""
        current = await self.find_current(draft)
        if current is not None and was_edited(current, draft):
            raise DraftRefused(EDITED)
        return await self.write(draft, current)

    async def write(self, draft: DraftMail, current: dict[str, Any] | None) -> str:
        """Write over `current`, or make a reply; the draft's id."""
        content = _describe(draft)
        if current is None:
            many = len(draft.to) + len(draft.cc) > 1
            current = await self.mailbox.create_reply(draft.answered_id or "", content, to_all=many)
        # Graph adds recipients and the quoted message by itself: the draft is then set whole.
        key = [{"id": KEY_PROPERTY, "value": draft.key}]
        await self.mailbox.update_message(
            current["id"], {**content, "singleValueExtendedProperties": key}
        )
        return str(current["id"])


def was_edited(outside: dict[str, Any], draft: DraftMail) -> bool:
    """Tell whether a person changed what Voltaire wrote, as far as can be known.

    Where no writing of ours was noted, ours alone, followed or not by the quoted message, is not
    an edition; anything else is taken for a person's words.
    """
    text = read_text(outside)
    if draft.written_sha256 is not None:
        return is_edited(text, draft.written_sha256)
    return (
        text != ""
        and not text.startswith(draft.body.strip())
        and (digest_body(text) != digest_body(draft.body))
    )


def read_text(outside: dict[str, Any]) -> str:
    """The words of a draft as Graph shows it."""
    body = outside.get("body") or {}
    content = str(body.get("content") or "")
    if str(body.get("contentType", "")).lower() == "html":
        content = read_page(content).text
    return content.strip()


def _describe(draft: DraftMail) -> dict[str, Any]:
    """Body, mark and recipients at once: the reply's own recipients are not trusted."""
    return {
        "body": {"contentType": "text", "content": draft.body},
        "categories": [MARK],
        "toRecipients": _recipients(draft.to),
        "ccRecipients": _recipients(draft.cc),
    }


def _recipients(addresses: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": address}} for address in addresses]
