"""Sources as a reader sees them: their name, and the text that proves them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.portfolio_assistant.models import Citation, DocumentCitation, RecordCitation
from chat.cards import plain
from core.addresses import API
from core.context import Identity
from core.database import Database
from core.formats import count_noun, format_date, format_instant
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS
from crm.queries import compose_list
from crm.query_parts import Filter

NBSP = "\u00a0"
STATUSES = {
    "draft": "projet",
    "in_review": "en relecture",
    "in_force": "en vigueur",
    "superseded": "remplacée",
    "withdrawn": "retirée",
}
FIND_PASSAGE = """
SELECT c.text, v.media_type
FROM document_versions v
LEFT JOIN chunks c ON c.tenant_id = v.tenant_id AND c.version_id = v.id AND c.id = %s
WHERE v.tenant_id = %s AND v.id = %s
"""
FIND_OBJECT = """
SELECT result ->> 'object' AS object FROM tool_runs WHERE tenant_id = %s AND id = %s
"""
NAMES_SHOWN = 10
LIST_MEDIA_TYPES = """
SELECT id, media_type FROM document_versions WHERE tenant_id = %s AND id = ANY(%s)
"""


def name_citation(citation: Citation) -> str:
    """The name shown for a source: «[1] PR-08 v3.1, p. 2»."""
    if isinstance(citation, DocumentCitation):
        label = f"{citation.code} v{citation.version_label}, p.{NBSP}{citation.page}"
    else:
        label = citation.label
    return f"[{citation.number}] {label}"


def mark_citation(citation: Citation) -> str:
    """The marker that stands in the answer's text: «[1]»."""
    return f"[{citation.number}]"


async def describe_citation(database: Database, identity: Identity, citation: Citation) -> str:
    """Markdown that proves a source: the quote in its passage, or the rows that say it."""
    if isinstance(citation, RecordCitation):
        return describe_records(citation, await list_names(database, identity, citation))
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(
            FIND_PASSAGE, (citation.chunk_id, identity.tenant_id, citation.version_id)
        )
        row = await cursor.fetchone()
    return describe_document(citation, (row["text"] or "") if row else None)


def describe_document(citation: DocumentCitation, passage: str | None) -> str:
    """The document, its validity, and the quote set in bold within `passage`.

    `passage` is None when the document has been withdrawn or is no longer open to the reader:
    there is then nothing to open.
    """
    head = [
        f"**{citation.title}**",
        f"{citation.code}, version {citation.version_label} "
        f"({STATUSES.get(citation.status, citation.status)}{_validity(citation)})",
        f"{citation.section}, page{NBSP}{citation.page}",
    ]
    if passage is None:
        body = "_Ce document n’est plus consultable (retiré, ou fermé à votre profil)._"
    elif passage[citation.start : citation.end] == citation.quote:
        before, after = passage[: citation.start], passage[citation.end :]
        body = f"{before}**{citation.quote}**{after}"
    else:
        body = f"«{NBSP}{citation.quote}{NBSP}»"
    link = f"[Ouvrir le document d’origine]({API}/documents/{citation.version_id})"
    quoted = "\n".join(f"> {line}" for line in body.strip().splitlines())
    parts = ["  \n".join(head), quoted, *([link] if passage is not None else [])]
    return "\n\n".join(parts)


def describe_records(citation: RecordCitation, names: Sequence[str] = ()) -> str:
    """How many rows of the CRM say it, when they were read, and the names of the first ones."""
    what = ("fiche", "fiches") if citation.record_ids else ("ligne tirée", "lignes tirées")
    count = count_noun(citation.total_rows, *what)
    lines = [
        f"**{citation.label}**",
        f"{count} de votre CRM, données lues le {format_instant(citation.executed_at)}.",
    ]
    if names:
        listed = [f"- {plain(name)}" for name in names]
        rest = citation.total_rows - len(names)
        if rest > 0:
            listed.append(f"- et {count_noun(rest, 'autre', 'autres')}")
        lines.append("\n".join(listed))
    return "\n\n".join(lines)


async def list_names(database: Database, identity: Identity, citation: RecordCitation) -> list[str]:
    """The names of the first records cited, with their clients', as the reader sees them now."""
    ids = list(citation.record_ids[:NAMES_SHOWN])
    async with database.transaction(identity) as connection:
        values = (identity.tenant_id, citation.tool_run_id)
        run = await (await connection.execute(FIND_OBJECT, values)).fetchone()
        if run is None or run["object"] not in OBJECTS or not ids:
            return []
        declared = get_subject(OBJECTS[run["object"]])
        columns = [declared.title, *(["account.name"] if declared.link_path("account") else [])]
        wanted = Filter(field="id", operator="in", value=[str(one) for one in ids])
        statement = compose_list(declared.name, [wanted], columns=columns, limit=len(ids))
        rows = await (await connection.execute(statement.text, statement.parameters)).fetchall()
    found = {
        row["record_id"]: " – ".join(str(row[c.name]) for c in statement.columns if row[c.name])
        for row in rows
    }
    return [found[one] for one in ids if found.get(one)]


def get_subject(declared: BusinessObject) -> BusinessObject:
    """The object that rows speak of: for the points of a contract, the points themselves."""
    links = declared.links.values()
    return next((OBJECTS[one.target] for one in links if one.column == declared.key), declared)


async def list_pdf_versions(
    database: Database, identity: Identity, citations: tuple[Citation, ...]
) -> frozenset[str]:
    """Among the cited document versions, those whose file is a PDF (ids as text)."""
    wanted = [c.version_id for c in citations if isinstance(c, DocumentCitation)]
    if not wanted:
        return frozenset()
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_MEDIA_TYPES, (identity.tenant_id, wanted))
        rows = await cursor.fetchall()
    return frozenset(str(row["id"]) for row in rows if row["media_type"] == "application/pdf")


def _validity(citation: DocumentCitation) -> str:
    if citation.valid_to is not None:
        return f", jusqu’au {format_date(citation.valid_to)}"
    if citation.valid_from is not None:
        return f", depuis le {format_date(citation.valid_from)}"
    return ""
