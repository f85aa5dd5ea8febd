"""Engines on the double, closed after the test."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.engine.anthropic import AnthropicEngine
from tests.doubles.messages_api import MessagesApi
from tests.integration.engines import MODELS, MakeEngine


@pytest.fixture
async def make_engine(messages_api: MessagesApi) -> AsyncIterator[MakeEngine]:
    engines: list[AnthropicEngine] = []

    def make(**changes: Any) -> AnthropicEngine:
        arguments: dict[str, Any] = {
            "api_key": messages_api.key,
            "base_url": messages_api.base_url,
            "models": MODELS,
            "timeout": 5.0,
            "max_retries": 0,
        }
        engines.append(AnthropicEngine(**(arguments | changes)))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.aclose()
