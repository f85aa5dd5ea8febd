"""Sessions: opened at sign-in, renewed with a secret that serves once, ended on signing out."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from api.access.accounts import Access, SignInRequired, read_identity
from core.context import Identity
from core.database import Database

IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=7)
OPEN = """
INSERT INTO security.sessions (id, user_id, method, refresh_sha256, expires_at)
VALUES (%s, %s, %s, %s, clock_timestamp() + %s)
"""
FIND = "SELECT * FROM security.find_session(%s, %s)"
RENEW = "SELECT security.renew_session(%s, %s, %s, %s) AS is_renewed"
END = "SELECT security.end_session(%s)"
END_OTHERS = "SELECT security.end_sessions(%s, %s)"
EXPIRED = "Votre session est terminée. Reconnectez-vous."


@dataclass(frozen=True)
class OpenSession:
    """A session and the secret that renews it, kept by the client alone."""

    id: UUID
    refresh_token: str


async def open_session(database: Database, identity: Identity, method: str) -> OpenSession:
    """A new session of `identity`; `method` is `password` or `directory`."""
    session_id, secret = uuid4(), secrets.token_urlsafe(32)
    async with database.transaction(identity, "gatekeeper") as connection:
        await connection.execute(
            OPEN, (session_id, identity.user_id, method, _digest(secret), LONGEST)
        )
    return OpenSession(session_id, f"{session_id.hex}.{secret}")


async def find_session(database: Database, session_id: UUID) -> Access | None:
    """The living session, with the present rights of its holder."""
    async with database.transaction(None, "gatekeeper") as connection:
        row = await (await connection.execute(FIND, (session_id, IDLE))).fetchone()
    if row is None:
        return None
    must_change = bool(row["must_change"])
    return Access(
        read_identity(row), "session", session_id=session_id, must_change_password=must_change
    )


async def renew_session(database: Database, refresh_token: str) -> OpenSession:
    """The same session under a new secret.

    A secret presented twice ends the session. Raises SignInRequired.
    """
    name, _, secret = refresh_token.partition(".")
    try:
        session_id = UUID(hex=name)
    except ValueError:
        raise SignInRequired(EXPIRED) from None
    renewed = secrets.token_urlsafe(32)
    values = (session_id, _digest(secret), _digest(renewed), IDLE)
    async with database.transaction(None, "gatekeeper") as connection:
        row = await (await connection.execute(RENEW, values)).fetchone()
    if row is None or not row["is_renewed"]:
        raise SignInRequired(EXPIRED)
    return OpenSession(session_id, f"{session_id.hex}.{renewed}")


async def end_session(database: Database, session_id: UUID) -> None:
    """Close the session for good; its tokens prove nothing from then on."""
    async with database.transaction(None, "gatekeeper") as connection:
        await connection.execute(END, (session_id,))


async def end_sessions(
    database: Database, by: Identity, owner_id: UUID, kept: UUID | None = None
) -> None:
    """Close all that `owner_id` has open but `kept`: their own act, or an administrator's."""
    async with database.transaction(by, "gatekeeper") as connection:
        await connection.execute(END_OTHERS, (owner_id, kept))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
