"""The double's addresses, each with the refusals of the real one."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.graph.mailbox import FOLDERS, Item, Mailbox

TOKEN = "graph-test-token"
KNOWN = frozenset(
    "id internetMessageId conversationId subject isDraft from toRecipients ccRecipients body "
    "categories".split()
)
WRITABLE = frozenset("subject body categories toRecipients ccRecipients".split())
EXTENDED = "singleValueExtendedProperties"
BY_PROPERTY = re.compile(
    rf"{EXTENDED}/Any\(ep: ep/id eq '(String {{[0-9a-f-]{{36}}}} Name \w+)' and "
    r"ep/value eq '([^']*)'\)"
)
SUBSCRIPTION = frozenset(
    "changeType notificationUrl lifecycleNotificationUrl resource expirationDateTime "
    "clientState".split()
)
LONGEST = dt.timedelta(minutes=10_080)


class Refused(Exception):
    """An error in Graph's form."""

    def __init__(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers or {}


@dataclass
class Graph:
    """The state of the double. `throttle` holds the statuses that the next requests meet."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict[str, Mailbox])
    throttle: list[int] = field(default_factory=list[int])
    page_size: int = 3
    delay_s: float = 0.0
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    in_flight: Counter[str] = field(default_factory=Counter[str])
    most_in_flight: int = 0
    requests: list[str] = field(default_factory=list[str])
    lose_answers: int = 0
    retry_after: str = "0"

    def open(self, user: str) -> Mailbox:
        """The mailbox of `user`."""
        return self.mailboxes.setdefault(user, Mailbox(user))

    def app(self) -> Starlette:
        """The web application."""
        methods = ["GET", "POST", "PATCH", "DELETE"]
        return Starlette(routes=[Route("/{rest:path}", self.handle, methods=methods)])

    async def handle(self, request: Request) -> Response:
        path = "/" + unquote(request.scope["raw_path"].decode().lstrip("/").removeprefix("v1.0/"))
        self.requests.append(f"{request.method} {path}")
        try:
            self._check_auth(request)
            body = await _body(request)
            return await self._throttled(
                request.method, path, dict(request.query_params), body,
                request.headers.get("prefer", ""), str(request.base_url),
            )  # fmt: skip
        except Refused as refusal:
            return refuse(refusal)

    async def _throttled(self, method: str, path: str, query: dict[str, str], body: Any,
                         prefer: str, base: str) -> Response:  # fmt: skip
        user = path.split("/")[2] if path.startswith("/users/") else ""
        self.in_flight[user] += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight[user])
        try:
            if user and self.in_flight[user] > 4:
                raise Refused(429, "ApplicationThrottled", {"Retry-After": "1"})
            if self.throttle:
                raise Refused(
                    self.throttle.pop(0), "TooManyRequests", {"Retry-After": self.retry_after}
                )
            await asyncio.sleep(self.delay_s)
            answer = await self._route(method, path, query, body, prefer, base)
            if self.lose_answers and "createReply" in path:
                self.lose_answers -= 1
                raise Refused(504, "GatewayTimeout")
            return answer
        finally:
            self.in_flight[user] -= 1

    def _check_auth(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "InvalidAuthenticationToken")

    async def _route(self, method: str, path: str, query: dict[str, str], body: Any, prefer: str,
                     base: str) -> Response:  # fmt: skip
        parts = [part for part in path.split("/") if part]
        if parts == ["$batch"] and method == "POST":
            return await self._batch(body, base)
        if parts[:1] == ["subscriptions"]:
            return await self._subscribe(method, parts[1:], body)
        if len(parts) < 3 or parts[0] != "users":
            raise Refused(400, "BadRequest")
        mailbox = self.mailboxes.get(parts[1])
        if mailbox is None:
            raise Refused(404, "ErrorInvalidUser")
        is_immutable = 'IdType="ImmutableId"' in prefer
        return self._mail(method, mailbox, parts[2:], query, body, is_immutable, base)

    def _mail(self, method: str, mailbox: Mailbox, parts: list[str], query: dict[str, str],
              body: Any, is_immutable: bool, base: str) -> Response:  # fmt: skip
        match method, parts:
            case _, ["sendMail"] | ["messages", _, "send" | "reply" | "replyAll" | "forward"]:
                raise Refused(403, "ErrorAccessDenied")
            case "GET", ["mailFolders", folder, "messages", "delta"] if folder in FOLDERS:
                return _delta(self, mailbox, folder, query, is_immutable, base)
            case "GET", ["mailFolders", folder, "messages"] if folder in FOLDERS:
                return _list(mailbox, folder, query, is_immutable)
            case "GET", ["messages", *rest]:
                return _read(mailbox, rest, query, is_immutable)
            case "PATCH", ["messages", message_id]:
                return _patch(mailbox, message_id, body, is_immutable)
            case "POST", ["messages", message_id, "createReply" | "createReplyAll"]:
                return _create_reply(mailbox, message_id, body, is_immutable)
            case _:
                raise Refused(400, "BadRequest")

    async def _batch(self, body: Any, base: str) -> Response:
        requests = body.get("requests") if isinstance(body, dict) else None
        if not isinstance(requests, list) or not 0 < len(requests) <= 20:
            raise Refused(400, "BadRequest")
        ids = [one["id"] for one in requests]
        if len(set(ids)) != len(ids):
            raise Refused(400, "BadRequest")
        answers: list[dict[str, Any]] = []
        for one in requests:
            parts = urlsplit(one["url"])
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            prefer = one.get("headers", {}).get("Prefer", "")
            try:
                if self.throttle:
                    raise Refused(self.throttle.pop(0), "TooManyRequests", {"Retry-After": "0"})
                made = await self._route(
                    one["method"], unquote(parts.path), query, one.get("body"), prefer, base
                )
                answers.append(_part(one["id"], made))
            except Refused as refusal:
                answers.append(_part(one["id"], refuse(refusal), refusal.headers))
        return JSONResponse({"responses": list(reversed(answers))})

    async def _subscribe(self, method: str, parts: list[str], body: Any) -> Response:
        if method == "POST" and not parts:
            return await self._make_subscription(body)
        found = self.subscriptions.get(parts[0]) if parts else None
        if found is None:
            raise Refused(404, "ResourceNotFound")
        if method == "POST" and parts[1:] == ["reauthorize"]:
            return Response(status_code=202)
        if method == "PATCH" and set(body) == {"expirationDateTime"}:
            _check_expiry(body["expirationDateTime"])
            found.update(body)
            return JSONResponse(found)
        raise Refused(400, "BadRequest")

    async def _make_subscription(self, body: Any) -> Response:
        if not isinstance(body, dict) or set(body) - SUBSCRIPTION or len(body) < len(SUBSCRIPTION):
            raise Refused(400, "BadRequest")
        _check_expiry(body["expirationDateTime"])
        if len(body["clientState"]) > 128:
            raise Refused(400, "BadRequest")
        for address in {body["notificationUrl"], body["lifecycleNotificationUrl"]}:
            await _validate(address)
        made = {"id": f"sub-{len(self.subscriptions) + 1}", **body}
        self.subscriptions[made["id"]] = made
        return JSONResponse(made, 201)

    def notification(self, subscription_id: str, item: Item, **changes: Any) -> dict[str, Any]:
        """The body of a change notification (to send twice, late, or not at all)."""
        held = self.subscriptions[subscription_id]
        one = {
            "subscriptionId": subscription_id, "changeType": "created",
            "clientState": held["clientState"], "resource": f"messages/{item.moving}",
            "resourceData": {"id": item.moving}, **changes,
        }  # fmt: skip
        return {"value": [one]}


async def _validate(address: str) -> None:
    token = "jeton de validation & co"
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.post(address, params={"validationToken": token})
    is_text = answer.headers.get("content-type", "").startswith("text/plain")
    if answer.status_code != 200 or answer.text != token or not is_text:
        raise Refused(400, "ValidationError")


def _check_expiry(text: str) -> None:
    try:
        ends = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "BadRequest") from None
    left = ends - dt.datetime.now(dt.UTC)
    if not dt.timedelta(0) < left <= LONGEST:
        raise Refused(400, "BadRequest")


async def _body(request: Request) -> Any:
    data = await request.body()
    if not data:
        return None
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise Refused(415, "UnsupportedMediaType")
    try:
        return json.loads(data)
    except ValueError:
        raise Refused(400, "BadRequest") from None


def refuse(refusal: Refused) -> Response:
    error = {"error": {"code": refusal.code, "message": refusal.code}}
    return JSONResponse(error, refusal.status, refusal.headers)


def _part(name: str, made: Response, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {"id": name, "status": made.status_code, "headers": headers or {},
            "body": json.loads(bytes(made.body))}  # fmt: skip


def _select(query: dict[str, str]) -> list[str]:
    if set(query) - {"$select", "$filter", "$deltatoken", "$skiptoken"}:
        raise Refused(400, "BadRequest")
    names = query.get("$select", ",".join(sorted(KNOWN))).split(",")
    if set(names) - KNOWN:
        raise Refused(400, "RequestBroker--ParseUri")
    return names


def _show(item: Item, names: list[str], is_immutable: bool) -> dict[str, Any]:
    shown = {"id": item.immutable if is_immutable else item.moving}
    return shown | {name: item.fields[name] for name in names if name != "id"}


def _get(mailbox: Mailbox, message_id: str) -> Item:
    found = mailbox.find(message_id)
    if found is None:
        raise Refused(404, "ErrorItemNotFound")
    return found


def _patch(mailbox: Mailbox, message_id: str, body: Any, is_immutable: bool) -> Response:
    item = _get(mailbox, message_id)
    if not isinstance(body, dict) or set(body) - WRITABLE - {EXTENDED}:
        raise Refused(400, "BadRequest")
    if not item.fields["isDraft"] and set(body) - {"categories"}:
        raise Refused(400, "ErrorInvalidPropertySet")
    for one in body.get(EXTENDED, ()):
        if set(one) != {"id", "value"} or not isinstance(one["value"], str):
            raise Refused(400, "ErrorInvalidProperty")
        item.extended[one["id"]] = one["value"]
    item.fields.update({name: value for name, value in body.items() if name != EXTENDED})
    return JSONResponse(_show(item, sorted(KNOWN), is_immutable))


def _create_reply(mailbox: Mailbox, message_id: str, body: Any, is_immutable: bool) -> Response:
    item = _get(mailbox, message_id)
    if body is not None and set(body) - {"message", "comment"}:
        raise Refused(400, "BadRequest")
    given = (body or {}).get("message", {})
    if set(given) - WRITABLE or ("body" in given and "comment" in (body or {})):
        raise Refused(400, "BadRequest")
    # As Graph does: the message answered stands quoted below.
    content = f"{given.get('body', {}).get('content', '')}\n\nDe : {item.fields['from']}\n> …"
    fields = item.fields | {
        "isDraft": True, "subject": f"RE: {item.fields['subject']}", "internetMessageId": None,
        "categories": [], **given, "body": {"contentType": "text", "content": content},
    }  # fmt: skip
    made = mailbox.add(b"", "drafts", fields)
    return JSONResponse(_show(made, sorted(KNOWN), is_immutable), 201)


def _read(
    mailbox: Mailbox, parts: list[str], query: dict[str, str], is_immutable: bool
) -> Response:
    match parts:
        case []:
            return _search(mailbox, query, is_immutable)
        case [message_id, "$value"]:
            return Response(_get(mailbox, message_id).raw, media_type="text/plain")
        case [message_id]:
            item = _get(mailbox, message_id)
            return JSONResponse(_show(item, _select(query), is_immutable))
        case _:
            raise Refused(400, "BadRequest")


def _search(mailbox: Mailbox, query: dict[str, str], is_immutable: bool) -> Response:
    """Messages of every folder by an extended property: the only filter asked for."""
    wanted = BY_PROPERTY.fullmatch(query.get("$filter", ""))
    if wanted is None:
        raise Refused(400, "ErrorInvalidUrlQueryFilter")
    found = [
        _show(item, _select(query), is_immutable)
        for item in mailbox.items.values()
        if item.extended.get(wanted[1]) == wanted[2]
    ]
    return JSONResponse({"value": found})


def _list(mailbox: Mailbox, folder: str, query: dict[str, str], is_immutable: bool) -> Response:
    names = _select(query)
    condition = query.get("$filter", "")
    wanted = condition.removeprefix("conversationId eq '").removesuffix("'")
    if condition and not condition.startswith("conversationId eq '"):
        raise Refused(400, "ErrorInvalidUrlQueryFilter")
    found = [
        _show(item, names, is_immutable)
        for item in mailbox.items.values()
        if item.folder == folder and (not condition or item.fields["conversationId"] == wanted)
    ]
    return JSONResponse({"value": found})


def _delta(graph: Graph, mailbox: Mailbox, folder: str, query: dict[str, str],
           is_immutable: bool, base: str) -> Response:  # fmt: skip
    names = _select(query)
    token = query.get("$deltatoken") or query.get("$skiptoken")
    start = 0
    if token:
        epoch, position, chosen = token.split("|")
        if int(epoch) != mailbox.epoch:
            raise Refused(410, "SyncStateNotFound")
        start, names = int(position), chosen.split("~")
    entries = mailbox.log[start : start + graph.page_size]
    value: list[dict[str, Any]] = []
    for where, change, immutable in entries:
        item = mailbox.items[immutable]
        if where != folder:
            continue
        if change == "removed" or item.folder != folder:
            shown = item.immutable if is_immutable else item.moving
            value.append({"id": shown, "@removed": {"reason": "changed"}})
        else:
            value.append(_show(item, names, is_immutable))
    end = start + len(entries)
    is_last = end >= len(mailbox.log)
    link = f"{base}v1.0/users/{mailbox.user}/mailFolders/{folder}/messages/delta?"
    kind, key = "@odata.nextLink", "$skiptoken"
    if is_last:
        kind, key = "@odata.deltaLink", "$deltatoken"
    link += f"{key}={mailbox.epoch}|{end}|{'~'.join(names)}"
    return JSONResponse({"value": value, kind: link})
