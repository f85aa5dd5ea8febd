"""The audit on the command line: verify the chain, show a record's history."""

from __future__ import annotations

import asyncio
from uuid import UUID

from api.offline import closing, get_user
from api.services import build_clock, build_engine
from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, format_instant
from core.settings import Settings
from crm.installation import Installation, open_installation
from crm.proposals.audit import verify_chain
from tools.approvals import history


def verify_here(settings: Settings, user: str | None, head: str | None) -> tuple[list[str], bool]:
    """The lines of the verification of the user's firm, and whether its chain is whole."""
    with open_installation(settings) as installation:
        return asyncio.run(_verify(installation, user, head))


def show_here(settings: Settings, record: str, user: str | None) -> list[str]:
    """The history of a record or of a proposal, one event a line."""
    try:
        record_id = UUID(record)
    except ValueError as error:
        raise InvalidInput(
            "Donnez l’identifiant de la fiche ou de la proposition (36 caractères)."
        ) from error
    with open_installation(settings) as installation:
        return asyncio.run(_show(installation, record_id, user))


async def _verify(
    installation: Installation, user: str | None, head: str | None
) -> tuple[list[str], bool]:
    async with closing(installation):
        found = await verify_chain(await _make_context(installation, user), head)
    lines = [
        f"{count_noun(found.events, 'événement vérifié', 'événements vérifiés')}, "
        f"{count_noun(found.waiting, 'en attente de scellement', 'en attente de scellement')}.",
        f"Dernière empreinte{NBSP}: {found.head}",
        "La chaîne est intacte." if found.fault is None else f"ANOMALIE{NBSP}: {found.fault}",
    ]
    return lines, found.fault is None


async def _show(installation: Installation, record_id: UUID, user: str | None) -> list[str]:
    async with closing(installation):
        events = await history(await _make_context(installation, user), record_id)
    if not events:
        return ["Aucune modification enregistrée pour cette fiche."]
    return [
        f"{format_instant(e.at)}  {e.label} – {e.who}" + (f" – {e.detail}" if e.detail else "")
        for e in events
    ]


async def _make_context(installation: Installation, user: str | None) -> Context:
    identity = await get_user(installation, user)
    settings = installation.settings
    return Context(identity, installation.database, build_engine(settings), build_clock(settings))
