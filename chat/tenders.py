"""A tender file dropped in the chat: its pieces as they are read, its verdict, what follows."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import chainlit as cl
from chainlit.utils import utc_now

from agents.tender_scoring.desk import TenderDesk
from agents.tender_scoring.outcomes import decide
from agents.tender_scoring.outputs.records import Decision
from agents.tender_scoring.registering import register
from agents.tender_scoring.storage import StoredAnalysis
from chat.approvals import GIVE_UP, say, show_proposals
from chat.elements import make_element
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.tender_cards import Shown, write_shown
from chat.tender_turns import open_turn
from chat.texts import ASSISTANT_NAME, STEP_METADATA
from core.context import Identity
from core.errors import ConfigurationError, VoltaireError
from core.formats import NBSP
from crm.proposals.submission import Submission
from ingest.received import clean_name
from ingest.tenders.dropped import Dropped

NO_DESK = "L’analyse des appels d’offres n’est pas activée sur cette instance."
AWAITED = "awaited_tender_reason"
ASK_REASON = (
    "Dites en une phrase pourquoi\u00a0: le motif est gardé avec la décision. Pour renoncer, "
    "écrivez «\u00a0annuler\u00a0»."
)
GIVEN_UP = "Aucune décision n’a été proposée."
NOTHING_NEW = "Tout ce que dit ce dossier est déjà enregistré ou proposé."
DECISIONS: tuple[tuple[Decision, str], ...] = (
    ("go", "Décider de répondre"), ("no_go", "Décider de ne pas répondre"),
)  # fmt: skip
READING = "Lecture du dossier"
PROPOSE = "Proposer l’enregistrement de l’appel d’offres"
GO_ON = "Proposer la suite"


async def show_tender(files: Sequence[Dropped]) -> None:
    """Take the files as one tender, follow its reading, show the verdict. Raises VoltaireError."""
    desk = get_desk()
    identity = await get_current_identity()
    with TemporaryDirectory(prefix="voltaire-depot-") as folder:
        paths = await asyncio.to_thread(_rename, files, Path(folder))
        tender = await desk.receive(identity, paths)
    await follow_new(desk, identity, tender)


async def follow_new(desk: TenderDesk, identity: Identity, tender: UUID) -> None:
    """Note an analysis in the conversation, then follow it."""
    stored = await desk.get(identity, tender)
    conversation = UUID(cl.context.session.thread_id)
    await open_turn(desk.database, identity, conversation, stored)
    await follow(desk, identity, tender)


async def follow(desk: TenderDesk, identity: Identity, tender: UUID) -> None:
    """Show the pieces as they are read, then how it ended."""
    run = cl.context.current_run
    step = cl.Step(
        name=READING,
        type="tool",
        show_input=False,
        parent_id=run.id if run else None,
        metadata=STEP_METADATA,
    )
    step.start = utc_now()
    step.output = "Fichiers reçus et gardés. Lecture dans un instant…"
    await step.send()
    lines: list[str] = []
    stored = await desk.get(identity, tender)
    async for stored in desk.follow(identity, tender):
        if stored.progress is not None:
            place = f"{stored.progress.rank} sur {stored.progress.of}"
            lines.append(f"Pièce {place}{NBSP}: {stored.progress.name}")
            step.name, step.output = f"{READING}, pièce {place}", "\n\n".join(lines)
            await step.update()
    step.name = READING
    step.is_error, step.end = stored.status == "failed", utc_now()
    step.output = "\n\n".join(lines) or "Dossier lu."
    await step.update()
    await show_ended(stored)


async def show_ended(stored: StoredAnalysis) -> None:
    """The verdict card, or why there is none; the message bears the analysis's own id."""
    shown = write_shown(stored)
    message = cl.Message(
        id=str(stored.id),
        content=shown.content,
        author=ASSISTANT_NAME,
        elements=[make_element(source) for source in shown.sources],
        actions=make_actions(stored.id, shown),
    )
    await message.send()
    # Chainlit opens its panel on the last source sent, over the answer: it opens on demand.
    await cl.ElementSidebar.set_elements([])


