"""An answer on its way to the page: steps, streamed text, then the verified message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import chainlit as cl
from chainlit.utils import utc_now

from agents.portfolio_assistant.models import (
    Answer,
    AnswerReady,
    AssistantEvent,
    StepFinished,
    StepStarted,
    TextDelta,
)
from chat.approvals import make_actions
from chat.citations import list_pdf_versions
from chat.drawing import DRAW, list_charts, list_drawings
from chat.elements import list_sources, make_chart, make_element
from chat.mail import make_buttons
from chat.texts import ANSWER_METADATA, ASSISTANT_NAME, STEP_METADATA, write_answer
from core.context import Identity
from core.database import Database


@dataclass
class Answering:
    """Shows the events of one answer to the user who asked."""

    database: Database
    identity: Identity
    _steps: dict[str, cl.Step] = field(default_factory=dict[str, cl.Step])
    _draft: cl.Message | None = None

    async def show(self, events: AsyncIterator[AssistantEvent]) -> None:
        """Show each event as it comes. Raises what the assistant raises."""
        try:
            async for event in events:
                match event:
                    case StepStarted():
                        await self._start_step(event)
                    case StepFinished():
                        await self._finish_step(event)
                    case TextDelta():
                        await self._stream(event.text)
                    case AnswerReady():
                        await self._replace_draft(event.answer)
        finally:
            await self._drop_draft()

    async def _start_step(self, event: StepStarted) -> None:
        run = cl.context.current_run
        step = cl.Step(
            name=event.label,
            type="tool",
            show_input=False,
            parent_id=run.id if run else None,
            metadata=STEP_METADATA,
        )
        step.start = utc_now()
        self._steps[event.step_id] = step
        await step.send()

    async def _finish_step(self, event: StepFinished) -> None:
        step = self._steps.get(event.step_id)
        if step is None:
            return
        step.output = event.summary
        step.is_error = event.is_error
        step.end = utc_now()
        await step.update()

    async def _stream(self, text: str) -> None:
        if self._draft is None:
            self._draft = cl.Message(content="", author=ASSISTANT_NAME)
        await self._draft.stream_token(text)

    async def _replace_draft(self, answer: Answer) -> None:
        """The message takes the turn's id, so that an opinion given on it finds the turn."""
        pdfs = await list_pdf_versions(self.database, self.identity, answer.citations)
        message = cl.Message(
            id=str(answer.turn_id),
            content=write_answer(answer),
            author=ASSISTANT_NAME,
            metadata=ANSWER_METADATA,
            elements=[
                *(make_element(source) for source in list_sources(answer, pdfs)),
                *(make_chart(chart) for chart in list_charts(answer)),
            ],
            actions=[
                *(
                    button
                    for card in (*answer.proposals, *answer.outcomes)
                    for button in make_actions(card)
                ),
                *make_buttons(answer.mail_acts),
                *(make_suggestion(question) for question in answer.suggestions),
                *(make_suggestion(ask, DRAW) for ask in list_drawings(answer)),
            ],
        )
        await self._drop_draft()
        await message.send()
        # Chainlit opens its panel on the last source sent, over the answer: it opens on demand.
        await cl.ElementSidebar.set_elements([])

    async def _drop_draft(self) -> None:
        if self._draft is not None:
            draft, self._draft = self._draft, None
            await draft.remove()


def make_suggestion(question: str, label: str = "") -> cl.Action:
    """A button that asks `question`, under another `label` if given."""
    return cl.Action(name="ask", label=label or question, payload={"question": question})
