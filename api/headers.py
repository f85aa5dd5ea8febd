"""Security headers on every answer, and the limit on the size of requests."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addin import HEADERS as ADDIN_HEADERS
from api.addin import PREFIX as ADDIN
from api.problems import BodyTooLarge, problem_response
from core.addresses import API
from core.settings import get_settings

SECURE_FOR_A_YEAR = "max-age=31536000"
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
# Addresses that take files, and the largest body each takes.
MB = 1024 * 1024
BODY_LIMIT_BYTES = MB
DOCUMENTS = f"{API}/knowledge/documents"
UPLOAD_LIMITS = {
    f"{API}/imports": 26 * MB,
    f"{API}/imports/preview": 26 * MB,
    f"{API}/mail/messages": 32 * MB,
    f"{API}/minutes": 32 * MB,
    f"{API}/tenders": 201 * MB,
    f"{API}/watch/notices": 20 * MB,
    "/project/file": 101 * MB,
}
UPLOAD_TOO_LARGE = (
    "L’envoi dépasse {limit}\u00a0Mo. Retirez ce qui n’est pas une pièce écrite (plans, photos), "
    "ou envoyez-le en plusieurs fois."
)
TOO_LARGE = (
    "La demande dépasse {limit}\u00a0Mo. Raccourcissez-la\u00a0; pour un document plus gros, "
    "passez par le dossier de documents."
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
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", SECURE_FOR_A_YEAR)
                    message["headers"] = [secure_cookie(*pair) for pair in message["headers"]]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def secure_cookie(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """The header; a cookie given over TLS never travels without it."""
    if name.lower() == b"set-cookie" and b"; secure" not in value.lower():
        return name, value + b"; Secure"
    return name, value


class BodyLimit:
    """Refuses bodies over the limit, whether announced or found on reading."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT_BYTES) -> None:
        self.app = app
        self.limit = limit
        # The document, and the rest of its form.
        self.uploads = UPLOAD_LIMITS | {DOCUMENTS: (get_settings().upload_limit_mb + 1) * MB}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = self.uploads.get(scope["path"])
        limit = max(self.limit, upload or 0)
        detail = (UPLOAD_TOO_LARGE if upload else TOO_LARGE).format(limit=limit // MB)
        # What was not read would otherwise be read to the end, to keep the connection.
        refusal = problem_response(413, detail, {"connection": "close"})
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
                raise BodyTooLarge(detail)
            return message

        try:
            await self.app(scope, receive_within_limit, send)
        except BodyTooLarge:
            await refusal(scope, receive, send)
