"""Bulk work at half price: message batches, whose answers come within 24 hours."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import anthropic
from anthropic.types import ErrorResponse
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse

from core.engine.anthropic import STREAM_FAULTS, AnthropicEngine
from core.engine.citations import NO_SOURCES, Sources, list_sources
from core.engine.errors import EngineBadRequest, EngineError, EngineRefusal, EngineUnavailable
from core.engine.faults import describe_fault
from core.engine.protocol import Completed, Request
from core.engine.wire import parse_completed
from core.errors import InvalidInput

BatchStatus = Literal["in_progress", "canceling", "ended"]
ENTRY_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
MOST_ENTRIES = 100_000
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0


@dataclass(frozen=True)
class Batch:
    """A batch as it stands; the counts are zero until it has ended, but for `processing`."""

    id: str
    status: BatchStatus
    expires_at: dt.datetime
    processing: int
    succeeded: int
    errored: int
    expired: int
    canceled: int

    @property
    def has_ended(self) -> bool:
        return self.status == "ended"


@dataclass(frozen=True)
class BatchAnswer:
    """What became of one entry: its turn, or why there is none and whether to send it again."""

    entry_id: str
    completed: Completed | None
    error: EngineError | None = None
    is_worth_repeating: bool = False


class MessageBatches:
    """The batches of an engine's account, built and read exactly like its streamed turns."""

    def __init__(self, engine: AnthropicEngine) -> None:
        self._engine = engine
        self._client = engine.client

    async def submit(self, entries: Mapping[str, Request]) -> Batch:
        """Send the entries, by their own ids (letters, digits, - and _, 64 at most).

        Raises `InvalidInput` on ids or numbers the API does not take, and `EngineError`.
        """
        check_entries(entries)
        requests: Any = [
            {"custom_id": entry_id, "params": self._engine.build(request)}
            for entry_id, request in entries.items()
        ]
        return await self._call(self._client.messages.batches.create(requests=requests))

    async def get(self, batch_id: str) -> Batch:
        """The batch as it stands now."""
        return await self._call(self._client.messages.batches.retrieve(batch_id))

    async def cancel(self, batch_id: str) -> Batch:
        """Ask for its end: what has been answered stays, the rest comes back canceled."""
        return await self._call(self._client.messages.batches.cancel(batch_id))

    async def delete(self, batch_id: str) -> None:
        """Erase an ended batch and its answers, which the API keeps for 29 days otherwise."""
        try:
            await self._client.messages.batches.delete(batch_id)
            return
        except STREAM_FAULTS as error:
            fault = error
        raise self._describe(fault)

    async def wait(self, batch_id: str, pause: float = FIRST_PAUSE) -> Batch:
        """The batch once ended, asked for at growing intervals from `pause` seconds."""
        while not (batch := await self.get(batch_id)).has_ended:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return batch

    async def read_answers(
        self, batch_id: str, entries: Mapping[str, Request] | None = None
    ) -> AsyncIterator[BatchAnswer]:
        """The answers of an ended batch, in no given order; an answer may still be a refusal.

        `entries`: what was submitted, for its citations to be verified. Raises
        `EngineBadRequest` while the batch has not ended.
        """
        if not (await self.get(batch_id)).has_ended:
            raise EngineBadRequest("Ce lot n’est pas terminé\u00a0: attendez sa fin pour le lire.")
        sources = {key: list_sources(request) for key, request in (entries or {}).items()}
        try:
            async for line in await self._client.messages.batches.results(batch_id):
                yield read_answer(line, sources.get(line.custom_id, NO_SOURCES))
            return
        except STREAM_FAULTS as error:
            fault = error
        raise self._describe(fault)

    async def _call(self, call: Any) -> Batch:
        try:
            return read_batch(await call)
        except STREAM_FAULTS as error:
            fault = error
        raise self._describe(fault)

    def _describe(self, fault: Exception) -> EngineError:
        return describe_fault(fault, self._engine.name, self._client.api_key or "")


def check_entries(entries: Mapping[str, Request]) -> None:
    """Raise `InvalidInput` on what the API would refuse as a whole."""
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise InvalidInput(f"Un lot compte de 1 à {MOST_ENTRIES} demandes\u00a0: découpez-le.")
    for entry_id in entries:
        if not ENTRY_ID.match(entry_id):
            raise InvalidInput(
                "Le repère d’une demande d’un lot s’écrit avec des lettres sans accent, des "
                "chiffres, - et _, 64 caractères au plus."
            )


def read_batch(batch: MessageBatch) -> Batch:
    """The SDK's batch as ours."""
    counts = batch.request_counts
    return Batch(
        batch.id,
        batch.processing_status,
        batch.expires_at,
        counts.processing,
        counts.succeeded,
        counts.errored,
        counts.expired,
        counts.canceled,
    )


def read_answer(line: MessageBatchIndividualResponse, sources: Sources) -> BatchAnswer:
    """One line of the results."""
    result = line.result
    match result.type:
        case "succeeded":
            return _read_message(line.custom_id, result.message, sources)
        case "errored":
            return _read_error(line.custom_id, result.error)
        case "expired":
            return _fail(line.custom_id, "Le modèle n’a pas traité cette demande en 24 heures.")
        case "canceled":
            return _fail(line.custom_id, "Le lot a été annulé avant cette demande.")


def _read_message(entry_id: str, message: anthropic.types.Message, sources: Sources) -> BatchAnswer:
    try:
        completed = parse_completed(message, sources, is_batch=True)
    except ValueError:
        return _fail(entry_id, "La réponse du modèle est illisible.")
    if completed.stop_reason == "refusal":
        refusal = EngineRefusal("Le modèle a refusé de répondre à cette demande. Reformulez-la.")
        return BatchAnswer(entry_id, completed, refusal)
    return BatchAnswer(entry_id, completed)


def _read_error(entry_id: str, response: ErrorResponse) -> BatchAnswer:
    """An invalid request stays invalid; the rest is the server's fault."""
    if response.error.type == "invalid_request_error":
        error = EngineBadRequest("Le modèle a jugé la demande invalide. Reformulez-la.")
        return BatchAnswer(entry_id, None, error)
    return _fail(entry_id, "Le modèle est surchargé ou en panne.")


def _fail(entry_id: str, what: str) -> BatchAnswer:
    error = EngineUnavailable(f"{what} Elle sera traitée par les règles, ou renvoyée.")
    return BatchAnswer(entry_id, None, error, is_worth_repeating=True)
