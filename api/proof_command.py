"""The command `voltaire proof`."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from api.offline import make_context, run_here
from core.context import Identity
from core.errors import InvalidInput
from core.settings import Settings
from crm.installation import Installation
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
    return run_here(settings, user, partial(_read, turn_id=turn_id))


async def _read(installation: Installation, identity: Identity, turn_id: UUID) -> tuple[str, bool]:
    file = await get_proof(make_context(installation, identity), turn_id)
    return write_proof(file), not file.faults
