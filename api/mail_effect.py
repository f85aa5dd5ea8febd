"""The outbox's drafts of replies: an approved answer becomes the one draft of its thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.context import Identity
from core.database import Database
from crm.mail.drafts import keep_approved, list_answered
from crm.proposals.execution import NOBODY
from crm.proposals.outbox import DueEffect, EffectNotMade, EffectRefused
from ingest.clients.graph import MailboxGone
from ingest.clients.graph_transport import GraphError
from ingest.drafts.draft import DraftBox, DraftMail, DraftRefused
from ingest.mail.bodies import digest_body

NO_EMAIL = "Le courriel auquel répondre n’existe plus. Le texte reste dans la proposition."


class Boxes(Protocol):
    """Where drafts go."""

    def is_linked(self, mailbox: str) -> bool:
        """Tell whether that mailbox can be opened."""
        ...

    def open(self, mailbox: str) -> DraftBox:
        """The box of a mailbox. Raises DraftRefused."""
        ...


@dataclass(frozen=True)
class MailDraft:
    """The effect `mail_draft`. Nothing is ever sent: no box knows how."""

    database: Database
    boxes: Boxes
    kind: str = "mail_draft"

    async def send(self, effect: DueEffect) -> str:
        """Put the draft, or write over the thread's own where nobody edited it."""
        draft, box = await self._open(effect)
        try:
            outside_id = await box.put(draft)
        except (DraftRefused, MailboxGone) as error:
            raise EffectRefused(error.message) from error
        except GraphError as error:
            if error.http_status < 500:
                # Refused before anything was done, or with a marked draft left to be found.
                raise EffectNotMade(error.message) from error
            raise
        await self._keep(effect, draft, outside_id)
        return outside_id

    async def find_by_key(self, effect: DueEffect) -> str | None:
        """The draft already put under the effect's key; then its record is completed too."""
        draft, box = await self._open(effect)
        try:
            outside_id = await box.find(draft)
        except MailboxGone as error:
            raise EffectRefused(error.message) from error
        if outside_id is not None:
            await self._keep(effect, draft, outside_id)
        return outside_id

    async def _open(self, effect: DueEffect) -> tuple[DraftMail, DraftBox]:
        fields: Mapping[str, Any] = {
            name: change["after"] for name, change in effect.payload["fields"].items()
        }
        identity = _identify(effect)
        async with self.database.transaction(identity, "sync_writer") as connection:
            rows = await list_answered(connection, effect.tenant_id, UUID(fields["email_id"]))
        if not rows:
            raise EffectRefused(NO_EMAIL)
        row = next((r for r in rows if self.boxes.is_linked(r["mailbox"])), rows[0])
        draft = DraftMail(
            key=effect.key,
            thread_id=row["thread_id"],
            mailbox=row["mailbox"],
            answered_id=row["outside_id"],
            in_reply_to=row["internet_message_id"],
            references=tuple(name for name in row["reference_ids"] if name.startswith("<")),
            subject=fields["subject"],
            body=fields["body_text"],
            to=tuple(fields["to_addresses"]),
            cc=tuple(fields.get("cc_addresses") or ()),
            known_id=row["known_id"],
            written_sha256=row["written_sha256"],
        )
        try:
            return draft, self.boxes.open(draft.mailbox)
        except DraftRefused as error:
            raise EffectRefused(error.message) from error

    async def _keep(self, effect: DueEffect, draft: DraftMail, outside_id: str) -> None:
        async with self.database.transaction(_identify(effect), "sync_writer") as connection:
            await keep_approved(
                connection, effect.tenant_id, draft.thread_id, mailbox=draft.mailbox,
                in_reply_to=draft.in_reply_to, subject=draft.subject, body=draft.body, to=draft.to,
                cc=draft.cc, outside_id=outside_id, written_sha256=digest_body(draft.body),
            )  # fmt: skip


def _identify(effect: DueEffect) -> Identity:
    return Identity(effect.tenant_id, NOBODY, frozenset({"executor"}))
