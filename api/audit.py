"""The audit on the command line: verify the chain, show a record's history."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from api.offline import make_context, run_here
from core.context import Identity
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, format_instant
from core.settings import Settings
from crm.installation import Installation
from crm.proposals.audit import verify_chain
from tools.approvals import history


def verify_here(settings: Settings, user: str | None, head: str | None) -> tuple[list[str], bool]:
    """The lines of the verification of the user's firm, and whether its chain is whole."""
    return run_here(settings, user, partial(_verify, head=head))


def show_here(settings: Settings, record: str, user: str | None) -> list[str]:
    """The history of a record or of a proposal, one event a line."""
    try:
        record_id = UUID(record)
    except ValueError as error:
        raise InvalidInput(
            "Donnez l’identifiant de la fiche ou de la proposition (36 caractères)."
        ) from error
    return run_here(settings, user, partial(_show, record_id=record_id))


async def _verify(
    installation: Installation, identity: Identity, head: str | None
) -> tuple[list[str], bool]:
    found = await verify_chain(make_context(installation, identity), head)
    lines = [
        f"{count_noun(found.events, 'événement vérifié', 'événements vérifiés')}, "
        f"{count_noun(found.waiting, 'en attente de scellement', 'en attente de scellement')}.",
        f"Dernière empreinte{NBSP}: {found.head}",
        "La chaîne est intacte." if found.fault is None else f"ANOMALIE{NBSP}: {found.fault}",
    ]
    return lines, found.fault is None


async def _show(installation: Installation, identity: Identity, record_id: UUID) -> list[str]:
    events = await history(make_context(installation, identity), record_id)
    if not events:
        return ["Aucune modification enregistrée pour cette fiche."]
    return [
        f"{format_instant(e.at)}  {e.label} – {e.who}" + (f" – {e.detail}" if e.detail else "")
        for e in events
    ]
