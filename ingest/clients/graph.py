"""Microsoft Graph for one mailbox: the SDK's adapter, with our limits and our repeats.

The SDK's own middleware repeats writes after 503, which may do them twice: here only 429 is
repeated on a write; a read is repeated on 429, 503 and 504. At most four requests are under way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from core.errors import VoltaireError

SCOPE = "https://graph.microsoft.com/.default"
GRAPH = "https://graph.microsoft.com/v1.0"
IN_FLIGHT = 4
BATCH = 20
ATTEMPTS = 6
LONGEST_WAIT_S = 120.0
TIMEOUT_S = 30.0
IMMUTABLE = 'IdType="ImmutableId"'
READ_REPEATS = frozenset({429, 503, 504})
WRITE_REPEATS = frozenset({429})
UNREACHABLE = (
    "Microsoft 365 ne répond pas pour la boîte {user}. Vérifiez la connexion à internet\u00a0; "
    "la lecture reprendra d’elle-même au prochain passage."
)
NOT_SIGNED_IN = (
    "Microsoft 365 refuse l’identification de l’application. Vérifiez VOLTAIRE_GRAPH_TENANT_ID, "
    "VOLTAIRE_GRAPH_CLIENT_ID et VOLTAIRE_GRAPH_CLIENT_SECRET (le secret a pu expirer)."
)
MAILBOX_GONE = frozenset({
    "ErrorInvalidUser", "ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI", "Request_ResourceNotFound",
})  # fmt: skip
DELTA_FIELDS = "id,internetMessageId,conversationId,subject,isDraft"


class GraphError(VoltaireError):
    """Graph refused a request; `code` and `http_status` are Graph's."""

    status: ClassVar[int] = 502

    def __init__(self, http_status: int, code: str, message: str) -> None:
        super().__init__(
            f"Microsoft 365 a refusé une demande ({http_status} {code}). Vérifiez l’inscription "
            "de l’application et ses autorisations (docs/triage.md)."
        )
        self.http_status, self.code, self.reason = http_status, code, message


class GraphUnreachable(VoltaireError):
    """No answer came: network down, host unknown, sign-in service away or refusing."""

    status: ClassVar[int] = 503


class MailboxGone(GraphError):
    """The mailbox itself is no longer there, or no longer one that Graph opens."""

    def __init__(self, http_status: int, code: str, message: str) -> None:
        super().__init__(http_status, code, message)
        self.message = (
            "Cette boîte n’existe plus dans Microsoft 365, ou Voltaire n’y a plus accès. Faites-la "
            f"rétablir par votre administrateur ({code}), puis relancez."
        )


class StaleDelta(GraphError):
    """The delta token is too old (410): the folder is read again from the start."""


