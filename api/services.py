"""What the routes, the chat page and the worker share, built once per process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.auth import Gatekeeper
from chat.services import Assistant
from core.context import Clock, frozen_clock, system_clock
from core.database import Database
from core.engine.protocol import Engine
from core.errors import ConfigurationError
from core.settings import Settings
from crm.installation import Installation


def no_session(_: dict[str, str]) -> str | None:
    """Without a chat page, no cookie proves anything."""
    return None


@dataclass(frozen=True)
class Services:
    """The means of a running instance."""

    settings: Settings
    database: Database
    gatekeeper: Gatekeeper
    assistant: Assistant
    cli_token: str | None = None
    find_signed_in_email: Callable[[dict[str, str]], str | None] = no_session
    follow_mail: Callable[[str, str | None, str | None], Awaitable[None]] | None = None


def build_services(installation: Installation, cli_token: str | None = None) -> Services:
    """The services of `installation`, with the engine its settings call for."""
    from agents.portfolio_assistant.assistant import Assistant as PortfolioAssistant

    settings, database = installation.settings, installation.database
    engine = build_engine(settings)
    return Services(
        settings=settings,
        database=database,
        gatekeeper=Gatekeeper(database, installation.secrets),
        assistant=PortfolioAssistant(database, engine, build_clock(settings)),
        cli_token=cli_token,
    )


def build_engine(settings: Settings) -> Engine:
    """Claude when a key is given, else the deterministic engine."""
    if settings.anthropic_api_key is None:
        from agents.portfolio_assistant.assistant import offline_engine

        return offline_engine()
    from core.engine.anthropic import AnthropicEngine

    return AnthropicEngine(
        api_key=settings.anthropic_api_key.get_secret_value(),
        base_url=settings.anthropic_base_url,
        models={
            "fast": settings.model_fast,
            "balanced": settings.model_balanced,
            "deep": settings.model_deep,
        },
        timeout=settings.model_timeout_s,
        max_retries=2,
    )


def build_clock(settings: Settings) -> Clock:
    """The system's clock, or the day the settings freeze. Raises ConfigurationError."""
    if settings.today is None:
        return system_clock
    try:
        return frozen_clock(dt.date.fromisoformat(settings.today))
    except ValueError as error:
        raise ConfigurationError(
            "VOLTAIRE_TODAY doit être une date de la forme AAAA-MM-JJ, par exemple 2026-11-16."
        ) from error
