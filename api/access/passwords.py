"""Passwords: hashed with argon2, checked at the same cost whether the account exists or not."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotFound

SHORTEST = 12
LONGEST = 1024
SET = "SELECT security.set_password(%s, %s, %s) AS is_set"
TOO_WEAK = (
    f"Choisissez un mot de passe d’au moins {SHORTEST}\u00a0caractères, différent de l’ancien, qui "
    "ne reprenne ni votre adresse ni votre nom et ne répète pas le même caractère."
)
_decoys: dict[tuple[int, int, int], str] = {}


@dataclass(frozen=True)
class Passwords:
    """Hashes and checks passwords away from the event loop."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Tell whether `password` is the one of hash `stored`; None costs as much and fails."""
        if len(password) > LONGEST:
            return False
        return await asyncio.to_thread(self._verify, stored or self._decoy, password)

    async def replace(
        self, database: Database, by: Identity, owner_id: UUID, password: str, *, temporary: bool
    ) -> None:
        """Give the user a password: their own act, or an administrator's. Raises NotFound."""
        hashed = await asyncio.to_thread(self.hasher.hash, password)
        async with database.transaction(by, "gatekeeper") as connection:
            cursor = await connection.execute(SET, (owner_id, hashed, temporary))
            row = await cursor.fetchone()
        if row is None or not row["is_set"]:
            raise NotFound("Cet utilisateur n’existe pas dans votre cabinet.")

    @property
    def _decoy(self) -> str:
        """A hash no password matches, as costly to check as a real one."""
        key = (self.hasher.time_cost, self.hasher.memory_cost, self.hasher.parallelism)
        if key not in _decoys:
            _decoys[key] = self.hasher.hash(hashlib.sha256(b"no such account").hexdigest())
        return _decoys[key]

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self.hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def check_strength(password: str, current: str, identity: Identity) -> None:
    """Raises InvalidInput for a password that would be found by trying."""
    lowered = password.lower()
    names = [identity.email.partition("@")[0], *identity.full_name.lower().split()]
    if (
        not SHORTEST <= len(password) <= LONGEST
        or password == current
        or len(set(password)) < 5
        or any(len(name) > 3 and name in lowered for name in names)
    ):
        raise InvalidInput(TOO_WEAK)


def make_temporary() -> str:
    """A password to give once, changed at the first sign-in."""
    return secrets.token_urlsafe(12)
