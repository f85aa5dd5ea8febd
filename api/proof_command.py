"""The command `voltaire proof`."""

from __future__ import annotations

import asyncio
from uuid import UUID

from agents.portfolio_assistant.assistant import offline_engine
from api.offline import closing, get_user
from api.services import build_clock
from core.context import Context
from core.errors import InvalidInput
from core.settings import Settings
from crm.installation import Installation, open_installation
from crm.proofs import get_proof
from tools.proofs import write_proof


def proof_here(settings: Settings, answer: str, user: str | None) -> tuple[str, bool]:
    """The proof file of an answer, and whether it is whole."""
    try:
        turn_id = UUID(answer)
    except ValueError as error:
        raise InvalidInput(
            "Donnez l’identifiant de la réponse (36 caractères), qui figure dans l’adresse de son "
            "dossier de preuve et dans la réponse de l’API."
        ) from error
    with open_installation(settings) as installation:
        return asyncio.run(_read(installation, turn_id, user))


async def _read(installation: Installation, turn_id: UUID, user: str | None) -> tuple[str, bool]:
    async with closing(installation):
        identity = await get_user(installation, user)
        clock = build_clock(installation.settings)
        context = Context(identity, installation.database, offline_engine(), clock)
        file = await get_proof(context, turn_id)
    return write_proof(file), not file.faults
