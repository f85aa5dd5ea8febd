"""The double itself: an httpx transport that answers as the open-data API does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cmp_to_key
from typing import Any

import httpx

from tests.doubles.boamp.odsql import BadQuery, check_order, compile_where

PATH = "/api/explore/v2.1/catalog/datasets/boamp/records"
PARAMETERS = frozenset({"where", "order_by", "limit", "offset", "select", "lang", "timezone"})
BASE_URL = "https://boamp.double"


@dataclass
class BoampDouble:
    """Holds records; `failures` are answered first, in order, as (status, headers)."""

    records: Sequence[dict[str, Any]] = ()
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def client(self) -> httpx.AsyncClient:
        """An HTTP client that speaks to this double alone."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    async def sleep(self, seconds: float) -> None:
        """Note the wait instead of waiting."""
        self.waits.append(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.failures:
            status, headers = self.failures.pop(0)
            return httpx.Response(status, headers=headers, json={"error_code": "Failure"})
        if request.method != "GET" or request.url.path != PATH:
            return httpx.Response(404, json={"error_code": "NotFound"})
        try:
            return httpx.Response(200, json=self._search(dict(request.url.params)))
        except BadQuery as error:
            body = {"error_code": "ODSQLError", "message": str(error)}
            return httpx.Response(400, json=body)

    def _search(self, parameters: dict[str, str]) -> dict[str, Any]:
        if unknown := set(parameters) - PARAMETERS:
            raise BadQuery(f"Unknown parameter: {sorted(unknown)[0]}")
        limit, offset = _number(parameters, "limit", 10), _number(parameters, "offset", 0)
        if not -1 <= limit <= 100:
            raise BadQuery("Invalid value for limit API parameter: -1 <= limit <= 100 is expected")
        if offset + limit > 10_000:
            raise BadQuery("Invalid value for offset API parameter")
        found = list(self.records)
        if where := parameters.get("where"):
            test = compile_where(where)
            found = [record for record in found if test(record)]
        if order := parameters.get("order_by"):
            found = _sort(found, check_order(order))
        return {"total_count": len(found), "results": found[offset : offset + limit]}


def _number(parameters: dict[str, str], name: str, otherwise: int) -> int:
    try:
        return int(parameters.get(name, otherwise))
    except ValueError:
        raise BadQuery(f"Invalid value for {name} API parameter") from None


def _sort(records: list[dict[str, Any]], keys: list[tuple[str, bool]]) -> list[dict[str, Any]]:
    def compare(left: dict[str, Any], right: dict[str, Any]) -> int:
        for name, descends in keys:
            a, b = str(left.get(name) or ""), str(right.get(name) or "")
            if a != b:
                return (1 if a > b else -1) * (-1 if descends else 1)
        return 0

    return sorted(records, key=cmp_to_key(compare))


def day(text: str) -> str:
    """A date of the records, checked."""
    return dt.date.fromisoformat(text).isoformat()
