"""The page's history over our own tables: each thread is a conversation of the signed-in user."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from chainlit.config import config
from chainlit.data.base import BaseDataLayer
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import (
    Feedback,
    FeedbackDict,
    PageInfo,
    PaginatedResponse,
    Pagination,
    ThreadDict,
    ThreadFilter,
)
from chainlit.user import PersistedUser, User

from chat import conversations
from chat.citations import list_pdf_versions
from chat.conversations import Conversation, ConversationFilter, ToolRun, Turn
from chat.drawing import list_charts
from chat.elements import list_sources, write_chart, write_element
from chat.services import get_chat_services
from chat.sessions import get_current_identifier, get_current_identity, load_user
from chat.shown import list_shown, write_shown
from chat.tender_cards import Shown
from chat.tender_turns import list_tenders
from chat.texts import (
    ANSWER_METADATA,
    ASSISTANT_NAME,
    STEP_METADATA,
    UNFINISHED,
    summarize_run,
    write_answer,
)
from core.context import Identity
from core.database import Database
from crm.feedback import give_feedback
from tools.registry import TOOLS

THREADS_PER_PAGE = 100


class Threads(BaseDataLayer):
    """Threads of the signed-in user; the assistant itself stores questions and answers."""

    @property
    def _database(self) -> Database:
        return get_chat_services().database

    async def get_user(self, identifier: str) -> PersistedUser | None:
        """The active user of this address."""
        return await load_user(identifier)

    async def create_user(self, user: User) -> PersistedUser | None:
        """Users are made by the administrator: the one who exists, or nobody."""
        return await load_user(user.identifier)

    async def list_threads(
        self, pagination: Pagination, filters: ThreadFilter
    ) -> PaginatedResponse[ThreadDict]:
        """A page of the user's chat conversations, the latest first."""
        identity = await get_current_identity()
        limit = min(pagination.first, THREADS_PER_PAGE)
        wanted = ConversationFilter(
            surface="chat",
            before=_parse_cursor(pagination.cursor),
            search=filters.search,
            feedback=None if filters.feedback is None else _opinion(filters.feedback),
        )
        found = await conversations.list_conversations(self._database, identity, limit + 1, wanted)
        shown = found[:limit]
        page = PageInfo(
            hasNextPage=len(found) > limit,
            startCursor=shown[0].updated_at.isoformat() if shown else None,
            endCursor=shown[-1].updated_at.isoformat() if shown else None,
        )
        return PaginatedResponse(page, [_write_thread(c, identity, [], []) for c in shown])

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """A conversation with its questions, steps, answers and sources."""
        identity = await get_current_identity()
        conversation = await self._find(identity, thread_id)
        if conversation is None:
            return None
        turns = await conversations.list_turns(self._database, identity, conversation.id)
        runs = await conversations.list_tool_runs(self._database, identity, conversation.id)
        tenders = await list_tenders(self._database, identity, [turn.id for turn in turns])
        steps = [
            step
            for turn in turns
            for step in write_turn(thread_id, turn, runs, tenders.get(turn.id))
        ]
        for shown in await list_shown(self._database, identity, conversation.id):
            steps += await write_shown(thread_id, identity, shown)
        steps.sort(key=lambda step: str(step.get("createdAt")))
        elements = await self._write_elements(identity, thread_id, turns)
        elements += [
            write_element(source, thread_id, str(tender))
            for tender, shown in tenders.items()
            for source in shown.sources
        ]
        return _write_thread(conversation, identity, steps, elements)

    async def get_thread_author(self, thread_id: str) -> str:
        """What its owner is known by; empty when the conversation is not the user's own."""
        identity = await get_current_identity()
        return get_current_identifier() if await self._find(identity, thread_id) else ""

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,  # noqa: ARG002 - the library's signature
        tags: list[str] | None = None,  # noqa: ARG002 - the library's signature
    ) -> None:
        """Open the conversation at its first question, or rename it.

        A button pressed first gives its machine name here: what it shows opens the conversation.
        """
        conversation_id = _parse_id(thread_id)
        if name is None or conversation_id is None or name in config.code.action_callbacks:
            return
        identity = await get_current_identity()
        if user_id is not None:
            await conversations.open_conversation(self._database, identity, conversation_id, name)
        else:
            await conversations.rename_conversation(self._database, identity, conversation_id, name)

    async def delete_thread(self, thread_id: str) -> None:
        """Delete the conversation and all it holds."""
        conversation_id = _parse_id(thread_id)
        if conversation_id is not None:
            identity = await get_current_identity()
            await conversations.delete_conversation(self._database, identity, conversation_id)

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Keep the user's opinion of an answer; its id is the answer's.

        The page shows the message of what this raises.
        """
        identity = await get_current_identity()
        await give_feedback(
            self._database,
            identity,
            UUID(feedback.forId),
            _opinion(feedback.value),
            feedback.comment,
        )
        return feedback.forId

    async def delete_feedback(self, feedback_id: str) -> bool:
        """Forget the user's opinion."""
        identity = await get_current_identity()
        await conversations.withdraw_feedback(self._database, identity, UUID(feedback_id))
        return True

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        """A source of the conversation."""
        thread = await self.get_thread(thread_id)
        for element in (thread or {}).get("elements") or []:
            if element.get("id") == element_id:
                return element
        return None

    async def create_element(self, element: Element) -> None:
        """Nothing to keep: sources are read from the answers."""

    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        """Nothing to delete: sources go with the conversation."""

    async def create_step(self, step_dict: StepDict) -> None:
        """Nothing to keep: the assistant stores questions, tool runs and answers."""

    async def update_step(self, step_dict: StepDict) -> None:
        """Nothing to keep, as for `create_step`."""

    async def delete_step(self, step_id: str) -> None:
        """Nothing to delete: a turn goes with its conversation."""

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:  # noqa: ARG002
        """Favourites are not offered."""
        return []

    async def build_debug_url(self) -> str:
        """No debugging page."""
        return ""

    async def close(self) -> None:
        """The application closes the database."""

    async def _find(self, identity: Identity, thread_id: str) -> Conversation | None:
        conversation_id = _parse_id(thread_id)
        if conversation_id is None:
            return None
        return await conversations.find_conversation(self._database, identity, conversation_id)

    async def _write_elements(
        self, identity: Identity, thread_id: str, turns: list[Turn]
    ) -> list[ElementDict]:
        answers = [turn.answer for turn in turns if turn.answer is not None]
        citations = tuple(citation for answer in answers for citation in answer.citations)
        pdfs = await list_pdf_versions(self._database, identity, citations)
        return [
            write_element(source, thread_id, str(answer.turn_id))
            for answer in answers
            for source in list_sources(answer, pdfs)
        ] + [
            write_chart(chart, thread_id, str(answer.turn_id))
            for answer in answers
            for chart in list_charts(answer)
        ]


