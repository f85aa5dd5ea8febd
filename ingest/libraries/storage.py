"""What is known of a library: where its reading stands, and the items it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.database import Connection

OPEN = """
INSERT INTO libraries (tenant_id, drive_id) VALUES (%(tenant)s, %(drive)s) ON CONFLICT DO NOTHING
"""
GET = """
SELECT cursor, reconciled_at > now() - interval '1 day' AS is_reconciled FROM libraries
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s
"""
MOVE = """
UPDATE libraries SET cursor = %(cursor)s,
    reconciled_at = CASE WHEN %(full)s THEN now() ELSE reconciled_at END
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s
"""
PUT = """
INSERT INTO library_items AS i (tenant_id, drive_id, item_id, parent_id, name, is_folder, size,
    content_tag)
VALUES (%(tenant)s, %(drive)s, %(id)s, %(parent)s, %(name)s, %(is_folder)s, %(size)s, %(tag)s)
ON CONFLICT (tenant_id, drive_id, item_id) DO UPDATE SET parent_id = excluded.parent_id,
    name = CASE WHEN i.erased_tag = excluded.content_tag THEN i.name ELSE excluded.name END,
    is_folder = excluded.is_folder, size = excluded.size, content_tag = excluded.content_tag
"""
REMOVE = """
DELETE FROM library_items
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s AND item_id = ANY (%(ids)s)
"""
KEEP = """
DELETE FROM library_items
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s AND item_id <> ALL (%(ids)s)
"""
ERASE = """
UPDATE library_items SET erased_tag = content_tag, held_tag = NULL, name = item_id
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s AND item_id = %(id)s
"""
LIST = """
SELECT item_id, parent_id, name, is_folder, size, content_tag, held_tag,
    erased_tag IS NOT DISTINCT FROM content_tag AND content_tag IS NOT NULL AS is_erased
FROM library_items
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s
"""
HOLD = """
UPDATE library_items SET held_tag = %(tag)s
WHERE tenant_id = %(tenant)s AND drive_id = %(drive)s AND item_id = %(id)s
"""


@dataclass(frozen=True)
class Item:
    """A file or folder of a library; `held_tag` is that of the content on disk.

    A file without `content_tag` is a package (OneNote): it has no content of its own.
    """

    id: str
    parent_id: str | None
    name: str
    is_folder: bool
    size: int
    content_tag: str | None
    held_tag: str | None
    is_erased: bool


@dataclass(frozen=True)
class Place:
    """A library of a firm, for the statements below: each runs in the caller's transaction."""

    connection: Connection
    tenant_id: UUID
    drive_id: str

    async def open(self) -> tuple[str | None, bool]:
        """Where its reading stands, and whether it was read whole within a day."""
        await self._run(OPEN)
        row = await (await self._run(GET)).fetchone()
        return (row["cursor"], bool(row["is_reconciled"])) if row else (None, False)

    async def put(self, items: Sequence[Mapping[str, Any]]) -> None:
        """Keep items as Graph describes them."""
        for item in items:
            await self._run(
                PUT, id=item["id"], parent=item.get("parentReference", {}).get("id"),
                name=item.get("name") or item["id"], is_folder="folder" in item or "root" in item,
                size=item.get("size") or 0,
                tag=None if "package" in item else item.get("cTag"),
            )  # fmt: skip

    async def remove(self, ids: Sequence[str]) -> None:
        """Forget items."""
        await self._run(REMOVE, ids=list(ids))

    async def keep_only(self, ids: Sequence[str]) -> None:
        """Forget every item but these."""
        await self._run(KEEP, ids=list(ids))

    async def move(self, cursor: str | None, *, full: bool) -> None:
        """Note where the next reading begins; `full`, that the library was read whole."""
        await self._run(MOVE, cursor=cursor, full=full)

    async def list_items(self) -> list[Item]:
        """Every item."""
        rows = await (await self._run(LIST)).fetchall()
        return [
            Item(row["item_id"], row["parent_id"], row["name"], row["is_folder"], row["size"],
                 row["content_tag"], row["held_tag"], row["is_erased"])
            for row in rows
        ]  # fmt: skip

    async def hold(self, item_id: str, tag: str) -> None:
        """Note that the content of `tag` is on disk."""
        await self._run(HOLD, id=item_id, tag=tag)

    async def erase(self, item_id: str) -> None:
        """Note that the present content was erased from the base, and forget its name."""
        await self._run(ERASE, id=item_id)

    async def _run(self, statement: str, **values: object) -> Any:
        place = {"tenant": self.tenant_id, "drive": self.drive_id}
        return await self.connection.execute(statement.encode(), {**place, **values})
