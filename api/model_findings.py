"""The examination of the model: one short call per model in use, budgets, last failures."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Iterator

from api.doctor import Finding
from api.services import build_engine, build_ledger, meter_engine
from core.context import Context, Identity, system_clock
from core.database import Database
from core.engine.anthropic import AnthropicEngine
from core.engine.errors import EngineError, EngineRefusal
from core.engine.protocol import Engine, Message, Request, Text, Tier
from core.engine.routing import TIERS, read_routing
from core.errors import VoltaireError
from core.ledger.budgets import list_warnings
from core.ledger.health import Health, read_health
from core.settings import Settings
from crm.firms import find_leader
from crm.installation import open_installation

SUBJECT = "Modèle"
USE_CASE = "doctor"
QUESTION = "Répondez par un seul mot : oui."
PATIENCE_S = 15.0
MAX_TOKENS = 16
SUPPORT = "En attendant, les réponses viennent du moteur déterministe"


def examine_models(settings: Settings) -> Iterator[Finding]:
    """One finding per model that the settings name, then budgets and last failures.

    Each model is asked one word, counted like any call. Nothing is asked without a key.
    """
    if settings.anthropic_api_key is None:
        return
    quick = settings.model_copy(
        update={"model_timeout_s": min(PATIENCE_S, settings.model_timeout_s)}
    )
    try:
        with open_installation(settings) as installation:
            leader = find_leader(installation.admin_conninfo)
            yield from asyncio.run(_examine(quick, installation.database, leader))
    except VoltaireError as error:
        yield Finding("failed", SUBJECT, error.message)


async def _examine(
    settings: Settings, database: Database, leader: Identity | None
) -> list[Finding]:
    engine = build_engine(settings, max_retries=0)
    try:
        if leader is None:
            return await probe_models(engine, settings)
        metered = meter_engine(engine, database, settings)
        context = Context(leader, database, metered, system_clock)
        findings = await probe_models(context.engine, settings)
        return [*findings, *await list_account_findings(context, settings)]
    finally:
        await database.close()
        if isinstance(engine, AnthropicEngine):
            await engine.aclose()


async def probe_models(engine: Engine, settings: Settings) -> list[Finding]:
    """Ask each model that the settings name one word."""
    routing = read_routing(settings)
    overridden: list[tuple[str, Tier]] = [(name, "balanced") for name in routing.overrides]
    tiered: list[tuple[str, Tier]] = [(USE_CASE, tier) for tier in TIERS]
    targets = tiered + overridden
    chosen = {routing.choose(*target).model: target for target in reversed(targets)}
    return [await probe_model(engine, model, *target) for model, target in reversed(chosen.items())]


async def probe_model(engine: Engine, model: str, use_case: str, tier: Tier) -> Finding:
    """Whether the model answers; otherwise what to do, in the words of the failure."""
    try:
        async for _ in engine.stream(_ask(use_case, tier)):
            pass
    except EngineRefusal:
        return Finding("ok", f"{SUBJECT} {model}", "répond")
    except EngineError as error:
        return Finding("failed", f"{SUBJECT} {model}", f"{error.message} {SUPPORT}.")
    return Finding("ok", f"{SUBJECT} {model}", "répond")


async def list_account_findings(context: Context, settings: Settings) -> list[Finding]:
    """Models on their way out, budgets nearly spent, unknown prices, breaker, idle cache."""
    now = context.clock()
    official = settings.anthropic_base_url is None
    findings = [
        Finding("failed", "Réglage du modèle", warning)
        for warning in read_routing(settings).list_warnings(now.date(), official=official)
    ]
    findings += [
        Finding("failed", "Budget", warning.message)
        for warning in await list_warnings(context.database, context.identity, now)
    ]
    prices = build_ledger(context.database, settings).prices
    findings += [
        Finding(
            "failed",
            f"Prix de {model}",
            "inconnu, compté au plus cher. Donnez-le dans un fichier (VOLTAIRE_PRICES_FILE).",
        )
        for model in dict.fromkeys(read_routing(settings).models.values())
        if not prices.knows(model)
    ]
    health = await read_health(context.database, context.identity, now)
    return [*findings, *describe_health(health)]


def describe_health(health: Health) -> Iterator[Finding]:
    """What the last calls call for."""
    if stopped := health.outcomes.get("breaker_open", 0):
        yield Finding(
            "failed",
            "Disjoncteur",
            f"ouvert dans le dernier quart d’heure ({stopped} demandes sans appel)\u00a0: le "
            f"modèle avait échoué cinq fois de suite. Il est réessayé tout seul, au plus tard "
            f"après cinq minutes. {SUPPORT}.",
        )
    if health.is_cache_idle:
        yield Finding(
            "failed",
            "Cache du modèle",
            f"aucune lecture sur {health.calls} appels en un jour\u00a0: les demandes coûtent "
            "plus que nécessaire. Vérifiez que le point d’accès conserve le préfixe des demandes.",
        )


def _ask(use_case: str, tier: Tier) -> Request:
    return Request(
        use_case=use_case,
        tier=tier,
        system="",
        messages=(Message("user", (Text(QUESTION),)),),
        tools=(),
        today=dt.datetime.now(dt.UTC).date(),
        max_tokens=MAX_TOKENS,
        prompt_sha256=hashlib.sha256(QUESTION.encode()).hexdigest(),
    )
