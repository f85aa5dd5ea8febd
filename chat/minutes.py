"""A transcript dropped in the chat: its minutes on screen, its files to download."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import chainlit as cl

from agents.meeting_synthesis.desk import Desk, lay_out
from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.layouts import LAYOUTS
from agents.meeting_synthesis.output.markdown import Linker, write_markdown
from chat.approvals import show_proposals
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.addresses import API
from core.context import PARIS, Identity
from core.errors import ConfigurationError, VoltaireError
from core.formats import count_noun
from ingest.meetings.invitation import Invitation, find_held_on

PROPOSE = "Proposer les tâches du compte rendu"
NO_DESK = "Les comptes rendus ne sont pas activés sur cette instance."
FORGET = "Refaire sans cette invitation"
DROPPED = "Transcription déposée\u00a0: {name}"
FILES = (
    f"[Word]({API}/minutes/{{id}}/document.docx) · [PDF]({API}/minutes/{{id}}/document.pdf) · "
    f"[courriel]({API}/minutes/{{id}}/mail)"
)
AS_LAYOUT = f"[{{label}}]({API}/minutes/{{id}}/document.docx?layout={{key}})"
SAY_DAY = (
    "Pour dater la réunion, redéposez le fichier en écrivant son jour, par exemple "
    "«\u00a0réunion du 13/11/2026\u00a0»."
)
LAYOUTS_OFFERED = "Word sur un autre modèle\u00a0: "


async def show_minutes(
    path: Path, name: str, said: str, invitation: Invitation | None = None
) -> None:
    """Write the minutes of a file and show them; `said`, which comes with it, may tell its day.

    Raises VoltaireError.
    """
    desk, identity = get_desk(), await get_current_identity()
    content = await asyncio.to_thread(path.read_bytes)
    async with cl.Step(name="Lecture de la transcription", type="tool", show_input=False):
        held_on = find_held_on(said, desk.clock().astimezone(PARIS).date())
        transcript_id = await desk.receive(identity, name, content, invitation, held_on=held_on)
        minutes_id = await desk.start(identity, transcript_id)
        await desk.write(identity, minutes_id)
    await _send(identity, minutes_id)
    request = f"{said}\n\n{DROPPED.format(name=name)}".strip()
    await keep_shown("minutes", request, {"id": str(minutes_id)})


async def _send(identity: Identity, minutes_id: UUID) -> None:
    """The minutes with what may be done of them."""
    desk, payload = get_desk(), {"id": str(minutes_id)}
    message = cl.Message(content=await replay_minutes(identity, payload), author=ASSISTANT_NAME)
    wished = await desk.propose(identity, minutes_id)
    if label := label_wishes(len(wished.tasks.drafts), with_article=wished.article is not None):
        message.actions = [cl.Action(name="propose_minutes", label=label, payload=payload)]
    _, minutes = await desk.get_ready(identity, minutes_id)
    if minutes.is_invited:
        message.actions = [
            *message.actions,
            cl.Action(name="forget_invitation", label=FORGET, payload=payload),
        ]
    await message.send()


def get_desk() -> Desk:
    """The desk of this instance. Raises ConfigurationError without one."""
    desk = get_chat_services().desk
    if desk is None:
        raise ConfigurationError(NO_DESK)
    return desk


def label_wishes(tasks: int, *, with_article: bool) -> str:
    """What the button proposes; empty where there is nothing to propose."""
    wishes = [count_noun(tasks, "tâche", "tâches")] if tasks else []
    wishes += ["un article"] if with_article else []
    return f"Proposer {' et '.join(wishes)}" if wishes else ""


@replays("minutes")
async def replay_minutes(identity: Identity, reference: Reference) -> str:
    """The minutes as they stand, with their files. Raises NotFound."""
    desk, minutes_id = get_desk(), UUID(str(reference["id"]))
    _, minutes = await desk.get_ready(identity, minutes_id)
    text = write_markdown(lay_out(minutes), make_link(minutes_id))
    offered = [FILES.format(id=minutes_id), offer_layouts(minutes_id)]
    return "\n\n".join([*offered, *([] if minutes.is_date_known else [SAY_DAY]), text])


def offer_layouts(minutes_id: UUID) -> str:
    """Links to the same minutes on each of the firm's layouts."""
    return LAYOUTS_OFFERED + " · ".join(
        AS_LAYOUT.format(label=layout.label.lower().replace("iso", "ISO"), id=minutes_id, key=key)
        for key, layout in LAYOUTS.items()
    )


@cl.action_callback("propose_minutes")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_propose(action: cl.Action) -> None:
    """Turn what was decided into proposals, shown at once to be approved."""
    try:
        identity = await get_current_identity()
        minutes_id = UUID(str(action.payload["id"]))
        submitted = await get_desk().submit(identity, minutes_id)
        await action.remove()
        made = [s.proposal_id for s in submitted if s.proposal_id]
        await show_proposals(made)
        await keep_shown("approvals", PROPOSE, {"ids": [str(one) for one in made]})
        for refusal in dict.fromkeys(s.refusal for s in submitted if s.refusal):
            await cl.ErrorMessage(content=refusal, author=ASSISTANT_NAME).send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("forget_invitation")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_forget(action: cl.Action) -> None:
    """Write the minutes again from the voices alone."""
    try:
        identity, desk = await get_current_identity(), get_desk()
        minutes_id = UUID(str(action.payload["id"]))
        again = await desk.change_invitation(identity, minutes_id, None)
        await desk.write(identity, again)
        await action.remove()
        await _send(identity, again)
        await keep_shown("minutes", FORGET, {"id": str(again)})
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


def make_link(minutes_id: UUID) -> Linker:
    """Links from each item to the words it rests on."""

    def link(cited: Quote) -> str:
        return f"{API}/minutes/{minutes_id}/cues?cue={quote(cited.cue, safe='')}"

    return link
