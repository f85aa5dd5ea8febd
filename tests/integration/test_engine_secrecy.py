"""Neither the key nor a client's content is in any log record, at any level, nor in a trace."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from core.engine import faults
from core.engine.batches import MessageBatches
from core.engine.errors import EngineError
from core.engine.protocol import Message, Text
from core.settings import PROJECT_ROOT
from tests.doubles.messages_api import MessagesApi
from tests.integration.engines import REQUEST, MakeEngine, ask

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

SECRET = "Épicerie Zoé, 12 rue des Lilas"
SPOKEN = "Le contrat de madame Dupont finit en mars."
REQUEST_WITH_SECRET = replace(REQUEST, system=SECRET, messages=(Message("user", (Text(SECRET),)),))


class Records(logging.Handler):
    """Every record, with all its fields, as a text."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = {k: v for k, v in record.__dict__.items() if k != "args"}
        error = self.formatter.formatException(record.exc_info) if record.exc_info else ""  # type: ignore[union-attr]
        self.texts.append(f"{record.getMessage()} {record.args!r} {fields!r} {error}")


@pytest.fixture
def records() -> Iterator[Records]:
    """All loggers at DEBUG, those of the SDK and of its transport one by one."""
    handler = Records()
    handler.setFormatter(logging.Formatter())
    names = [n for n in logging.root.manager.loggerDict if n.startswith(("anthropic", "http"))]
    loggers = [logging.root, *(logging.getLogger(n) for n in names)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.root.addHandler(handler)
    yield handler
    logging.root.removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def try_everything(double: MessagesApi, make_engine: MakeEngine) -> None:
    engine = make_engine(max_retries=1, timeout=0.5)
    double.fail(500, message=f"echo of {double.key}")
    double.reply(SPOKEN)
    await ask(engine, REQUEST_WITH_SECRET)
    await engine.count_tokens(REQUEST_WITH_SECRET)
    await MessageBatches(engine).submit({"un": REQUEST_WITH_SECRET})
    for status in (400, 401, 403, 404, 413, 429, 529):
        double.fail(status, message=f"echo of {double.key} and {SECRET}", retry_after="99")
        with suppress(EngineError):
            await ask(engine, REQUEST_WITH_SECRET)
    for how in ({"disturbance": "cut"}, {"disturbance": "malformed"}, {"delay": 1.0}):
        double.reply(SPOKEN, **how)
        double.reply(SPOKEN, **how)
        with suppress(EngineError):
            await ask(engine, REQUEST_WITH_SECRET)
    with suppress(EngineError):
        await ask(make_engine(base_url="http://127.0.0.1:9"), REQUEST_WITH_SECRET)


async def test_no_log_record_holds_the_key_or_a_client_s_content(
    messages_api: MessagesApi,
    make_engine: MakeEngine,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(faults, "FIRST_PAUSE", 0.01)
    await try_everything(messages_api, make_engine)
    assert any("/v1/messages" in text for text in records.texts)
    for forbidden in (messages_api.key, "Zoé", "Lilas", "Dupont"):
        assert [text for text in records.texts if forbidden in text] == []


class Kept(SpanExporter):
    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS


async def test_no_trace_of_the_sdk_holds_the_key_or_a_client_s_content(
    messages_api: MessagesApi, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE", "content")
    monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
    kept, provider = Kept(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: provider)
    monkeypatch.setattr("opentelemetry.trace.get_tracer", lambda *a, **k: provider.get_tracer("t"))
    messages_api.reply(SPOKEN)
    await ask(make_engine(), REQUEST_WITH_SECRET)
    assert kept.spans
    shown = "".join(span.to_json() for span in kept.spans)
    for forbidden in (messages_api.key, "Zoé", "Lilas", "Dupont"):
        assert forbidden not in shown


SCRIPT = """
import asyncio, datetime, logging, sys
logging.basicConfig(level=0, stream=sys.stdout)
from core.engine.anthropic import AnthropicEngine
from core.engine.protocol import Message, Request, Text
engine = AnthropicEngine({key!r}, {url!r}, dict.fromkeys(("fast", "balanced", "deep"),
    "claude-haiku-5-5"), 5.0, 0)
request = Request("u", "fast", "Dupont", (Message("user", (Text("Dupont"),)),), (),
    datetime.date(2026, 11, 26), 100, "")
async def run():
    async for event in engine.stream(request):
        pass
asyncio.run(run())
print("fini")
"""


def test_the_sdk_s_own_debug_variable_changes_nothing(messages_api: MessagesApi) -> None:
    messages_api.reply("Dupont")
    script = SCRIPT.format(key=messages_api.key, url=messages_api.base_url)
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        env=os.environ | {"ANTHROPIC_LOG": "debug"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "fini" in done.stdout, done.stderr
    assert "httpx2" in done.stdout
    for forbidden in (messages_api.key, "Dupont"):
        assert forbidden not in done.stdout + done.stderr
