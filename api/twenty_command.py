"""What `voltaire twenty` does, on the data folder itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from api.offline import get_leader, run_closing
from api.twenty_jobs import opened_client
from core.addresses import API
from core.errors import ConfigurationError
from core.formats import NBSP, count_noun, format_instant
from core.settings import Settings
from crm.installation import Installation
from crm.objects import OBJECTS
from ingest.twenty.mapping import BY_OBJECT, MAPPED
from ingest.twenty.setup import set_up, set_up_webhook
from ingest.twenty.storage import (
    NotedRecord,
    TwentyLink,
    connect,
    count_records,
    find_link,
    list_noted,
)
from ingest.twenty.syncing import Counts, Reading

NOTIFICATIONS = f"{API}/twenty/notifications"
NOTHING_TO_DO = "Twenty a déjà tous les objets et les champs. Rien n’a été changé."
OPENED = "La liaison est ouverte. Lancez «\u00a0voltaire twenty sync --full\u00a0» pour tout lire."
NO_WEBHOOK = (
    "Pas de webhook\u00a0: renseignez VOLTAIRE_PUBLIC_URL et VOLTAIRE_TWENTY_WEBHOOK_SECRET pour "
    "être prévenu à l’instant. Sans lui, Twenty est relu toutes les cinq minutes."
)
NOT_LINKED = (
    "Aucune liaison avec Twenty. Renseignez VOLTAIRE_TWENTY_URL et VOLTAIRE_TWENTY_API_KEY, puis "
    "lancez «\u00a0voltaire twenty setup\u00a0»."
)
STOPPED = "suspendue (les réglages ne donnent plus cette adresse et sa clé)"
DELETED = f"supprimée dans Twenty (elle reste dans Voltaire avec son histoire){NBSP}"


def set_up_here(settings: Settings) -> list[str]:
    """Make what Twenty lacks and open the mirror; what was done. Raises VoltaireError."""
    return run_closing(settings, _set_up)


def sync_here(settings: Settings, *, full: bool) -> list[str]:
    """Read what changed in Twenty, or everything. Raises VoltaireError."""
    return [describe_counts(run_closing(settings, partial(_sync, full=full)))]


def show_status_here(settings: Settings, limit: int) -> list[str]:
    """How the mirror stands, and what waits for a person."""
    return run_closing(settings, partial(_show, limit=limit))


def describe_counts(counts: Counts) -> str:
    """What a reading met, in one sentence."""
    parts = (
        count_noun(counts.mirrored, "reprise", "reprises"),
        count_noun(counts.refused, "refusée", "refusées"),
        count_noun(counts.gone, "supprimée", "supprimées"),
    )
    read = count_noun(counts.read, "fiche lue", "fiches lues")
    return f"{read}{NBSP}: {', '.join(parts)}."


async def _set_up(installation: Installation) -> list[str]:
    settings, leader = installation.settings, get_leader(installation)
    async with opened_client(settings) as client:
        lines = await set_up(client) or [NOTHING_TO_DO]
        secret = settings.twenty_webhook_secret
        if settings.public_url and secret is not None:
            address = settings.public_url.rstrip("/") + NOTIFICATIONS
            lines += await set_up_webhook(client, address, secret.get_secret_value())
        else:
            lines.append(NO_WEBHOOK)
        link = await find_link(installation.database, leader)
        await connect(installation.database, leader, client.base_url)
        if link is None or link.base_url != client.base_url:
            lines.append(OPENED)
    return lines


async def _sync(installation: Installation, *, full: bool) -> Counts:
    leader = get_leader(installation)
    async with opened_client(installation.settings) as client:
        return await Reading(installation.database, leader, client).sync(full=full)


async def _show(installation: Installation, *, limit: int) -> list[str]:
    leader = get_leader(installation)
    link = await find_link(installation.database, leader)
    if link is None:
        raise ConfigurationError(NOT_LINKED)
    counts = await count_records(installation.database, leader)
    noted = await list_noted(installation.database, leader, ("refused", "gone"), limit)
    return [
        *_describe_link(link),
        *(_describe_object(mapped.object, counts.get(mapped.object, {})) for mapped in MAPPED),
        *(_describe_noted(one, link.base_url) for one in noted),
    ]


def _describe_link(link: TwentyLink) -> list[str]:
    read = format_instant(link.read_at) if link.read_at else "jamais"
    full = format_instant(link.reconciled_at) if link.reconciled_at else "jamais"
    state = "ouverte" if link.is_enabled else STOPPED
    lines = [
        f"{link.base_url}{NBSP}: liaison {state}.",
        f"Dernière lecture{NBSP}: {read}. Dernière lecture complète{NBSP}: {full}.",
    ]
    return [*lines, f"Dernier échec{NBSP}: {link.message}"] if link.message else lines


def _describe_object(name: str, held: Mapping[str, int]) -> str:
    parts = (
        count_noun(held.get("mirrored", 0), "synchronisée", "synchronisées"),
        count_noun(held.get("refused", 0), "refusée", "refusées"),
        count_noun(held.get("gone", 0), "supprimée dans Twenty", "supprimées dans Twenty"),
        count_noun(held.get("awaited", 0), "à créer dans Twenty", "à créer dans Twenty"),
    )
    return f"Fiches «{NBSP}{OBJECTS[name].plural}{NBSP}»{NBSP}: {', '.join(parts)}."


def _describe_noted(one: NotedRecord, base_url: str) -> str:
    mapped = BY_OBJECT[one.object]
    what = DELETED if one.state == "gone" else f"refusée{NBSP}"
    why = f" {one.message}" if one.message else ""
    where = f"{base_url}/object/{mapped.singular}/{one.twenty_id}"
    return f"- Fiche {mapped.label} {what}:{why} {where}"
