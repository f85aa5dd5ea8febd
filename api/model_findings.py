"""The examination of the model: one short call per model in use, budgets, last failures."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence

from api.doctor import Finding, State, name_server
from api.services import build_engine, build_ledger, meter_engine
from core.context import Context, Identity, system_clock
from core.database import Database
from core.engine.anthropic import AnthropicEngine
from core.engine.errors import EngineError, EngineRefusal
from core.engine.faults import CHECK_ADDRESS, CHECK_KEY, CHOOSE_MODEL
from core.engine.protocol import Engine, Message, Request, Text, Tier
from core.engine.routing import TIERS, read_routing
from core.errors import VoltaireError
from core.ledger.budgets import list_warnings
from core.ledger.health import Health, read_health
from core.settings import Settings
from crm.firms import find_leader
from crm.installation import open_installation

SUBJECT, SUBJECTS = "Modèle", "Modèles"
USE_CASE = "doctor"
QUESTION = "Répondez par un seul mot : oui."
PATIENCE_S = 10.0
MAX_TOKENS = 16
SUPPORT = "En attendant, les réponses viennent du moteur déterministe"
SET_KEY = (
    "Recopiez la clé entière depuis la console d’Anthropic dans VOLTAIRE_ANTHROPIC_API_KEY, puis "
    "relancez Voltaire."
)
SET_MODEL = (
    "Donnez le nom d’un modèle servi dans VOLTAIRE_MODEL_FAST, VOLTAIRE_MODEL_BALANCED ou "
    "VOLTAIRE_MODEL_DEEP, puis relancez Voltaire."
)
SET_ADDRESS = (
    "Corrigez VOLTAIRE_ANTHROPIC_BASE_URL (à présent {server}) ou retirez-la, et vérifiez que le "
    "réseau laisse passer ce serveur (pare-feu, HTTPS_PROXY)."
)
SET_NETWORK = (
    "Vérifiez que le réseau laisse passer {server} (pare-feu, HTTPS_PROXY, filtre de l’entreprise)."
)


def examine_models(settings: Settings) -> Iterator[Finding]:
    """One finding per model that the settings name, then budgets and last failures.

    Each model is asked one word, counted like any call when the database answers. Nothing is
    asked without a key.
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
    except VoltaireError:
        # What ails the database has its own finding; the model is tried all the same.
        yield from asyncio.run(_probe_alone(quick))


async def _probe_alone(settings: Settings) -> list[Finding]:
    engine = build_engine(settings, max_retries=0)
    try:
        return gather_alike(await probe_models(engine, settings))
    finally:
        if isinstance(engine, AnthropicEngine):
            await engine.aclose()


async def _examine(
    settings: Settings, database: Database, leader: Identity | None
) -> list[Finding]:
    engine = build_engine(settings, max_retries=0)
    try:
        if leader is None:
            return gather_alike(await probe_models(engine, settings))
        metered = meter_engine(engine, database, settings)
        context = Context(leader, database, metered, system_clock)
        findings = gather_alike(await probe_models(context.engine, settings))
        return [*findings, *await list_account_findings(context, settings)]
    finally:
        await database.close()
        if isinstance(engine, AnthropicEngine):
            await engine.aclose()


async def probe_models(engine: Engine, settings: Settings) -> list[Finding]:
    """Ask each model that the settings name one word, all at once: none waits for another."""
    routing = read_routing(settings)
    overridden: list[tuple[str, Tier]] = [(name, "balanced") for name in routing.overrides]
    tiered: list[tuple[str, Tier]] = [(USE_CASE, tier) for tier in TIERS]
    targets = tiered + overridden
    chosen = {routing.choose(*target).model: target for target in reversed(targets)}
    probes = (
        probe_model(engine, settings, model, *target) for model, target in reversed(chosen.items())
    )
    return list(await asyncio.gather(*probes))


async def probe_model(
    engine: Engine, settings: Settings, model: str, use_case: str, tier: Tier
) -> Finding:
    """Whether the model answers; otherwise what to do, in the words of the failure."""
    try:
        async for _ in engine.stream(_ask(use_case, tier)):
            pass
    except EngineRefusal:
        return Finding("ok", f"{SUBJECT} {model}", "répond")
    except EngineError as error:
        detail = f"{advise(error, settings)} {SUPPORT}."
        return Finding("failed", f"{SUBJECT} {model}", detail)
    return Finding("ok", f"{SUBJECT} {model}", "répond")


def advise(error: EngineError, settings: Settings) -> str:
    """The failure with the very settings to change, where users are sent to the administrator."""
    server = name_server(settings.anthropic_base_url)
    address = SET_NETWORK if settings.anthropic_base_url is None else SET_ADDRESS
    message = error.message.replace(CHECK_KEY, SET_KEY).replace(CHOOSE_MODEL, SET_MODEL)
    return message.replace(CHECK_ADDRESS, address.format(server=server))


def gather_alike(findings: Sequence[Finding]) -> list[Finding]:
    """The same failure of several models told once, under all their names."""
    told: dict[tuple[State, str, str], list[str]] = {}
    for finding in findings:
        name = finding.subject.removeprefix(f"{SUBJECT} ")
        key = finding.state, finding.detail, name if finding.state == "ok" else ""
        told.setdefault(key, []).append(name)
    return [
        Finding(state, f"{SUBJECT if len(names) == 1 else SUBJECTS} {', '.join(names)}", detail)
        for (state, detail, _), names in told.items()
    ]


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
