"""The BOAMP's open data (Opendatasoft Explore API v2.1), read politely, page by page."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx

from core.errors import VoltaireError

RECORDS = "/api/explore/v2.1/catalog/datasets/boamp/records"
PAGE = 100
"""The API refuses `limit` above 100."""
LAST_ROW = 10_000
"""The API refuses `offset + limit` above 10 000."""
TRIES = 4
LONGEST_WAIT_S = 60.0
PAUSE_S = 0.3
NEWEST_FIRST = "dateparution desc, idweb desc"
USER_AGENT = "Voltaire (veille BOAMP)"
Sleep = Callable[[float], Awaitable[None]]


class BoampUnavailable(VoltaireError):
    """The BOAMP does not answer, or refuses."""

    status: ClassVar[int] = 502


@dataclass
class BoampClient:
    """Reads records. `sleep` waits between pages and before a second try."""

    http: httpx.AsyncClient
    base_url: str
    sleep: Sleep = field(default=asyncio.sleep)

    async def list_records(
        self, where: str, *, order_by: str = NEWEST_FIRST, most: int = LAST_ROW
    ) -> AsyncIterator[dict[str, Any]]:
        """The records that meet `where` (ODSQL), at most `most`, in order.

        Raises BoampUnavailable.
        """
        offset = 0
        while offset < min(most, LAST_ROW):
            limit = min(PAGE, min(most, LAST_ROW) - offset)
            page = await self._get(where, order_by, limit, offset)
            results: list[dict[str, Any]] = page.get("results") or []
            for record in results:
                yield record
            offset += len(results)
            if len(results) < limit or offset >= int(page.get("total_count", 0)):
                return
            await self.sleep(PAUSE_S)

    async def find_record(self, idweb: str) -> dict[str, Any] | None:
        """The record of one notice, None when the BOAMP does not know it."""
        async for record in self.list_records(f"idweb = {quote(idweb)}", most=1):
            return record
        return None

    async def _get(self, where: str, order_by: str, limit: int, offset: int) -> dict[str, Any]:
        parameters = {"where": where, "order_by": order_by, "limit": str(limit),
                      "offset": str(offset)}  # fmt: skip
        reason = ""
        for attempt in range(TRIES):
            try:
                response = await self.http.get(
                    self.base_url.rstrip("/") + RECORDS, params=parameters,
                    headers={"user-agent": USER_AGENT, "accept": "application/json"},
                )  # fmt: skip
            except httpx.HTTPError as error:
                reason = type(error).__name__
                wait = 2.0**attempt
            else:
                if response.is_success:
                    return _read(response)
                reason = f"code {response.status_code}"
                if response.status_code not in {429, 500, 502, 503, 504}:
                    raise _refused(response)
                wait = _wait_of(response, 2.0**attempt)
            if attempt + 1 < TRIES:
                await self.sleep(wait)
        raise BoampUnavailable(
            f"Le BOAMP ne répond pas ({reason}). La veille reprendra au prochain passage\u00a0; "
            "rien de ce qui était déjà relevé n’est perdu."
        )


def compose_where(
    since: dt.date, *, words: Sequence[str], codes: Sequence[str], departments: Sequence[str]
) -> str:
    """The ODSQL condition: published since, one of the words or codes, in the departments.

    The words are searched in the object and the codes in the whole notice. Corrections,
    cancellations and results are kept: they change what is already known.
    """
    sought = [f"search(objet, {quote(word)})" for word in words]
    sought += [f"search(donnees, {quote(code)})" for code in codes]
    conditions = [f"dateparution >= date'{since.isoformat()}'"]
    if sought:
        conditions.append(f"({' or '.join(sought)})")
    if departments:
        listed = ", ".join(quote(_bare(code)) for code in departments)
        conditions.append(f"code_departement in ({listed})")
    return " and ".join(conditions)


def quote(text: str) -> str:
    """A string of ODSQL. Quotes and backslashes are left out: no search needs them."""
    return '"' + re.sub(r'["\\\x00-\x1f]', " ", text).strip() + '"'


def _bare(code: str) -> str:
    """Departments are written without leading zero in the records («1», «38», «2A»)."""
    return code.lstrip("0") or code


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BoampUnavailable("Le BOAMP a répondu autre chose que des avis. Réessayez plus tard.")
    return value  # pyright: ignore[reportUnknownVariableType]


def _wait_of(response: httpx.Response, otherwise: float) -> float:
    """`Retry-After` in seconds where it is given, within a minute."""
    told = response.headers.get("retry-after", "")
    return min(float(told), LONGEST_WAIT_S) if told.isdigit() else otherwise


def _refused(response: httpx.Response) -> BoampUnavailable:
    return BoampUnavailable(
        f"Le BOAMP a refusé la recherche (code {response.status_code}). Vérifiez les mots et les "
        "codes des filtres de veille."
    )
