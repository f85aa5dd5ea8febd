"""A double of Graph's sites and drives: delta, permissions, contents, with their refusals.

Facts: https://learn.microsoft.com/graph/api/driveitem-delta, site-getbypath,
driveitem-list-permissions, and the download address that refuses a second authorisation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.doubles.graph.app import TOKEN, Refused, refuse

HOST, SITE, SITE_ID = "cabinet.sharepoint.example", "Qualité", "cabinet,1,2"
DRIVE_ID = "b!cabinet"
DOWNLOAD = "@microsoft.graph.downloadUrl"
KNOWN = frozenset(
    f"id name size cTag parentReference file folder root package deleted {DOWNLOAD}".split()
)
Permission = dict[str, Any]


def let_group(name: str, role: str = "read") -> Permission:
    """A permission given to a SharePoint group."""
    return {"id": name, "roles": [role], "grantedToV2": {"siteGroup": {"displayName": name}}}


def let_person(address: str) -> Permission:
    """A permission given to one person."""
    return {"id": address, "roles": ["read"], "grantedToV2": {"user": {"email": address}}}


def let_organisation() -> Permission:
    """A link open to everyone in the firm."""
    return {"id": "lien", "roles": ["read"], "link": {"scope": "organization", "type": "view"}}


@dataclass
class Entry:
    """A file or folder; `version` counts its contents."""

    id: str
    name: str
    parent: str | None
    content: bytes | None = None
    permissions: list[Permission] = field(default_factory=list[Permission])
    version: int = 1
    is_package: bool = False
    is_gone: bool = False

    @property
    def tag(self) -> str:
        return f'"c:{{{self.id}}},{self.version}"'


@dataclass
class Drives:
    """One library. `locked`, `unreadable` and `changing` hold identifiers of items.

    `broken` are those that Graph does not describe, with its status; `content_host` is where the
    addresses of contents lead instead of here; `asked` are the items whose address was given;
    `is_cut` ends every delta at once, with nothing told.
    """

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    log: list[str] = field(default_factory=list[str])
    made: int = 0
    epoch: int = 1
    page_size: int = 2
    throttle: list[int] = field(default_factory=list[int])
    locked: set[str] = field(default_factory=set[str])
    unreadable: set[str] = field(default_factory=set[str])
    changing: set[str] = field(default_factory=set[str])
    broken: dict[str, int] = field(default_factory=dict[str, int])
    content_host: str | None = None
    asked: list[str] = field(default_factory=list[str])
    is_closed: bool = False
    is_cut: bool = False
    fetched: list[str] = field(default_factory=list[str])
    on_page: Callable[[int], None] | None = None
    tickets: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.entries["root"] = Entry("root", "root", None)
        self.log.append("root")

    def add(self, path: str, content: bytes | None, *permissions: Permission) -> Entry:
        """A file at `path`, its folders made; without content, a OneNote package."""
        *folders, name = path.split("/")
        parent = "root"
        for folder in folders:
            parent = self._open_folder(parent, folder)
        made = Entry(self._number("item"), name, parent, content, list(permissions),
                     is_package=content is None)  # fmt: skip
        return self._note(made)

    def change(self, entry: Entry, content: bytes) -> None:
        """A new content."""
        entry.content, entry.version = content, entry.version + 1
        self._note(entry)

    def rename(self, entry: Entry, name: str) -> None:
        """A new name."""
        entry.name = name
        self._note(entry)

    def remove(self, entry: Entry) -> None:
        """A deletion: the item is told once more, as deleted."""
        entry.is_gone = True
        self._note(entry)

    def restore(self, entry: Entry) -> None:
        """Back from the recycle bin, under the same identifier."""
        entry.is_gone = False
        self._note(entry)

    def forget_tokens(self) -> None:
        """Every delta token is now too old."""
        self.epoch += 1

    def _open_folder(self, parent: str, name: str) -> str:
        for entry in self.entries.values():
            if entry.parent == parent and entry.name == name and entry.content is None:
                return entry.id
        return self._note(Entry(self._number("folder"), name, parent)).id

    def _number(self, kind: str) -> str:
        self.made += 1
        return f"{kind}{self.made}"

    def _note(self, entry: Entry) -> Entry:
        self.entries[entry.id] = entry
        self.log.append(entry.id)
        return entry

    def app(self) -> Starlette:
        """The web application."""
        return Starlette(
            routes=[Route("/{rest:path}", self.handle, methods=["GET", "POST", "PATCH"])]
        )

    async def handle(self, request: Request) -> Response:
        path = "/" + unquote(request.scope["raw_path"].decode().lstrip("/"))
        query = dict(request.query_params)
        try:
            if path.startswith("/download/"):
                return self._download(path.removeprefix("/download/"), request)
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                raise Refused(401, "InvalidAuthenticationToken")
            if self.throttle:
                raise Refused(self.throttle.pop(0), "TooManyRequests", {"Retry-After": "0"})
            path = path.removeprefix("/v1.0")
            base = str(request.base_url)
            if path == "/$batch" and request.method == "POST":
                return self._batch(json.loads(await request.body()), base)
            if request.method != "GET":
                raise Refused(405, "methodNotAllowed")
            return self._get(path, query, base)
        except Refused as refusal:
            return refuse(refusal)

    def _get(self, path: str, query: dict[str, str], base: str) -> Response:
        self._check_query(query)
        parts = [part for part in path.split("/") if part]
        if self.is_closed:
            raise Refused(403, "accessDenied")
        fixed = {
            f"/sites/{HOST}:/sites/{SITE}": {"id": SITE_ID},
            f"/sites/{SITE_ID}/drive": {"id": DRIVE_ID},
            f"/sites/{SITE_ID}/drives": {"value": [{"id": DRIVE_ID, "name": "Documents"}]},
        }
        if path in fixed:
            return JSONResponse(fixed[path])
        if parts[:2] != ["drives", DRIVE_ID]:
            raise Refused(404, "itemNotFound")
        match parts[2:]:
            case ["root", "delta"]:
                return self._delta(query, base)
            case ["items", item, "permissions"]:
                return self._list_permissions(item)
            case ["items", item] if item in self.broken:
                raise Refused(self.broken[item], "generalException")
            case ["items", item]:
                self.asked.append(item)
                return JSONResponse(self._show(self._find(item), base))
            case _:
                raise Refused(400, "invalidRequest")

    def _check_query(self, query: dict[str, str]) -> None:
        if set(query) - {"$select", "token"}:
            raise Refused(400, "invalidRequest")
        if set(query.get("$select", "").split(",")) - KNOWN - {""}:
            raise Refused(400, "invalidRequest")

    def _batch(self, body: Any, base: str) -> Response:
        requests = body.get("requests", [])
        if not 0 < len(requests) <= 20 or len({one["id"] for one in requests}) != len(requests):
            raise Refused(400, "BadRequest")
        answers: list[dict[str, Any]] = []
        for one in requests:
            parts = urlsplit(one["url"])
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            try:
                if self.throttle:
                    raise Refused(self.throttle.pop(0), "TooManyRequests", {"Retry-After": "0"})
                made = self._get(unquote(parts.path), query, base)
            except Refused as refusal:
                made = refuse(refusal)
            answers.append({"id": one["id"], "status": made.status_code, "headers": {},
                            "body": json.loads(bytes(made.body))})  # fmt: skip
        return JSONResponse({"responses": list(reversed(answers))})

    def _delta(self, query: dict[str, str], base: str) -> Response:
        start = 0
        if "token" in query:
            epoch, position = query["token"].split("|")
            if int(epoch) != self.epoch:
                raise Refused(410, "resyncRequired")
            start = int(position)
        elif "$select" not in query:
            raise Refused(400, "invalidRequest")
        if self.is_cut:
            return JSONResponse({"value": [], "@odata.deltaLink": self._link(base, start)})
        told = self.log[start : start + self.page_size]
        end = start + len(told)
        if self.on_page is not None:
            self.on_page(end)
        value = [self._tell(self.entries[one], base) for one in dict.fromkeys(told)]
        kind = "@odata.deltaLink" if end >= len(self.log) else "@odata.nextLink"
        return JSONResponse({"value": value, kind: self._link(base, end)})

    def _link(self, base: str, position: int) -> str:
        return f"{base}v1.0/drives/{DRIVE_ID}/root/delta?token={self.epoch}|{position}"

    def _tell(self, entry: Entry, base: str) -> dict[str, Any]:
        if entry.is_gone:
            return {"id": entry.id, "deleted": {"state": "deleted"}}
        shown = self._show(entry, base)
        shown.pop(DOWNLOAD, None)
        return shown

    def _show(self, entry: Entry, base: str) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": entry.id, "name": entry.name}
        if entry.parent is None:
            return shown | {"root": {}, "folder": {}}
        shown["parentReference"] = {"id": entry.parent, "driveId": DRIVE_ID}
        if entry.is_package:
            return shown | {"package": {"type": "oneNote"}, "cTag": entry.tag}
        if entry.content is None:
            return shown | {"folder": {}}
        ticket = f"t{len(self.tickets)}"
        self.tickets[ticket] = entry.id
        host = self.content_host or base.rstrip("/")
        return shown | {"file": {}, "size": len(entry.content), "cTag": entry.tag,
                        DOWNLOAD: f"{host}/download/{ticket}"}  # fmt: skip

    def _list_permissions(self, item: str) -> Response:
        if item in self.unreadable:
            raise Refused(403, "accessDenied")
        return JSONResponse({"value": self._find(item).permissions})

    def _find(self, item: str) -> Entry:
        entry = self.entries.get(item)
        if entry is None or entry.is_gone:
            raise Refused(404, "itemNotFound")
        return entry

    def _download(self, ticket: str, request: Request) -> Response:
        if "authorization" in request.headers:
            raise Refused(401, "unauthenticated")
        entry = self._find(self.tickets.get(ticket, ""))
        if entry.id in self.locked:
            raise Refused(423, "resourceLocked")
        self.fetched.append(entry.name)
        content = entry.content or b""
        return Response(content[:-1] if entry.id in self.changing else content)
