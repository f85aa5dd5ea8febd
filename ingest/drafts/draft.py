"""A draft to put into a mailbox, and what every kind of mailbox does with it. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import localtime
from typing import ClassVar, Protocol
from uuid import UUID

from core.errors import VoltaireError
from ingest.mail.bodies import digest_body, is_edited

KEY_HEADER, THREAD_HEADER, BODY_HEADER = "X-Voltaire-Key", "X-Voltaire-Thread", "X-Voltaire-Body"
EDITED = (
    "Un brouillon que vous avez modifié attend déjà dans ce fil\u00a0: il reste tel quel. Envoyez-"
    "le ou supprimez-le, puis relancez le dépôt."
)
GONE = (
    "Le courriel auquel répondre n’est plus dans la boîte {mailbox}. Restaurez-le, puis relancez "
    "le dépôt du brouillon."
)


class DraftRefused(VoltaireError):
    """The draft was surely not put, and will not be without a person; the message says what to
    do, in French."""

    status: ClassVar[int] = 409


@dataclass(frozen=True)
class DraftMail:
    """A reply to put once under `key`, the only draft of its thread.

    `answered_id` is the mailbox's name for the message it answers. `known_id` and `written_sha256`
    are those of the draft that Voltaire put there before, if any.
    """

    key: str
    thread_id: UUID
    mailbox: str
    answered_id: str | None
    in_reply_to: str
    references: tuple[str, ...]
    subject: str
    body: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    known_id: str | None = None
    written_sha256: str | None = None


class DraftBox(Protocol):
    """A place for drafts."""

    async def find(self, draft: DraftMail) -> str | None:
        """The box's name for a draft already put under this key; None when there is none."""
        ...

    async def put(self, draft: DraftMail) -> str:
        """Put the draft, in place of an earlier one that nobody edited; the box's name for it.

        Raises DraftRefused; any other error leaves a doubt.
        """
        ...


def make_eml(draft: DraftMail) -> bytes:
    """The draft as a message that mail programs open for editing (`X-Unsent`)."""
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=998))
    if "@" in draft.mailbox:
        message["From"] = draft.mailbox
    message["To"] = ", ".join(draft.to)
    if draft.cc:
        message["Cc"] = ", ".join(draft.cc)
    message["Subject"] = " ".join(draft.subject.split())
    message["Date"] = localtime()
    message["Message-ID"] = make_message_id(draft)
    if draft.in_reply_to.startswith("<"):
        message["In-Reply-To"] = draft.in_reply_to
        message["References"] = " ".join(dict.fromkeys((*draft.references, draft.in_reply_to)))
    message["X-Unsent"] = "1"
    message[KEY_HEADER], message[THREAD_HEADER] = draft.key, str(draft.thread_id)
    message[BODY_HEADER] = digest_body(draft.body)
    message.set_content(draft.body, charset="utf-8", cte="base64")
    return message.as_bytes()


def make_message_id(draft: DraftMail) -> str:
    """The message's id, the same for the same key."""
    return f"<voltaire.{draft.key[:40]}@brouillon.invalid>"


def read_key(content: bytes) -> str | None:
    """The key of a draft of ours."""
    value = message_from_bytes(content, policy=policy.default)[KEY_HEADER]
    return None if value is None else str(value).strip()


def check_unedited(content: bytes) -> None:
    """Raises DraftRefused where a person changed a draft of ours."""
    message = message_from_bytes(content, policy=policy.default)
    part = message.get_body(("plain",))
    text = str(part.get_content()) if part is not None else ""
    if is_edited(text, str(message[BODY_HEADER] or "").strip()):
        raise DraftRefused(EDITED)