def make_actions(tender: UUID, shown: Shown) -> list[cl.Action]:
    """The buttons of a card, alike live and when the conversation is opened again."""
    payload: dict[str, Any] = {"id": str(tender)}
    if not shown.is_done:
        return [cl.Action(name="retry_tender", label="Relancer l’analyse", payload=payload)]
    decisions = [
        cl.Action(name="decide_tender", label=label, payload={**payload, "decision": decision})
        for decision, label in DECISIONS
    ]
    return [cl.Action(name="propose_tender", label=PROPOSE, payload=payload), *decisions]


async def offer_again(shown: dict[UUID, Shown]) -> None:
    """Give the cards of a conversation opened again their buttons."""
    for tender, card in shown.items():
        for action in make_actions(tender, card):
            await action.send(for_id=str(tender))


@cl.action_callback("propose_tender")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_propose(action: cl.Action) -> None:
    """Propose what may be proposed now, and say what waits."""
    try:
        desk, identity = get_desk(), await get_current_identity()
        tender = UUID(str(action.payload["id"]))
        analysis = await desk.get_done(identity, tender)
        done = await register(desk.make_context(identity), analysis)
        await _show_submissions(done.submissions)
        for line in done.waiting:
            await say(line)
        if done.waiting:
            message = cl.Message(content="Quand ce sera approuvé :".replace(" :", f"{NBSP}:"),
                                 author=ASSISTANT_NAME)  # fmt: skip
            payload = {"id": str(tender)}
            message.actions = [cl.Action(name="propose_tender", label=GO_ON, payload=payload)]
            await message.send()
        elif not done.submissions:
            await say(NOTHING_NEW)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


@cl.action_callback("decide_tender")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_decide(action: cl.Action) -> None:
    """Ask why; the next message says it."""
    cl.user_session.set(AWAITED, dict(action.payload))
    await say(ASK_REASON)


@cl.action_callback("retry_tender")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_retry(action: cl.Action) -> None:
    """Do a failed analysis again."""
    try:
        desk, identity = get_desk(), await get_current_identity()
        tender = UUID(str(action.payload["id"]))
        await desk.retry(identity, tender)
        await action.remove()
        await follow(desk, identity, tender)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def take_reason(text: str) -> bool:
    """Give the user's words to the decision that waits for them; False when none does."""
    awaited: dict[str, Any] | None = cl.user_session.get(AWAITED)
    if awaited is None:
        return False
    cl.user_session.set(AWAITED, None)
    if text.rstrip().endswith("?"):
        await say(GIVEN_UP)
        return False
    if text.strip().lower().rstrip(".! ") in GIVE_UP:
        await say(GIVEN_UP)
        return True
    desk, identity = get_desk(), await get_current_identity()
    analysis = await desk.get_done(identity, UUID(str(awaited["id"])))
    await _show_submissions(
        await decide(desk.make_context(identity), analysis, awaited["decision"], text)
    )
    return True


def get_desk() -> TenderDesk:
    """The desk of tender files. Raises ConfigurationError without one."""
    desk = get_chat_services().tenders
    if desk is None:
        raise ConfigurationError(NO_DESK)
    return desk


async def _show_submissions(submissions: Sequence[Submission]) -> None:
    await show_proposals([s.proposal_id for s in submissions if s.proposal_id])
    for refusal in dict.fromkeys(s.refusal for s in submissions if s.refusal):
        await cl.ErrorMessage(content=refusal, author=ASSISTANT_NAME).send()


def _rename(files: Sequence[Dropped], folder: Path) -> list[Path]:
    """The files under the names they were given, one folder each."""
    named: list[Path] = []
    for number, file in enumerate(files):
        target = folder / str(number) / clean_name(file.name)
        target.parent.mkdir()
        shutil.copyfile(file.path, target)
        named.append(target)
    return named
