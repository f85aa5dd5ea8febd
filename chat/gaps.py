"""The questions without answer in the chat: who takes each, a draft article, or its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import chainlit as cl

from agents.portfolio_assistant.gaps import tell_gap, tell_gaps, write_count
from chat.approvals import make_context, say, show_proposals
from chat.services import get_chat_services
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Context, Identity
from core.errors import VoltaireError
from core.formats import NBSP
from core.roles import KEEPERS
from crm.gaps import Gap, GapStatus, get_gap, update_gap
from tools.gaps import (
    NO_GAP,
    SETTLED,
    WaitingGap,
    can_draft,
    can_publish,
    find_answer,
    list_waiting,
    propose_article,
    propose_publication,
)

SHOWN = 6
MESSAGES = "gap_messages"
NEXT = f"Les suivantes viendront une fois celles-ci réglées{NBSP}: reposez la même demande."
WHO_SETTLES = "La qualité et la direction les attribuent et les règlent."
DRAFTED = (
    "Le brouillon de l’article est proposé ci-dessous. Rien n’est écrit avant un accord"
    f"{NBSP}; la réponse reste à rédiger par le responsable."
)
Act = Callable[[Context, UUID], Awaitable[Gap]]


async def show_gaps(request: str) -> None:
    """The queue, a message per question with what the user may do of it."""
    context = await make_context()
    waiting = await list_waiting(context, searched=SHOWN)
    if not waiting:
        await say(NO_GAP)
        return
    is_keeper = bool(context.identity.roles & KEEPERS)
    notes = [*([NEXT] if len(waiting) > SHOWN else []), *([] if is_keeper else [WHO_SETTLES])]
    await say("\n\n".join([write_count(len(waiting)), *notes]))
    for one in waiting[:SHOWN]:
        await _show(one, context.identity)
    await keep_shown("gaps", request, {})


@replays("gaps")
async def replay_gaps(identity: Identity, _: Reference) -> str:
    """The queue as it stands for the one who looks at it now."""
    return await tell_gaps(get_chat_services().make_context(identity))


def make_actions(waiting: WaitingGap, identity: Identity) -> list[cl.Action]:
    """The buttons of a question, by its state and the user's rights."""
    gap, acts = waiting.gap, list[tuple[str, str]]()
    if identity.roles & KEEPERS and gap.status not in SETTLED:
        if gap.owner_id != identity.user_id:
            acts.append(("take_gap", "Je m’en charge"))
        if can_draft(gap):
            acts.append(("draft_gap", "Proposer un article"))
        if can_publish(gap):
            acts.append(("publish_gap", "Mettre l’article en vigueur"))
        acts += [("close_gap", "Réglée"), ("dismiss_gap", "Écarter")]
    actions = [cl.Action(name=n, label=label, payload={"id": str(gap.id)}) for n, label in acts]
    if waiting.answer is not None:
        ask = cl.Action(name="ask", label="Reposer la question", payload={"question": gap.question})
        actions.insert(0, ask)
    return actions


@cl.action_callback("take_gap")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_take(action: cl.Action) -> None:
    """Look after the question oneself."""

    async def take(context: Context, gap_id: UUID) -> Gap:
        owner = context.identity.user_id
        return await update_gap(context.database, context.identity, gap_id, owner_id=owner)

    await _act(action, take)


@cl.action_callback("close_gap")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_close(action: cl.Action) -> None:
    """The question is settled."""
    await _act(action, partial(_settle, status="closed"))


@cl.action_callback("dismiss_gap")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_dismiss(action: cl.Action) -> None:
    """The question calls for no answer."""
    await _act(action, partial(_settle, status="dismissed"))


@cl.action_callback("draft_gap")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_draft(action: cl.Action) -> None:
    """Propose a draft article, whose card follows."""
    gap = await _act(action, propose_article)
    if gap is not None and gap.proposal_id is not None:
        await say(DRAFTED)
        await show_proposals([gap.proposal_id])


@cl.action_callback("publish_gap")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_publish(action: cl.Action) -> None:
    """Propose that the article holds from today, whose card follows."""
    try:
        context = await make_context()
        gap = await get_gap(context.database, context.identity, UUID(str(action.payload["id"])))
        made = await propose_publication(context, gap)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()
        return
    if made.proposal_id is not None:
        await show_proposals([made.proposal_id])


async def _settle(context: Context, gap_id: UUID, status: GapStatus) -> Gap:
    return await update_gap(context.database, context.identity, gap_id, status=status)


async def _act(action: cl.Action, act: Act) -> Gap | None:
    """Do `act` of the question whose button was pressed, and show it again as it now stands."""
    gap_id = UUID(str(action.payload["id"]))
    try:
        context = await make_context()
        before = await get_gap(context.database, context.identity, gap_id)
        gap = before if before.status in SETTLED else await act(context, gap_id)
        answer = None if gap.status in SETTLED else await find_answer(context, gap)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()
        return None
    shown: dict[str, cl.Message] = cl.user_session.get(MESSAGES) or {}
    if (former := shown.get(str(gap_id))) is not None:
        await former.remove_actions()
    await _show(WaitingGap(gap, answer), context.identity)
    return None if before.status in SETTLED else gap


async def _show(waiting: WaitingGap, identity: Identity) -> None:
    message = cl.Message(content=tell_gap(waiting), author=ASSISTANT_NAME)
    message.actions = make_actions(waiting, identity)
    await message.send()
    shown: dict[str, cl.Message] = cl.user_session.get(MESSAGES) or {}
    cl.user_session.set(MESSAGES, {**shown, str(waiting.gap.id): message})
