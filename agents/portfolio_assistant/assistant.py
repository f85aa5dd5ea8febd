"""The assistant as every surface uses it: ask a question, receive events, then the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver

from agents.portfolio_assistant import conversations
from agents.portfolio_assistant.conversations import ConversationRow, Surface, TurnRow
from agents.portfolio_assistant.graph import Turn, TurnState, build_graph
from agents.portfolio_assistant.models import Answer, AnswerReady, AssistantEvent
from agents.portfolio_assistant.prompt import load_prompt
from agents.portfolio_assistant.rules.rule import respond
from agents.portfolio_assistant.told import Place, Telling, answer_told, find_told
from core.context import Clock, Context, Identity
from core.database import Database
from core.engine.accounts import mark_fallback
from core.engine.errors import EngineError
from core.engine.offline import OfflineEngine
from core.engine.protocol import Engine, Message, Request, Text
from core.errors import InvalidInput
from core.settings import get_settings
from tools.charts import find_drawing
from tools.gaps import note_gap
from tools.outputs import Passages
from tools.registry import list_tools

USE_CASE = "portfolio_assistant"
MAX_TOKENS = 4096
GRAPH = build_graph()


def offline_engine() -> OfflineEngine:
    """The deterministic engine, with the assistant's rule."""
    return OfflineEngine({USE_CASE: respond})


@dataclass(frozen=True)
class Assistant:
    """Answers the questions of signed-in users. Built once per process."""

    database: Database
    engine: Engine
    clock: Clock

    async def ask(
        self,
        identity: Identity,
        question: str,
        *,
        conversation_id: UUID | None = None,
        surface: Surface,
    ) -> AsyncGenerator[AssistantEvent]:
        """Yield the steps, the prose as it comes, then the verified answer.

        Raises InvalidInput (empty or too long) and NotFound (another's conversation). When the
        model fails, the deterministic engine answers in its place, under its own name, and
        says why.
        """
        question = _check_question(question)
        prompt = load_prompt()
        conversation_id, turn_id = await conversations.start_turn(
            self.database, identity, question, conversation_id, surface, prompt.sha256
        )
        context, reason = Context(identity, self.database, self.engine, self.clock), None
        told = find_told(context, question, surface)
        if told is not None:
            place = Place(question, conversation_id, turn_id)
            yield await self._tell(context, place, told)
            return
        while True:
            engine = context.engine
            turn = await self._prepare(context, question, conversation_id, turn_id, reason)
            try:
                async with aclosing(self._run(turn)) as events:
                    async for event in events:
                        yield event
                return
            except EngineError as error:
                if not engine.is_model:
                    await conversations.fail_turn(self.database, identity, turn_id, engine.name)
                    raise
                await mark_fallback(engine)
                await conversations.clear_tool_runs(self.database, identity, turn_id)
                context, reason = replace(context, engine=offline_engine()), error.message
            except BaseException:
                await conversations.fail_turn(self.database, identity, turn_id, engine.name)
                raise

    async def list_conversations(
        self, identity: Identity, *, limit: int = 50
    ) -> list[ConversationRow]:
        """The user's conversations, the latest first."""
        return await conversations.list_conversations(self.database, identity, limit)

    async def list_turns(self, identity: Identity, conversation_id: UUID) -> list[TurnRow]:
        """The turns of a conversation; NotFound for another user's."""
        return await conversations.list_turns(self.database, identity, conversation_id)

    async def _tell(self, context: Context, place: Place, tell: Telling) -> AnswerReady:
        identity = context.identity
        try:
            answer = await answer_told(context, place, tell)
            await conversations.finish_turn(self.database, identity, answer)
        except BaseException:
            await conversations.fail_turn(
                self.database, identity, place.turn_id, OfflineEngine.name
            )
            raise
        return AnswerReady(answer=answer)

    async def _prepare(
        self,
        context: Context,
        question: str,
        conversation_id: UUID,
        turn_id: UUID,
        fallback_reason: str | None,
    ) -> Turn:
        prompt = load_prompt()
        earlier = await self.list_turns(context.identity, conversation_id)
        wanted = find_drawing(question)
        request = Request(
            use_case=USE_CASE,
            tier="balanced",
            system=prompt.text,
            messages=(*_recall(earlier, turn_id), Message("user", (Text(wanted or question),))),
            tools=tuple(tool.spec for tool in list_tools(context.identity)),
            today=context.today,
            max_tokens=MAX_TOKENS,
            prompt_sha256=prompt.sha256,
        )
        return Turn(
            context, request, question, conversation_id, turn_id, fallback_reason, bool(wanted)
        )

    async def _run(self, turn: Turn) -> AsyncGenerator[AssistantEvent]:
        identity = turn.context.identity
        config: RunnableConfig = {
            "configurable": {"thread_id": f"{identity.user_id}:{turn.conversation_id}"}
        }
        state: TurnState = {
            "conversation_id": str(turn.conversation_id),
            "turn_ids": [str(turn.turn_id)],
            "rounds": 0,
            "wants_tools": False,
        }
        async with self.database.session(identity) as connection:
            graph = GRAPH.compile(checkpointer=AsyncPostgresSaver(connection))
            stream = graph.astream(
                state, config, context=turn, stream_mode="custom", durability="exit"
            )
            async with aclosing(cast("AsyncGenerator[AssistantEvent]", stream)) as events:
                async for event in events:
                    if isinstance(event, AnswerReady):
                        await conversations.finish_turn(self.database, identity, event.answer)
                        await _note_gap(turn, event.answer)
                    yield event


async def _note_gap(turn: Turn, answer: Answer) -> None:
    """Queue a question that the documents, searched, did not answer and do not explain."""
    searches = [run.output for run in turn.runs if isinstance(run.output, Passages)]
    is_explained = any(search.note for search in searches)
    if searches and not is_explained and answer.status == "unanswered":
        await note_gap(turn.context, turn.question, searches)


def _check_question(question: str) -> str:
    limit = get_settings().question_limit_chars
    cleaned = question.replace("\0", "").strip()
    if not cleaned:
        raise InvalidInput("La question est vide. Écrivez ce que vous cherchez.")
    if len(cleaned) > limit:
        raise InvalidInput(
            f"La question est trop longue ({len(cleaned)} caractères). Résumez-la en {limit} "
            "caractères au plus ; pour un long texte, déposez plutôt un document."
        )
    return cleaned


def _recall(turns: list[TurnRow], current: UUID) -> tuple[Message, ...]:
    """The last answered turns, as the engine remembers them."""
    kept = [t for t in turns if t.id != current and t.answer is not None]
    return tuple(
        message
        for turn in kept[-conversations.RECALLED_TURNS :]
        if turn.answer is not None
        for message in (
            Message("user", (Text(turn.question),)),
            Message("assistant", (Text(turn.answer.text),)),
        )
    )
