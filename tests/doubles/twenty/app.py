"""The double's addresses, each with the refusals of the real server."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.twenty.filters import compile_filter
from tests.doubles.twenty.metadata import (
    ObjectMetadata,
    add_field,
    add_object,
    make_workspace,
)
from tests.doubles.twenty.records import check_depth, check_values, find_uuid, list_page, merge
from tests.doubles.twenty.refusals import Refused, bad_request, not_found

KEY = "twenty-test-key"
EXPIRED = "twenty-expired-key"
BATCH = 60
BULK = "Filters are mandatory for bulk delete/destroy operations"


@dataclass(frozen=True)
class Delivery:
    """What is posted once to a webhook's address: a failure is never repeated."""

    url: str
    headers: dict[str, str]
    body: bytes

    async def post(self, http: httpx.AsyncClient) -> int:
        """Send it, as the real one does: whatever the answer."""
        return (await http.post(self.url, content=self.body, headers=self.headers)).status_code


@dataclass
class Twenty:
    """The state of the double. `throttle` holds the statuses that the next requests meet;
    `lose_answers`, how many writes are made whose answer is lost; `written` counts the writes of
    records made, told or not."""

    objects: dict[str, ObjectMetadata] = field(default_factory=make_workspace)
    rows: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    webhooks: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_new_format: bool = False
    throttle: list[int] = field(default_factory=list)
    retry_after: str = "0"
    lose_answers: int = 0
    delay_s: float = 0.0
    written: int = 0
    requests: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    _last: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def app(self) -> Starlette:
        """The web application."""
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{rest:path}", self.handle, methods=methods)])

    def writes(self, method: str = "") -> list[str]:
        """The requests of records that changed something, those of `method` alone if given."""
        found = [r for r in self.requests if not r.startswith("GET") and "/metadata/" not in r]
        return [r for r in found if r.startswith(method)]

    def add(self, singular: str, **values: Any) -> dict[str, Any]:
        """A record made by a person in Twenty."""
        return self._create(self.objects[singular], values)

    def change(self, singular: str, record_id: str, **values: Any) -> dict[str, Any]:
        """A record changed by a person in Twenty."""
        held = self.objects[singular]
        return self._update(held, record_id, check_values(self.objects, self._tables(), held,
                                                          values))  # fmt: skip

    def remove(self, singular: str, record_id: str) -> None:
        """A record put in the bin by a person in Twenty."""
        self._delete(self.objects[singular], record_id, is_soft=True)

    def table(self, singular: str) -> dict[str, dict[str, Any]]:
        """The records of an object, those in the bin too."""
        return self.rows.setdefault(singular, {})

    async def _be_late(self) -> None:
        """Wait for `delay_s`, or until that is set back to 0."""
        ends = time.monotonic() + self.delay_s
        while self.delay_s and time.monotonic() < ends:  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(0.02)

    async def handle(self, request: Request) -> Response:
        path = "/" + request.path_params["rest"]
        self.requests.append(f"{request.method} {path}")
        try:
            self._check_key(request.headers.get("authorization", ""))
            if self.throttle:
                status = self.throttle.pop(0)
                raise Refused(status, "ThrottlerException", "Limit reached", self.retry_after)
            raw = await request.body()
            body = _parse(raw) if raw else None
            answer = self._route(request.method, path, dict(request.query_params), body)
            # Done, and told late: whoever asked may be gone.
            if request.method != "GET":
                self.written += "/metadata/" not in path
                await self._be_late()
            if self.lose_answers and request.method != "GET":
                self.lose_answers -= 1
                raise Refused(502, "BadGateway", "lost")
            return answer
        except Refused as refusal:
            headers = {"retry-after": refusal.retry_after} if refusal.retry_after else {}
            body = {"statusCode": refusal.status, "error": refusal.error,
                    "messages": [refusal.message]}  # fmt: skip
            return JSONResponse(body, refusal.status, headers)

    def _check_key(self, given: str) -> None:
        if not given:
            raise Refused(403, "FORBIDDEN_EXCEPTION", "Missing authentication token")
        if given == f"Bearer {EXPIRED}":
            raise Refused(401, "UNAUTHENTICATED", "Token has expired.")
        if given != f"Bearer {KEY}":
            raise Refused(401, "UNAUTHENTICATED", "Token invalid.")

    def _route(self, method: str, path: str, query: dict[str, str], body: Any) -> Response:
        parts = [part for part in path.split("/") if part]
        if parts[:1] != ["rest"] or len(parts) < 2:
            raise not_found()
        if parts[1] == "metadata":
            return self._metadata(method, parts[2:], query, body)
        if parts[1] == "webhooks" and method == "GET":
            return JSONResponse(list(self.webhooks.values()))
        if parts[1] == "batch" and method == "POST":
            return self._create_many(self._find_object(parts[2]), body)
        if parts[1] == "restore" and method == "PATCH":
            return self._restore(self._find_object(parts[2]), parts[3])
        held = self._find_object(parts[1])
        if len(parts) == 4 and parts[3] == "restore" and method == "PATCH":
            return self._restore(held, parts[2])
        if len(parts) == 2:
            return self._collection(method, held, query, body)
        return self._one(method, held, find_uuid(parts[2]), query, body)

    def _collection(self, method: str, held: ObjectMetadata, query: dict[str, str],
                    body: Any) -> Response:  # fmt: skip
        if method == "GET":
            return JSONResponse(list_page(held, self.table(held.singular), query))
        check_depth(query)
        if method == "POST":
            return JSONResponse(_data(f"create{_capital(held.singular)}",
                                      self._create(held, body)), 201)  # fmt: skip
        if method == "DELETE":
            if not query.get("filter"):
                raise bad_request(BULK)
            test = compile_filter(held, query["filter"])
            found = [one for one in list(self.table(held.singular).values()) if test(one)]
            for one in found:
                self._delete(held, one["id"], is_soft=query.get("soft_delete") == "true")
            return JSONResponse(_data(f"delete{_capital(held.plural)}",
                                      [{"id": one["id"]} for one in found]))  # fmt: skip
        raise not_found()

    def _one(self, method: str, held: ObjectMetadata, record_id: str, query: dict[str, str],
             body: Any) -> Response:  # fmt: skip
        check_depth(query)
        if method == "GET":
            return JSONResponse(_data(held.singular, self._get(held, record_id)))
        if method in {"PATCH", "PUT"}:
            self._get(held, record_id)
            values = check_values(self.objects, self._tables(), held, body)
            changed = self._update(held, record_id, values)
            return JSONResponse(_data(f"update{_capital(held.singular)}", changed))
        if method == "DELETE":
            self._delete(held, record_id, is_soft=query.get("soft_delete") == "true")
            return JSONResponse(_data(f"delete{_capital(held.singular)}", {"id": record_id}))
        raise not_found()

    def _metadata(self, method: str, parts: list[str], query: dict[str, str],
                  body: Any) -> Response:  # fmt: skip
        kind = parts[0] if parts else ""
        if kind == "objects" and method == "GET":
            return self._page("objects", [one.write() for one in self.objects.values()], query)
        if kind == "objects" and method == "POST":
            return self._made("createOneObject", add_object(self.objects, body).write())
        if kind == "fields" and method == "POST":
            return self._made("createOneField", add_field(self.objects, body).write())
        if kind == "webhooks":
            return self._webhooks(method, parts[1:], query, body)
        raise not_found()

    def _webhooks(self, method: str, parts: list[str], query: dict[str, str],
                  body: Any) -> Response:  # fmt: skip
        if method == "GET":
            return self._page(None, list(self.webhooks.values()), query)
        held = self.webhooks.get(parts[0]) if parts else {"id": str(uuid4())}
        if held is None or method not in {"POST", "PATCH"}:
            raise not_found()
        if unknown := set(body) - {"targetUrl", "operations", "description", "secret"}:
            raise bad_request(f"property {sorted(unknown)[0]} should not exist")
        if method == "POST" and not (body.get("targetUrl") and body.get("operations")):
            raise bad_request("targetUrl should not be empty")
        self.webhooks[held["id"]] = held | body
        return JSONResponse(self.webhooks[held["id"]], 201 if method == "POST" else 200)

    def _page(self, kind: str | None, items: list[Any], query: Mapping[str, str]) -> Response:
        """A list of metadata in the shape of the day; webhooks know the new one alone."""
        if "starting_after" in query and "ending_before" in query:
            raise bad_request("Only one cursor may be given")
        if "starting_after" in query:
            after = find_uuid(query["starting_after"])
            ids = [one["id"] for one in items]
            items = items[ids.index(after) + 1 :] if after in ids else []
        page = items[: int(query.get("limit", "60"))]
        info = {"hasNextPage": len(items) > len(page), "hasPreviousPage": False,
                "startCursor": page[0]["id"] if page else None,
                "endCursor": page[-1]["id"] if page else None}  # fmt: skip
        data = {kind: page} if kind and not self.is_new_format else page
        return JSONResponse({"data": data, "pageInfo": info, "totalCount": len(items)})

    def _made(self, operation: str, item: dict[str, Any]) -> Response:
        return JSONResponse(item if self.is_new_format else _data(operation, item), 201)

    def _find_object(self, plural: str) -> ObjectMetadata:
        found = next((one for one in self.objects.values() if one.plural == plural), None)
        if found is None:
            near = self.objects.get(plural)
            hint = f" Did you mean '{near.plural}'?" if near else ""
            raise bad_request(f"object '{plural}' not found.{hint}")
        return found

    def _get(self, held: ObjectMetadata, record_id: str) -> dict[str, Any]:
        found = self.table(held.singular).get(record_id)
        if found is None or found["deletedAt"] is not None:
            raise not_found()
        return found

    def _create_many(self, held: ObjectMetadata, body: Any) -> Response:
        if not isinstance(body, list) or len(body) > BATCH:
            raise bad_request(f"Maximum number of records to create is {BATCH}")
        made = [self._create(held, one) for one in body]
        return JSONResponse(_data(f"create{_capital(held.plural)}", made), 201)

    def _create(self, held: ObjectMetadata, body: Any) -> dict[str, Any]:
        values = check_values(self.objects, self._tables(), held, body)
        record_id = find_uuid(values.get("id") or uuid4())
        if record_id in self.table(held.singular):
            raise Refused(400, "QueryFailedError",
                          "duplicate key value violates unique constraint")  # fmt: skip
        now = self._tick()
        record: dict[str, Any] = dict.fromkeys(held.fields)
        record |= {f"{f.name}Id": None for f in held.fields.values() if f.type == "RELATION"}
        record |= {"position": 0, "createdAt": now, "createdBy": {"source": "API"}}
        merge(record, values)
        record |= {"id": record_id, "updatedAt": now}
        self.table(held.singular)[record_id] = record
        self._announce(held, "created", record)
        return record

    def _update(self, held: ObjectMetadata, record_id: str, values: Any) -> dict[str, Any]:
        record = self.table(held.singular)[record_id]
        merge(record, values)
        record["updatedAt"] = self._tick()
        self._announce(held, "updated", record, list(values))
        return record

    def _delete(self, held: ObjectMetadata, record_id: str, *, is_soft: bool) -> None:
        record = self._get(held, record_id)
        if is_soft:
            record["deletedAt"] = record["updatedAt"] = self._tick()
        else:
            del self.table(held.singular)[record_id]
        self._announce(held, "deleted" if is_soft else "destroyed", record)

    def _restore(self, held: ObjectMetadata, record_id: str) -> Response:
        record = self.table(held.singular).get(record_id)
        if record is None:
            raise not_found()
        record |= {"deletedAt": None, "updatedAt": self._tick()}
        self._announce(held, "restored", record)
        return JSONResponse(_data(f"restore{_capital(held.singular)}", record))

    def _tables(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {singular: self.table(singular) for singular in self.objects}

    def _tick(self) -> str:
        """Now, always later than the last change."""
        self._last = max(dt.datetime.now(dt.UTC), self._last + dt.timedelta(milliseconds=2))
        return self._last.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _announce(self, held: ObjectMetadata, operation: str, record: dict[str, Any],
                  changed: list[str] | None = None) -> None:  # fmt: skip
        matching = {f"{held.singular}.{operation}", f"*.{operation}", f"{held.singular}.*", "*.*"}
        for webhook in self.webhooks.values():
            if not matching & set(webhook["operations"]):
                continue
            event = {
                "targetUrl": webhook["targetUrl"], "eventName": f"{held.singular}.{operation}",
                "objectMetadata": {"id": held.id, "nameSingular": held.singular},
                "workspaceId": "workspace", "webhookId": webhook["id"],
                "eventDate": record["updatedAt"], "record": dict(record),
                **({"updatedFields": changed} if changed else {}),
            }  # fmt: skip
            self.deliveries.append(sign_delivery(webhook, event))


def sign_delivery(webhook: Mapping[str, Any], event: Mapping[str, Any]) -> Delivery:
    """A delivery as it leaves the server: signed over its very bytes where a secret is set."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json"}
    if webhook.get("secret"):
        stamp = str(int(dt.datetime.now(dt.UTC).timestamp() * 1000))
        mac = hmac.new(str(webhook["secret"]).encode(), stamp.encode() + b":" + body,
                       hashlib.sha256)  # fmt: skip
        headers |= {
            "x-twenty-webhook-timestamp": stamp,
            "x-twenty-webhook-signature": mac.hexdigest(),
            "x-twenty-webhook-nonce": secrets.token_hex(16),
        }
    return Delivery(str(webhook["targetUrl"]), headers, body)


def _data(name: str, value: Any) -> dict[str, Any]:
    return {"data": {name: value}}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise bad_request("Unexpected token in JSON") from None
