"""The package an administrator deploys in Microsoft 365: manifest, icons, message extension."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from api.addin import FOLDER, resource_of
from core.addresses import API
from core.errors import InvalidInput

SOURCES = FOLDER / "package"
API_PREFIX = API
ICON_SIZES = (16, 32, 80)
BADGES = ("color.png", "outline.png")
EPOCH = (1980, 1, 1, 0, 0, 0)
HTTPS_ONLY = (
    "Donnez l’adresse publique de Voltaire, en https et sans chemin, par exemple "
    "https://voltaire.cabinet.fr."
)
NOT_AN_ID = (
    "L’identifiant de l’application Entra a 36 caractères, par exemple "
    "1b4e28ba-2fa1-4d2e-883f-0016d3cca427."
)


def make_package(url: str, client_id: str | None = None) -> bytes:
    """The zip for the instance at `url`; the same arguments give the same bytes.

    Without `client_id` it has neither single sign-on nor the message extension, which rests on
    it. Raises InvalidInput.
    """
    address = read_address(url)
    client = _read_id(client_id) if client_id else None
    files: dict[str, bytes] = {"manifest.json": _dump(make_manifest(address, client))}
    if client is not None:
        values = {"url": address, "api": API_PREFIX}
        for name in ("search.openapi.json", "search.card.json"):
            files[name] = _dump(_fill(_load(name), values))
    files |= {name: (FOLDER / "icons" / name).read_bytes() for name in BADGES}
    return _zip(files)


def make_manifest(address: str, client_id: str | None) -> dict[str, Any]:
    """The unified manifest of the instance at `address`."""
    host = urlsplit(address).netloc
    icons = [{"size": size, "url": f"{address}/addin/icons/icon-{size}.png"} for size in ICON_SIZES]
    values = {
        "url": address, "host": host, "app_id": str(uuid5(NAMESPACE_URL, f"{address}/addin")),
        "client_id": client_id or "", "resource": resource_of(host, client_id or ""),
        "icons": icons,
    }  # fmt: skip
    manifest: dict[str, Any] = _fill(_load("manifest.json"), values)
    if client_id is None:
        del manifest["webApplicationInfo"], manifest["composeExtensions"]
    return manifest


def read_address(url: str) -> str:
    """The address without its final slash. Raises InvalidInput unless https and without path."""
    parts = urlsplit(url.strip())
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise InvalidInput(HTTPS_ONLY)
    return f"https://{parts.netloc}"


def _read_id(text: str) -> str:
    try:
        return str(UUID(text.strip()))
    except ValueError as error:
        raise InvalidInput(NOT_AN_ID) from error


def _load(name: str) -> Any:
    return json.loads((SOURCES / name).read_text(encoding="utf-8"))


def _fill(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with its «{{name}}» places filled; a text that is one place alone takes any value."""
    if isinstance(value, dict):
        return {key: _fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    if not isinstance(value, str):
        return value
    for name, given in values.items():
        place = f"{{{{{name}}}}}"
        if value == place:
            return given
        value = value.replace(place, str(given))
    return value


def _dump(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _zip(files: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()
