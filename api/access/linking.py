"""From the claims of the directory to a user of the firm: found, linked or added, with roles.

A person is known by the directory's own subject (`oid` with Entra ID), never by an address. An
address serves once, to link an account that the firm's administrators had opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from api.access.accounts import SignInRequired, read_identity
from api.access.directory import Claims, DirectoryOptions
from api.access.users import ROLES
from core.context import Identity
from core.database import Connection, Database
from core.errors import ConfigurationError, NotAllowed

FIND = "SELECT * FROM security.find_directory_account(%s, %s)"
FIND_FIRM = "SELECT * FROM security.find_firm(%s)"
FIND_USER = "SELECT id, is_active FROM users WHERE tenant_id = %s AND email = lower(%s)"
ADD_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles) VALUES (%s, %s, lower(%s), %s, %s)
ON CONFLICT DO NOTHING
"""
LINK = """
INSERT INTO security.directory_accounts (issuer, subject, tenant_id, user_id)
VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
SET_ROLES = "UPDATE users SET roles = %s, updated_at = now() WHERE tenant_id = %s AND id = %s"
NOBODY = UUID(int=0)
NO_ACCESS = (
    "Votre compte n’a pas accès à Voltaire. Demandez à l’administration de votre cabinet de vous "
    "mettre dans l’un des groupes prévus."
)
TOO_MANY_GROUPS = (
    "Votre annuaire ne transmet pas vos groupes, trop nombreux. Demandez à l’administration "
    "d’employer les rôles d’application, ou de ne transmettre que les groupes de Voltaire."
)
TAKEN = "Cette adresse est déjà celle d’un autre compte. Adressez-vous à l’administration."
NO_FIRM = "Donnez dans VOLTAIRE_OIDC_FIRM le nom court du cabinet dont c’est l’annuaire."


@dataclass(frozen=True)
class Linker:
    """Finds the user behind verified claims."""

    database: Database
    options: DirectoryOptions

    async def enter(self, claims: Claims, *, gives_groups: bool) -> Identity:
        """The user of `claims`, their roles brought up to date.

        `gives_groups`: such tokens always carry the groups, so that none means none. Raises
        NotAllowed, ConfigurationError.
        """
        roles = self._read_roles(claims, gives_groups=gives_groups)
        subject = str(claims.get("oid") or claims["sub"])
        async with self.database.transaction(None, "gatekeeper") as connection:
            cursor = await connection.execute(FIND, (self.options.issuer, subject))
            row = await cursor.fetchone()
        if row is None:
            row = await self._link(claims, subject, roles)
        identity = read_identity(row)
        if roles and roles != identity.roles:
            return await self._set_roles(identity, roles)
        return identity

    def _read_roles(self, claims: Claims, *, gives_groups: bool) -> frozenset[str]:
        if not self.options.roles:
            return frozenset()
        given = [*_list(claims.get("groups")), *_list(claims.get("roles"))]
        mapped = frozenset(self.options.roles[one] for one in given if one in self.options.roles)
        if not mapped & set(ROLES) and (given or gives_groups):
            is_cut = "groups" in claims.get("_claim_names", {}) or claims.get("hasgroups")
            raise NotAllowed(TOO_MANY_GROUPS if is_cut else NO_ACCESS)
        return mapped & frozenset(ROLES)

    async def _link(self, claims: Claims, subject: str, roles: frozenset[str]) -> dict[str, Any]:
        email = _find_address(claims)
        if email is None:
            raise NotAllowed(NO_ACCESS)
        acting = await self._act_for_firm()
        async with self.database.transaction(acting, "gatekeeper") as connection:
            user_id = await _find_or_add(connection, acting.tenant_id, email, claims, roles)
            values = (self.options.issuer, subject, acting.tenant_id, user_id)
            await connection.execute(LINK, values)
            found = await connection.execute(FIND, (self.options.issuer, subject))
            row = await found.fetchone()
        if row is None or row["user_id"] != user_id:
            raise NotAllowed(TAKEN)
        return row

    async def _set_roles(self, identity: Identity, roles: frozenset[str]) -> Identity:
        acting = await self._act_for_firm()
        if acting.tenant_id != identity.tenant_id:
            raise SignInRequired(NO_ACCESS)
        values = (sorted(roles), identity.tenant_id, identity.user_id)
        async with self.database.transaction(acting, "gatekeeper") as connection:
            await connection.execute(SET_ROLES, values)
        return Identity(
            identity.tenant_id, identity.user_id, roles, identity.tenant_name,
            identity.full_name, identity.email,
        )  # fmt: skip

    async def _act_for_firm(self) -> Identity:
        """The directory speaks for the firm's administration. Raises ConfigurationError."""
        async with self.database.transaction(None, "gatekeeper") as connection:
            row = await (await connection.execute(FIND_FIRM, (self.options.firm,))).fetchone()
        if row is None:
            raise ConfigurationError(NO_FIRM)
        return Identity(row["id"], NOBODY, frozenset({"admin"}), row["name"])


async def _find_or_add(
    connection: Connection, tenant_id: UUID, email: str, claims: Claims, roles: frozenset[str]
) -> UUID:
    row = await (await connection.execute(FIND_USER, (tenant_id, email))).fetchone()
    if row is not None:
        if not row["is_active"]:
            raise NotAllowed(NO_ACCESS)
        return UUID(str(row["id"]))
    if not roles:
        raise NotAllowed(NO_ACCESS)
    user_id, name = uuid4(), str(claims.get("name") or email)[:200]
    values = (user_id, tenant_id, email, name, sorted(roles))
    if (await connection.execute(ADD_USER, values)).rowcount == 0:
        raise NotAllowed(TAKEN)
    return user_id


def _find_address(claims: Claims) -> str | None:
    """An address that the directory answers for: Entra's user name, or a verified e-mail."""
    if claims.get("tid") and "@" in str(claims.get("preferred_username", "")):
        return str(claims["preferred_username"]).strip().lower()
    if claims.get("email_verified") is True and "@" in str(claims.get("email", "")):
        return str(claims["email"]).strip().lower()
    return None


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
