"""Microsoft Graph: the SDK's adapter, with our limits and our repeats.

The SDK's own middleware repeats writes after 503, which may do them twice: here only 429 is
repeated on a write; a read is repeated on 429 and on faults of the service. At most four requests
are under way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

from core.errors import VoltaireError
from core.formats import NBSP

SCOPE = "https://graph.microsoft.com/.default"
GRAPH = "https://graph.microsoft.com/v1.0"
IN_FLIGHT = 4
ATTEMPTS = 6
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 120.0
TIMEOUT_S = 30.0
IMMUTABLE = 'IdType="ImmutableId"'
READ_REPEATS = frozenset({429, 500, 502, 503, 504})
WRITE_REPEATS = frozenset({429})
# Several reads in one request, whatever its verb; no write is ever sent this way.
BATCH_URL = "/$batch"
NOT_SIGNED_IN = (
    "Microsoft 365 refuse l’identification de l’application. Vérifiez VOLTAIRE_GRAPH_TENANT_ID, "
    "VOLTAIRE_GRAPH_CLIENT_ID et VOLTAIRE_GRAPH_CLIENT_SECRET (le secret a pu expirer)."
)


BUSY = (
    "Microsoft 365 limite les demandes ou ne répond pas pour le moment ({status} {code}). "
    f"Réessayez dans quelques minutes{NBSP}; les lectures de fond reprennent d’elles-mêmes. Si "
    "cela dure plus d’une journée, voyez l’état de Microsoft 365 avec qui l’administre."
)


class GraphError(VoltaireError):
    """Graph refused a request; `code` and `http_status` are Graph's."""

    status: ClassVar[int] = 502
    page: ClassVar[str] = "docs/triage.md"

    def __init__(self, http_status: int, code: str, message: str) -> None:
        super().__init__(
            BUSY.format(status=http_status, code=code)
            if http_status in READ_REPEATS
            else f"Microsoft 365 a refusé une demande ({http_status} {code}). Vérifiez "
            f"l’inscription de l’application et ses autorisations ({self.page})."
        )
        self.http_status, self.code, self.reason = http_status, code, message


class GraphUnreachable(VoltaireError):
    """No answer came: network down, host unknown, sign-in service away or refusing."""

    status: ClassVar[int] = 503


class StaleDelta(GraphError):
    """The delta token is too old (410): what it follows is read again from the start."""


def load_sdk() -> None:
    """Import the SDK (about two seconds), ahead of the first request."""
    import msgraph  # noqa: F401 # pyright: ignore[reportUnusedImport]


@lru_cache(maxsize=8)
def make_credential(tenant_id: str, client_id: str, secret: str) -> Any:
    """The application's credential, which keeps its token until it expires."""
    from azure.identity.aio import ClientSecretCredential

    return ClientSecretCredential(tenant_id, client_id, secret)


def authenticate(credential: Any) -> Any:
    """The kiota AuthenticationProvider of a credential."""
    from msgraph_core.authentication import AzureIdentityAuthenticationProvider

    return AzureIdentityAuthenticationProvider(credential, scopes=[SCOPE])


async def get_token(credential: Any) -> str:
    """A bearer token for Graph. Raises GraphUnreachable."""
    from azure.core.exceptions import AzureError

    try:
        return str((await credential.get_token(SCOPE)).token)
    except (AzureError, OSError, ValueError) as error:
        raise GraphUnreachable(NOT_SIGNED_IN) from error


@dataclass
class GraphClient:
    """What every reader of Graph shares. `authentication` is a kiota AuthenticationProvider."""

    authentication: Any = field(repr=False, kw_only=True)
    base_url: str = field(default=GRAPH, kw_only=True)
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(IN_FLIGHT), repr=False, kw_only=True
    )
    _adapter: Any = field(default=None, repr=False, kw_only=True)
    _client: Any = field(default=None, repr=False, kw_only=True)

    def describe_silence(self) -> str:
        """What to say when no answer comes."""
        raise NotImplementedError

    def make_error(self, response: Any) -> GraphError:
        """The error of a refusal."""
        code = read_code(response)
        kind = StaleDelta if response.status_code == 410 else GraphError
        return kind(response.status_code, *code)

    async def call(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON answer to a request. Raises GraphError."""
        response = await self._send(method, url, body)
        return response.json() if response.content else {}

    async def close(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.aclose()

    async def _send(self, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
        self._check_host(url)
        is_read = method == "GET" or url.endswith(BATCH_URL)
        repeats = READ_REPEATS if is_read else WRITE_REPEATS
        response: Any = None
        for attempt in range(ATTEMPTS):
            async with self._slots:
                response = await self._try_once(method, url, body)
            if response.status_code not in repeats or attempt == ATTEMPTS - 1:
                break
            await asyncio.sleep(find_delay(response.headers, attempt))
        if response.status_code >= 400:
            raise self.make_error(response)
        return response

    async def _try_once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Any:
        """Raises GraphUnreachable. A write that got no answer is not repeated: it may be done."""
        import httpx
        from azure.core.exceptions import AzureError, ClientAuthenticationError

        try:
            return await self._send_once(method, url, body)
        except ClientAuthenticationError as error:
            raise GraphUnreachable(NOT_SIGNED_IN) from error
        except (httpx.HTTPError, httpx.InvalidURL, AzureError, OSError) as error:
            raise GraphUnreachable(self.describe_silence()) from error

    async def _send_once(self, method: str, url: str, body: Mapping[str, Any] | None) -> Any:
        from kiota_abstractions.method import Method
        from kiota_abstractions.native_response_handler import NativeResponseHandler
        from kiota_abstractions.request_information import RequestInformation
        from kiota_http.middleware.options import ResponseHandlerOption

        request = RequestInformation(Method(method))
        request.url = url
        request.headers.add("Prefer", IMMUTABLE)
        request.headers.add("Accept", "application/json, text/plain;q=0.9, */*;q=0.5")
        if body is not None:
            request.headers.add("Content-Type", "application/json")
            request.content = json.dumps(body).encode()
        handler = NativeResponseHandler()
        request.add_request_options([ResponseHandlerOption(handler)])  # pyright: ignore
        return await self._get_adapter().send_primitive_async(request, "bytes", {})

    def _get_adapter(self) -> Any:
        if self._adapter is None:
            import httpx
            from msgraph.graph_request_adapter import GraphRequestAdapter

            self._client = httpx.AsyncClient(timeout=TIMEOUT_S)
            self._adapter = GraphRequestAdapter(self.authentication, self._client)
            self._adapter.base_url = self.base_url
        return self._adapter

    def _check_host(self, url: str) -> None:
        """A link given by Graph leads to Graph: the token goes nowhere else."""
        ours, theirs = urlsplit(self.base_url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise GraphError(0, "foreignLink", url)


def find_delay(headers: Mapping[str, Any], attempt: int) -> float:
    told = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    usual = FIRST_WAIT_S * 2**attempt
    try:
        wait = float(told) if told is not None else usual
    except ValueError:
        wait = usual
    return min(wait, LONGEST_WAIT_S)


def read_code(response: Any) -> tuple[str, str]:
    """Graph's code and message of a refusal."""
    try:
        told = response.json()["error"]
        return str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        return "unknown", ""
