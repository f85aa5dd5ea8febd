"""What a proposal on a controlled document speaks of, told to who decides."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from core.context import Context
from core.database import Connection
from core.errors import NotFound
from core.formats import NBSP, count_noun, format_date
from crm.proposals.canonical import Change
from crm.proposals.store import StoredProposal
from crm.proposals.values import Canonical
from knowledge.control import STANDINGS, ControlledVersion, get_controlled, list_controlled
from knowledge.version_changes import compare_versions

COUNT_OTHERS = """
SELECT count(*) AS others FROM proposals p
WHERE p.tenant_id = %(tenant)s AND p.object = 'document_versions' AND p.status = 'pending'
    AND p.id <> %(own)s AND (p.canonical::jsonb -> 'fields') ? 'status'
    AND p.record_id IN (SELECT v.id FROM document_versions v
        WHERE v.tenant_id = %(tenant)s AND v.document_id = %(document)s)
"""
OPEN = frozenset({"pending", "approved"})
# What is done, the field that dates it, and how many days after that one: a withdrawal follows
# the last day.
ACTS = {
    "in_force": ("Mettre en vigueur", "valid_from", 0),
    "withdrawn": ("Retirer", "valid_to", 1),
    "in_review": ("Mettre en relecture", "", 0),
    "draft": ("Remettre en brouillon", "", 0),
}
GET_CODE = "SELECT code FROM documents WHERE tenant_id = %s AND id = %s"


async def describe_document(
    connection: Connection, context: Context, stored: StoredProposal
) -> tuple[str, UUID | None]:
    """A few French sentences, and the version to read; empty for another kind of record.

    They tell the document, how its version stands, which one it would end, and whether another
    proposal waits for it.
    """
    change = stored.change
    found = await _find(connection, context, change)
    if found is None:
        return "", None
    tenant_id = context.identity.tenant_id
    versions = await list_controlled(connection, tenant_id, context.today, code=found.code)
    status = change.fields.get("status")
    told = [f"{found.code} – {found.title}, version {found.label} ({STANDINGS[found.standing]})."]
    if status is None or stored.status not in OPEN:
        return " ".join(told), found.id
    others = [one for one in versions if one.standing == "in_force" and one.id != found.id]
    if status.after == "in_force":
        told += [f"Elle mettra fin à {_tell(one)}." for one in others]
        told += [await _tell_changes(connection, tenant_id, one, found) for one in others[:1]]
        if not others:
            told.append("Aucune version n’est en vigueur aujourd’hui.")
    elif found.standing == "in_force" and not others:
        told.append("Le document n’aura plus de version en vigueur.")
    values = {"tenant": tenant_id, "own": stored.id, "document": found.document_id}
    row = await (await connection.execute(COUNT_OTHERS, values)).fetchone()
    if row and row["others"]:
        waiting = count_noun(row["others"], "autre décision attend", "autres décisions attendent")
        told.append(f"{waiting} pour le même document{NBSP}: approuvez-en une seule.")
    return " ".join(told), found.id


def write_version_title(change: Change, designation: str) -> str | None:
    """What a change does to the version so designated; None where its fields alone tell it."""
    if change.object != "document_versions":
        return None
    after = {name: value.after for name, value in change.fields.items()}
    implied = (status for status, (_, field, _) in ACTS.items() if after.get(field))
    status = str(after["status"]) if "status" in after else next(implied, "")
    review = after.get("review_due_on")
    if status in ACTS:
        verb, field, days = ACTS[status]
        return f"{verb} {designation}{_tell_start(after.get(field), days)}"
    if not status and isinstance(review, str):
        return f"Relire {designation}, avant le {format_date(dt.date.fromisoformat(review))}"
    return None


def _tell_start(day: Canonical, days: int) -> str:
    if not isinstance(day, str):
        return ""
    start = dt.date.fromisoformat(day) + dt.timedelta(days=days)
    return f", à compter du {format_date(start)}"


async def _tell_changes(
    connection: Connection, tenant_id: UUID, before: ControlledVersion, after: ControlledVersion
) -> str:
    """How much the new text differs, and the question that shows it."""
    changes = await compare_versions(connection, tenant_id, before, after)
    if not changes:
        return "Les deux textes disent la même chose."
    count = count_noun(len(changes), "phrase change", "phrases changent")
    asked = f"Comparez les versions {before.label} et {after.label} de {after.code}"
    return f"{count} («{NBSP}{asked}{NBSP}»)."


async def _find(
    connection: Connection, context: Context, change: Change
) -> ControlledVersion | None:
    """The version that a change is of, else the one that applies of its document."""
    tenant_id, record_id = context.identity.tenant_id, change.record_id
    if record_id is None:
        return None
    if change.object == "document_versions":
        try:
            return await get_controlled(connection, tenant_id, record_id, context.today)
        except NotFound:
            return None
    if change.object != "documents":
        return None
    row = await (await connection.execute(GET_CODE, (tenant_id, record_id))).fetchone()
    if row is None:
        return None
    versions = await list_controlled(connection, tenant_id, context.today, code=row["code"])
    return next((one for one in versions if one.standing == "in_force"), next(iter(versions), None))


def _tell(version: ControlledVersion) -> str:
    since = (
        f", en vigueur depuis le {format_date(version.valid_from)}" if version.valid_from else ""
    )
    return f"la version {version.label}{since}"
