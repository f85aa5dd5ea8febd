"""Security headers on every answer, and the limit on the size of requests."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addin import HEADERS as ADDIN_HEADERS
from api.addin import PREFIX as ADDIN
from api.problems import problem_response

BODY_LIMIT_BYTES = 1024 * 1024
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
# Addresses that take files, and the largest body each takes.
UPLOAD_LIMITS = {
    "/api/minutes": 32 * 1024 * 1024,
    "/api/mail/messages": 32 * 1024 * 1024,
    "/project/file": 32 * 1024 * 1024,
}
TOO_LARGE = (
    "La demande dépasse 1 Mo. Raccourcissez la question ; pour un document, passez par le dossier "
    "de documents."
)


class SecurityHeaders:
    """Adds the headers; `script_hashes` are the inline scripts the chat page is allowed."""

    def __init__(self, app: ASGIApp, script_hashes: tuple[str, ...] = ()) -> None:
        self.app = app
        scripts = " ".join(f"'{value}'" for value in script_hashes)
        self.headers = {
            "content-security-policy": POLICY.format(scripts=scripts),
            "x-content-type-options": "nosniff",
            "x-frame-options": "SAMEORIGIN",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        chosen = ADDIN_HEADERS if scope["path"].startswith(f"{ADDIN}/") else self.headers

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in chosen.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyTooLarge(Exception):
    """More bytes came than the limit allows."""


class BodyLimit:
    """Refuses bodies over the limit, whether announced or found on reading."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT_BYTES) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = max(self.limit, UPLOAD_LIMITS.get(scope["path"], 0))
        refusal = problem_response(413, TOO_LARGE)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await refusal(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise BodyTooLarge
            return message

        try:
            await self.app(scope, receive_within_limit, send)
        except BodyTooLarge:
            await refusal(scope, receive, send)
