"""Twenty CRM's REST API: paced, paged, its refusals told in French.

Only a read is repeated after a failure of the server; a write is repeated after 429 alone, which
is answered before anything is done.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import httpx
from pydantic import SecretStr

from core.errors import VoltaireError

logger = logging.getLogger(__name__)
Record = Mapping[str, Any]
Sleep = Callable[[float], Awaitable[None]]
PAGE = 200
"""The server caps `limit` there."""
PER_MINUTE = 100
WINDOW_S = 60.0
TRIES = 5
LONGEST_WAIT_S = 90.0
TIMEOUT_S = 30.0
READ_REPEATS = frozenset({429, 500, 502, 503, 504})
WRITE_REPEATS = frozenset({429})
UNREACHABLE = (
    "Twenty ne répond pas ({reason}). Vérifiez VOLTAIRE_TWENTY_URL et le réseau\u00a0; la "
    "synchronisation reprendra d’elle-même."
)
KEY_REFUSED = (
    "Twenty refuse la clé d’API\u00a0: {reason}. Créez-en une autre dans Twenty (Réglages, API et "
    "webhooks), avec un rôle qui lit et modifie les objets, puis renseignez "
    "VOLTAIRE_TWENTY_API_KEY."
)
EXPIRED = "elle a expiré"
UNFIT = "elle est fausse, révoquée, ou son rôle est trop étroit"
TOO_OFTEN = (
    "Twenty limite nos demandes (100 par minute et par clé). La synchronisation reprendra "
    "d’elle-même\u00a0; si cela dure, donnez à Voltaire une clé qui ne sert qu’à lui."
)
REFUSED = (
    "Twenty a refusé une demande ({status}). Si un objet, un champ ou une valeur de liste manque, "
    "relancez «\u00a0voltaire twenty setup\u00a0»\u00a0; sinon, corrigez la fiche."
)
UNREADABLE = (
    "L’adresse VOLTAIRE_TWENTY_URL répond autre chose que l’API de Twenty. Donnez l’adresse du "
    "serveur, sans «\u00a0/rest\u00a0»."
)


class TwentyError(VoltaireError):
    """Twenty refused a request: `http_status` and `reason` are its own, for the log."""

    status: ClassVar[int] = 502

    def __init__(self, http_status: int, reason: str, message: str | None = None) -> None:
        super().__init__(message or REFUSED.format(status=http_status))
        self.http_status, self.reason = http_status, reason


class TwentyKeyRefused(TwentyError):
    """The key is missing, wrong, expired, or its role does not allow this."""


class TwentyBusy(TwentyError):
    """Still too many requests after the waits that were asked for: nothing was done."""


class TwentyUnreachable(VoltaireError):
    """No answer that can be read came: a write may have been made."""

    status: ClassVar[int] = 503


@dataclass(frozen=True)
class Page:
    """Records of a list; `cursor` leads to the next page, None at the end."""

    records: tuple[Record, ...]
    cursor: str | None


@dataclass
class TwentyClient:
    """The API at `base_url` under one key. `sleep` waits for the pace and before repeats."""

    base_url: str
    key: SecretStr = field(repr=False)
    http: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False),
        repr=False,
    )
    per_minute: int = PER_MINUTE
    sleep: Sleep = field(default=asyncio.sleep, repr=False)
    _sent: deque[float] = field(default_factory=deque[float], repr=False)

    async def list_pages(self, plural: str, condition: str | None = None) -> AsyncIterator[Page]:
        """The records that meet `condition` (Twenty's filter), the least lately changed first."""
        query = {"limit": str(PAGE), "depth": "0", "order_by": "updatedAt[AscNullsFirst]"}
        if condition is not None:
            query["filter"] = condition
        cursor: str | None = None
        while True:
            after = {"starting_after": cursor} if cursor else {}
            body = await self._call("GET", f"/rest/{plural}", query=query | after)
            info = body.get("pageInfo") or {}
            cursor = info.get("endCursor") if info.get("hasNextPage") else None
            yield Page(tuple(_data(body)[plural]), cursor)
            if cursor is None:
                return

    async def find_record(self, plural: str, singular: str, record_id: str) -> Record | None:
        """One record; None when it is not there, or deleted."""
        try:
            body = await self._call("GET", f"/rest/{plural}/{record_id}", query={"depth": "0"})
        except TwentyError as error:
            if error.http_status == 404:
                return None
            raise
        found = cast(Record | None, _data(body).get(singular))
        return None if not found or found.get("deletedAt") else found

    async def create_record(self, plural: str, singular: str, values: Record) -> Record:
        """The record made of `values`."""
        body = await self._call("POST", f"/rest/{plural}", values, query={"depth": "0"})
        return _data(body)[f"create{_capital(singular)}"]

    async def update_record(
        self, plural: str, singular: str, record_id: str, values: Record
    ) -> Record:
        """The record once `values` are changed in it."""
        where = f"/rest/{plural}/{record_id}"
        body = await self._call("PATCH", where, values, query={"depth": "0"})
        return _data(body)[f"update{_capital(singular)}"]

    async def soft_delete(self, plural: str, record_id: str) -> None:
        """Put a record in Twenty's bin; what is not there is left so."""
        where = f"/rest/{plural}/{record_id}"
        try:
            await self._call("DELETE", where, query={"soft_delete": "true"})
        except TwentyError as error:
            if error.http_status != 404:
                raise

    async def list_metadata(self, kind: str) -> list[Record]:
        """Every item of a kind of metadata («objects», «webhooks»), in either shape of answer."""
        found: list[Record] = []
        query = {"limit": str(PAGE)}
        while True:
            body = await self._call("GET", f"/rest/metadata/{kind}", query=query)
            found += _items(body, kind)
            info: Record = body.get("pageInfo") or {} if isinstance(body, dict) else {}
            if not (info.get("hasNextPage") and info.get("endCursor")):
                return found
            query |= {"starting_after": str(info["endCursor"])}

    async def create_metadata(self, kind: str, values: Record) -> Record:
        """The item of metadata made of `values`."""
        return _item(await self._call("POST", f"/rest/metadata/{kind}", values))

    async def update_metadata(self, kind: str, item_id: str, values: Record) -> Record:
        """The item of metadata once `values` are changed in it."""
        return _item(await self._call("PATCH", f"/rest/metadata/{kind}/{item_id}", values))

    async def close(self) -> None:
        """Let the connections go."""
        await self.http.aclose()

    async def _call(
        self, method: str, path: str, body: Record | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:  # fmt: skip
        repeats = READ_REPEATS if method == "GET" else WRITE_REPEATS
        attempt = 1
        while True:
            await self._take_turn()
            response = await self._send(method, path, body, query)
            if response.is_success:
                return _read(response)
            if response.status_code not in repeats or attempt == TRIES:
                raise _error(response)
            await self.sleep(_delay(response, attempt))
            attempt += 1

    async def _send(
        self, method: str, path: str, body: Record | None, query: Mapping[str, str] | None
    ) -> httpx.Response:
        try:
            return await self.http.request(
                method, self.base_url.rstrip("/") + path, params=query, json=body,
                headers={"authorization": f"Bearer {self.key.get_secret_value()}"},
            )  # fmt: skip
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise TwentyUnreachable(UNREACHABLE.format(reason=type(error).__name__)) from error

    async def _take_turn(self) -> None:
        """Wait until fewer than `per_minute` requests were sent in the last minute."""
        while True:
            now = time.monotonic()
            while self._sent and self._sent[0] <= now - WINDOW_S:
                self._sent.popleft()
            if len(self._sent) < self.per_minute:
                self._sent.append(now)
                return
            await self.sleep(self._sent[0] + WINDOW_S - now)


def _capital(singular: str) -> str:
    return singular[:1].upper() + singular[1:]


def _read(response: httpx.Response) -> Any:
    try:
        value = response.json()
    except ValueError as error:
        raise TwentyUnreachable(UNREADABLE) from error
    if not isinstance(value, dict | list):
        raise TwentyUnreachable(UNREADABLE)
    return cast(Any, value)


def _data(body: Any) -> dict[str, Any]:
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise TwentyUnreachable(UNREADABLE)
    return cast(dict[str, Any], data)


def _items(body: Any, kind: str) -> list[Record]:
    """A list of metadata: bare, under `data`, or under `data` by its kind."""
    data = body.get("data") if isinstance(body, dict) else body
    if isinstance(data, dict):
        data = cast(dict[str, Any], data).get(kind)
    if not isinstance(data, list):
        raise TwentyUnreachable(UNREADABLE)
    return cast(list[Record], data)


def _item(body: Any) -> Record:
    """An item of metadata: bare, or under `data` and the name of its operation."""
    data = body.get("data", body) if isinstance(body, dict) else None
    if isinstance(data, dict) and "id" not in data and len(data) == 1:
        data = next(iter(cast(dict[str, Any], data).values()))
    if not isinstance(data, dict) or "id" not in data:
        raise TwentyUnreachable(UNREADABLE)
    return cast(Record, data)


def _delay(response: httpx.Response, attempt: int) -> float:
    told = response.headers.get("retry-after", "")
    return min(float(told) if told.isdigit() else 2.0**attempt, LONGEST_WAIT_S)


def _error(response: httpx.Response) -> TwentyError:
    status, reason = response.status_code, _reason(response)
    if status != 404:
        logger.info("Twenty a refusé une demande (%s) : %s", status, reason)
    if status in {401, 403}:
        why = EXPIRED if "expired" in reason.lower() else UNFIT
        return TwentyKeyRefused(status, reason, KEY_REFUSED.format(reason=why))
    if status == 429:
        return TwentyBusy(status, reason, TOO_OFTEN)
    return TwentyError(status, reason)


def _reason(response: httpx.Response) -> str:
    """Twenty's own words, in one line."""
    try:
        messages = response.json()["messages"]
        told = " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
    except (ValueError, KeyError, TypeError):
        told = ""
    return " ".join(told.split())[:300].rstrip(".") or f"code {response.status_code}"
