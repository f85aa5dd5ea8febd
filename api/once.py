"""`Idempotency-Key`: a request sent twice with one key is carried out once, answered alike.

The key belongs to the user who sends it. Only a success is kept (24 hours): a refusal leaves
nothing behind, and the key may serve again. A body is recognised by its SHA-256; that of a form
with files without its separator, which clients draw anew at each attempt.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.identities import find_access
from api.problems import problem_response
from api.services import Services
from core.addresses import API
from core.context import Identity
from core.database import Database
from core.errors import VoltaireError

# What gives a secret once, what opens or closes sessions, what Microsoft notifies.
LEFT_OUT = re.compile(rf"{API}/(login|refresh|logout|password|keys|users(/.*)?|.*/notifications)$")
KEY = re.compile(r"[!-~]{1,200}")
BOUNDARY = re.compile(r'boundary="?([^";]+)"?')
IN_MEMORY_BYTES = 1024 * 1024
LARGEST_KEPT_BYTES = 8 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
KEPT_HEADERS = ("content-type", "content-disposition", "location", "cache-control")
CLAIM = """
INSERT INTO security.once_requests AS r (tenant_id, user_id, key, request_sha256)
VALUES (%s, %s, %s, %s)
ON CONFLICT (tenant_id, user_id, key) DO UPDATE
SET request_sha256 = EXCLUDED.request_sha256, begun_at = clock_timestamp(), status = NULL,
    headers = NULL, body = NULL
WHERE r.begun_at < clock_timestamp() - CASE WHEN r.status IS NULL
    THEN interval '15 minutes' ELSE interval '24 hours' END
RETURNING key
"""
FIND = """
SELECT request_sha256, status, headers, body FROM security.once_requests
WHERE tenant_id = %s AND user_id = %s AND key = %s
"""
KEEP = """
UPDATE security.once_requests SET status = %s, headers = %s::jsonb, body = %s
WHERE tenant_id = %s AND user_id = %s AND key = %s
"""
FORGET = "DELETE FROM security.once_requests WHERE tenant_id = %s AND user_id = %s AND key = %s"
PURGE = """
DELETE FROM security.once_requests
WHERE tenant_id = %s AND user_id = %s AND begun_at < clock_timestamp() - interval '24 hours'
"""
BAD_KEY = (
    "L’en-tête Idempotency-Key compte de 1\u00a0à 200\u00a0caractères visibles, sans accent ni "
    "espace. Donnez-en un autre."
)
OTHER_BODY = (
    "Cette clé Idempotency-Key a déjà servi à une demande différente. Employez une nouvelle clé."
)
UNDER_WAY = "La même demande est en cours. Attendez quelques secondes, puis répétez-la."


@dataclass(frozen=True)
class Claim:
    """A key of a user, held while their request is carried out."""

    database: Database
    identity: Identity
    key: str

    @property
    def place(self) -> tuple[Any, ...]:
        """What finds the row."""
        return self.identity.tenant_id, self.identity.user_id, self.key

    async def take(self, digest: bytes) -> JSONResponse | Response | None:
        """None when the request may be carried out, else the answer to give instead."""
        async with self.database.transaction(self.identity, "gatekeeper") as connection:
            await connection.execute(PURGE, self.place[:2])
            taken = await (await connection.execute(CLAIM, (*self.place, digest))).fetchone()
            if taken is not None:
                return None
            row = await (await connection.execute(FIND, self.place)).fetchone()
        if row is not None and row["request_sha256"] != digest:
            return problem_response(422, OTHER_BODY)
        if row is None or row["status"] is None:
            return problem_response(409, UNDER_WAY, {"retry-after": "3"})
        headers = {**row["headers"], "idempotent-replayed": "true"}
        return Response(bytes(row["body"]), int(row["status"]), headers)

    async def keep(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keep the answer for those who repeat the request."""
        async with self.database.transaction(self.identity, "gatekeeper") as connection:
            await connection.execute(KEEP, (status, json.dumps(headers), body, *self.place))

    async def forget(self) -> None:
        """Let the key serve again."""
        async with self.database.transaction(self.identity, "gatekeeper") as connection:
            await connection.execute(FORGET, self.place)


