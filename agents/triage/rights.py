"""Who may act on triaged mail: use its drafts, run it again, decide its reviews."""

from __future__ import annotations

from core.context import Identity
from core.errors import NotAllowed

REFUSED = "Votre profil ne permet pas cette action. Demandez à la direction ou à la qualité."


def require(identity: Identity, roles: frozenset[str]) -> None:
    """Raise NotAllowed unless the user has one of `roles`."""
    if not identity.roles & roles:
        raise NotAllowed(REFUSED)
