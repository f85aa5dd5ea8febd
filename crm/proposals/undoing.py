"""Undoing an executed change: its inverse, proposed and approved like any other."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID, uuid4

from core.context import Context
from core.database import Connection, Exchange
from core.formats import NBSP
from crm.changes import ChangeDraft
from crm.objects import OBJECTS
from crm.proposals.canonical import Change, FieldChange, Origin, write_canonical
from crm.proposals.checks import check_policy
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import StaleProposal
from crm.proposals.firm import get_policy
from crm.proposals.policy import Policy
from crm.proposals.records import find_row
from crm.proposals.store import StoredProposal, get_proposal
from crm.proposals.submission import Submission, propose_one, store
from crm.proposals.values import from_row, to_wire

UNDO = Origin("undo")
CHANGED_SINCE = (
    "La fiche a changé depuis{nbsp}: «{nbsp}{label}{nbsp}» ne vaut plus ce que cette modification "
    "y avait mis. Proposez plutôt une nouvelle modification."
)
NO_VERSION_LEFT = (
    "L’annulation laisserait ce document sans version en vigueur. Mettez plutôt en vigueur une "
    f"autre de ses versions{NBSP}: celle-ci prendra fin la veille."
)


async def propose_undo(
    context: Context, proposal_id: UUID, *, policy: Policy | None = None
) -> Submission:
    """Propose the inverse of an executed change. Raises StaleProposal when it has no inverse."""
    async with context.database.exchange(context.identity) as exchange:
        connection = exchange.connection
        policy = policy or await get_policy(connection, context.identity.tenant_id)
        stored = await get_proposal(connection, proposal_id)
        obstacle = find_obstacle(stored)
        if obstacle is not None:
            raise StaleProposal(obstacle)
        if stored.change.operation != "update":
            return await _propose_removal(exchange, context, stored, policy)
        draft = await _invert(connection, stored)
    return await propose_one(context, draft, UNDO, undoes=stored.id, policy=policy)


def find_obstacle(stored: StoredProposal) -> str | None:
    """Why a change has no inverse, in French; None where it has one."""
    if stored.status != "executed":
        return "Seule une modification effectuée peut être annulée."
    if stored.change.effect is not None or stored.change.operation == "remove":
        return f"Cette modification ne s’annule pas d’ici{NBSP}: faites-en une nouvelle."
    if stored.change.object == "document_versions":
        status = stored.change.fields.get("status")
        if status is not None and status.after == "in_force":
            return NO_VERSION_LEFT
    return None


async def _invert(connection: Connection, stored: StoredProposal) -> ChangeDraft:
    change = stored.change
    columns = WRITABLES[change.object].columns
    record_id = change.record_id
    row = None if record_id is None else await find_row(connection, change.object, record_id)
    if row is None:
        raise StaleProposal("La fiche n’existe plus.")
    for name, value in change.fields.items():
        if from_row(columns[name], row[name]) != value.after:
            raise StaleProposal(CHANGED_SINCE.format(nbsp=NBSP, label=columns[name].label))
    return ChangeDraft(
        operation="update",
        object=change.object,
        fields={n: to_wire(v.before) for n, v in change.fields.items()},
        reason=_reason(stored),
        key=f"undo:{stored.id}:{row['version']}",
        record_id=record_id,
        is_tainted=False,
    )


async def _propose_removal(
    exchange: Exchange, context: Context, stored: StoredProposal, policy: Policy
) -> Submission:
    made = stored.change
    declared = WRITABLES[made.object]
    check_policy(context.identity, declared, policy)
    version = None
    if made.record_id is not None:
        row = await find_row(exchange.connection, made.object, made.record_id)
        version = (stored.result or {}).get("version")
        if row is None or row["version"] != version:
            singular = OBJECTS[made.object].singular
            raise StaleProposal(
                f"«{NBSP}{singular}{NBSP}»{NBSP}: la fiche a changé depuis sa création. Elle ne "
                "peut plus être retirée d’ici."
            )
    now = dt.datetime.now(dt.UTC)
    change: Change = replace(
        made,
        id=uuid4(),
        nonce=uuid4(),
        proposer_id=context.identity.user_id,
        operation="remove",
        version=version,
        fields={n: FieldChange(v.after, None) for n, v in made.fields.items()},
        reason=_reason(stored),
        origin=UNDO,
        is_tainted=False,
        created_at=now,
        expires_at=now + dt.timedelta(days=policy.lifetime_days),
        evidence=(),
        undoes=stored.id,
    )
    return await store(exchange, write_canonical(change), f"undo:{stored.id}:{version}", policy)


def _reason(stored: StoredProposal) -> str:
    return f"Annulation{NBSP}: {stored.change.reason}"[:2000]
