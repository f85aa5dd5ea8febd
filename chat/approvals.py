"""Approving in the chat: a card with its buttons, or a client's list with its boxes.

Buttons carry the digest of what was shown; the service decides. Nothing here is kept but the
ticks of a list on screen: the proposals themselves wait in the database.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import chainlit as cl

from chat.cards import NOTHING_WAITS, is_of_document, write_card, write_list
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Context, Identity
from core.errors import VoltaireError
from core.formats import NBSP, count_noun, end_sentence
from core.words import fold
from tools import approvals
from tools.approvals import Approval, Line
from tools.cards import Card, batch_digest
from tools.corrections import describe_correction, parse_corrections

COMMAND = "Approbations"
MOST_SHOWN = 100
LISTS = "approval_lists"
BUTTONS = "approval_buttons"
OUTCOME_WAIT_S = 15.0
OUTCOME_EVERY_S = 0.2
AWAITED = "awaited_words"
GIVE_UP = frozenset({"annuler", "annule", "non", "stop"})
DECIDE_THERE = "Pour décider de ce qui attend, ouvrez « Approbations »."
STALE_LIST = "Cette liste n’est plus à jour. Rouvrez-la par la commande « Approbations »."
ASK_REASON = (
    "Dites en une phrase pourquoi vous refusez : l’auteur de la proposition la lira. "
    "Pour renoncer, écrivez « annuler »."
)
GIVEN_UP = "Rien n’a changé : la proposition attend toujours."
ASKS_PENDING = re.compile(
    r"^(?:mes |les )?approbations?(?: en attente)?[ .!?]*$|"
    r"\b(?:dois[- ]je|je dois|j'ai a|ai[- ]je a|a) approuver\b|"
    r"^(?:quelles?|quels|montre\w*|liste\w*|affiche\w*|voir|mes|les)\b.*"
    r"\b(?:propositions?|modifications?|changements?|approbations?)\b.*"
    r"\b(?:attend\w*|en attente|a valider)\b"
)


@dataclass
class ShownList:
    """A group's list on screen and its ticks."""

    cards: tuple[Card, ...]
    message: cl.Message
    ticked: set[str] = field(default_factory=set[str])


@dataclass(frozen=True)
class Awaited:
    """What the next message of the user is for."""

    act: str
    card: Card


def asks_pending(said: str) -> bool:
    """Tell whether the user wants to see what waits for their accord."""
    return ASKS_PENDING.search(fold(said)) is not None


async def show_pending(request: str) -> None:
    """Each group's waiting changes: one card, or a list to tick where there are several.

    `request` is what the user said to see them.
    """
    context = await make_context()
    cards = await approvals.list_pending(context, limit=MOST_SHOWN)
    if not cards:
        await say(NOTHING_WAITS)
    if len(cards) == MOST_SHOWN:
        await say(
            f"Seules les {MOST_SHOWN} plus récentes sont montrées{NBSP}: traitez-les d’abord."
        )
    await _show_groups(cards)
    await keep_shown("approvals", request or COMMAND, {"ids": [str(card.id) for card in cards]})


@replays("approvals")
async def replay_approvals(identity: Identity, reference: Reference) -> str:
    """The cards that were shown, as they stand for the one who looks at them now."""
    context = get_chat_services().make_context(identity)
    ids = [UUID(str(one)) for one in reference["ids"]]
    cards = await approvals.list_cards(context, ids)
    written = [write_card(card) for card in cards] or [NOTHING_WAITS]
    is_waiting = any(card.status == "pending" for card in cards)
    return "\n\n---\n\n".join([*written, *([DECIDE_THERE] if is_waiting else [])])


async def show_proposals(ids: Sequence[UUID]) -> None:
    """These proposals, client by client, as they stand for this user."""
    await _show_groups(await approvals.list_cards(await make_context(), ids))


async def _show_groups(cards: Sequence[Card]) -> None:
    """Client by client; documents, which have none, apart."""
    groups: dict[tuple[UUID | None, bool], list[Card]] = {}
    for card in cards:
        groups.setdefault((card.account_id, is_of_document(card)), []).append(card)
    for group in groups.values():
        if len(group) == 1:
            await send_card(group[0])
        else:
            await _send_list(tuple(group))


async def send_card(card: Card) -> None:
    """A card of its own, with the buttons that this user may press."""
    message = cl.Message(content=write_card(card), author=ASSISTANT_NAME)
    message.actions = make_actions(card)
    await message.send()


