"""What a person does with proposals: approve one or a ticked list, reject, edit, undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from core.context import Context
from core.database import Connection, Exchange
from core.errors import NotAllowed, NotFound, VoltaireError
from core.formats import NBSP
from crm.changes import ChangeDraft, Value
from crm.proposals.canonical import digest_batch, digest_of
from crm.proposals.decision import (
    Facts,
    Person,
    count_needed,
    decide,
    find_refusal,
    may_auto_approve,
)
from crm.proposals.errors import ChangeNotAllowed, InvalidChange, StaleProposal
from crm.proposals.firm import get_policy
from crm.proposals.policy import Policy
from crm.proposals.records import read_facts
from crm.proposals.store import Status, StoredProposal, get_proposal, list_by_ids
from crm.proposals.submission import RECORD_REFUSAL, Submission, propose_one, record_refusal
from crm.proposals.values import to_wire

MAX_LINES = 200
APPROVE = "SELECT * FROM approve_proposals(%s, %s, %s, %s, %s, %s)"
RETRY = "SELECT retry_effect(%s) AS done"
REJECT = "SELECT reject_proposal(%s, %s, %s) AS done"
CHANGED = "Cette proposition a changé ou n’attend plus votre accord. Rechargez la liste."
EXPIRED = "Cette proposition a expiré. Refaites la demande si elle est toujours utile."
NOTHING_GIVEN_UP = "Aucun effet extérieur de cette proposition n’est à relancer."
LIST_CHANGED = (
    "La liste approuvée n’est plus celle qui vous a été montrée. Rechargez-la avant d’approuver."
)
SEVERAL_CLIENTS = "Une liste ne porte que sur un seul client. Approuvez client par client."
TOO_MANY = (
    "Plus de {limit} approbations en une heure : reprenez plus tard, ou faites relever la limite "
    "dans les règles du cabinet."
)
SQL_REASONS = {"batch": LIST_CHANGED, "accounts": SEVERAL_CLIENTS, "unknown": CHANGED}


@dataclass(frozen=True)
class Line:
    """A ticked line: the proposal and the digest of the text that was shown."""

    proposal_id: UUID
    digest: str


@dataclass(frozen=True)
class Approval:
    """What an approval led to: `pending` when another person must still approve."""

    proposal_id: UUID
    status: Status


async def approve(
    context: Context,
    lines: Sequence[Line],
    batch_digest: str,
    *,
    policy: Policy | None = None,
) -> tuple[Approval, ...]:
    """Approve, in the user's name, exactly the lines shown; all of them or none.

    `batch_digest` is `digest_batch` of the lines as they were shown. A second click changes
    nothing. Raises NotFound, StaleProposal or ChangeNotAllowed; refusals are audited.
    """
    try:
        return await _approve(context, lines, batch_digest, policy)
    except VoltaireError as error:
        await _record(context, lines, error)
        raise


async def reject(context: Context, proposal_id: UUID, digest: str, reason: str) -> None:
    """Turn a proposal down for good. Raises NotFound, InvalidChange, StaleProposal."""
    if not reason.strip():
        raise InvalidChange("Dites en quelques mots pourquoi vous refusez.")
    async with context.database.transaction(context.identity, "change_approver") as connection:
        await get_proposal(connection, proposal_id)
        row = await (await connection.execute(REJECT, (proposal_id, digest, reason))).fetchone()
    if not row or not row["done"]:
        raise StaleProposal(CHANGED)


async def retry_effect(context: Context, proposal_id: UUID) -> None:
    """Have an outside effect that was given up tried again; it is looked for first.

    Raises NotFound, ChangeNotAllowed or StaleProposal.
    """
    async with context.database.transaction(context.identity, "change_approver") as connection:
        stored = await get_proposal(connection, proposal_id)
        policy = await get_policy(connection, context.identity.tenant_id)
        facts = (await read_facts(connection, [stored.change]))[stored.id]
        person = Person(context.identity.user_id, context.identity.roles)
        refusal = find_refusal(policy, stored.change, facts, person)
        if refusal is not None:
            raise ChangeNotAllowed(refusal)
        row = await (await connection.execute(RETRY, (proposal_id,))).fetchone()
    if not row or not row["done"]:
        raise StaleProposal(NOTHING_GIVEN_UP)


async def edit(
    context: Context,
    proposal_id: UUID,
    digest: str,
    fields: Mapping[str, Value],
    *,
    policy: Policy | None = None,
) -> Submission:
    """Replace a waiting proposal by another with these fields: nothing approved carries over.

    Raises StaleProposal, InvalidChange or ChangeNotAllowed; refusals are audited.
    """
    async with context.database.transaction(context.identity) as connection:
        stored = await get_proposal(connection, proposal_id)
    if stored.status != "pending" or stored.digest != digest:
        raise StaleProposal(CHANGED)
    change = stored.change
    if change.operation == "remove":
        raise InvalidChange("Une annulation ne se corrige pas : approuvez-la ou refusez-la.")
    kept = {name: to_wire(value.after) for name, value in change.fields.items()}
    draft = ChangeDraft(
        operation=change.operation,
        object=change.object,
        fields={**kept, **fields},
        reason=change.reason,
        key=f"edit:{proposal_id}:{digest_of(repr(sorted(fields.items())))[:16]}",
        record_id=change.record_id if change.operation == "update" else None,
        evidence=change.evidence,
        is_tainted=change.is_tainted,
    )
    try:
        return await propose_one(
            context, draft, change.origin, typed=frozenset(fields), replaces=proposal_id,
            policy=policy,
        )  # fmt: skip
    except VoltaireError as error:
        await record_refusal(context, draft, change.origin, error)
        raise


async def approve_by_policy(
    context: Context, proposal_id: UUID, *, policy: Policy | None = None
) -> bool:
    """Let the firm's policy approve a low-risk proposal, where the firm asked for it."""
    async with context.database.transaction(context.identity, "change_approver") as connection:
        policy = policy or await get_policy(connection, context.identity.tenant_id)
        if not policy.auto:
            return False
        stored = await get_proposal(connection, proposal_id)
        facts = (await read_facts(connection, [stored.change]))[stored.id]
        if stored.status != "pending" or not may_auto_approve(policy, stored.change, facts):
            return False
        shown = digest_batch([(stored.id, stored.digest)])
        await connection.execute(APPROVE, ([stored.id], [stored.digest], [1], shown, True, None))
    return True


