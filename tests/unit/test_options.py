"""What the commands set up: the log tells nothing that opens a content."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest

from api.options import TELLING_ADDRESSES, settings_of_command
from core.settings import get_settings


@pytest.fixture
def debugging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, *TELLING_ADDRESSES)]
    levels = [one.level for one in loggers]
    monkeypatch.setenv("VOLTAIRE_LOG_LEVEL", "DEBUG")
    get_settings.cache_clear()
    yield
    for one, level in zip(loggers, levels, strict=True):
        one.setLevel(level)
    get_settings.cache_clear()


@pytest.mark.usefixtures("debugging")
def test_the_log_never_tells_the_addresses_called(caplog: pytest.LogCaptureFixture) -> None:
    settings_of_command()
    caplog.set_level(logging.DEBUG)
    answering = httpx.MockTransport(lambda _: httpx.Response(200))
    with httpx.Client(transport=answering) as client:
        client.get("https://cabinet.sharepoint.example/download?tempauth=secret")
    assert "secret" not in caplog.text
