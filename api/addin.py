"""The Outlook and Teams add-in over HTTP: compressed, framed by Microsoft’s hosts only."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.identities import ServicesOf
from core.errors import NotFound
from core.settings import PROJECT_ROOT, Settings

FOLDER = PROJECT_ROOT / "addin"
PREFIX = "/addin"
SERVED = ("", "scripts", "icons", "vendor")
MEDIA = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".png": "image/png"}
COMPRESSED = frozenset({".js", ".css", ".html"})
OFFICE_SCRIPTS = "https://appsforoffice.microsoft.com"
FRAMED_BY = (
    "'self' https://*.office.com https://*.office365.com https://*.outlook.com "
    "https://outlook.live.com https://*.microsoft365.com https://*.cloud.microsoft "
    "https://teams.microsoft.com https://*.teams.microsoft.com"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        f"default-src 'none'; script-src 'self' {OFFICE_SCRIPTS}; style-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {FRAMED_BY}"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # Outlook and Teams fetch icons and frame pages from their own sites.
    "cross-origin-resource-policy": "cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
AUTHORITY = "https://login.microsoftonline.com/"

router = APIRouter(prefix=PREFIX, include_in_schema=False)


@dataclass(frozen=True)
class AddinFile:
    """A file as it is sent."""

    content: bytes
    compressed: bytes | None
    media: str
    tag: str


class SignInMeans(BaseModel):
    """What the pages need to ask Office for a token; `client_id` absent: no single sign-on."""

    client_id: str | None
    authority: str
    scope: str


@router.get("/config.json")
async def get_sign_in_means(request: Request, services: ServicesOf) -> SignInMeans:
    """How the pages ask Office for the user's token."""
    return describe_sign_in(services.settings, request.url.netloc)


@router.get("/{path:path}")
async def get_file(path: str, request: Request) -> Response:
    """A page, a script, a style or an icon of the add-in."""
    found = load_files().get(path)
    if found is None:
        raise NotFound("Cette page du complément n’existe pas.")
    headers = {"etag": found.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    if found.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(found.compressed, media_type=found.media, headers=headers)
    return Response(found.content, media_type=found.media, headers=headers)


def describe_sign_in(settings: Settings, host: str) -> SignInMeans:
    """The application of the settings, and the scope that names this instance."""
    client_id = settings.addin_client_id
    return SignInMeans(
        client_id=client_id,
        authority=AUTHORITY + (settings.graph_tenant_id or "organizations"),
        scope=f"{resource_of(host, client_id or '')}/access_as_user",
    )


def resource_of(host: str, client_id: str) -> str:
    """The application's URI, in the form that Office and Teams require for their tokens."""
    return f"api://{host}/{client_id}"


@cache
def load_files() -> Mapping[str, AddinFile]:
    """The files of the folders that are served, by path; read and compressed once."""
    paths = [path for folder in SERVED for path in (FOLDER / folder).iterdir()]
    return {
        path.relative_to(FOLDER).as_posix(): _load(path)
        for path in paths
        if path.is_file() and path.suffix in MEDIA
    }


def _load(path: Path) -> AddinFile:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0) if path.suffix in COMPRESSED else None
    digest = hashlib.sha256(content).hexdigest()[:20]
    return AddinFile(content, compressed, MEDIA[path.suffix], f'"{digest}"')