async def explain(
    connection: Connection, person: Person, stored: StoredProposal, policy: Policy
) -> tuple[Facts, int, str | None]:
    """The facts, the number of persons needed, and why `person` may not approve (None: may)."""
    facts = (await read_facts(connection, [stored.change]))[stored.id]
    return facts, *judge(person, stored, facts, policy)


def judge(
    person: Person, stored: StoredProposal, facts: Facts, policy: Policy
) -> tuple[int, str | None]:
    """The number of persons needed, and why `person` may not approve (None: may)."""
    refusal = find_refusal(policy, stored.change, facts, person) or _find_second_refusal(
        policy, stored, facts, person
    )
    return count_needed(policy, stored.change, facts), refusal


async def _approve(
    context: Context, lines: Sequence[Line], batch_digest: str, policy: Policy | None
) -> tuple[Approval, ...]:
    pairs = [(line.proposal_id, line.digest) for line in lines]
    if not 0 < len(lines) <= MAX_LINES or len({p for p, _ in pairs}) != len(pairs):
        raise InvalidChange(f"Cochez de une à {MAX_LINES} lignes, chacune une seule fois.")
    if digest_batch(pairs) != batch_digest:
        raise StaleProposal(LIST_CHANGED)
    identity = context.identity
    person = Person(identity.user_id, identity.roles)
    async with context.database.exchange(identity, "change_approver") as exchange:
        connection = exchange.connection
        policy = policy or await get_policy(connection, identity.tenant_id)
        stored = {p.id: p for p in await list_by_ids(connection, [p for p, _ in pairs])}
        facts = await read_facts(connection, [p.change for p in stored.values()])
        needed = [_check_line(line, stored, facts, person, policy) for line in lines]
        return await _store(exchange, pairs, needed, batch_digest, policy.approvals_per_hour)


async def _store(
    exchange: Exchange,
    pairs: Sequence[tuple[UUID, str]],
    needed: Sequence[int],
    batch_digest: str,
    hourly: int,
) -> tuple[Approval, ...]:
    ids, digests = [p for p, _ in pairs], [d for _, d in pairs]
    parameters = (ids, digests, list(needed), batch_digest, False, hourly)
    try:
        rows = await exchange.finish(APPROVE, parameters)
    except psycopg.errors.CheckViolation as error:
        reason = error.diag.message_primary or ""
        if reason == "quantity":
            told = TOO_MANY.replace(" :", f"{NBSP}:").format(limit=hourly)
            raise ChangeNotAllowed(told) from error
        raise StaleProposal(SQL_REASONS.get(reason, CHANGED)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotAllowed("Votre rôle ne permet pas d’approuver.") from error
    return tuple(Approval(row["proposal_id"], row["status"]) for row in rows)


def _check_line(
    line: Line,
    stored: Mapping[UUID, StoredProposal],
    facts: Mapping[UUID, Facts],
    person: Person,
    policy: Policy,
) -> int:
    found = stored.get(line.proposal_id)
    if found is None:
        raise NotFound("Cette proposition n’existe pas ou ne vous concerne pas.")
    if found.digest != line.digest:
        raise StaleProposal(CHANGED)
    has_approved = any(p.id == person.id for p in found.approvers)
    if not has_approved and found.status != "pending":
        raise StaleProposal(EXPIRED if found.status == "expired" else CHANGED)
    needed, refusal = judge(person, found, facts[found.id], policy)
    if refusal is not None and not has_approved:
        raise ChangeNotAllowed(refusal)
    return needed


def _find_second_refusal(
    policy: Policy, stored: StoredProposal, facts: Facts, person: Person
) -> str | None:
    """Why this accord could not complete a change that two persons must approve."""
    given = [*(p for p in stored.approvers if p.id != person.id), person]
    decision = decide(policy, stored.change, facts, given, by_policy=False)
    is_last = len(given) >= decision.needed
    return decision.reason if is_last and decision.verdict == "wait" else None


async def _record(context: Context, lines: Sequence[Line], error: VoltaireError) -> None:
    body = {
        "message": error.message[:2000],
        "act": "approve",
        "lines": [str(line.proposal_id) for line in lines[:MAX_LINES]][:100],
    }
    single = lines[0].proposal_id if len(lines) == 1 else None
    async with context.database.transaction(context.identity, "change_approver") as connection:
        await connection.execute(RECORD_REFUSAL, (None, None, single, Jsonb(body)))
