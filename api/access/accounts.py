"""What is known of whoever sends a request, and by what means it was proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID

from core.context import Identity
from core.errors import VoltaireError

Means = Literal["session", "key", "directory", "command"]
Scope = Literal["read", "propose"]
SCOPES: tuple[Scope, ...] = ("read", "propose")
EVERY_SCOPE = frozenset(SCOPES)


class SignInRequired(VoltaireError):
    """No valid proof of identity came with the request."""

    status: ClassVar[int] = 401


@dataclass(frozen=True)
class Access:
    """An identity, how it was proved, and what that proof may be used for.

    `session_id` is the session to end on signing out. With `must_change_password` the only
    thing allowed is to change the password.
    """

    identity: Identity
    means: Means
    scopes: frozenset[str] = EVERY_SCOPE
    session_id: UUID | None = None
    must_change_password: bool = False


def read_identity(row: dict[str, Any]) -> Identity:
    """The identity in a row of an account."""
    return Identity(
        tenant_id=UUID(str(row["tenant_id"])),
        user_id=UUID(str(row["user_id"])),
        roles=frozenset(row["roles"]),
        tenant_name=row["tenant_name"],
        full_name=row["full_name"],
        email=row["email"],
    )
