"""The template library."""

from __future__ import annotations

from dataclasses import dataclass

from core.context import Identity
from core.database import Database

FIND_TEMPLATE = """
SELECT name, document_version, body FROM document_templates
WHERE tenant_id = %(tenant)s AND kind = %(kind)s AND status = 'in_force' AND language = 'fr'
ORDER BY (target_segment IS NOT DISTINCT FROM %(segment)s) DESC, (target_segment IS NULL) DESC,
    updated_at DESC, name
LIMIT 1
"""


@dataclass(frozen=True)
class TemplateRow:
    """A template in force."""

    name: str
    version: str
    body: str


async def find_template(
    database: Database, identity: Identity, kind: str, segment: str | None
) -> TemplateRow | None:
    """The template in force for a segment, else one for all, else any of the kind."""
    values = {"tenant": identity.tenant_id, "kind": kind, "segment": segment}
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_TEMPLATE, values)).fetchone()
    return TemplateRow(row["name"], row["document_version"], row["body"]) if row else None
