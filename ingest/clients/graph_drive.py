"""Microsoft Graph for document libraries (SharePoint, OneDrive): changes, rights and contents.

Facts: https://learn.microsoft.com/graph/api/driveitem-delta, driveitem-list-permissions and
driveitem-get-content.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode, urlsplit

from core.errors import ConfigurationError, VoltaireError
from ingest.clients.graph_transport import (
    ATTEMPTS,
    BATCH_URL,
    READ_REPEATS,
    TIMEOUT_S,
    GraphClient,
    GraphError,
    GraphUnreachable,
    StaleDelta,
    find_delay,
    read_code,
)

BATCH = 20
FIELDS = "id,name,size,cTag,parentReference,file,folder,root,package,deleted"
ADDRESS = "@microsoft.graph.downloadUrl"
PIECE = 1 << 16
SILENT = (
    "Microsoft 365 ne répond pas pour les bibliothèques de documents. Vérifiez la connexion à "
    "internet\u00a0; la lecture reprendra d’elle-même au prochain passage."
)
NOT_FOUND = (
    "La bibliothèque «\u00a0{name}\u00a0» n’existe pas dans Microsoft 365, ou Voltaire n’y a pas "
    "accès. Vérifiez VOLTAIRE_LIBRARIES, et que l’application a le droit Sites.Selected sur ce "
    "site (docs/sharepoint.md)."
)
MISWRITTEN = (
    "VOLTAIRE_LIBRARIES ne se lit pas\u00a0: «\u00a0{name}\u00a0». Écrivez "
    "«\u00a0hôte/sites/Site\u00a0», «\u00a0hôte/sites/Site/Bibliothèque\u00a0», "
    "l’adresse d’une personne pour son OneDrive, ou «\u00a0drive:IDENTIFIANT\u00a0» "
    "(docs/sharepoint.md)."
)


class DriveError(GraphError):
    """Graph refused a request about a library."""

    page: ClassVar[str] = "docs/sharepoint.md"


class LibraryMissing(DriveError):
    """A library of the settings is not there, or not for us."""

    def __init__(self, http_status: int, code: str, name: str) -> None:
        super().__init__(http_status, code, name)
        VoltaireError.__init__(self, NOT_FOUND.format(name=name))


class ListingCut(VoltaireError):
    """Graph did not tell all that a library holds: what is missing there may still be."""

    status: ClassVar[int] = 502

    def __init__(self) -> None:
        super().__init__(
            "Microsoft 365 n’a pas rendu la liste entière de la bibliothèque : rien n’a été "
            "changé. La lecture reprendra d’elle-même au prochain passage."
        )


class FileRefused(Exception):
    """A file could not be had; `reason` is a French sentence that says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Library:
    """A library of the settings: how it is named there, and its drive once found."""

    name: str
    drive_id: str


@dataclass(frozen=True)
class DrivePage:
    """Changes of a drive; `link` is where the next reading begins, once `is_last`."""

    items: tuple[dict[str, Any], ...]
    link: str
    is_last: bool


