"""From a wished change to a stored proposal: strict checks, canonical text, nothing executed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from core.context import Context, Identity
from core.database import Connection, Exchange
from core.errors import VoltaireError
from core.formats import NBSP
from crm.changes import ChangeDraft, Value
from crm.objects import OBJECTS
from crm.proposals.canonical import (
    MAX_EVIDENCE,
    MAX_QUOTE_CHARS,
    Change,
    FieldChange,
    Origin,
    digest_of,
    write_canonical,
)
from crm.proposals.checks import check_links, check_policy, check_recipients, check_taint
from crm.proposals.declarations import WRITABLES, Writable
from crm.proposals.errors import ChangeNotAllowed, InvalidChange
from crm.proposals.firm import get_policy
from crm.proposals.policy import Policy
from crm.proposals.records import find_account_id, find_row
from crm.proposals.values import Canonical, from_row, parse_value

MAX_REASON_CHARS = 2000
ATTACHING = ("contract_id", "tender_id", "non_conformity_id", "site_id")
SUBMIT = "SELECT * FROM submit_proposal(%s, %s, %s, %s)"
TOO_MANY = (
    "Plus de {limit} propositions en une heure : attendez avant d’en faire d’autres, ou faites "
    "relever la limite dans les règles du cabinet."
)
RECORD_REFUSAL = "SELECT record_refusal(%s, %s, %s, %s)"


@dataclass(frozen=True)
class Submission:
    """What became of a wish: a stored proposal, or why it was refused (in French).

    `is_new` is False when the same wish had been proposed before: its first proposal is given.
    """

    key: str
    proposal_id: UUID | None = None
    digest: str | None = None
    is_new: bool = False
    refusal: str | None = None


async def propose(
    context: Context,
    drafts: Sequence[ChangeDraft],
    origin: Origin,
    *,
    policy: Policy | None = None,
) -> tuple[Submission, ...]:
    """Store each wish as a proposal of the context's user; the refused ones say why.

    A refusal is recorded in the audit. The same key twice makes one proposal.
    """
    return tuple([await _submit(context, draft, origin, policy) for draft in drafts])


async def propose_one(
    context: Context,
    draft: ChangeDraft,
    origin: Origin,
    *,
    typed: frozenset[str] = frozenset(),
    replaces: UUID | None = None,
    undoes: UUID | None = None,
    policy: Policy | None = None,
) -> Submission:
    """Store one wish; raises InvalidChange, ChangeNotAllowed or NotFound.

    `typed` are the fields a person filled by hand, which untrusted text did not.
    """
    async with context.database.exchange(context.identity) as exchange:
        connection = exchange.connection
        policy = policy or await get_policy(connection, context.identity.tenant_id)
        change = await build_change(connection, context, draft, origin, policy, typed)
        text = write_canonical(replace(change, undoes=undoes))
        return await store(exchange, text, draft.key, policy, replaces)


async def store(
    exchange: Exchange, text: str, key: str, policy: Policy, replaces: UUID | None = None
) -> Submission:
    """Keep a canonical text as a proposal; ChangeNotAllowed past the hour's quantity."""
    limit = policy.proposals_per_hour
    try:
        row, *_ = await exchange.finish(SUBMIT, (text, key, replaces, limit))
    except psycopg.errors.CheckViolation as error:
        if error.diag.message_primary != "quantity":
            raise
        raise ChangeNotAllowed(TOO_MANY.replace(" :", f"{NBSP}:").format(limit=limit)) from error
    return Submission(key, row["proposal_id"], digest_of(text), row["is_new"])


async def build_change(
    connection: Connection,
    context: Context,
    draft: ChangeDraft,
    origin: Origin,
    policy: Policy,
    typed: frozenset[str] = frozenset(),
) -> Change:
    """The change that `draft` wishes, checked against declaration, policy and records."""
    declared = _get_writable(draft)
    check_policy(context.identity, declared, policy)
    after = _parse_fields(declared, draft.fields)
    if draft.operation == "update":
        record_id, version, fields, row = await _compare(connection, declared, draft, after)
    else:
        after = await _attach(connection, declared, _fill(declared, after, context))
        _check_complete(declared, after)
        record_id = uuid4() if OBJECTS[declared.object].key == "id" else None
        version, row = None, {"id": record_id}
        fields = {n: FieldChange(None, v) for n, v in after.items() if v is not None}
    values = {**row, **{name: change.after for name, change in fields.items()}}
    change = _assemble(
        context.identity, draft, origin, policy, record_id, version, fields,
        await _find_client(connection, draft, values),
    )  # fmt: skip
    check_taint(declared, change, typed)
    await check_links(connection, declared, change)
    await check_recipients(connection, declared, change)
    return change


async def record_refusal(
    context: Context, draft: ChangeDraft, origin: Origin, error: VoltaireError
) -> None:
    """Leave a trace of a wish that could not become a proposal."""
    body = {
        "message": error.message[:2000],
        "operation": str(draft.operation)[:20],
        "fields": [str(name)[:60] for name in list(draft.fields)[:40]],
        "reason": draft.reason[:500],
        "origin": {"name": origin.name, "engine": origin.engine, "model": origin.is_model,
                   "prompt": origin.prompt_sha256},
        "key": draft.key[:400],
    }  # fmt: skip
    async with context.database.transaction(context.identity) as connection:
        await connection.execute(
            RECORD_REFUSAL, (draft.object[:80], draft.record_id, None, Jsonb(_clean(body)))
        )


