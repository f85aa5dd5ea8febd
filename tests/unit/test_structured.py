"""Typed answers: validated, repaired once, then given up."""

import datetime as dt

import pytest
from pydantic import BaseModel, ConfigDict

from core.engine.errors import UnusableOutput
from core.engine.protocol import Message, Request, Text
from core.engine.scripted import ScriptedEngine
from core.engine.structured import ask_structured


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: int
    reason: str


REQUEST = Request(
    use_case="tender_scoring",
    tier="deep",
    system="Notez.",
    messages=(Message("user", (Text("Dossier"),)),),
    tools=(),
    today=dt.date(2026, 11, 26),
    max_tokens=500,
    prompt_sha256="0" * 64,
)
GOOD = Message("assistant", (Text('```json\n{"note": 3, "reason": "prix"}\n```'),))
BAD = Message("assistant", (Text('{"note": "SECRET", "reason": "prix"}'),))
PROSE = Message("assistant", (Text("Je note 3."),))


async def test_a_valid_answer_is_read_with_or_without_a_fence() -> None:
    engine = ScriptedEngine([GOOD])
    assert await ask_structured(engine, REQUEST, Verdict) == Verdict(note=3, reason="prix")
    assert engine.requests[0].output_schema == Verdict.model_json_schema()


async def test_an_invalid_answer_gets_one_repair_turn_that_names_the_fields_only() -> None:
    engine = ScriptedEngine([BAD, GOOD])
    assert (await ask_structured(engine, REQUEST, Verdict)).note == 3
    asked = engine.requests[1].messages[-1].text
    assert "note" in asked
    assert "SECRET" not in asked


async def test_two_invalid_answers_end_in_an_error_without_the_values() -> None:
    with pytest.raises(UnusableOutput) as caught:
        await ask_structured(ScriptedEngine([PROSE, BAD]), REQUEST, Verdict)
    assert "SECRET" not in caught.value.message