@dataclass
class Recorder:
    """Passes an answer on, and keeps it whole before its last part leaves."""

    claim: Claim
    send: Send
    is_kept: bool = False
    _status: int = 0
    _headers: dict[str, str] = field(default_factory=dict[str, str])
    _parts: list[bytes] = field(default_factory=list[bytes])
    _size: int = 0

    async def __call__(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = Headers(raw=message["headers"])
            self._headers = {n: headers[n] for n in KEPT_HEADERS if n in headers}
        elif message["type"] == "http.response.body":
            part: bytes = message.get("body", b"")
            self._size += len(part)
            if self._size <= LARGEST_KEPT_BYTES:
                self._parts.append(part)
            is_success = 200 <= self._status < 300 and self._size <= LARGEST_KEPT_BYTES
            if is_success and not message.get("more_body", False):
                await self.claim.keep(self._status, self._headers, b"".join(self._parts))
                self.is_kept = True
        await self.send(message)


class Once:
    """Carries out a keyed request once."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or give again the answer it had."""
        key = Headers(scope=scope).get("idempotency-key") if _is_concerned(scope) else None
        if key is None:
            await self.app(scope, receive, send)
        elif not KEY.fullmatch(key):
            await problem_response(422, BAD_KEY)(scope, receive, send)
        else:
            await self._carry_out(key, scope, receive, send)

    async def _carry_out(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        services: Services = scope["app"].state.services
        try:
            access = await find_access(Request(scope), services)
        except VoltaireError:
            # The route says why, as it does without a key.
            await self.app(scope, receive, send)
            return
        claim = Claim(services.database, access.identity, key)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as body:
            digest = await _take_in(scope, receive, body)
            if digest is None:
                return
            answer = await claim.take(digest)
            if answer is not None:
                await answer(scope, receive, send)
                return
            recorder = Recorder(claim, send)
            try:
                await self.app(scope, _replay(body, receive), recorder)
            finally:
                if not recorder.is_kept:
                    await claim.forget()


def _is_concerned(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "POST"
        and scope["path"].startswith(f"{API}/")
        and not LEFT_OUT.match(scope["path"])
    )


async def _take_in(scope: Scope, receive: Receive, body: IO[bytes]) -> bytes | None:
    """Write the body into `body`; its digest, None when the client left before its end."""
    digest = _Digest(scope)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part: bytes = message.get("body", b"")
        digest.update(part)
        body.write(part)
        if not message.get("more_body", False):
            body.seek(0)
            return digest.finish()


class _Digest:
    """SHA-256 of a request, whatever separator its form uses."""

    def __init__(self, scope: Scope) -> None:
        content_type = Headers(scope=scope).get("content-type", "")
        found = BOUNDARY.search(content_type)
        self._boundary = found.group(1).encode() if found else b""
        named = BOUNDARY.sub("", content_type)
        head = f"{scope['path']}?{scope['query_string'].decode('latin-1')}\n{named}\n"
        self._hash = hashlib.sha256(head.encode())
        self._tail = b""

    def update(self, part: bytes) -> None:
        if not self._boundary:
            self._hash.update(part)
            return
        data = (self._tail + part).replace(self._boundary, b"")
        cut = max(0, len(data) - len(self._boundary) + 1)
        self._hash.update(data[:cut])
        self._tail = data[cut:]

    def finish(self) -> bytes:
        self._hash.update(self._tail)
        return self._hash.digest()


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    is_over = False

    async def replay() -> Message:
        nonlocal is_over
        if is_over:
            return await receive()
        part = body.read(CHUNK_BYTES)
        is_over = len(part) < CHUNK_BYTES
        return {"type": "http.request", "body": part, "more_body": not is_over}

    return replay
