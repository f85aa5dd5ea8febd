"""What surfaces do with controlled documents: list, propose a decision, acknowledge a reading."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from core.context import Context
from core.errors import InvalidInput, NotAllowed, NotFound
from core.formats import NBSP, format_date, of
from core.roles import SUPERVISORS
from crm.articles import find_article_id
from crm.changes import ChangeDraft, Value
from crm.proposals.canonical import Origin
from crm.proposals.declarations import WRITABLES
from crm.proposals.submission import Submission, propose_one
from knowledge.control import (
    STANDINGS,
    ControlledVersion,
    Reading,
    Standing,
    acknowledge,
    get_controlled,
    list_controlled,
    list_readings,
)
from knowledge.documents import AccessRole, VersionStatus
from tools import articles

ORIGIN = Origin("library", "rules", False, None, None)
NEXT: Mapping[Standing, frozenset[VersionStatus]] = {
    "draft": frozenset({"in_review", "in_force", "withdrawn"}),
    "in_review": frozenset({"draft", "in_force", "withdrawn"}),
    "scheduled": frozenset({"in_review", "withdrawn"}),
    "in_force": frozenset({"withdrawn"}),
    "expired": frozenset({"in_force", "withdrawn"}),
    "superseded": frozenset({"in_force", "withdrawn"}),
    "withdrawn": frozenset({"in_review"}),
}
# The standings of versions that apply, or did.
APPLIED: frozenset[Standing] = frozenset({"in_force", "expired", "superseded"})
NOT_PROPOSER = (
    "Votre rôle permet de lire les documents. La qualité, la direction ou un commercial propose "
    "ce changement."
)
UNKNOWN_CODE = (
    "Aucun document «{nbsp}{code}{nbsp}» que vous puissiez lire. Vérifiez son code dans la liste "
    "des documents."
)


async def list_versions(
    context: Context, *, as_of: dt.date | None = None, code: str | None = None
) -> list[ControlledVersion]:
    """Every version the user may see; with `as_of`, those that applied on that day."""
    identity = context.identity
    async with context.database.transaction(identity) as connection:
        return await list_controlled(
            connection, identity.tenant_id, as_of or context.today, code=code,
            in_history=as_of is not None,
        )  # fmt: skip


async def find_version(context: Context, code: str, label: str | None) -> ControlledVersion:
    """The version of a document so called; without label, the one in force, else the newest.

    Raises NotFound for an unknown document or version.
    """
    found = await list_versions(context, code=code)
    if not found:
        raise NotFound(UNKNOWN_CODE.format(nbsp=NBSP, code=code[:60]))
    if label is None:
        return next((one for one in found if one.standing == "in_force"), found[0])
    alike = [one for one in found if _shorten(one.label) == _shorten(label)]
    exact = [one for one in alike if one.label.lower() == label.lower()]
    chosen = next(iter(exact or alike), None)
    if chosen is None:
        known = ", ".join(one.label for one in found)
        raise NotFound(f"{found[0].code} n’a pas de version {label[:40]}. Versions connues : "
                       f"{known}.".replace(" :", f"{NBSP}:"))  # fmt: skip
    return chosen


def list_bounds(version: ControlledVersion) -> list[str]:
    """From when and until when a version applies, and whether its text is that of its first day."""
    start, end, changed = version.valid_from, version.valid_to, version.text_changed_on
    rewritten = (
        [f"texte changé le {format_date(changed)} sans nouveau numéro"]
        if changed is not None
        else []
    )
    if start is not None and end is not None and end < start:
        return [f"n’a valu aucun jour (prévue pour le {format_date(start)})", *rewritten]
    since = [f"depuis le {format_date(start)}"] if start is not None else []
    until = [f"jusqu’au {format_date(end)}"] if end is not None else []
    return [*since, *until, *rewritten]


def _shorten(label: str) -> str:
    """A version's label, « 2.0 » as « 2 »."""
    return label.lower().removesuffix(".0")


async def propose_status(
    context: Context,
    version_id: UUID,
    status: VersionStatus,
    *,
    reason: str,
    on: dt.date | None = None,
    review_due_on: dt.date | None = None,
) -> Submission:
    """Propose that a version takes a status from `on` (today); nothing is written.

    Raises NotFound, InvalidChange, ChangeNotAllowed, and InvalidInput for a status that may not
    follow the present one.
    """
    version = await _get_for_decision(context, version_id)
    if (article_id := find_article_id(version.source_path)) is not None:
        article = await articles.get_article(context, article_id)
        return await articles.propose_status(context, article, status, reason=reason, on=on)
    if status not in NEXT[version.standing]:
        allowed = ", ".join(STANDINGS[one] for one in sorted(NEXT[version.standing]))
        raise InvalidInput(f"{_tell_standing(version)} Statuts possibles ensuite{NBSP}: {allowed}.")
    start = on or context.today
    fields: dict[str, Value] = {"status": status}
    if status == "in_force":
        await _refuse_overlap(context, version, start)
        fields |= {"valid_from": start.isoformat(), "valid_to": None}
    elif status == "withdrawn":
        fields = _end_on_eve(version, start, context.today)
    if review_due_on is not None:
        fields["review_due_on"] = review_due_on.isoformat()
    return await _propose(context, "document_versions", version.id, version.sha256, fields, reason)


