"""What the engine puts on the wire, held against the double: options, schemas, prefix, sources."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from reportlab.pdfgen.canvas import Canvas

from core.engine.anthropic import AnthropicEngine, Options
from core.engine.errors import CitationsWithSchema
from core.engine.loop import run_tool_loop
from core.engine.pages import cut_pages
from core.engine.protocol import (
    Completed,
    Message,
    Passage,
    PdfPages,
    SearchResult,
    Text,
    ToolResult,
    ToolUse,
)
from core.engine.routing import Routing
from core.engine.structured import ask_structured
from core.spans import Span
from tests.doubles.messages_api import Cite, MessagesApi, ToolCall
from tests.doubles.messages_api.cache import read_prefixes
from tests.integration.engines import MODELS, REQUEST, MakeEngine, ask, get_completed

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

SENTENCES = ("Le délai est de dix jours ouvrés. ", "Il court de la réception. ", "Sans exception.")
PROCEDURE = SearchResult(
    "doc-7@2",
    "Traitement des non-conformités",
    tuple(
        Passage(f"S1-{i}", text, Span("doc-7@2", 10 * i, 10 * i + len(text), text))
        for i, text in enumerate(SENTENCES, 1)
    ),
)
OTHER = SearchResult("doc-9@1", "Modèle de relance", (Passage("S2-1", "Nous revenons vers vous."),))
CITED = replace(
    REQUEST,
    cites=True,
    messages=(Message("user", (OTHER, PROCEDURE, Text("Quel est le délai ?"))),),
)


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: int = Field(ge=0, le=20)
    reason: str


def route(**changes: Any) -> Options:
    return Options(Routing(MODELS, **changes))


async def test_effort_thinking_and_place_are_sent_where_the_model_offers_them(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    routing = Routing(MODELS, {"balanced": "medium"}, {"balanced": "between_tools"})
    messages_api.reply("Bonjour")
    await ask(make_engine(options=Options(routing, inference_geo="us")))
    body = messages_api.requests[0].body
    assert body["output_config"] == {"effort": "medium"}
    assert body["thinking"] == {"type": "between_tools"}
    assert body["inference_geo"] == "us"
    assert body["max_tokens"] == REQUEST.max_tokens + 4096


@pytest.mark.parametrize("tier", ["fast", "balanced", "deep"])
@pytest.mark.parametrize("thinking", ["adaptive", "between_tools", "disabled"])
@pytest.mark.parametrize("effort", ["low", "high", "max"])
async def test_no_setting_makes_a_request_that_the_api_refuses(
    messages_api: MessagesApi, make_engine: MakeEngine, tier: Any, thinking: Any, effort: Any
) -> None:
    messages_api.reply("Bonjour")
    options = route(efforts={tier: effort}, thinking={tier: thinking})
    await ask(make_engine(options=options), replace(REQUEST, tier=tier))


async def test_the_place_of_computation_is_not_sent_to_models_that_refuse_it(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Bonjour")
    routing = Routing({**MODELS, "balanced": "claude-haiku-4-5"})
    await ask(make_engine(options=Options(routing, inference_geo="us")))
    assert "inference_geo" not in messages_api.requests[0].body


async def test_an_overridden_use_case_goes_to_its_own_model(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Bonjour")
    engine = make_engine(options=route(overrides={"portfolio_assistant": "claude-haiku-4-5"}))
    await ask(engine)
    assert messages_api.requests[0].body["model"] == "claude-haiku-4-5"
    assert messages_api.requests[0].body["max_tokens"] == REQUEST.max_tokens


async def test_a_structured_answer_is_asked_in_the_api_s_own_format_then_repaired_once(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply('{"note": 99, "reason": "prix"}')
    messages_api.reply('{"note": 12, "reason": "prix"}')
    verdict = await ask_structured(make_engine(), replace(REQUEST, tools=()), Verdict)
    assert verdict == Verdict(note=12, reason="prix")
    first, second = (request.body for request in messages_api.requests)
    schema = first["output_config"]["format"]["schema"]
    assert schema["properties"]["note"]["type"] == "integer"
    assert second["output_config"] == first["output_config"]
    assert [m["role"] for m in second["messages"]] == ["user", "assistant", "user"]


async def test_a_structured_answer_cut_short_is_asked_anew_with_more_room(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply('{"note": 12, "rea', stop_reason="max_tokens")
    messages_api.reply('{"note": 12, "reason": "prix"}')
    request = replace(REQUEST, tools=())
    assert (await ask_structured(make_engine(), request, Verdict)).note == 12
    first, second = (r.body for r in messages_api.requests)
    assert second["messages"] == first["messages"]
    assert second["max_tokens"] - first["max_tokens"] == request.max_tokens


async def test_a_server_that_is_not_claude_s_gets_the_schema_in_words(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine(models={**MODELS, "balanced": "mistral-small"})
    params = engine.build(replace(REQUEST, output_schema=Verdict.model_json_schema()))
    assert "output_config" not in params
    assert '"reason"' in params["system"][-1]["text"]
    assert "cache_control" not in params["system"][-1]


async def test_a_server_that_is_not_claude_s_gets_sources_as_fenced_text(
    make_engine: MakeEngine, rules_of_tender: PdfPages
) -> None:
    engine = make_engine(models={**MODELS, "balanced": "mistral-small"})
    result = ToolResult("t1", "1 source", found=(PROCEDURE,))
    use = ToolUse("t1", "find_client", {})
    messages = (
        Message("user", (rules_of_tender, Text("Délai ?"))),
        Message("assistant", (use,)),
        Message("user", (result,)),
    )
    params: Any = engine.build(replace(REQUEST, cites=True, messages=messages))
    pdf = params["messages"][0]["content"][0]["text"]
    found = params["messages"][2]["content"][0]["content"][1]["text"]
    assert "[page 3]" in pdf
    assert "Article 5" in pdf
    assert "[S1-2] Il court de la réception." in found
    assert found.startswith("[[DONNÉES ")


async def test_two_turns_share_the_byte_exact_prefix_on_the_wire(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    request = replace(REQUEST, knowledge="Procédure qualité. " * 100)
    messages_api.reply("Bonjour")
    first = get_completed(await ask(engine, request))
    longer = (*request.messages, first.message, Message("user", (Text("Et le gaz ?"),)))
    messages_api.reply("Voici")
    second = get_completed(await ask(engine, replace(request, messages=longer)))
    one, two = messages_api.requests
    for part in ('"tools":', '"system":'):
        assert cut_value(one.raw, part) == cut_value(two.raw, part)
    shared = list(read_prefixes(one.body))
    assert [p.digest for p in read_prefixes(two.body)][: len(shared)] == [p.digest for p in shared]
    assert second.usage.cache_read_tokens == first.usage.cache_write_tokens
    assert engine.cache.hit_rate == 1.0


def cut_value(raw: bytes, key: str) -> bytes:
    """The bytes of the list that follows `key` in a JSON text."""
    text = raw.decode()
    start = text.index(key) + len(key)
    _, length = json.JSONDecoder().raw_decode(text[start:].lstrip())
    return text[start : start + length + 1].encode()


async def test_the_knowledge_pack_is_cached_after_the_system_and_before_the_date(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Bonjour")
    await ask(make_engine(), replace(REQUEST, knowledge="Procédure qualité."))
    body = messages_api.requests[0].body
    assert [("cache_control" in block) for block in body["system"]] == [True, True, False]
    assert body["system"][1]["text"] == "Procédure qualité."
    assert json.dumps(body).count("cache_control") == 4


async def test_a_knowledge_pack_over_its_budget_is_left_out_whole(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Bonjour")
    engine = make_engine(options=Options(Routing(MODELS), knowledge_tokens=50))
    await ask(engine, replace(REQUEST, knowledge="Procédure qualité. " * 100))
    assert len(messages_api.requests[0].body["system"]) == 2


async def test_a_prefix_out_of_its_time_is_written_again(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    for expected in (False, True):
        messages_api.reply("Bonjour")
        usage = get_completed(await ask(engine)).usage
        assert (usage.cache_read_tokens > 0) is expected
    messages_api.let_pass(301)
    messages_api.reply("Bonjour")
    assert get_completed(await ask(engine)).usage.cache_read_tokens == 0


async def test_a_prefix_under_the_model_s_minimum_is_reported(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    for _ in range(2):
        messages_api.reply("Bonjour")
        usage = get_completed(await ask(engine, replace(REQUEST, system="Bref."))).usage
        assert (usage.cache_read_tokens, usage.cache_write_tokens) == (0, 0)
    (prefix,) = engine.cache.too_short.values()
    assert prefix.tokens < prefix.minimum == 512


async def test_citations_come_back_as_our_own_passages(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Dix jours ouvrés.", citations=(Cite(1, 0, 2),))
    completed = get_completed(await ask(make_engine(), CITED))
    text = completed.message.content[0]
    assert isinstance(text, Text)
    (citation,) = text.citations
    assert citation.source == "doc-7@2"
    assert [p.mark for p in citation.passages] == ["S1-1", "S1-2"]
    assert citation.passages[0].span == PROCEDURE.passages[0].span
    assert completed.dropped_citations == 0


@pytest.mark.parametrize(
    "cite",
    [
        Cite(1, 0, 1, forged={"cited_text": "Le délai est de cent jours."}),
        Cite(1, 0, 1, forged={"source": "doc-8@1"}),
        Cite(1, 0, 9, forged={"cited_text": "Le délai"}),
        Cite(1, 2, 1),
        Cite(5, 0, 1),
        Cite(1, 0, 1, forged={"search_result_index": -1}),
        Cite(0, 0, 1, forged={"search_result_index": 1}),
    ],
)
async def test_a_citation_that_does_not_hold_is_dropped_and_counted(
    messages_api: MessagesApi, make_engine: MakeEngine, cite: Cite
) -> None:
    messages_api.reply("Cent jours.", citations=(cite, Cite(1, 0, 1)))
    completed = get_completed(await ask(make_engine(), CITED))
    text = completed.message.content[0]
    assert isinstance(text, Text)
    assert len(text.citations) == 1
    assert completed.dropped_citations == 1


async def test_sources_found_by_a_tool_are_cited_in_the_next_turn(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    async def search(tool_use: ToolUse) -> ToolResult:
        return ToolResult(tool_use.id, "2 sources", found=(OTHER, PROCEDURE))

    messages_api.reply(tool_uses=[ToolCall("find_client", {"query": "délai"})])
    messages_api.reply("Dix jours.", citations=(Cite(1, 0, 1),))
    request = replace(CITED, messages=REQUEST.messages)
    items = [item async for item in run_tool_loop(make_engine(), request, search)]
    assert isinstance(items[-1], Completed)
    text = items[-1].message.content[0]
    assert isinstance(text, Text)
    assert text.citations[0].passages == PROCEDURE.passages[:1]


def make_pdf() -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer)
    for number in range(1, 6):
        canvas.drawString(72, 700, f"Article {number}. Le candidat remet son offre.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@pytest.fixture(scope="module")
def rules_of_tender() -> PdfPages:
    return PdfPages("rc-12", "Règlement de consultation", cut_pages(make_pdf(), 3, 5), 3)


async def test_pages_of_a_pdf_are_cited_by_their_number_in_the_source(
    messages_api: MessagesApi, make_engine: MakeEngine, rules_of_tender: PdfPages
) -> None:
    messages_api.reply("Voyez l'article 4.", citations=(Cite(0, 2, 3, "document"),))
    request = replace(
        REQUEST, cites=True, messages=(Message("user", (rules_of_tender, Text("Quoi ?"))),)
    )
    completed = get_completed(await ask(make_engine(), request))
    text = completed.message.content[0]
    assert isinstance(text, Text)
    (citation,) = text.citations
    assert (citation.source, citation.pages, citation.quote) == ("rc-12", (4,), "Article 4.")


async def test_a_quote_that_is_not_on_its_page_is_dropped(
    messages_api: MessagesApi, make_engine: MakeEngine, rules_of_tender: PdfPages
) -> None:
    forged = Cite(0, 2, 3, "document", forged={"cited_text": "Article 5."})
    messages_api.reply("Voyez.", citations=(forged,))
    request = replace(
        REQUEST, cites=True, messages=(Message("user", (rules_of_tender, Text("Quoi ?"))),)
    )
    assert get_completed(await ask(make_engine(), request)).dropped_citations == 1


async def test_citations_and_a_schema_are_refused_before_they_are_sent(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    with pytest.raises(CitationsWithSchema, match="en deux temps"):
        await ask(make_engine(), replace(CITED, output_schema=Verdict.model_json_schema()))
    assert messages_api.requests == []


async def test_sources_may_feed_a_structured_answer_without_citations(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply('{"note": 1, "reason": "r"}')
    await ask_structured(make_engine(), replace(CITED, cites=False, tools=()), Verdict)


async def test_tokens_are_counted_by_the_server_beside_the_estimate(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    count = await make_engine().count_tokens(REQUEST)
    assert count.counted is not None
    assert count.tokens == count.counted
    assert count.deviation is not None
    assert messages_api.requests[0].path == "/v1/messages/count_tokens"
    assert "max_tokens" not in messages_api.requests[0].body


async def test_tokens_are_estimated_when_the_server_cannot_count(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.fail(404)
    engine: AnthropicEngine = make_engine()
    count = await engine.count_tokens(REQUEST)
    assert (count.counted, count.deviation) == (None, None)
    assert count.tokens == count.estimated > 1000
