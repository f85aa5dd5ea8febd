"""The MCP address over streamable HTTP: who may enter, how often, and refusals in French.

Each POST stands alone (no session is kept), so that a credential withdrawn counts at once.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from api.access.accounts import SignInRequired
from api.access.directory import DirectoryOptions
from api.auth import CHANGE_FIRST, PasswordMustChange
from api.identities import find_access, get_services
from api.mcp.server import build_server
from api.origins import REFUSED as FOREIGN
from api.origins import is_own_origin
from api.problems import UNEXPECTED, problem_response
from api.services import Services
from core.addresses import MCP
from core.errors import ConfigurationError, NotFound

METADATA = f"/.well-known/oauth-protected-resource{MCP}"
POST_ONLY = (
    "Cette adresse parle le protocole MCP et ne prend que des POST. Donnez-la à un programme qui "
    "le connaît."
)
UNREADABLE = "Le message n’est pas un message MCP lisible. Vérifiez le programme et sa version."
REFUSALS = {
    400: UNREADABLE,
    404: "Cette session n’existe pas. Reprenez depuis l’initialisation.",
    406: "Le programme doit accepter « application/json ».",
    415: "Le message doit être du JSON (« Content-Type\u00a0: application/json »).",
}
# Errors that the protocol's library words itself, by their JSON-RPC code; ours bear others.
ERRORS = {
    -32601: "Cette méthode n’est pas offerte ici. Le serveur offre des outils et une ressource.",
    -32602: (
        "Cette demande n’est pas connue ici, ou ses paramètres n’ont pas la forme attendue. "
        "Vérifiez le nom de la méthode et ce qu’elle prend."
    ),
    0: UNEXPECTED,
}
HEAD_BYTES = 300
"""Where an error stands in an answer: after the version and the number of the request."""
NO_DIRECTORY = (
    "Aucun annuaire n’est relié à cette instance. Employez une clé d’API, que l’administration "
    "crée."
)
STOPPED = "Le serveur MCP n’est pas démarré. Réessayez dans un instant."


class McpEndpoint:
    """The application behind the address; `running` opens and closes it with the instance."""

    def __init__(self) -> None:
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Take calls within the block."""
        manager = StreamableHTTPSessionManager(build_server(), json_response=True, stateless=True)
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises the errors of the API, answered as problem documents."""
        request = Request(scope, receive)
        refusal = await self._find_refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if self._manager is None:
            raise ConfigurationError(STOPPED)
        await self._manager.handle_request(scope, receive, FrenchRefusals(scope, receive, send))

    async def _find_refusal(self, request: Request) -> Response | None:
        services = get_services(request)
        allowed = services.settings.cors_origins.split(",")
        if not is_own_origin(
            request.headers, frozenset(part.strip() for part in allowed if part.strip())
        ):
            return problem_response(403, FOREIGN)
        if request.method != "POST":
            return problem_response(405, POST_ONLY, {"allow": "POST"})
        try:
            access = await find_access(request, services)
        except SignInRequired as error:
            return problem_response(401, error.message, challenge(request, services))
        services.limits.check_user(access.identity.user_id)
        if access.must_change_password:
            raise PasswordMustChange(CHANGE_FIRST)
        return None


class FrenchRefusals:
    """Passes an answer on; the protocol's own refusals become problem documents in French.

    An error within an answer (JSON-RPC) keeps its code and takes our words.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._refused: int | None = None
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            if message["status"] >= 400:
                self._refused = message["status"]
            else:
                self._start = message
        elif self._refused is None:
            if self._start is not None:
                start, self._start = self._start, None
                message = {**message, "body": translate_error(message.get("body", b""))}
                await self._send({**start, "headers": _measure(start, message["body"])})
            await self._send(message)
        elif not message.get("more_body", False):
            detail = REFUSALS.get(self._refused, UNREADABLE)
            answer = problem_response(self._refused, detail)
            await answer(self._scope, self._receive, self._send)


def translate_error(body: bytes) -> bytes:
    """A JSON-RPC answer; an error that the protocol's library worded is worded in French."""
    if b'"error"' not in body[:HEAD_BYTES]:
        return body
    answer = json.loads(body)
    error = answer.get("error")
    if not isinstance(error, dict) or error.get("code") not in ERRORS:
        return body
    told = {"code": error["code"], "message": ERRORS[error["code"]]}
    return json.dumps({**answer, "error": told}, ensure_ascii=False).encode()


def _measure(start: Message, body: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, its length being that of `body`."""
    kept = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    return [*kept, (b"content-length", str(len(body)).encode())]


async def get_metadata(request: Request) -> Response:
    """Where a program gets a token for this server (RFC 9728). Raises NotFound."""
    services = get_services(request)
    if services.gatekeeper.directory is None:
        raise NotFound(NO_DIRECTORY)
    options = services.gatekeeper.directory.options
    body: dict[str, Any] = {
        "resource": f"{_find_root(request, services)}{MCP}",
        "resource_name": "Voltaire",
        "authorization_servers": [options.issuer],
        "scopes_supported": [name_scope(options)],
        "bearer_methods_supported": ["header"],
    }
    return JSONResponse(body, headers={"cache-control": "max-age=3600"})


def challenge(request: Request, services: Services) -> dict[str, str]:
    """The header that tells a program how to get in; a token that was given is said invalid."""
    parts: list[str] = []
    if "authorization" in request.headers:
        parts.append('error="invalid_token"')
    directory = services.gatekeeper.directory
    if directory is not None:
        parts.append(f'resource_metadata="{_find_root(request, services)}{METADATA}"')
        parts.append(f'scope="{name_scope(directory.options)}"')
    return {"www-authenticate": f"Bearer {', '.join(parts)}".strip()}


def name_scope(options: DirectoryOptions) -> str:
    """The scope to ask the directory for, in full where the application has a URI."""
    uri = next((one for one in options.audiences if "://" in one), None)
    return f"{uri}/{options.scope}" if uri else options.scope


def _find_root(request: Request, services: Services) -> str:
    """The public address of the instance, without a slash at its end."""
    return (services.settings.public_url or str(request.base_url)).rstrip("/")