@dataclass
class GraphDrives(GraphClient):
    """The libraries that the application may read."""

    def describe_silence(self) -> str:
        """What to say when no answer comes."""
        return SILENT

    def make_error(self, response: Any) -> GraphError:
        """The error of a refusal."""
        kind = StaleDelta if response.status_code == 410 else DriveError
        return kind(response.status_code, *read_code(response))

    async def find(self, name: str) -> Library:
        """The library named « drive:ID », « adresse@domaine » or « hôte/sites/Site[/Nom] ».

        Without a name, the site's own library. Raises DriveError, ConfigurationError.
        """
        try:
            return Library(name, await self._find(name))
        except GraphError as error:
            if error.http_status in (403, 404):
                raise LibraryMissing(error.http_status, error.code, name) from error
            raise

    async def _find(self, name: str) -> str:
        if name.startswith("drive:"):
            return name.removeprefix("drive:")
        if "@" in name:
            drive = await self._get(f"/users/{quote(name)}/drive", {"$select": "id"})
            return str(drive["id"])
        host, *path = name.removeprefix("https://").strip("/").split("/")
        if len(path) < 2:
            raise ConfigurationError(MISWRITTEN.format(name=name))
        kind, site, *library = path
        address = f"/sites/{host}:/{quote(kind)}/{quote(site)}"
        found = await self._get(address, {"$select": "id"})
        if not library:
            drive = await self._get(f"/sites/{found['id']}/drive", {"$select": "id"})
            return str(drive["id"])
        drives = await self._get(f"/sites/{found['id']}/drives", {"$select": "id,name"})
        wanted = "/".join(library).casefold()
        for drive in drives["value"]:
            if str(drive["name"]).casefold() == wanted:
                return str(drive["id"])
        raise DriveError(404, "itemNotFound", name)

    async def list_changes(self, drive_id: str, link: str | None) -> AsyncIterator[DrivePage]:
        """The pages of changes since `link` (everything when None).

        Raises StaleDelta when `link` has expired, ListingCut when the pages stop short: a whole
        reading always tells of the root, even of a library that holds nothing.
        """
        query = urlencode({"$select": FIELDS}, safe="$,")
        where = link or f"{self.base_url}/drives/{quote(drive_id)}/root/delta?{query}"
        is_rooted = link is not None
        while True:
            body = await self.call("GET", where)
            items = tuple(body.get("value", ()))
            following, final = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
            is_rooted = is_rooted or any("root" in item for item in items)
            if not following and not (final and is_rooted):
                raise ListingCut
            where = str(following or final)
            yield DrivePage(items, where, not following)
            if not following:
                return

    async def list_permissions(
        self, drive_id: str, item_ids: Sequence[str]
    ) -> dict[str, list[dict[str, Any]] | None]:
        """The permissions of each item, twenty at a time; None where they could not be read."""
        found: dict[str, list[dict[str, Any]] | None] = {}
        for start in range(0, len(item_ids), BATCH):
            found |= await self._list_batch(drive_id, item_ids[start : start + BATCH])
        return found

    async def _list_batch(
        self, drive_id: str, item_ids: Sequence[str]
    ) -> dict[str, list[dict[str, Any]] | None]:
        waiting = dict(enumerate(item_ids))
        found: dict[str, list[dict[str, Any]] | None] = dict.fromkeys(item_ids)
        for attempt in range(ATTEMPTS):
            requests = [
                {"id": str(rank), "method": "GET",
                 "url": f"/drives/{quote(drive_id)}/items/{quote(one)}/permissions"}
                for rank, one in waiting.items()
            ]  # fmt: skip
            body = await self.call("POST", self.base_url + BATCH_URL, {"requests": requests})
            wait = 0.0
            for answer in body["responses"]:
                rank = int(answer["id"])
                if answer["status"] in READ_REPEATS:
                    wait = max(wait, find_delay(answer.get("headers", {}), attempt))
                    continue
                item = waiting.pop(rank)
                # A second page would hide a right: such an item counts as unread.
                if answer["status"] == 200 and "@odata.nextLink" not in answer["body"]:
                    found[item] = list(answer["body"]["value"])
            if not waiting or attempt == ATTEMPTS - 1:
                break
            await asyncio.sleep(wait)
        return found

    async def download(
        self, drive_id: str, item_id: str, tag: str, size_limit: int, target: Path
    ) -> None:
        """Write the item's content, that of `tag`, to `target`. Raises FileRefused, GraphError.

        The address given by Graph carries its own right: our token does not go there.
        """
        where = f"/drives/{quote(drive_id)}/items/{quote(item_id)}"
        found = await self._get(where, {"$select": f"id,size,cTag,{ADDRESS}"})
        if found["cTag"] != tag:
            raise FileRefused(
                "Le fichier a changé pendant sa lecture. Il sera relu au prochain passage."
            )
        address = str(found.get(ADDRESS, ""))
        if not address:
            raise FileRefused(
                "Microsoft 365 ne donne pas le contenu de ce fichier (protégé ou en quarantaine). "
                "Ouvrez-le dans SharePoint pour en voir la raison."
            )
        if urlsplit(address).scheme != urlsplit(self.base_url).scheme:
            raise FileRefused(
                "Microsoft 365 a donné une adresse de contenu non protégée. Prévenez qui tient "
                "l’installation."
            )
        await self._fetch(address, int(found["size"]), size_limit, target)

    async def _fetch(self, address: str, size: int, size_limit: int, target: Path) -> None:
        import httpx

        written = 0
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client,
                client.stream("GET", address) as response,
            ):
                if response.status_code == 423:
                    raise FileRefused(
                        "Le fichier est verrouillé dans SharePoint. Faites-le libérer ; il sera "
                        "relu au prochain passage."
                    )
                if response.status_code != 200:
                    raise FileRefused(
                        f"Microsoft 365 n’a pas rendu le contenu ({response.status_code}). Il "
                        "sera redemandé au prochain passage."
                    )
                with target.open("wb") as stream:
                    async for piece in response.aiter_bytes(PIECE):
                        written += len(piece)
                        if written > size_limit:
                            raise FileRefused(
                                "Le fichier dépasse la taille admise (VOLTAIRE_UPLOAD_LIMIT_MB). "
                                "Découpez-le, ou relevez la limite."
                            )
                        stream.write(piece)
        except httpx.HTTPError as error:
            raise GraphUnreachable(SILENT) from error
        if written != size:
            raise FileRefused(
                "Le contenu reçu est incomplet. Il sera redemandé au prochain passage."
            )

    async def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return await self.call("GET", f"{self.base_url}{path}?{urlencode(query, safe='$,@')}")
