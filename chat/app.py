"""The conversation page: sign-in, starters, and one answer per message."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

import chainlit as cl
from chainlit.context import init_ws_context
from chainlit.server import sio
from chainlit.session import WebsocketSession
from chainlit.types import CommandDict, ThreadDict

from agents.portfolio_assistant.gaps import are_gaps_asked
from chat.answering import Answering
from chat.approvals import COMMAND, asks_pending, forget_awaited, show_pending, take_words
from chat.conversations import open_conversation
from chat.gaps import show_gaps
from chat.home import show_home
from chat.services import get_chat_services
from chat.sessions import get_current_identity, sign_in
from chat.starters import list_for, make_starter
from chat.tender_turns import list_tenders
from chat.tenders import offer_again, take_reason
from chat.texts import ASSISTANT_NAME, STOPPED, UNEXPECTED, write_warnings
from chat.threads import Threads
from chat.uploads import take_files
from chat.watch import COMMAND as VEILLE_COMMAND
from chat.watch import VEILLE, show_watch
from core.context import Identity, system_clock
from core.database import Database
from core.errors import VoltaireError
from core.ledger.budgets import list_warnings

logger = logging.getLogger(__name__)
DRAWN_S = 0.2
_closings: set[asyncio.Task[None]] = set()
WARNED = "budget_warnings_shown"
APPROVALS: CommandDict = {
    "id": COMMAND,
    "description": "Les modifications qui attendent votre accord",
    "icon": "list-checks",
    "button": True,
    "persistent": False,
    "selected": False,
}


@cl.password_auth_callback
async def on_sign_in(email: str, password: str) -> cl.User | None:
    """The user of this address and password, None when they are wrong."""
    try:
        return await sign_in(email, password)
    except VoltaireError:
        return None


@cl.data_layer
def make_threads() -> Threads:
    """History is kept in our own tables."""
    return Threads()


@cl.set_starters
async def list_starters(_: cl.User | None) -> list[cl.Starter]:
    """Questions to begin with, by the user's roles; none before signing in."""
    try:
        identity = await get_current_identity()
    except VoltaireError:
        return []
    return [make_starter(starter) for starter in list_for(identity)]


@cl.on_chat_start
async def on_start() -> None:
    """Offer the commands of the page, then show the day."""
    await offer_commands()
    await show_home()


@cl.on_chat_resume
async def on_resume(thread: ThreadDict) -> None:
    """A conversation goes on: the assistant reads its memory from the database."""
    await offer_commands()
    ids = [UUID(step.get("id")) for step in thread["steps"]]
    identity = await get_current_identity()
    await offer_again(await list_tenders(get_chat_services().database, identity, ids))
    if (resuming := asyncio.current_task()) is not None:
        resuming.add_done_callback(lambda _: _closings.add(asyncio.create_task(close_panel())))


async def close_panel() -> None:
    """Chainlit opens its panel on the sources of a conversation opened again: on demand only.

    It does so once the page has drawn them, just after they were sent.
    """
    await asyncio.sleep(DRAWN_S)
    await cl.ElementSidebar.set_elements([])
    if (closing := asyncio.current_task()) is not None:
        _closings.discard(closing)


@cl.on_message
async def on_message(message: cl.Message) -> None:
    """Read dropped files, run a command, or answer; words that an act waits for go to it."""
    try:
        if message.command == COMMAND:
            forget_awaited()
            await show_pending(message.content)
        elif message.command == VEILLE_COMMAND:
            forget_awaited()
            await show_watch()
        elif await _is_taken(message):
            return
        elif asks_pending(message.content):
            await show_pending(message.content)
        else:
            await answer(message.content)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()


async def _is_taken(message: cl.Message) -> bool:
    """Tell whether dropped files, or an act that waits for words, took the message."""
    return (
        await take_files(message.elements, message.content)
        or await take_reason(message.content)
        or await take_words(message.content)
    )


async def offer_commands() -> None:
    """The commands beside the place where one writes."""
    await cl.context.emitter.set_commands([APPROVALS, VEILLE])


@cl.action_callback("ask")  # pyright: ignore[reportUntypedFunctionDecorator]
async def on_suggestion(action: cl.Action) -> None:
    """Ask a suggested question as if it had been typed."""
    question = str(action.payload.get("question", ""))
    await cl.Message(content=question, type="user_message", author="Vous").send()
    await answer(question)


@sio.on("stop")  # pyright: ignore[reportOptionalCall, reportUntypedFunctionDecorator]
async def on_stop(sid: str) -> None:
    """Stop the answer under way."""
    session = WebsocketSession.get(sid)
    if session is None:
        return
    init_ws_context(session)
    await cl.Message(content=STOPPED, author=ASSISTANT_NAME).send()
    if session.current_task:
        session.current_task.cancel()


async def answer(question: str) -> None:
    """Show the steps, the text as it comes, then the verified answer; errors are told."""
    services = get_chat_services()
    try:
        if are_gaps_asked(question):
            await show_gaps(question)
            return
        identity = await get_current_identity()
        conversation_id = UUID(cl.context.session.thread_id)
        await open_conversation(services.database, identity, conversation_id, question)
        events = services.assistant.ask(
            identity, question, conversation_id=conversation_id, surface="chat"
        )
        await Answering(services.database, identity).show(events)
        await show_warnings(services.database, identity)
    except VoltaireError as error:
        await cl.ErrorMessage(content=error.message, author=ASSISTANT_NAME).send()
    except Exception:
        logger.exception("Réponse interrompue")
        await cl.ErrorMessage(content=UNEXPECTED, author=ASSISTANT_NAME).send()


async def show_warnings(database: Database, identity: Identity) -> None:
    """Tell a director or an administrator, once per session, of the budgets nearly spent."""
    if cl.user_session.get(WARNED):
        return
    warnings = await list_warnings(database, identity, system_clock())
    if warnings:
        cl.user_session.set(WARNED, True)
        content = write_warnings([warning.message for warning in warnings])
        await cl.Message(content=content, author=ASSISTANT_NAME).send()
