"""Message batches under accounts: one row per entry, held when it is sent, paid when it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from core.context import Identity
from core.engine.batches import Batch, BatchAnswer, MessageBatches
from core.engine.errors import EngineError
from core.engine.metering import Metering, name_outcome
from core.engine.protocol import Request, Usage
from core.ledger.calls import Call, Outcome, Result


@dataclass(frozen=True)
class MeteredBatches:
    """The batches of one user. `run` is an id of the caller's own for each batch, to be kept with
    the batch's: the rows are found again by it, in whatever process the answers are read."""

    batches: MessageBatches
    metering: Metering
    identity: Identity

    async def submit(self, run: UUID, entries: Mapping[str, Request]) -> Batch:
        """Hold the cost of every entry, then send them.

        Raises `BudgetExhausted` before anything is sent, `InvalidInput` and `EngineError`.
        """
        held: list[Call] = []
        try:
            for entry_id, request in entries.items():
                call = self._make_call(run, entry_id, request)
                await self.metering.ledger.open(self.identity, call)
                held.append(call)
            return await self.batches.submit(entries)
        except BaseException as error:
            for call in held:
                await self._close(call, Usage(), name_outcome(error))
            raise

    async def read_answers(
        self, run: UUID, batch_id: str, entries: Mapping[str, Request]
    ) -> AsyncIterator[BatchAnswer]:
        """The answers of an ended batch, each one's row being closed. Raises `EngineError`."""
        async for answer in self.batches.read_answers(batch_id, entries):
            request = entries.get(answer.entry_id)
            if request is not None:
                call = self._make_call(run, answer.entry_id, request)
                usage = answer.completed.usage if answer.completed else Usage()
                await self._close(call, usage, judge(answer))
            yield answer

    def _make_call(self, run: UUID, entry_id: str, request: Request) -> Call:
        choice = self.metering.routing.choose(request.use_case, request.tier)
        return Call(
            uuid5(run, entry_id), request, choice.model, choice.thinking_room, is_batch=True
        )

    async def _close(self, call: Call, usage: Usage, outcome: Outcome) -> None:
        result = Result(call.model, usage, outcome, 0)
        await self.metering.ledger.close(self.identity, call, result)


def judge(answer: BatchAnswer) -> Outcome:
    """How an entry ended."""
    if isinstance(answer.error, EngineError):
        return name_outcome(answer.error)
    done = answer.completed
    return "max_tokens" if done is not None and done.stop_reason == "max_tokens" else "ok"