def _clean(value: Any) -> Any:
    """Without the characters that a JSON column cannot hold."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


async def _submit(
    context: Context, draft: ChangeDraft, origin: Origin, policy: Policy | None
) -> Submission:
    try:
        return await propose_one(context, draft, origin, policy=policy)
    except VoltaireError as error:
        await record_refusal(context, draft, origin, error)
        return Submission(draft.key, refusal=error.message)


def _get_writable(draft: ChangeDraft) -> Writable:
    declared = WRITABLES.get(draft.object)
    if declared is None:
        raise InvalidChange(f"L’objet «{NBSP}{draft.object[:80]}{NBSP}» ne se modifie pas d’ici.")
    if draft.operation not in declared.operations:
        singular = OBJECTS[draft.object].singular
        raise InvalidChange(f"Cette opération n’existe pas pour un objet «{NBSP}{singular}{NBSP}».")
    if not draft.reason.strip() or len(draft.reason) > MAX_REASON_CHARS:
        raise InvalidChange("Donnez en une phrase la raison du changement (2 000 signes au plus).")
    if not 0 < len(draft.key) <= 400:
        raise InvalidChange("La demande de changement n’est pas identifiée.")
    return declared


def _parse_fields(declared: Writable, given: Mapping[str, Value]) -> dict[str, Canonical]:
    unknown = [name for name in given if name not in declared.columns]
    if unknown:
        known = ", ".join(c.label for c in declared.columns.values())
        raise InvalidChange(
            f"Champ inconnu «{NBSP}{str(unknown[0])[:60]}{NBSP}» pour "
            f"«{NBSP}{OBJECTS[declared.object].singular}{NBSP}». Champs possibles{NBSP}: {known}."
        )
    return {name: parse_value(declared.columns[name], value) for name, value in given.items()}


def _fill(
    declared: Writable, after: Mapping[str, Canonical], context: Context
) -> dict[str, Canonical]:
    """The fields of a new record, with the values it takes anyway."""
    filled: dict[str, Canonical] = {
        **{n: parse_value(declared.columns[n], v) for n, v in declared.defaults.items()},
        **after,
    }
    if declared.author is not None and filled.get(declared.author) is None:
        filled[declared.author] = str(context.identity.user_id)
    if "written_on" in declared.computed:
        filled["written_on"] = context.today.isoformat()
    return filled


async def _attach(
    connection: Connection, declared: Writable, after: dict[str, Canonical]
) -> dict[str, Canonical]:
    """The client of a record tied to a contract, a tender… when it was not said."""
    if "account_id" not in declared.columns or after.get("account_id") is not None:
        return after
    for name in ATTACHING:
        linked, column = after.get(name), declared.columns.get(name)
        if column is None or column.target is None or not isinstance(linked, str):
            continue
        row = await find_row(connection, column.target, UUID(linked))
        found = row and await find_account_id(connection, column.target, row)
        if found:
            return {**after, "account_id": str(found)}
    return after


async def _find_client(
    connection: Connection, draft: ChangeDraft, values: Mapping[str, Any]
) -> UUID | None:
    """The client a change is for; one that does not exist yet has none: new clients are listed
    together."""
    if draft.operation == "create" and draft.object == "accounts":
        return None
    return await find_account_id(connection, draft.object, values)


def _check_complete(declared: Writable, after: Mapping[str, Canonical]) -> None:
    missing = [n for n in declared.required if after.get(n) is None]
    if missing:
        labels = ", ".join(declared.columns[n].label for n in missing)
        raise InvalidChange(f"Il manque{NBSP}: {labels}.")


async def _compare(
    connection: Connection, declared: Writable, draft: ChangeDraft, after: Mapping[str, Canonical]
) -> tuple[UUID, int, dict[str, FieldChange], Mapping[str, Any]]:
    singular = OBJECTS[declared.object].singular
    row = None
    if isinstance(draft.record_id, UUID):
        row = await find_row(connection, declared.object, draft.record_id)
    if row is None or draft.record_id is None:
        raise InvalidChange(f"Aucun enregistrement «{NBSP}{singular}{NBSP}» à cet identifiant.")
    emptied = [n for n in declared.required if n in after and after[n] is None]
    if emptied:
        raise InvalidChange(
            f"«{NBSP}{declared.columns[emptied[0]].label}{NBSP}» ne peut être vide."
        )
    before = {name: from_row(declared.columns[name], row[name]) for name in after}
    fields = {n: FieldChange(before[n], v) for n, v in after.items() if before[n] != v}
    if not fields:
        raise InvalidChange(
            "Rien à changer : la fiche porte déjà ces valeurs.".replace(" :", f"{NBSP}:")
        )
    return draft.record_id, row["version"], fields, row


def _assemble(
    identity: Identity,
    draft: ChangeDraft,
    origin: Origin,
    policy: Policy,
    record_id: UUID | None,
    version: int | None,
    fields: Mapping[str, FieldChange],
    account_id: UUID | None,
) -> Change:
    now = dt.datetime.now(dt.UTC)
    evidence = tuple(
        replace(span, quote=span.quote[:MAX_QUOTE_CHARS]) for span in draft.evidence[:MAX_EVIDENCE]
    )
    return Change(
        id=uuid4(),
        tenant_id=identity.tenant_id,
        nonce=uuid4(),
        proposer_id=identity.user_id,
        operation=draft.operation,
        object=draft.object,
        record_id=record_id,
        version=version,
        account_id=account_id,
        fields=fields,
        reason=draft.reason.strip(),
        origin=origin,
        is_tainted=draft.is_tainted,
        created_at=now,
        expires_at=now + dt.timedelta(days=policy.lifetime_days),
        evidence=evidence,
        effect=WRITABLES[draft.object].effect,
    )
