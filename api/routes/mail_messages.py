"""One mail over HTTP: found by its identifier, or brought to be triaged at once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from api.identities import Asker, Reader, ServicesOf
from core.errors import InvalidInput, NotAllowed, NotFound
from core.roles import OPERATORS
from crm.mail.triage import find_triaged_thread
from ingest.mail.errors import UnreadableMail
from ingest.mail.isolation import MailReader

router = APIRouter(prefix="/mail/messages")
UNSEEN = "Voltaire n’a pas encore lu ce courriel."
NAME_THE_MAIL = "Donnez l’identifiant du courriel ou celui de sa conversation."
READ_ONLY = (
    "Votre profil ne permet pas de faire analyser un courriel. Demandez-le à la direction ou à la "
    "qualité."
)
EMPTY = "Le courriel est vide. Joignez le message entier, au format .eml ou .msg."
ONE_FILE = (
    "Joignez un seul courriel, .eml ou .msg, dans le champ «\u00a0file\u00a0» du formulaire\u00a0; "
    "ou envoyez le message entier comme corps de la demande, de type «\u00a0message/rfc822\u00a0»."
)
Id = Annotated[str | None, Query(max_length=998)]


def get_mail_reader(request: Request) -> MailReader:
    """The application's reader: its process, once started, serves every mail that is brought."""
    reader: MailReader = request.app.state.mail_reader
    return reader


ReaderOfMail = Annotated[MailReader, Depends(get_mail_reader)]


class SeenMail(BaseModel):
    """The thread that holds a mail; `is_done` once its triage is complete."""

    thread_id: UUID
    is_done: bool


@router.get("")
async def find_mail(
    reader: Reader,
    services: ServicesOf,
    internet_message_id: Id = None,
    conversation_id: Id = None,
) -> SeenMail:
    """The thread of a mail, by its Message-ID or by its conversation in the user's mailbox."""
    if not internet_message_id and not conversation_id:
        raise InvalidInput(NAME_THE_MAIL)
    async with services.database.transaction(reader) as connection:
        found = await find_triaged_thread(
            connection, reader.tenant_id, internet_message_id or "",
            f"conversation:{reader.email}:{conversation_id}" if conversation_id else "",
        )  # fmt: skip
    if found is None:
        raise NotFound(UNSEEN)
    return SeenMail(thread_id=found["thread_id"], is_done=found["is_done"])


@router.post("")
async def bring_mail(
    request: Request,
    identity: Asker,
    services: ServicesOf,
    reader: ReaderOfMail,
    conversation_id: Id = None,
) -> SeenMail:
    """Store a mail (`message/rfc822`, or a form's `file`) and triage its thread; the same mail
    twice is one.

    It joins the mailbox of the user who brings it, and is then seen by their firm.
    """
    if not identity.roles & OPERATORS:
        raise NotAllowed(READ_ONLY)
    raw, name = await _read_mail(request)
    if not raw.strip():
        raise InvalidInput(EMPTY)
    context = services.make_context(identity)
    taken = await take_in(
        context, reader, raw, mailbox=identity.email, name=name,
        conversation_id=conversation_id,
    )  # fmt: skip
    if taken.thread_id is None:
        raise UnreadableMail(taken.refusal or EMPTY)
    is_done = await triage_thread(context, reader, taken.thread_id)
    return SeenMail(thread_id=taken.thread_id, is_done=is_done)


async def _read_mail(request: Request) -> tuple[bytes, str]:
    """The mail that a request brings, as its body or as the file of a form, and what it is known
    by. Raises InvalidInput."""
    kind = request.headers.get("content-type", "").lower()
    if not kind.startswith("multipart/form-data"):
        return await request.body(), "Complément Outlook"
    async with request.form(max_files=5) as form:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if len(files) != 1:
            raise InvalidInput(ONE_FILE)
        return await files[0].read(), files[0].filename or "Courriel déposé"
