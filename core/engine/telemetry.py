"""Spans and metrics of model calls: names, counts and durations, never a word of their content.

The providers belong to this module alone, never to the process: no library that traces prompts
of its own accord can reach the exporter.
"""

from __future__ import annotations

import time

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

from core.engine.protocol import Usage
from core.ledger.calls import Call, Result
from core.settings import allow_own_telemetry

SCOPE = "voltaire.model"
NANOSECONDS = 1_000_000


class Telemetry:
    """Records a span and the metrics of each call."""

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self._providers = (tracers, meters)
        self._tracer = tracers.get_tracer(SCOPE)
        meter = meters.get_meter(SCOPE)
        self._calls = meter.create_counter("voltaire.model.calls")
        self._tokens = meter.create_counter("voltaire.model.tokens")
        self._duration = meter.create_histogram("voltaire.model.duration", unit="ms")

    def record(self, call: Call, result: Result) -> None:
        """Export what the ledger's row holds, but for who asked and about what."""
        names = {
            "voltaire.use_case": call.request.use_case,
            "voltaire.tier": call.request.tier,
            "gen_ai.response.model": result.model,
            "voltaire.outcome": result.outcome,
        }
        self._calls.add(1, names)
        self._duration.record(result.duration_ms, names)
        tokens = count_tokens(result.usage)
        for kind, count in tokens.items():
            self._tokens.add(count, {**names, "voltaire.token_kind": kind})
        end = time.time_ns()
        span = self._tracer.start_span(
            "model call",
            kind=SpanKind.CLIENT,
            start_time=end - result.duration_ms * NANOSECONDS,
            attributes={**names, "voltaire.prompt_sha256": call.request.prompt_sha256, **tokens},
        )
        span.end(end)

    def shut_down(self) -> None:
        """Send what is left."""
        for provider in self._providers:
            provider.shutdown()


def count_tokens(usage: Usage) -> dict[str, int]:
    """The counts of a usage, by name."""
    return {
        "input": usage.input_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "output": usage.output_tokens,
    }


def build_telemetry(endpoint: str) -> Telemetry:
    """Telemetry sent to an OTLP collector over HTTP."""
    allow_own_telemetry()
    address = endpoint.rstrip("/")
    resource = Resource.create({"service.name": "voltaire"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{address}/v1/traces")))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{address}/v1/metrics"))
    return Telemetry(tracers, MeterProvider(metric_readers=[reader], resource=resource))
