"""Accounts and API keys from the command line, in the name of an administrator of the firm.

Whoever can run these commands holds the installation's secret already: no password is asked.
"""

from __future__ import annotations

from uuid import UUID

from api.access.keys import ApiKey, KeyWish, add_key, list_keys, revoke_key
from api.access.passwords import Passwords, make_temporary
from api.access.sessions import end_sessions
from api.access.users import User, UserWish, add_user, change_user, list_users
from api.offline import run_here
from core.context import Identity
from core.database import Database
from core.errors import NotFound
from core.formats import NBSP, format_instant
from core.settings import Settings
from crm.installation import Installation


def create_key_here(settings: Settings, admin: str, wish: KeyWish) -> list[str]:
    """The new key and its secret. Raises VoltaireError."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        key, secret = await add_key(installation.database, by, wish)
        return [*_write_key(key), "Secret, montré cette seule fois" + NBSP + ":", f"  {secret}"]

    return run_here(settings, admin, work)


def list_keys_here(settings: Settings, admin: str) -> list[str]:
    """The firm's keys."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        found = await list_keys(installation.database, by)
        return [line for key in found for line in _write_key(key)] or ["Aucune clé d’API."]

    return run_here(settings, admin, work)


def revoke_key_here(settings: Settings, admin: str, key_id: UUID) -> list[str]:
    """End a key."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        await revoke_key(installation.database, by, key_id)
        return ["La clé est révoquée."]

    return run_here(settings, admin, work)


def list_users_here(settings: Settings, admin: str) -> list[str]:
    """The firm's accounts."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        return [_write_user(user) for user in await list_users(installation.database, by)]

    return run_here(settings, admin, work)


def add_user_here(settings: Settings, admin: str, wish: UserWish) -> list[str]:
    """The new account and its temporary password."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        user = await add_user(installation.database, by, wish)
        return [_write_user(user), await _give_password(installation.database, by, user)]

    return run_here(settings, admin, work)


def reset_password_here(settings: Settings, admin: str, email: str) -> list[str]:
    """A temporary password for an account."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        user = await _find(installation.database, by, email)
        told = await _give_password(installation.database, by, user)
        await end_sessions(installation.database, by, user.id)
        return [told]

    return run_here(settings, admin, work)


def set_active_here(settings: Settings, admin: str, email: str, *, is_active: bool) -> list[str]:
    """Close or reopen an account."""

    async def work(installation: Installation, by: Identity) -> list[str]:
        user = await _find(installation.database, by, email)
        changed = await change_user(installation.database, by, user.id, is_active=is_active)
        if not is_active:
            await end_sessions(installation.database, by, user.id)
        return [_write_user(changed)]

    return run_here(settings, admin, work)


async def _give_password(database: Database, by: Identity, user: User) -> str:
    password = make_temporary()
    await Passwords().replace(database, by, user.id, password, temporary=True)
    return f"Mot de passe provisoire, à changer à la page « /mot-de-passe »{NBSP}: {password}"


async def _find(database: Database, by: Identity, email: str) -> User:
    for user in await list_users(database, by, 100_000):
        if user.email == email.strip().lower():
            return user
    raise NotFound(f"Aucun compte de votre cabinet n’a l’adresse «{NBSP}{email}{NBSP}».")


def _write_key(key: ApiKey) -> list[str]:
    state = f"expire le {format_instant(key.expires_at)}"
    if key.revoked_at is not None:
        state = f"révoquée le {format_instant(key.revoked_at)}"
    used = format_instant(key.last_used_at) if key.last_used_at else "jamais"
    return [
        f"{key.id}  {key.name} – {key.owner} – {', '.join(key.scopes)}",
        f"  {state}{NBSP}; dernier emploi{NBSP}: {used}",
    ]


def _write_user(user: User) -> str:
    state = "" if user.is_active else " – fermé"
    return f"{user.email}  {user.full_name} – {', '.join(user.roles)}{state}"