def _end_on_eve(version: ControlledVersion, start: dt.date, today: dt.date) -> dict[str, Value]:
    """A withdrawal ends what applies on the eve of its day, until which it goes on applying.

    What never applied has no end: it would be taken for having applied until then.
    """
    if version.standing in ("draft", "in_review", "scheduled"):
        return {"status": "withdrawn", "valid_to": None}
    if version.standing == "superseded":
        return {"status": "withdrawn"}
    eve = min(start - dt.timedelta(days=1), version.valid_to or dt.date.max).isoformat()
    return {"valid_to": eve} if start > today else {"status": "withdrawn", "valid_to": eve}


async def _refuse_overlap(context: Context, version: ControlledVersion, start: dt.date) -> None:
    """Raise InvalidInput when a version that applies, or did, starts after `start`.

    Two would then apply on the same days. One approved for later ends this one on its eve: the
    database does it when the change is carried out.
    """
    for other in await list_versions(context, code=version.code):
        begins = other.valid_from if other.standing in APPLIED else None
        if begins is None or begins > (other.valid_to or dt.date.max):
            continue
        if other.id != version.id and begins > start:
            verb = "s’est appliquée" if other.standing == "superseded" else "s’applique"
            raise InvalidInput(
                f"La version {other.label} {of(version.code)} {verb} à partir du "
                f"{format_date(begins)}{NBSP}: mise en vigueur à compter du {format_date(start)}, "
                f"la version {version.label} vaudrait les mêmes jours. Choisissez une date plus "
                "tardive."
            )


async def propose_review(
    context: Context, version_id: UUID, review_due_on: dt.date, reason: str
) -> Submission:
    """Propose the next review date of a version, such as once it has been reviewed."""
    version = await _get_for_decision(context, version_id)
    if review_due_on <= context.today:
        raise InvalidInput(
            f"La prochaine relecture doit venir après le {format_date(context.today)}."
        )
    fields: dict[str, Value] = {"review_due_on": review_due_on.isoformat()}
    return await _propose(context, "document_versions", version.id, version.sha256, fields, reason)


async def propose_custody(
    context: Context,
    version_id: UUID,
    *,
    owner_id: UUID | None = None,
    must_read: Sequence[AccessRole] | None = None,
    reason: str,
) -> Submission:
    """Propose who owns a version's document, or which roles must acknowledge reading it."""
    version = await _get_for_decision(context, version_id)
    fields: dict[str, Value] = {}
    if owner_id is not None:
        fields["owner_id"] = str(owner_id)
    if must_read is not None:
        fields["must_read"] = list(must_read)
    if not fields:
        raise InvalidInput("Dites ce qui change : le responsable, ou qui doit lire.")
    return await _propose(context, "documents", version.document_id, version.code, fields, reason)


async def acknowledge_reading(context: Context, version_id: UUID) -> dt.datetime:
    """Note that the user has read a version; the instant they first said so."""
    identity = context.identity
    version = await get_version(context, version_id)
    if version.standing not in ("in_force", "scheduled"):
        raise InvalidInput(
            f"{_tell_standing(version)} Lisez la version en vigueur, puis confirmez cette lecture."
        )
    async with context.database.transaction(identity) as connection:
        return await acknowledge(connection, identity.tenant_id, identity.user_id, version_id)


async def list_readers(context: Context, version_id: UUID) -> list[Reading]:
    """Who must read a version and who has; a simple reader sees their own reading alone."""
    identity = context.identity
    async with context.database.transaction(identity) as connection:
        await get_controlled(connection, identity.tenant_id, version_id, context.today)
        found = await list_readings(connection, identity.tenant_id, version_id)
    sees_all = bool(identity.roles & SUPERVISORS)
    return [one for one in found if sees_all or one.user_id == identity.user_id]


def _tell_standing(version: ControlledVersion) -> str:
    standing = STANDINGS[version.standing]
    return f"{version.code}, version {version.label}, a le statut «{NBSP}{standing}{NBSP}»."


async def get_version(context: Context, version_id: UUID) -> ControlledVersion:
    """One version that the user may see; raises NotFound."""
    identity = context.identity
    async with context.database.transaction(identity) as connection:
        return await get_controlled(connection, identity.tenant_id, version_id, context.today)


async def _get_for_decision(context: Context, version_id: UUID) -> ControlledVersion:
    """Like `get_version`, for who may propose at all: the rest is told to them alone."""
    if not context.identity.roles & WRITABLES["document_versions"].proposers:
        raise NotAllowed(NOT_PROPOSER)
    return await get_version(context, version_id)


async def _propose(
    context: Context,
    name: str,
    record_id: UUID,
    state: str,
    fields: Mapping[str, Value],
    reason: str,
) -> Submission:
    """The same wish on the same day, over the same text, makes one proposal."""
    told = f"{context.identity.user_id}\n{context.today}\n{state}\n{sorted(fields.items())}"
    key = f"library:{record_id}:{hashlib.sha256(told.encode()).hexdigest()[:24]}"
    draft = ChangeDraft("update", name, fields, reason, key, record_id, is_tainted=False)
    return await propose_one(context, draft, ORIGIN)
