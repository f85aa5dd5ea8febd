"""The mail in the chat: mails dropped and threads opened, drafts proposed, reviews decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import chainlit as cl

from agents.non_conformity.models import FAMILY_LABELS, Family
from agents.triage.acts import MailAct
from agents.triage.bringing import store_brought
from agents.triage.deciding import FamilyUnknown, decide
from agents.triage.graph import triage_thread
from agents.triage.replying import use_draft
from agents.triage.rights import require
from agents.triage.telling import tell_opened
from chat.approvals import make_context, say, show_proposals
from chat.services import get_chat_services
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Context, Identity
from core.errors import VoltaireError
from core.roles import OPERATORS, SUPERVISORS
from ingest.mail.errors import UnreadableMail
from ingest.mail.isolation import MailReader

NAMES = {"open": "open_mail", "reply": "propose_mail_reply", "confirm": "confirm_review",
         "dismiss": "dismiss_review"}  # fmt: skip
READING = "Lecture du courriel"
OPENED = "Ouvrir\u00a0: {label}"
DROPPED = "Courriel déposé\u00a0: {name}"
NOT_TRIAGED = (
    "«\u00a0{name}\u00a0» est gardé, mais n’a pas pu être trié\u00a0: il est parmi les courriels "
    "mis de côté, avec la raison."
)
CONFIRMED = "Écart confirmé. La fiche attend un accord."
DISMISSED = "Écarté\u00a0: rien n’est inscrit au registre."


def make_buttons(acts: Sequence[MailAct]) -> list[cl.Action]:
    """A button for each act."""
    return [_make_button(act) for act in acts]


def make_opening(thread_id: UUID, label: str) -> cl.Action:
    """A button that opens a thread."""
    return _make_button(MailAct(kind="open", label=label, thread_id=thread_id))


def _make_button(act: MailAct, family: Family | None = None) -> cl.Action:
    payload = {"thread": str(act.thread_id), "key": act.key, "label": act.label}
    label = FAMILY_LABELS[family].capitalize() if family else act.label
    extra = {"family": family} if family else {}
    return cl.Action(name=NAMES[act.kind], label=label, payload={**payload, **extra})


async def show_mails(files: Sequence[tuple[Path, str]], said: str) -> None:
    """Triage the mails dropped, `said` coming with them, and show each thread once.

    One that cannot be read is told and leaves the others.
    """
    context, reader = await make_context(), MailReader()
    threads: dict[UUID, str] = {}
    try:
        async with cl.Step(name=READING, type="tool", show_input=False):
            for path, name in files:
                raw = await asyncio.to_thread(path.read_bytes)
                try:
                    threads.setdefault(await store_brought(context, reader, raw, name), name)
                except UnreadableMail as error:
                    told = f"«\u00a0{name}\u00a0»\u00a0: {error.message}"
                    await cl.ErrorMessage(content=told, author=ASSISTANT_NAME).send()
            done = {id_: await triage_thread(context, reader, id_) for id_ in threads}
    finally:
        await asyncio.to_thread(reader.close)
    for thread_id, name in threads.items():
        request = f"{said}\n\n{DROPPED.format(name=name)}".strip()
        if done[thread_id]:
            await _show_thread(context, thread_id, request)
        else:
            await say(NOT_TRIAGED.format(name=name))


@replays("mail_thread")
async def replay_thread(identity: Identity, reference: Reference) -> str:
    """A thread as it stands now. Raises NotFound."""
    context = get_chat_services().make_context(identity)
    return (await tell_opened(context, UUID(str(reference["id"])))).text


@cl.action_callback("open_mail")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_open(action: cl.Action) -> None:
    """Show a thread whole: its mails, its summary, its draft, what may be done."""
    try:
        request = OPENED.format(label=action.payload["label"])
        await _show_thread(await make_context(), _read_thread(action), request)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _show_thread(context: Context, thread_id: UUID, request: str) -> None:
    """Show a thread whole, and keep that it was, under what was asked."""
    told = await tell_opened(context, thread_id)
    message = cl.Message(content=told.text, author=ASSISTANT_NAME)
    message.actions = make_buttons(told.acts)
    await message.send()
    await keep_shown("mail_thread", request, {"id": str(thread_id)})


@cl.action_callback("propose_mail_reply")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_propose(action: cl.Action) -> None:
    """Propose the draft of a thread: its card may be corrected, approved or refused."""
    try:
        context = await make_context()
        require(context.identity, OPERATORS)
        submitted, _ = await use_draft(context, _read_thread(action))
        if submitted.proposal_id is not None:
            await show_proposals([submitted.proposal_id])
            ids = [str(submitted.proposal_id)]
            await keep_shown("approvals", str(action.payload["label"]), {"ids": ids})
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("confirm_review")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_confirm(action: cl.Action) -> None:
    """Confirm an uncertain non-conformity: the record is proposed."""
    try:
        await _decide(action, "oui")
    except FamilyUnknown as error:
        act = MailAct(kind="confirm", label="Confirmer", thread_id=_read_thread(action),
                      key=str(action.payload["key"]))  # fmt: skip
        message = cl.Message(content=error.message, author=ASSISTANT_NAME)
        message.actions = [_make_button(act, family) for family in FAMILY_LABELS]
        await message.send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("dismiss_review")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_dismiss(action: cl.Action) -> None:
    """Set an uncertain non-conformity aside."""
    try:
        await _decide(action, "non")
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _decide(action: cl.Action, decision: str) -> None:
    context = await make_context()
    require(context.identity, SUPERVISORS)
    family: Family | None = action.payload.get("family")
    reader = MailReader()
    try:
        key = str(action.payload["key"])
        submitted = await decide(context, reader, key, decision, family)
    finally:
        await asyncio.to_thread(reader.close)
    await action.remove()
    await say(CONFIRMED if decision == "oui" else DISMISSED)
    if ids := [one.proposal_id for one in submitted if one.proposal_id]:
        await show_proposals(ids)
        await keep_shown("approvals", str(action.payload["label"]), {"ids": [str(i) for i in ids]})
    for refusal in dict.fromkeys(one.refusal for one in submitted if one.refusal):
        await cl.ErrorMessage(content=refusal, author=ASSISTANT_NAME).send()


def _read_thread(action: cl.Action) -> UUID:
    return UUID(str(action.payload["thread"]))
