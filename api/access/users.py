"""The users of a firm, as its administrators add, change and close them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid4

from pydantic import BaseModel

from api.access.keys import require_admin
from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotFound, VoltaireError

ROLES = ("reader", "sales", "quality", "director", "admin")
LIST = """
SELECT id, email, full_name, roles, is_active FROM users
WHERE tenant_id = %s AND (%s::uuid IS NULL OR id = %s) ORDER BY full_name, email LIMIT %s
"""
ADD = """
INSERT INTO users (id, tenant_id, email, full_name, roles) VALUES (%s, %s, lower(%s), %s, %s)
ON CONFLICT DO NOTHING
"""
CHANGE = """
UPDATE users SET roles = coalesce(%s, roles), is_active = coalesce(%s, is_active),
    updated_at = now()
WHERE tenant_id = %s AND id = %s
"""
COUNT_ADMINS = """
SELECT count(*) AS admins FROM users
WHERE tenant_id = %s AND is_active AND 'admin' = ANY (roles)
"""
UNKNOWN = "Cet utilisateur n’existe pas dans votre cabinet."


class AddressTaken(VoltaireError):
    """Another account has that address."""

    status = 409


class User(BaseModel):
    """A user as lists show them."""

    id: UUID
    email: str
    full_name: str
    roles: list[str]
    is_active: bool


@dataclass(frozen=True)
class UserWish:
    """The account to open."""

    email: str
    full_name: str
    roles: Collection[str]


async def list_users(database: Database, by: Identity, limit: int = 500) -> list[User]:
    """The firm's users by name. Raises NotAllowed."""
    require_admin(by)
    async with database.transaction(by, "gatekeeper") as connection:
        cursor = await connection.execute(LIST, (by.tenant_id, None, None, limit))
        return [User.model_validate(row) for row in await cursor.fetchall()]


async def add_user(database: Database, by: Identity, wish: UserWish) -> User:
    """A new account, without a password yet. Raises NotAllowed, InvalidInput, AddressTaken."""
    require_admin(by)
    check_roles(wish.roles)
    user_id = uuid4()
    values = (user_id, by.tenant_id, wish.email.strip(), wish.full_name.strip(),
              sorted(set(wish.roles)))  # fmt: skip
    async with database.transaction(by, "gatekeeper") as connection:
        if (await connection.execute(ADD, values)).rowcount == 0:
            raise AddressTaken("Cette adresse a déjà un compte. Vérifiez-la.")
        row = await (await connection.execute(LIST, (by.tenant_id, user_id, user_id, 1))).fetchone()
    return User.model_validate(row)


async def change_user(
    database: Database,
    by: Identity,
    user_id: UUID,
    *,
    roles: Collection[str] | None = None,
    is_active: bool | None = None,
) -> User:
    """Change what a user may do, or close and reopen their account; the firm keeps one
    administrator. Raises NotAllowed, InvalidInput, NotFound."""
    require_admin(by)
    if roles is not None:
        check_roles(roles)
    wanted = sorted(set(roles)) if roles is not None else None
    async with database.transaction(by, "gatekeeper") as connection:
        await connection.execute(CHANGE, (wanted, is_active, by.tenant_id, user_id))
        left = await (await connection.execute(COUNT_ADMINS, (by.tenant_id,))).fetchone()
        if left is None or left["admins"] == 0:
            raise InvalidInput("Le cabinet doit garder au moins un administrateur actif.")
        row = await (await connection.execute(LIST, (by.tenant_id, user_id, user_id, 1))).fetchone()
    if row is None:
        raise NotFound(UNKNOWN)
    return User.model_validate(row)


def check_roles(roles: Collection[str]) -> None:
    """Raises InvalidInput unless there is at least one role, and every one is known."""
    if not roles or not set(roles) <= set(ROLES):
        raise InvalidInput(f"Les rôles sont\u00a0: {', '.join(ROLES)}.")
