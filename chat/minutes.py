"""A transcript dropped in the chat: its minutes on screen, its files to download."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import chainlit as cl

from agents.meeting_synthesis.desk import lay_out
from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.layouts import LAYOUTS
from agents.meeting_synthesis.output.markdown import Linker, write_markdown
from chat.approvals import show_proposals
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.addresses import API
from core.context import Identity
from core.errors import ConfigurationError, VoltaireError
from core.formats import count_noun

PROPOSE = "Proposer les tâches du compte rendu"
NO_DESK = "Les comptes rendus ne sont pas activés sur cette instance."
DROPPED = "Transcription déposée\u00a0: {name}"
FILES = (
    f"[Word]({API}/minutes/{{id}}/document.docx) · [PDF]({API}/minutes/{{id}}/document.pdf) · "
    f"[courriel]({API}/minutes/{{id}}/mail)"
)
AS_LAYOUT = f"[{{label}}]({API}/minutes/{{id}}/document.docx?layout={{key}})"
LAYOUTS_OFFERED = "Word sur un autre modèle\u00a0: "


async def show_minutes(path: Path, name: str, said: str) -> None:
    """Write the minutes of a file and show them; `said` comes with it. Raises VoltaireError."""
    services = get_chat_services()
    if services.desk is None:
        raise ConfigurationError(NO_DESK)
    identity = await get_current_identity()
    content = await asyncio.to_thread(path.read_bytes)
    async with cl.Step(name="Lecture de la transcription", type="tool", show_input=False):
        transcript_id = await services.desk.receive(identity, name, content)
        minutes_id = await services.desk.start(identity, transcript_id)
        await services.desk.write(identity, minutes_id)
    reference = {"id": str(minutes_id)}
    message = cl.Message(content=await replay_minutes(identity, reference), author=ASSISTANT_NAME)
    wished = await services.desk.propose(identity, minutes_id)
    if label := label_wishes(len(wished.tasks.drafts), with_article=wished.article is not None):
        payload = {"id": str(minutes_id)}
        message.actions = [cl.Action(name="propose_minutes", label=label, payload=payload)]
    await message.send()
    request = f"{said}\n\n{DROPPED.format(name=name)}".strip()
    await keep_shown("minutes", request, reference)


def label_wishes(tasks: int, *, with_article: bool) -> str:
    """What the button proposes; empty where there is nothing to propose."""
    wishes = [count_noun(tasks, "tâche", "tâches")] if tasks else []
    wishes += ["un article"] if with_article else []
    return f"Proposer {' et '.join(wishes)}" if wishes else ""


@replays("minutes")
async def replay_minutes(identity: Identity, reference: Reference) -> str:
    """The minutes as they stand, with their files. Raises NotFound."""
    desk, minutes_id = get_chat_services().desk, UUID(str(reference["id"]))
    if desk is None:
        raise ConfigurationError(NO_DESK)
    _, minutes = await desk.get_ready(identity, minutes_id)
    text = write_markdown(lay_out(minutes), make_link(minutes_id))
    return f"{FILES.format(id=minutes_id)}\n\n{offer_layouts(minutes_id)}\n\n{text}"


def offer_layouts(minutes_id: UUID) -> str:
    """Links to the same minutes on each of the firm's layouts."""
    return LAYOUTS_OFFERED + " · ".join(
        AS_LAYOUT.format(label=layout.label.lower().replace("iso", "ISO"), id=minutes_id, key=key)
        for key, layout in LAYOUTS.items()
    )


@cl.action_callback("propose_minutes")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_propose(action: cl.Action) -> None:
    """Turn what was decided into proposals, shown at once to be approved."""
    services = get_chat_services()
    try:
        if services.desk is None:
            raise ConfigurationError(NO_DESK)
        identity = await get_current_identity()
        minutes_id = UUID(str(action.payload["id"]))
        submitted = await services.desk.submit(identity, minutes_id)
        await action.remove()
        made = [s.proposal_id for s in submitted if s.proposal_id]
        await show_proposals(made)
        await keep_shown("approvals", PROPOSE, {"ids": [str(one) for one in made]})
        for refusal in dict.fromkeys(s.refusal for s in submitted if s.refusal):
            await cl.ErrorMessage(content=refusal, author=ASSISTANT_NAME).send()
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


def make_link(minutes_id: UUID) -> Linker:
    """Links from each item to the words it rests on."""

    def link(cited: Quote) -> str:
        return f"{API}/minutes/{minutes_id}/cues?cue={quote(cited.cue, safe='')}"

    return link
