"""Message batches against the double: submitted, polled, read, cancelled, half price."""

from dataclasses import replace

import pytest

from core.engine.batches import BatchAnswer, MessageBatches
from core.engine.errors import (
    EngineBadRequest,
    EngineRefusal,
    EngineRefusedKey,
    EngineUnavailable,
)
from core.engine.protocol import Message, Passage, Request, SearchResult, Text
from core.errors import InvalidInput
from tests.doubles.messages_api import Cite, MessagesApi, Reply
from tests.integration.engines import REQUEST, MakeEngine

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")


@pytest.fixture
def batches(make_engine: MakeEngine) -> MessageBatches:
    return MessageBatches(make_engine())


def make_entries(*names: str) -> dict[str, Request]:
    return {
        name: replace(REQUEST, messages=(Message("user", (Text(f"Notez {name}."),)),))
        for name in names
    }


async def run(batches: MessageBatches, entries: dict[str, Request]) -> dict[str, BatchAnswer]:
    batch = await batches.submit(entries)
    assert not batch.has_ended
    assert (await batches.wait(batch.id, pause=0.01)).has_ended
    return {a.entry_id: a async for a in batches.read_answers(batch.id, entries)}


async def test_each_entry_gets_its_own_answer_at_half_price(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    messages_api.respond(lambda body: Reply(f"Vu : {body['messages'][0]['content'][0]['text']}"))
    answers = await run(batches, make_entries("ao-1", "ao-2", "ao_3"))
    assert set(answers) == {"ao-1", "ao-2", "ao_3"}
    completed = answers["ao-2"].completed
    assert completed is not None
    assert completed.message.text == "Vu : Notez ao-2."
    assert completed.usage.is_batch
    assert completed.usage.output_tokens > 0


async def test_entries_that_failed_expired_or_were_refused_say_what_to_do(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    messages_api.polls_before_end = 0
    batch = await batches.submit(make_entries("e", "d", "c", "b", "a"))
    messages_api.reply("Bien")
    messages_api.expire()
    messages_api.reply("Non", stop_reason="refusal")
    messages_api.reply("Bien", stop_reason="pause_turn")
    messages_api.reply("Bien")
    counts = await batches.get(batch.id)
    assert (counts.succeeded, counts.expired, counts.processing) == (4, 1, 0)
    answers = {a.entry_id: a async for a in batches.read_answers(batch.id)}
    assert (answers["a"].error, answers["a"].is_worth_repeating) == (None, False)
    assert isinstance(answers["b"].error, EngineUnavailable)
    assert answers["b"].is_worth_repeating
    assert isinstance(answers["c"].error, EngineRefusal)
    assert answers["c"].completed is not None
    assert "illisible" in str(answers["d"].error)


async def test_an_invalid_entry_fails_alone_and_is_not_worth_repeating(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    messages_api.reply("Bien")
    entries = make_entries("bon") | {"mauvais": replace(REQUEST, messages=())}
    answers = await run(batches, entries)
    assert answers["bon"].error is None
    assert isinstance(answers["mauvais"].error, EngineBadRequest)
    assert not answers["mauvais"].is_worth_repeating


async def test_a_server_s_failure_of_an_entry_is_worth_repeating(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    messages_api.polls_before_end = 0
    batch = await batches.submit(make_entries("un"))
    messages_api.polls_before_end = 0
    messages_api.respond(lambda _: fail())
    await batches.get(batch.id)
    (answer,) = [a async for a in batches.read_answers(batch.id)]
    assert isinstance(answer.error, EngineUnavailable)
    assert answer.is_worth_repeating


def fail() -> Reply:
    from tests.doubles.messages_api import Failure

    raise Failure(529)


async def test_a_cancelled_batch_gives_back_its_entries(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    batch = await batches.submit(make_entries("un", "deux"))
    assert (await batches.cancel(batch.id)).status == "canceling"
    assert (await batches.wait(batch.id, pause=0.01)).canceled == 2
    answers = [a async for a in batches.read_answers(batch.id)]
    assert all(a.is_worth_repeating and "annulé" in str(a.error) for a in answers)


async def test_citations_of_a_batch_are_verified_too(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    result = SearchResult("doc-1", "Note", (Passage("S1-1", "Dix jours."),))
    request = replace(REQUEST, cites=True, messages=(Message("user", (result, Text("Délai ?"))),))
    messages_api.reply("Dix.", citations=(Cite(0, 0, 1), Cite(0, 0, 1, forged={"source": "x"})))
    answer = (await run(batches, {"un": request}))["un"]
    assert answer.completed is not None
    assert answer.completed.dropped_citations == 1


@pytest.mark.parametrize("name", ["", "appel d’offres", "a" * 65, "ao:1"])
async def test_ids_that_the_api_refuses_are_refused_first(
    messages_api: MessagesApi, batches: MessageBatches, name: str
) -> None:
    with pytest.raises(InvalidInput, match="sans accent"):
        await batches.submit(make_entries(name))
    assert messages_api.requests == []


async def test_an_empty_batch_is_refused(batches: MessageBatches) -> None:
    with pytest.raises(InvalidInput, match="de 1 à"):
        await batches.submit({})


async def test_results_asked_for_too_early_are_an_error_of_ours(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    batch = await batches.submit(make_entries("un"))
    with pytest.raises(EngineBadRequest):
        _ = [a async for a in batches.read_answers(batch.id)]


async def test_a_wrong_key_is_refused_without_being_shown(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    batches = MessageBatches(make_engine(api_key="sk-ant-fausse-cle"))
    with pytest.raises(EngineRefusedKey) as caught:
        await batches.submit(make_entries("un"))
    assert caught.value.__context__ is None
    assert "sk-ant-fausse-cle" not in repr(caught.value.details)


async def test_a_batch_once_read_is_erased(
    messages_api: MessagesApi, batches: MessageBatches
) -> None:
    messages_api.polls_before_end = 0
    messages_api.reply("Bien")
    batch = await batches.submit(make_entries("un"))
    with pytest.raises(EngineBadRequest):
        await batches.delete(batch.id)
    await batches.wait(batch.id, pause=0.01)
    await batches.delete(batch.id)
    with pytest.raises(EngineBadRequest):
        await batches.get(batch.id)
