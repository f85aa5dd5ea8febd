"""Sign-in: passwords checked with argon2, short-lived signed tokens, identity of each request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.lockouts import Lockouts
from core.context import Identity
from core.database import Database
from core.errors import VoltaireError
from core.secrets import Secrets

TOKEN_LIFETIME_S = 8 * 3600
PASSWORD_LIMIT_CHARS = 1024
FIND_LOGIN = "SELECT * FROM security.find_login(%s)"


class SignInRequired(VoltaireError):
    """No valid proof of identity came with the request."""

    status: ClassVar[int] = 401


class TooManyAttempts(VoltaireError):
    """The account waits after repeated failures."""

    status: ClassVar[int] = 429


@dataclass(frozen=True)
class Token:
    """A bearer token and its life in seconds."""

    value: str
    expires_in: int


@dataclass(frozen=True)
class Gatekeeper:
    """Turns a password, a token or a known address into the identity of an active user."""

    database: Database
    secrets: Secrets
    lockouts: Lockouts = field(default_factory=Lockouts)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    async def sign_in(self, email: str, password: str) -> Identity:
        """The user of `email` and `password`.

        An unknown address takes as long as a wrong password and fails alike.
        Raises SignInRequired, or TooManyAttempts once the account is locked.
        """
        account = email.strip().lower()
        self._check_lock(account)
        row = await self._find_row(account)
        stored = row["password_hash"] if row else self._decoy
        is_right = len(password) <= PASSWORD_LIMIT_CHARS and await asyncio.to_thread(
            self._verify, stored, password
        )
        if row is None or not is_right:
            self.lockouts.record_failure(account)
            raise SignInRequired("Adresse ou mot de passe incorrect. Vérifiez-les et réessayez.")
        self.lockouts.clear(account)
        return _identity(row)

    async def find_user(self, email: str) -> Identity | None:
        """The active user of `email`, with the roles they hold now."""
        row = await self._find_row(email.strip().lower())
        return _identity(row) if row else None

    def issue_token(self, identity: Identity) -> Token:
        """A signed token for `identity`, valid `TOKEN_LIFETIME_S` seconds."""
        claims = {"email": identity.email, "exp": int(time.time()) + TOKEN_LIFETIME_S}
        payload = _encode(json.dumps(claims, separators=(",", ":")).encode())
        return Token(f"{payload}.{self._sign(payload)}", TOKEN_LIFETIME_S)

    async def identify(self, token: str) -> Identity:
        """The user a token was issued to. Raises SignInRequired when it proves nothing."""
        email = self._read_token(token)
        identity = await self.find_user(email) if email else None
        if identity is None:
            raise SignInRequired("Votre session a expiré. Reconnectez-vous.")
        return identity

    @property
    def _decoy(self) -> str:
        return _decoy_hash(self.hasher)

    def _check_lock(self, account: str) -> None:
        remaining = self.lockouts.remaining_s(account)
        if remaining > 0:
            minutes = max(1, round(remaining / 60))
            raise TooManyAttempts(
                "Trop d’essais infructueux pour ce compte. Patientez "
                f"{minutes} minute{'s' if minutes > 1 else ''} avant de réessayer."
            )

    async def _find_row(self, email: str) -> dict[str, Any] | None:
        if "\0" in email:
            return None
        async with self.database.transaction(None, "gatekeeper") as connection:
            return await (await connection.execute(FIND_LOGIN, (email,))).fetchone()

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _sign(self, payload: str) -> str:
        key = self.secrets.derive("api-token")
        return _encode(hmac.new(key, payload.encode(), hashlib.sha256).digest())

    def _read_token(self, token: str) -> str | None:
        payload, _, signature = token.partition(".")
        expected = self._sign(payload).encode()
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected):
            return None
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["email"]) if claims["exp"] > time.time() else None


def _identity(row: dict[str, Any]) -> Identity:
    return Identity(
        tenant_id=UUID(str(row["tenant_id"])),
        user_id=UUID(str(row["user_id"])),
        roles=frozenset(row["roles"]),
        tenant_name=row["tenant_name"],
        full_name=row["full_name"],
        email=row["email"],
    )


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


_decoys: dict[tuple[int, int, int], str] = {}


def _decoy_hash(hasher: PasswordHasher) -> str:
    """A hash no password matches, as costly to check as a real one."""
    key = (hasher.time_cost, hasher.memory_cost, hasher.parallelism)
    if key not in _decoys:
        _decoys[key] = hasher.hash(hashlib.sha256(b"no such account").hexdigest())
    return _decoys[key]
