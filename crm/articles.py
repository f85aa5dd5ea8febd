"""The articles of the firm's knowledge base, as the CRM holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.database import Connection

ArticleStatus = Literal["draft", "in_review", "in_force", "superseded", "withdrawn"]
TO_WRITE = "Réponse : à rédiger par le responsable."
"""What stands in an article drafted for a question until somebody answers it."""
ARTICLES = "Articles"
"""The source that their texts are read from, in the state of the documentary base."""
LIST = """
SELECT a.id, a.version, a.title, a.kind, a.standard, a.clause, a.document_version AS label,
    a.status, a.valid_from, a.valid_to, a.review_due_on, o.email AS owner,
    o.full_name AS owner_name, a.body
FROM kb_articles a LEFT JOIN users o ON o.tenant_id = a.tenant_id AND o.id = a.owner_id
WHERE a.tenant_id = %(tenant)s AND (%(statuses)s::text[] IS NULL OR a.status = ANY (%(statuses)s))
ORDER BY a.title, a.created_at, a.id
"""


@dataclass(frozen=True)
class Article:
    """An article; `version` counts the changes of its record, `label` is the one people give it.

    `owner` is the address of who answers for it.
    """

    id: UUID
    version: int
    title: str
    kind: Literal["procedure", "instruction", "record", "guide"]
    standard: str | None
    clause: str | None
    label: str
    status: ArticleStatus
    valid_from: dt.date | None
    valid_to: dt.date | None
    review_due_on: dt.date | None
    owner: str | None
    owner_name: str | None
    body: str

    @property
    def is_to_write(self) -> bool:
        """Tell whether its answer is still to be written."""
        return TO_WRITE in self.body

    def applies(self, today: dt.date) -> bool:
        """Tell whether it is in force on `today`."""
        start, end = self.valid_from or dt.date.min, self.valid_to or dt.date.max
        return self.status == "in_force" and start <= today <= end


async def list_articles(
    connection: Connection, tenant_id: UUID, statuses: Iterable[ArticleStatus] | None = None
) -> list[Article]:
    """The firm's articles, by title; those of some `statuses` only where they are given."""
    values = {"tenant": tenant_id, "statuses": None if statuses is None else list(statuses)}
    return [Article(**row) async for row in await connection.execute(LIST, values)]


def name_text(article_id: UUID) -> str:
    """Where the text of an article is read, as the versions of its document tell it."""
    return f"{ARTICLES}/{article_id}.txt"


def find_article_id(source_path: str) -> UUID | None:
    """The article whose text is read at `source_path`; None for a file."""
    source, _, name = source_path.partition("/")
    try:
        return UUID(name.removesuffix(".txt")) if source == ARTICLES else None
    except ValueError:
        return None
