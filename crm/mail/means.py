"""What a reply may draw on in the firm's library: templates of e-mail, guides in force."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from core.database import Connection

TEMPLATES = """
SELECT id, name, body, language FROM document_templates
WHERE tenant_id = %s AND kind = 'email' AND status = 'in_force' ORDER BY updated_at DESC, name
"""
GUIDES = """
SELECT id, title, document_version, body FROM kb_articles,
    websearch_to_tsquery('french', %(words)s) AS asked
WHERE tenant_id = %(tenant)s AND kind = 'guide' AND status = 'in_force'
    AND (valid_from IS NULL OR valid_from <= %(today)s)
    AND (valid_to IS NULL OR valid_to >= %(today)s)
    AND to_tsvector('french', title || ' ' || body) @@ asked
ORDER BY ts_rank(to_tsvector('french', title || ' ' || body), asked) DESC, title LIMIT %(most)s
"""
"""Procedures, instructions and records are for the firm's own people: no client is told them."""


async def list_email_templates(connection: Connection, tenant_id: UUID) -> list[dict[str, Any]]:
    """The templates of e-mail in force, the latest first."""
    return await (await connection.execute(TEMPLATES, (tenant_id,))).fetchall()


async def list_guides(
    connection: Connection, tenant_id: UUID, words: str, today: dt.date, most: int
) -> list[dict[str, Any]]:
    """The guides in force on `today` that hold some of `words` (separated by OR), best first."""
    parameters = {"words": words, "tenant": tenant_id, "today": today, "most": most}
    return await (await connection.execute(GUIDES, parameters)).fetchall()