def make_actions(card: Card) -> list[cl.Action]:
    """The buttons of a card, by its state and the user's rights."""
    payload = {"id": str(card.id), "digest": card.digest, "batch": batch_digest((card,))}
    actions = [
        cl.Action(name=name, label=label, payload=payload) for name, label in _list_acts(card)
    ]
    buttons: dict[str, list[cl.Action]] = cl.user_session.get(BUTTONS) or {}
    cl.user_session.set(BUTTONS, {**buttons, str(card.id): actions})
    return actions


def _list_acts(card: Card) -> list[tuple[str, str]]:
    if card.status == "executed" and card.can_undo:
        return [("undo_change", "Annuler cette modification")]
    if card.status != "pending":
        return []
    acts = [("approve_change", "Approuver")] if card.may_approve else []
    acts.append(("reject_change", "Refuser"))
    return acts if card.operation == "remove" else [*acts, ("correct_change", "Corriger")]


def forget_awaited() -> None:
    """The user went on to something else: no act waits for their words any more."""
    cl.user_session.set(AWAITED, None)


async def take_words(text: str) -> bool:
    """Give the user's words to the act that waits for them; False when none does.

    A question is no reason for a refusal: the act is given up, and the question answered.
    """
    awaited: Awaited | None = cl.user_session.get(AWAITED)
    if awaited is None:
        return False
    cl.user_session.set(AWAITED, None)
    if text.rstrip().endswith("?"):
        await say(GIVEN_UP)
        return False
    if text.strip().lower().rstrip(".! ") in GIVE_UP:
        await say(GIVEN_UP)
        return True
    try:
        await (_reject if awaited.act == "reject" else _correct)(awaited.card, text)
    except VoltaireError:
        cl.user_session.set(AWAITED, awaited)
        raise
    return True


async def _reject(card: Card, reason: str) -> None:
    await approvals.reject(await make_context(), card.id, card.digest, reason)
    await _drop_buttons(card.id)
    await say(f"Refusée{NBSP}: {end_sentence(card.title)} L’auteur lira votre motif.")


async def _correct(card: Card, text: str) -> None:
    fields = parse_corrections(card, text)
    corrected = await approvals.edit(await make_context(), card.id, card.digest, fields)
    await _drop_buttons(card.id)
    await say("Voici la proposition corrigée. L’ancienne ne peut plus être approuvée.")
    await send_card(corrected)


@cl.action_callback("approve_change")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_approve(action: cl.Action) -> None:
    """Approve the one card whose button was pressed."""

    async def work(context: Context) -> None:
        line = Line(_read_id(action), str(action.payload["digest"]))
        done = await approvals.approve(context, [line], str(action.payload["batch"]))
        await _drop_buttons(line.proposal_id)
        await _tell_done(context, done)

    await _guard(work)


@cl.action_callback("reject_change")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_reject(action: cl.Action) -> None:
    """Ask why; the next message is the reason."""

    async def work(context: Context) -> None:
        card = await _get_shown(context, action)
        cl.user_session.set(AWAITED, Awaited("reject", card))
        await say(ASK_REASON.replace(" :", f"{NBSP}:"))

    await _guard(work)


@cl.action_callback("correct_change")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_correct(action: cl.Action) -> None:
    """Ask what to correct; the next message says it."""

    async def work(context: Context) -> None:
        card = await _get_shown(context, action)
        cl.user_session.set(AWAITED, Awaited("correct", card))
        await say(describe_correction(card))

    await _guard(work)


@cl.action_callback("undo_change")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_undo(action: cl.Action) -> None:
    """Propose the inverse of a change that was made."""

    async def work(context: Context) -> None:
        card = await approvals.undo(context, _read_id(action))
        await _drop_buttons(_read_id(action))
        await say("L’annulation attend un accord, comme toute modification.")
        await send_card(card)

    await _guard(work)


@cl.action_callback("tick_change")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_tick(action: cl.Action) -> None:
    """Tick or untick a line of a list."""
    shown = _find_list(action)
    if shown is None:
        await say(STALE_LIST)
        return
    shown.ticked ^= {str(action.payload["id"])}
    await _refresh(shown)


@cl.action_callback("open_changes")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_open(action: cl.Action) -> None:
    """Show each line of a list as a card of its own, to refuse or correct it."""
    shown = _find_list(action)
    if shown is None:
        await say(STALE_LIST)
        return
    context = await make_context()
    for card in await approvals.list_cards(context, [card.id for card in shown.cards]):
        await send_card(card)


@cl.action_callback("approve_ticked")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_approve_ticked(action: cl.Action) -> None:
    """Approve the ticked lines of a list, all of them or none."""
    shown = _find_list(action)
    if shown is None:
        await say(STALE_LIST)
        return

    async def work(context: Context) -> None:
        sent: list[dict[str, str]] = action.payload["lines"]
        lines = [Line(UUID(one["id"]), one["digest"]) for one in sent]
        done = await approvals.approve(context, lines, str(action.payload["batch"]))
        await shown.message.remove_actions()
        await _tell_done(context, done)

    await _guard(work)


