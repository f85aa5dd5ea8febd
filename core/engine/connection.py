"""The SDK's client as we open it: no retries of its own, no log and no trace of any content."""

from __future__ import annotations

import logging

import anthropic
from anthropic import AsyncAnthropic

from core.engine.faults import check_key

DEFAULT_BASE_URL = "https://api.anthropic.com"
CONNECT_TIMEOUT = 5.0


def open_client(api_key: str, base_url: str | None, timeout: float) -> AsyncAnthropic:
    """A client for the Messages API; `timeout`: seconds without a byte.

    Raises `EngineRefusedKey` on a malformed key.
    """
    key = check_key(api_key)
    silence_sdk()
    return AsyncAnthropic(
        api_key=key,
        base_url=base_url or DEFAULT_BASE_URL,
        timeout=anthropic.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
        max_retries=0,
        # Given, not left to the environment, which may ask for whole contents in the spans.
        open_telemetry={"propagation": False, "traces": {"content_mode": "metadata_only"}},
    )


def silence_sdk() -> None:
    """Refuse the SDK's DEBUG records, whatever level its loggers are given.

    At DEBUG the SDK logs whole requests: a client's content has no place in a log. A filter does
    not reach the loggers below, so that each one bears it.
    """
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "anthropic"]
    for name in ("anthropic", *names):
        logging.getLogger(name).addFilter(_is_free_of_content)


def _is_free_of_content(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.INFO
