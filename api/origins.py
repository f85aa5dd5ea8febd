"""Which sites may call: none but our own, save those of the settings, and those without cookie."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_response

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REFUSED = (
    "Cette demande vient d’un autre site. Ouvrez Voltaire dans son propre onglet et recommencez."
)


class SameOrigin:
    """Refuses what another site would have a browser send with our cookies.

    Browsers say where a request comes from (`Origin`, else `Sec-Fetch-Site`); a program that is
    no browser says nothing and holds no cookie. A bearer token is proof enough: no site has it.
    """

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...] = ()) -> None:
        self.app = app
        self.allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless another site is behind it."""
        if scope["type"] in ("http", "websocket") and self._is_foreign(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await problem_response(403, REFUSED)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope["type"] == "http" and (scope["method"] in SAFE or "authorization" in headers):
            return False
        if "origin" not in headers:
            return headers.get("sec-fetch-site") in ("cross-site", "same-site")
        return not is_own_origin(headers, self.allowed)


def is_own_origin(headers: Headers, allowed: frozenset[str]) -> bool:
    """Tell whether the site a browser names is ours or allowed; a program names none."""
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    return urlsplit(origin).netloc == headers.get("host", "")