async def _send_list(cards: tuple[Card, ...]) -> None:
    message = cl.Message(content=write_list(cards, frozenset()), author=ASSISTANT_NAME)
    shown = ShownList(cards, message)
    message.actions = _make_list_actions(shown)
    await message.send()
    lists: dict[str, ShownList] = cl.user_session.get(LISTS) or {}
    cl.user_session.set(LISTS, {**lists, message.id: shown})


async def _refresh(shown: ShownList) -> None:
    await shown.message.remove_actions()
    shown.message.content = write_list(shown.cards, frozenset(shown.ticked))
    await shown.message.update()
    shown.message.actions = _make_list_actions(shown)
    for action in shown.message.actions:
        await action.send(for_id=shown.message.id)


def _make_list_actions(shown: ShownList) -> list[cl.Action]:
    actions = [
        cl.Action(
            name="tick_change",
            label=f"{'☑' if str(card.id) in shown.ticked else '☐'} {card.title}",
            payload={"id": str(card.id)},
        )
        for card in shown.cards
        if card.may_approve
    ]
    actions.append(cl.Action(name="open_changes", label="Voir chaque modification", payload={}))
    if shown.ticked:
        label = count_noun(len(shown.ticked), "ligne cochée", "lignes cochées")
        cards = tuple(card for card in shown.cards if str(card.id) in shown.ticked)
        payload = {
            "lines": [{"id": str(card.id), "digest": card.digest} for card in cards],
            "batch": batch_digest(cards),
        }
        actions.append(
            cl.Action(name="approve_ticked", label=f"Approuver {label}", payload=payload)
        )
    return actions


def _find_list(action: cl.Action) -> ShownList | None:
    lists: dict[str, ShownList] = cl.user_session.get(LISTS) or {}
    return lists.get(action.forId or "")


async def _get_shown(context: Context, action: cl.Action) -> Card:
    """The card as it was shown: the act will be refused if it has changed since."""
    card = await approvals.get_card(context, _read_id(action))
    return card.model_copy(update={"digest": str(action.payload["digest"])})


async def _tell_done(context: Context, done: Sequence[Approval]) -> None:
    """What the approval led to: made, on its way, or waiting for a second person."""
    if waiting := [a for a in done if a.status == "pending"]:
        noun = count_noun(len(waiting), "accord noté", "accords notés")
        await say(f"{noun}{NBSP}: une seconde personne doit approuver.")
    ids = [a.proposal_id for a in done if a.status != "pending"]
    if not ids:
        return
    settled = [c for c in await _await_outcomes(context, ids) if c.status != "approved"]
    for card in settled:
        message = cl.Message(content=f"**{card.title}**{NBSP}: {card.outcome}",
                             author=ASSISTANT_NAME)  # fmt: skip
        message.actions = make_actions(card)
        await message.send()
    await approvals.mark_told(context, [card.id for card in settled])
    if remaining := len(ids) - len(settled):
        noun = count_noun(remaining, "modification approuvée", "modifications approuvées")
        await say(f"{noun}, en cours d’exécution. La personne qui l’a demandée en sera avertie.")


async def _await_outcomes(context: Context, ids: Sequence[UUID]) -> tuple[Card, ...]:
    """The cards once the executor is done with them, or as they stand after a few seconds."""
    deadline = time.monotonic() + OUTCOME_WAIT_S
    while True:
        cards = await approvals.list_cards(context, ids)
        is_done = all(card.status != "approved" for card in cards)
        if is_done or time.monotonic() > deadline:
            return cards
        await asyncio.sleep(OUTCOME_EVERY_S)


async def _guard(work: Callable[[Context], Awaitable[None]]) -> None:
    """Run an act of the user; a refusal is told in its own words."""
    try:
        await work(await make_context())
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _drop_buttons(proposal_id: UUID) -> None:
    """Take away the buttons of a card: the act is done."""
    buttons: dict[str, list[cl.Action]] = cl.user_session.get(BUTTONS) or {}
    for button in buttons.get(str(proposal_id), []):
        await button.remove()


async def say(text: str) -> None:
    """A message of the assistant's."""
    await cl.Message(content=text, author=ASSISTANT_NAME).send()


async def make_context() -> Context:
    """The means of the signed-in user, with the roles they hold now."""
    return get_chat_services().make_context(await get_current_identity())


def _read_id(action: cl.Action) -> UUID:
    return UUID(str(action.payload["id"]))
