"""API keys of integrators: made and revoked by an administrator, never wider than their owner."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from pydantic import BaseModel

from api.access.accounts import SCOPES, Access, SignInRequired, read_identity
from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotAllowed, NotFound, VoltaireError

PREFIX = "vlt_"
LONGEST_DAYS = 730
FIND = "SELECT * FROM security.find_key(%s, %s)"
FIND_OWNER = "SELECT id FROM users WHERE email = lower(%s) AND is_active"
ADD = """
INSERT INTO security.api_keys
    (id, tenant_id, user_id, name, secret_sha256, scopes, created_by, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, clock_timestamp() + make_interval(days => %s))
ON CONFLICT DO NOTHING
"""
LIST = """
SELECT k.id, k.name, u.email AS owner, k.scopes, k.created_at, k.expires_at, k.last_used_at,
    k.revoked_at
FROM security.api_keys k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.user_id
WHERE k.tenant_id = %s AND (%s::uuid IS NULL OR k.id = %s)
ORDER BY k.created_at DESC, k.id LIMIT %s
"""
REVOKE = """
UPDATE security.api_keys SET revoked_by = %s, revoked_at = clock_timestamp()
WHERE tenant_id = %s AND id = %s AND revoked_at IS NULL
"""
ADMINS_ONLY = "Seule l’administration gère les clés d’API et les comptes. Adressez-vous à elle."
INVALID = "Cette clé d’API est inconnue, expirée ou révoquée. Demandez-en une à l’administration."


class KeyNameTaken(VoltaireError):
    """The owner has a living key of that name."""

    status = 409


class ApiKey(BaseModel):
    """A key as lists show it; its secret is kept nowhere."""

    id: UUID
    name: str
    owner: str
    scopes: list[str]
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    revoked_at: dt.datetime | None


@dataclass(frozen=True)
class KeyWish:
    """The key to make: whose, its name, what it may do, its life in days."""

    owner: str
    name: str
    scopes: Sequence[str]
    days: int


async def add_key(database: Database, by: Identity, wish: KeyWish) -> tuple[ApiKey, str]:
    """The new key and its text, shown this once. Raises NotAllowed, InvalidInput, NotFound."""
    require_admin(by)
    if not wish.scopes or not set(wish.scopes) <= set(SCOPES):
        raise InvalidInput(f"Les portées d’une clé sont\u00a0: {', '.join(SCOPES)}.")
    if not 1 <= wish.days <= LONGEST_DAYS or not 1 <= len(wish.name.strip()) <= 80:
        raise InvalidInput(
            f"Donnez à la clé un nom (80\u00a0caractères au plus) et une durée de 1\u00a0à "
            f"{LONGEST_DAYS}\u00a0jours."
        )
    key_id, secret = uuid4(), secrets.token_urlsafe(32)
    async with database.transaction(by, "gatekeeper") as connection:
        owner = await (await connection.execute(FIND_OWNER, (wish.owner.strip(),))).fetchone()
        if owner is None:
            raise NotFound("Aucun utilisateur actif de votre cabinet n’a cette adresse.")
        values = (key_id, by.tenant_id, owner["id"], wish.name.strip(), _digest(secret),
                  sorted(set(wish.scopes)), by.user_id, wish.days)  # fmt: skip
        if (await connection.execute(ADD, values)).rowcount == 0:
            raise KeyNameTaken(
                "Une clé en service porte déjà ce nom. Révoquez-la, ou choisissez un autre nom."
            )
        row = await (await connection.execute(LIST, (by.tenant_id, key_id, key_id, 1))).fetchone()
    return ApiKey.model_validate(row), f"{PREFIX}{key_id.hex}_{secret}"


async def list_keys(database: Database, by: Identity, limit: int = 500) -> list[ApiKey]:
    """The firm's keys, revoked ones too, the latest first. Raises NotAllowed."""
    require_admin(by)
    async with database.transaction(by, "gatekeeper") as connection:
        cursor = await connection.execute(LIST, (by.tenant_id, None, None, limit))
        return [ApiKey.model_validate(row) for row in await cursor.fetchall()]


async def revoke_key(database: Database, by: Identity, key_id: UUID) -> None:
    """End a key at once. Raises NotAllowed, NotFound."""
    require_admin(by)
    async with database.transaction(by, "gatekeeper") as connection:
        done = await connection.execute(REVOKE, (by.user_id, by.tenant_id, key_id))
    if done.rowcount == 0:
        raise NotFound("Cette clé n’existe pas dans votre cabinet, ou elle est déjà révoquée.")


async def identify_key(database: Database, text: str) -> Access:
    """The owner of a key, within its scopes. Raises SignInRequired."""
    name, _, secret = text.removeprefix(PREFIX).partition("_")
    try:
        key_id = UUID(hex=name)
    except ValueError:
        raise SignInRequired(INVALID) from None
    async with database.transaction(None, "gatekeeper") as connection:
        row = await (await connection.execute(FIND, (key_id, _digest(secret)))).fetchone()
    if row is None:
        raise SignInRequired(INVALID)
    return Access(read_identity(row), "key", frozenset(row["scopes"]))


def require_admin(identity: Identity) -> None:
    """Raises NotAllowed for anyone but an administrator."""
    if "admin" not in identity.roles:
        raise NotAllowed(ADMINS_ONLY)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
