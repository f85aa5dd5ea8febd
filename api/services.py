"""What the routes, the chat page and the worker share, built once per process."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from agents.meeting_synthesis.desk import Desk
from agents.tender_scoring.desk import TenderDesk
from api.access.directory import build_directory
from api.auth import Gatekeeper
from api.limits import Limits, build_limits
from chat.services import Assistant, GiveCookie
from core.context import Clock, Context, Identity, frozen_clock, system_clock
from core.database import Database
from core.engine.protocol import Engine, Tier
from core.errors import ConfigurationError
from core.settings import Settings
from crm.installation import Installation
from ingest.meetings.graph import TranscriptAddress
from ingest.twenty.notifications import Announcement

if TYPE_CHECKING:
    from core.ledger.calls import Ledger

logger = logging.getLogger(__name__)

MAX_RETRIES = 2
NO_TENDERS = "L’analyse des appels d’offres n’est pas activée sur cette instance."


def no_session(_: Mapping[str, str]) -> UUID | None:
    """Without a chat page, no cookie proves anything."""
    return None


@dataclass(frozen=True)
class Services:
    """The means of a running instance."""

    settings: Settings
    database: Database
    gatekeeper: Gatekeeper
    assistant: Assistant
    engine: Engine
    clock: Clock = system_clock
    cli_token: str | None = None
    find_cookie_session: Callable[[Mapping[str, str]], UUID | None] = no_session
    give_cookie: GiveCookie | None = None
    limits: Limits = field(default_factory=Limits)
    desk: Desk | None = None
    tenders: TenderDesk | None = None
    follow_transcript: Callable[[TranscriptAddress], Awaitable[None]] | None = None
    follow_mail: Callable[[str, str | None, str | None], Awaitable[None]] | None = None
    follow_twenty: Callable[[Announcement], Awaitable[None]] | None = None

    def get_tenders(self) -> TenderDesk:
        """The desk of tender files. Raises ConfigurationError without one."""
        if self.tenders is None:
            raise ConfigurationError(NO_TENDERS)
        return self.tenders

    def make_context(self, identity: Identity) -> Context:
        """What a request of `identity` travels with."""
        return Context(identity, self.database, self.engine, self.clock)


def build_services(installation: Installation, cli_token: str | None = None) -> Services:
    """The services of `installation`, with the engine its settings call for."""
    from agents.portfolio_assistant.assistant import Assistant as PortfolioAssistant

    settings, database = installation.settings, installation.database
    engine = meter_engine(build_engine(settings), database, settings)
    clock = build_clock(settings)
    return Services(
        settings=settings,
        database=database,
        gatekeeper=Gatekeeper(database, installation.secrets, directory=build_directory(settings)),
        assistant=PortfolioAssistant(database, engine, clock),
        engine=engine,
        clock=clock,
        cli_token=cli_token,
        desk=Desk(database, engine, clock),
        tenders=TenderDesk(database, engine, clock),
        limits=build_limits(settings),
    )


def build_engine(settings: Settings, max_retries: int = MAX_RETRIES) -> Engine:
    """Claude when a key is given, else the deterministic engine.

    A key that no header can carry stops nothing: each answer says why rules gave it.
    """
    if settings.anthropic_api_key is None:
        from agents.portfolio_assistant.assistant import offline_engine

        return offline_engine()
    from core.engine.anthropic import AnthropicEngine, read_options
    from core.engine.errors import EngineRefusedKey
    from core.engine.unusable import UnusableEngine

    warn_about_models(settings)
    models: dict[Tier, str] = {
        "fast": settings.model_fast,
        "balanced": settings.model_balanced,
        "deep": settings.model_deep,
    }
    try:
        return AnthropicEngine(
            api_key=settings.anthropic_api_key.get_secret_value(),
            base_url=settings.anthropic_base_url,
            models=models,
            timeout=settings.model_timeout_s,
            max_retries=max_retries,
            options=read_options(settings),
        )
    except EngineRefusedKey as error:
        return UnusableEngine(models["balanced"], error)


def meter_engine(engine: Engine, database: Database, settings: Settings) -> Engine:
    """A model under accounts, budgets and protections; rules, which cost nothing, as they are."""
    if not engine.is_model:
        return engine
    from core.engine.gate import Gate
    from core.engine.metering import Metering, Patience
    from core.engine.routing import read_routing
    from core.engine.telemetry import build_telemetry

    return Metering(
        engine,
        build_ledger(database, settings),
        read_routing(settings),
        server=settings.anthropic_base_url or "",
        gate=Gate(
            settings.model_concurrency, settings.model_tenant_concurrency, settings.model_queue_s
        ),
        patience=Patience(settings.model_first_event_s, settings.model_total_s),
        recorder=build_telemetry(settings.otlp_endpoint) if settings.otlp_endpoint else None,
    )


def build_ledger(database: Database, settings: Settings) -> Ledger:
    """The accounts, with the prices and limits of the settings. Raises ConfigurationError."""
    from core.ledger.budgets import default_limits
    from core.ledger.calls import Ledger
    from core.ledger.prices import PRICES_FILE, load_prices

    return Ledger(
        database, load_prices(settings.prices_file or PRICES_FILE), default_limits(settings)
    )


def warn_about_models(settings: Settings) -> None:
    """Log, at start, the models of the settings that are unknown, withdrawn or soon to be."""
    from core.engine.routing import read_routing

    today = build_clock(settings)().date()
    official = settings.anthropic_base_url is None
    for warning in read_routing(settings).list_warnings(today, official=official):
        logger.warning(warning)


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