def write_turn(
    thread_id: str, turn: Turn, runs: list[ToolRun], tender: Shown | None = None
) -> list[StepDict]:
    """The question, its tool steps, and the answer (or that there was none).

    A tender file's answer is its analysis.
    """
    asked, answered = _moment(turn.asked_at), _moment(turn.answered_at or turn.asked_at)
    question = StepDict(
        id=str(uuid5(NAMESPACE_URL, f"{turn.id}/question")),
        threadId=thread_id,
        parentId=None,
        name="Vous",
        type="user_message",
        output=turn.question,
        createdAt=asked,
        start=asked,
        end=asked,
    )
    answer = StepDict(
        id=str(turn.id),
        threadId=thread_id,
        parentId=None,
        name=ASSISTANT_NAME,
        type="assistant_message",
        output=_write_output(turn, tender),
        createdAt=answered,
        start=answered,
        end=answered,
        isError=turn.status == "failed" or bool(tender and tender.is_error),
        metadata=ANSWER_METADATA if turn.answer and tender is None else {},
    )
    feedback = _write_feedback(turn)
    if feedback is not None:
        answer["feedback"] = feedback
    tools = [_write_tool_run(thread_id, turn, run) for run in runs if run.turn_id == turn.id]
    return [question, *tools, answer]


def _write_output(turn: Turn, tender: Shown | None) -> str:
    if tender is not None:
        return tender.content
    return write_answer(turn.answer) if turn.answer else UNFINISHED


def _write_tool_run(thread_id: str, turn: Turn, run: ToolRun) -> StepDict:
    """The step as it was shown live; it stands at the question's time, in the runs' order."""
    asked = _moment(turn.asked_at)
    return StepDict(
        id=str(run.id),
        threadId=thread_id,
        parentId=None,
        name=TOOLS[run.tool].label if run.tool in TOOLS else run.tool,
        type="tool",
        input="",
        output=summarize_run(run.result),
        metadata=STEP_METADATA,
        createdAt=asked,
        start=asked,
        end=_moment(turn.asked_at + dt.timedelta(milliseconds=run.duration_ms)),
        isError=run.result.get("kind") == "failure",
    )


def _write_feedback(turn: Turn) -> FeedbackDict | None:
    if turn.feedback is None:
        return None
    return FeedbackDict(
        forId=str(turn.id),
        id=str(turn.id),
        value=1 if turn.feedback > 0 else 0,
        comment=turn.feedback_comment,
    )


def _write_thread(
    conversation: Conversation,
    identity: Identity,
    steps: list[StepDict],
    elements: list[ElementDict],
) -> ThreadDict:
    return ThreadDict(
        id=str(conversation.id),
        createdAt=_moment(conversation.updated_at),
        name=conversation.title,
        userId=str(identity.user_id),
        userIdentifier=get_current_identifier(),
        tags=[],
        metadata={},
        steps=steps,
        elements=elements,
    )


def _opinion(value: int) -> int:
    return 1 if value else -1


def _moment(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _parse_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _parse_cursor(cursor: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(cursor) if cursor else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
