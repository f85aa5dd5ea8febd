"""The policy of the firm of a session."""

from __future__ import annotations

from uuid import UUID

from core.database import Connection
from core.settings import get_settings
from crm.proposals.policy import Policy, find_policy

SELECT_SLUG = "SELECT slug FROM tenants WHERE id = %s"
_slugs: dict[UUID, str] = {}


async def get_policy(connection: Connection, tenant_id: UUID) -> Policy:
    """The policy in force for `tenant_id`, read again when its file changes.

    Raises InvalidPolicy: a firm whose file is wrong changes nothing until it is corrected.
    """
    slug = _slugs.get(tenant_id)
    if slug is None:
        row = await (await connection.execute(SELECT_SLUG, (tenant_id,))).fetchone()
        slug = str(row["slug"]) if row else ""
        if row:
            _slugs[tenant_id] = slug
    return find_policy(get_settings().policies_dir, slug)
