"""Nothing of a client's content, and no key, in logs, spans or metrics, at any level."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agents.portfolio_assistant.assistant import Assistant
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.gate import Gate
from core.engine.metering import Metering
from core.engine.routing import Routing
from core.engine.telemetry import Telemetry
from core.ledger.calls import Ledger
from core.ledger.prices import load_prices
from tests.doubles.messages_api import MessagesApi, Reply, ToolCall
from tests.doubles.messages_api.blocks import Body
from tests.integration.engines import MODELS, MakeEngine
from tests.integration.portfolio import TODAY, build_portfolio

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

CANARY = "CANARI-7F3A"


class Everything(logging.Handler):
    """Keeps every record with its traceback, from every logger."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r}")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    root, handler = logging.getLogger(), Everything()
    level = root.level
    root.setLevel(1)
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


class Exported:
    """Telemetry kept in memory."""

    def __init__(self) -> None:
        self.spans, self.metrics = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.telemetry = Telemetry(tracers, MeterProvider(metric_readers=[self.metrics]))

    def read(self) -> str:
        spans = [span.to_json() for span in self.spans.get_finished_spans()]
        data = self.metrics.get_metrics_data()
        return " ".join([*spans, data.to_json() if data else ""])


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"stop_reason": "refusal"},
        {"disturbance": "cut", "undisturbed": 4},
        {"disturbance": "malformed", "undisturbed": 4},
    ],
    ids=["answer", "refusal", "cut", "malformed"],
)
async def test_a_client_s_words_and_the_key_stay_out_of_logs_and_telemetry(
    how: dict[str, object], database: Database, identity: Identity, messages_api: MessagesApi,
    make_engine: MakeEngine, logged: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("OTEL_SDK_DISABLED", "false")
    exported = Exported()
    await build_portfolio(database, identity)

    def answer(body: Body) -> Reply:
        if len(body["messages"]) == 1:
            return Reply(tool_uses=(ToolCall("find_mentions", {"text": CANARY}),))
        return Reply(f"Réponse {CANARY}", **how)  # type: ignore[arg-type]

    messages_api.respond(answer)
    engine = make_engine()
    metering = Metering(
        engine, Ledger(database, load_prices()), Routing(MODELS), "double", Gate(8, 8, 5.0),
        recorder=exported.telemetry,
    )  # fmt: skip
    assistant = Assistant(database, metering, frozen_clock(TODAY))
    async for _ in assistant.ask(identity, f"Que dit {CANARY} ?", surface="api"):
        pass
    assert CANARY in messages_api.requests[-1].raw.decode()
    written = exported.read()
    assert written.count('"name": "model call"') == 2
    assert "voltaire.model.tokens" in written
    assert logged
    for text in (*logged, written):
        assert CANARY not in text
        assert messages_api.key not in text
    assert str(identity.tenant_id) not in written