@dataclass(frozen=True)
class DeltaPage:
    """Changes of a folder; `link` is where the next reading begins, once `is_last`."""

    messages: tuple[dict[str, Any], ...]
    link: str
    is_last: bool


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
class GraphMailbox:
    """The mailbox `user`. `authentication` is a kiota AuthenticationProvider."""

    user: str
    authentication: Any = field(repr=False)
    base_url: str = GRAPH
    _slots: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(IN_FLIGHT), repr=False
    )
    _adapter: Any = field(default=None, repr=False)
    _client: Any = field(default=None, repr=False)

    async def list_changes(self, folder: str, link: str | None) -> AsyncIterator[DeltaPage]:
        """The pages of changes of `folder` since `link` (all of it when None).

        Raises StaleDelta when `link` has expired.
        """
        where = link or self._path(
            f"/mailFolders/{quote(folder)}/messages/delta", {"$select": DELTA_FIELDS}
        )
        while True:
            body = await self.call("GET", where)
            following, final = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
            where = str(following or final or "")
            yield DeltaPage(tuple(body.get("value", ())), where, final is not None)
            if not following:
                return

    async def fetch_mime(self, message_id: str) -> bytes:
        """The message as it came (RFC 5322)."""
        response = await self._send("GET", self._path(f"/messages/{quote(message_id)}/$value"))
        return bytes(response.content)

    async def fetch_many(self, message_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        """Id, message id and conversation of each message, twenty at a time; None where gone."""
        found: dict[str, dict[str, Any] | None] = {}
        for start in range(0, len(message_ids), BATCH):
            found |= await self._fetch_batch(message_ids[start : start + BATCH])
        return found

    async def _fetch_batch(self, message_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        waiting, found = dict(enumerate(message_ids)), dict[str, dict[str, Any] | None]()
        for attempt in range(ATTEMPTS):
            requests = [
                {"id": str(rank), "method": "GET", "headers": {"Prefer": IMMUTABLE},
                 "url": f"/users/{quote(self.user)}/messages/{quote(one)}?$select={DELTA_FIELDS}"}
                for rank, one in waiting.items()
            ]  # fmt: skip
            body = await self.call("POST", self.base_url + "/$batch", {"requests": requests})
            wait = 0.0
            for answer in body["responses"]:
                rank = int(answer["id"])
                if answer["status"] in READ_REPEATS:
                    wait = max(wait, _delay(answer.get("headers", {}), attempt))
                    continue
                found[waiting.pop(rank)] = answer["body"] if answer["status"] == 200 else None
            if not waiting:
                break
            await asyncio.sleep(wait)
        return found

    async def create_reply(
        self, message_id: str, content: Mapping[str, Any], *, to_all: bool
    ) -> dict[str, Any]:
        """A draft of reply to a message, in its conversation. Nothing is ever sent."""
        action = "createReplyAll" if to_all else "createReply"
        where = self._path(f"/messages/{quote(message_id)}/{action}")
        return await self.call("POST", where, {"message": dict(content)})

    async def get_message(self, message_id: str, fields: str) -> dict[str, Any] | None:
        """The chosen fields of a message; None when it is gone."""
        try:
            return await self.call(
                "GET", self._path(f"/messages/{quote(message_id)}", {"$select": fields})
            )
        except GraphError as error:
            if error.http_status == 404 and not isinstance(error, MailboxGone):
                return None
            raise

    async def update_message(self, message_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The message once changed."""
        return await self.call("PATCH", self._path(f"/messages/{quote(message_id)}"), changes)

    async def list_drafts(self, conversation_id: str) -> list[dict[str, Any]]:
        """The drafts of a conversation."""
        escaped = conversation_id.replace("'", "''")
        query = {"$filter": f"conversationId eq '{escaped}'",
                 "$select": "id,conversationId,categories,body"}  # fmt: skip
        body = await self.call("GET", self._path("/mailFolders/drafts/messages", query))
        return list(body["value"])

    async def find_by_property(self, name: str, value: str) -> str | None:
        """The id of the message, in any folder, whose extended property `name` is `value`."""
        condition = (
            f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '{value}')"
        )
        body = await self.call(
            "GET", self._path("/messages", {"$filter": condition, "$select": "id"})
        )
        return next((str(one["id"]) for one in body["value"]), None)

    async def subscribe(
        self, *, address: str, lifecycle_address: str, client_state: str, expires: str
    ) -> dict[str, Any]:
        """A subscription to the mailbox's new and changed messages, until `expires` (ISO, UTC)."""
        wanted = {
            "changeType": "created,updated",
            "notificationUrl": address,
            "lifecycleNotificationUrl": lifecycle_address,
            "resource": f"/users/{self.user}/messages",
            "expirationDateTime": expires,
            "clientState": client_state,
        }
        return await self.call("POST", self.base_url + "/subscriptions", wanted)

    async def renew(self, subscription_id: str, expires: str) -> dict[str, Any]:
        """The subscription, alive until `expires`; raises GraphError 404 when it is gone."""
        where = f"{self.base_url}/subscriptions/{quote(subscription_id)}"
        return await self.call("PATCH", where, {"expirationDateTime": expires})

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
        repeats = READ_REPEATS if method == "GET" else WRITE_REPEATS
        response: Any = None
        for attempt in range(ATTEMPTS):
            async with self._slots:
                response = await self._try_once(method, url, body)
            if response.status_code not in repeats:
                break
            await asyncio.sleep(_delay(response.headers, attempt))
        if response.status_code >= 400:
            raise _error(response)
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
            raise GraphUnreachable(UNREACHABLE.format(user=self.user)) from error

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

    def _path(self, path: str, query: Mapping[str, str] | None = None) -> str:
        tail = f"?{urlencode(query, safe='$,')}" if query else ""
        return f"{self.base_url}/users/{quote(self.user)}{path}{tail}"

    def _check_host(self, url: str) -> None:
        """A link given by Graph leads to Graph: the token goes nowhere else."""
        ours, theirs = urlsplit(self.base_url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise GraphError(0, "foreignLink", url)


def _delay(headers: Mapping[str, Any], attempt: int) -> float:
    told = next((v for k, v in headers.items() if k.lower() == "retry-after"), None)
    try:
        wait = float(told) if told is not None else 0.5 * 2**attempt
    except ValueError:
        wait = 0.5 * 2**attempt
    return min(wait, LONGEST_WAIT_S)


def _error(response: Any) -> GraphError:
    try:
        told = response.json()["error"]
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "unknown", ""
    kind = GraphError
    if response.status_code == 410:
        kind = StaleDelta
    elif code in MAILBOX_GONE:
        kind = MailboxGone
    return kind(response.status_code, code, message)
