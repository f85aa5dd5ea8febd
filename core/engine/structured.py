"""A typed answer from an engine: a pydantic model, with one repair turn."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from core.engine.accounts import mark_fallback
from core.engine.errors import EngineRefusal, UnprovedOutput, UnusableOutput
from core.engine.protocol import Completed, Engine, Message, Request, Text

Output = TypeVar("Output", bound=BaseModel)
FENCE = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
REPAIR = (
    "Votre réponse ne respecte pas le format demandé : {reasons}. Redonnez la réponse entière, "
    "en JSON seul, conforme au schéma."
)


async def ask_structured(engine: Engine, request: Request, output: type[Output]) -> Output:
    """The engine's answer as an `output`.

    Raises `EngineError`: whatever the engine raises, `EngineRefusal` on a refusal, and
    `UnusableOutput` when the repaired answer is still not one.
    """
    request = replace(request, output_schema=output.model_json_schema())
    first = await _complete(engine, request)
    try:
        return _parse(first.message.text, output)
    except ValueError as error:
        reasons = _describe(error)
    second = await _complete(engine, _ask_again(request, first, reasons))
    try:
        return _parse(second.message.text, output)
    except ValueError as error:
        reasons = _describe(error)
    await mark_fallback(engine)
    raise UnusableOutput(reasons)


async def reject_answer(engine: Engine) -> NoReturn:
    """Refuse a well-made answer that nothing proves: rules answer, and the account says so.

    Raises `UnprovedOutput`.
    """
    await mark_fallback(engine)
    raise UnprovedOutput


def _ask_again(request: Request, first: Completed, reasons: str) -> Request:
    """An answer cut short is asked anew with twice the room; a wrong one is to be repaired."""
    if first.stop_reason == "max_tokens":
        return replace(request, max_tokens=request.max_tokens * 2)
    asked = Message("user", (Text(REPAIR.format(reasons=reasons)),))
    return replace(request, messages=(*request.messages, first.message, asked))


async def _complete(engine: Engine, request: Request) -> Completed:
    completed: Completed | None = None
    async for event in engine.stream(request):
        completed = event if isinstance(event, Completed) else completed
    if completed is None:
        raise UnusableOutput("réponse vide")
    if completed.stop_reason == "refusal":
        raise EngineRefusal("Le modèle a refusé de répondre à cette demande. Reformulez-la.")
    return completed


def _parse(text: str, output: type[Output]) -> Output:
    fenced = FENCE.match(text)
    return output.model_validate(json.loads(fenced[1] if fenced else text))


def _describe(error: ValueError) -> str:
    """The places that are wrong, without the values, which may be a client's."""
    if isinstance(error, ValidationError):
        places = [".".join(map(str, d["loc"])) or "racine" for d in error.errors()[:10]]
        return f"champs {', '.join(places)}"
    return "ce n’est pas du JSON"
