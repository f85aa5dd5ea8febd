"""Sign-in, and the identity behind each request: one place for every proof that may come."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from api.access.accounts import Access, SignInRequired, read_identity
from api.access.directory import Directory
from api.access.keys import PREFIX, identify_key
from api.access.linking import Linker
from api.access.passwords import Passwords, check_strength
from api.access.sessions import (
    EXPIRED,
    OpenSession,
    end_session,
    end_sessions,
    find_session,
    open_session,
    renew_session,
)
from api.lockouts import Lockouts
from core.context import Identity
from core.database import Database
from core.errors import NotAllowed, VoltaireError
from core.secrets import Secrets

TOKEN_LIFETIME_S = 15 * 60
FIND_LOGIN = "SELECT * FROM security.find_login(%s)"
FIND_ACCOUNT = "SELECT * FROM security.find_account(%s)"
WRONG = "Adresse ou mot de passe incorrect. Vérifiez-les et réessayez."
CHANGE_FIRST = (
    "Votre mot de passe est provisoire. Choisissez le vôtre à la page « /mot-de-passe », puis "
    "connectez-vous."
)
NO_DIRECTORY = "La connexion par annuaire n’est pas activée sur cette instance."


class TooManyAttempts(VoltaireError):
    """The account waits after repeated failures."""

    status: ClassVar[int] = 429


class PasswordMustChange(NotAllowed):
    """A temporary password opens nothing but its own change."""


@dataclass(frozen=True)
class Token:
    """A bearer token and its life in seconds."""

    value: str
    expires_in: int


@dataclass(frozen=True)
class Gatekeeper:
    """Turns a password, a token, a key or a known address into the identity of an active user."""

    database: Database
    secrets: Secrets
    lockouts: Lockouts = field(default_factory=Lockouts)
    passwords: Passwords = field(default_factory=Passwords)
    directory: Directory | None = None

    async def sign_in(self, email: str, password: str) -> Identity:
        """The user of `email` and `password`.

        An unknown address takes as long as a wrong password and fails alike. Raises
        SignInRequired, TooManyAttempts once the account is locked, PasswordMustChange.
        """
        access = await self.check_password(email, password)
        if access.must_change_password:
            raise PasswordMustChange(CHANGE_FIRST)
        return access.identity

    async def check_password(self, email: str, password: str) -> Access:
        """Like `sign_in`, a temporary password counting as right."""
        account = email.strip().lower()
        self._check_lock(account)
        row = await self._find_row(account)
        stored = row["password_hash"] if row else None
        is_right = await self.passwords.verify(stored, password)
        if row is None or not is_right:
            self.lockouts.record_failure(account)
            raise SignInRequired(WRONG)
        self.lockouts.clear(account)
        return Access(read_identity(row), "session", must_change_password=bool(row["must_change"]))

    async def change_password(self, email: str, current: str, new: str) -> Identity:
        """Replace one's own password; every open session ends. Raises InvalidInput and the
        errors of `check_password`."""
        identity = (await self.check_password(email, current)).identity
        check_strength(new, current, identity)
        await self.passwords.replace(
            self.database, identity, identity.user_id, new, temporary=False
        )
        await end_sessions(self.database, identity, identity.user_id)
        return identity

    async def find_user(self, email: str) -> Identity | None:
        """The active user of `email`, with the roles they hold now."""
        row = await self._find_row(email.strip().lower())
        return read_identity(row) if row else None

    async def open_session(self, identity: Identity, method: str = "password") -> OpenSession:
        """A session that can be renewed, and ended."""
        return await open_session(self.database, identity, method)

    async def find_session(self, session_id: UUID) -> Access | None:
        """The living session of that identifier."""
        return await find_session(self.database, session_id)

    async def renew(self, refresh_token: str) -> tuple[OpenSession, Access]:
        """The session under a new secret, once per secret. Raises SignInRequired."""
        session = await renew_session(self.database, refresh_token)
        access = await find_session(self.database, session.id)
        if access is None:
            raise SignInRequired(EXPIRED)
        return session, access

    async def end_session(self, session_id: UUID) -> None:
        """Close the session at once, wherever its tokens are."""
        await end_session(self.database, session_id)

    def issue_token(self, identity: Identity, session_id: UUID | None = None) -> Token:
        """A signed token for `identity`, valid `TOKEN_LIFETIME_S` seconds at most: it ends with
        its session."""
        claims = {
            "sub": identity.user_id.hex,
            "sid": session_id.hex if session_id else None,
            "exp": int(time.time()) + TOKEN_LIFETIME_S,
        }
        payload = _encode(json.dumps(claims, separators=(",", ":")).encode())
        return Token(f"{payload}.{self._sign(payload)}", TOKEN_LIFETIME_S)

    async def identify(self, token: str) -> Access:
        """Whoever a bearer token proves: a session of ours, an API key, or an access token that
        Office got from the firm's directory. Raises SignInRequired, NotAllowed."""
        if token.startswith(PREFIX):
            return await identify_key(self.database, token)
        if token.count(".") == 2:
            return await self._identify_from_directory(token)
        claims = self._read_token(token)
        access = await self._find_access(claims) if claims else None
        if access is None:
            raise SignInRequired(EXPIRED)
        return access

    async def enter(self, claims: dict[str, Any], *, gives_groups: bool) -> Identity:
        """The user behind verified claims of the directory. Raises NotAllowed."""
        directory = self._get_directory()
        linker = Linker(self.database, directory.options)
        return await linker.enter(claims, gives_groups=gives_groups)

    def _get_directory(self) -> Directory:
        if self.directory is None:
            raise SignInRequired(NO_DIRECTORY)
        return self.directory

    async def _identify_from_directory(self, token: str) -> Access:
        claims = await self._get_directory().verify_access_token(token)
        return Access(await self.enter(claims, gives_groups=False), "directory")

    async def _find_access(self, claims: dict[str, Any]) -> Access | None:
        if claims["sid"] is not None:
            return await self.find_session(UUID(hex=claims["sid"]))
        async with self.database.transaction(None, "gatekeeper") as connection:
            cursor = await connection.execute(FIND_ACCOUNT, (UUID(hex=claims["sub"]),))
            row = await cursor.fetchone()
        return Access(read_identity(row), "session") if row else None

    def _check_lock(self, account: str) -> None:
        remaining = self.lockouts.remaining_s(account)
        if remaining > 0:
            minutes = max(1, round(remaining / 60))
            raise TooManyAttempts(
                "Trop d’essais infructueux pour ce compte. Patientez "
                f"{minutes}\u00a0minute{'s' if minutes > 1 else ''} avant de réessayer.",
                retry_after_s=remaining,
            )

    async def _find_row(self, email: str) -> dict[str, Any] | None:
        if "\0" in email:
            return None
        async with self.database.transaction(None, "gatekeeper") as connection:
            return await (await connection.execute(FIND_LOGIN, (email,))).fetchone()

    def _sign(self, payload: str) -> str:
        key = self.secrets.derive("api-token")
        return _encode(hmac.new(key, payload.encode("utf-8", "replace"), hashlib.sha256).digest())

    def _read_token(self, token: str) -> dict[str, Any] | None:
        payload, _, signature = token.partition(".")
        expected = self._sign(payload).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected):
            return None
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return claims if claims["exp"] > time.time() else None


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
