"""The exchange between an engine and its tools until the engine has its answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from core.engine.errors import ToolLoopExhausted
from core.engine.protocol import Completed, Engine, Event, Message, Request, ToolResult, ToolUse

CallTool = Callable[[ToolUse], Awaitable[ToolResult]]


async def run_tool_loop(
    engine: Engine, request: Request, call_tool: CallTool, max_rounds: int = 8
) -> AsyncIterator[Event | ToolUse | ToolResult]:
    """Yield the engine's events, and each tool call followed by its result.

    The calls of a turn run in order; all their results go back in one user message.
    Raises `ToolLoopExhausted` when turn `max_rounds` still asks for tools: those are not run.
    """
    for turn in range(1, max_rounds + 1):
        completed: Completed | None = None
        async for event in engine.stream(request):
            completed = event if isinstance(event, Completed) else completed
            yield event
        if completed is None or completed.stop_reason != "tool_use":
            return
        if turn == max_rounds:
            raise ToolLoopExhausted(max_rounds)
        results: list[ToolResult] = []
        for tool_use in completed.message.tool_uses:
            yield tool_use
            results.append(await call_tool(tool_use))
            yield results[-1]
        answer = Message("user", tuple(results))
        request = replace(request, messages=(*request.messages, completed.message, answer))
