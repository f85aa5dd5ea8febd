"""Proofs of answers: kept with the answer, reopened later, checked against the audit's chain."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.context import Context, Identity
from core.database import Connection
from core.errors import NotFound
from core.formats import NBSP
from crm.proposals.audit import check_sealed

UNKNOWN = (
    f"Aucune preuve pour cette réponse{NBSP}: elle n’existe pas, n’est pas la vôtre, ou date "
    "d’avant la tenue des preuves."
)
ERASED_PROOF = (
    "Cette preuve a été effacée, en tout ou partie, par l’effacement {erasure}{nbsp}: seule son "
    "empreinte reste dans le journal."
)
UNSEEN = (
    f"Une conversation n’est lisible que par son auteur{NBSP}: ce que celle-ci montre aujourd’hui "
    "n’a pas été comparé à la preuve."
)
DELETED = f"La conversation a été supprimée{NBSP}: il n’y a plus rien à comparer à la preuve."
Seal = Literal["sealed", "waiting"]

RECORD = "SELECT record_proof(%s, %s)"
LIST_RUNS = """
SELECT id, ordinal, tool, arguments, encode(sha256(convert_to(result::text, 'UTF8')), 'hex')
    AS result_sha256
FROM tool_runs WHERE turn_id = %(turn)s ORDER BY ordinal
"""
LIST_VERSIONS = """
SELECT v.id, d.code, coalesce(v.title, d.title) AS title, v.label, v.status,
    v.valid_from::text, v.valid_to::text, v.sha256
FROM document_versions v JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
WHERE v.tenant_id = %(tenant)s AND v.id = ANY (%(versions)s::uuid[]) ORDER BY d.code, v.label
"""
LIST_PASSAGES = """
SELECT id, version_id, text FROM chunks
WHERE tenant_id = %(tenant)s AND id = ANY (%(passages)s::bigint[]) ORDER BY id
"""
# All that an answer rests on, in one exchange: this runs before the answer is shown.
GATHER = (
    "SELECT (SELECT coalesce(jsonb_agg(r), '[]') FROM (" + LIST_RUNS + ") AS r) AS runs, "
    "(SELECT coalesce(jsonb_agg(v), '[]') FROM (" + LIST_VERSIONS + ") AS v) AS documents, "
    "(SELECT coalesce(jsonb_agg(p), '[]') FROM (" + LIST_PASSAGES + ") AS p) AS passages"
)
GET = "SELECT canonical, sha256, erased_in FROM answer_proofs WHERE tenant_id = %s AND turn_id = %s"
EVENT = """
SELECT e.id, e.tenant_id, e.at, e.kind, e.actor_id, e.object, e.record_id, e.proposal_id, e.body,
    c.ordinal, c.event_sha256, c.sha256,
    (SELECT b.sha256 FROM audit_chain b WHERE b.tenant_id = c.tenant_id
        AND b.ordinal = c.ordinal - 1) AS before
FROM audit_events e
LEFT JOIN audit_chain c ON c.tenant_id = e.tenant_id AND c.event_id = e.id
WHERE e.tenant_id = %s AND e.kind = 'answered' AND e.object = 'turns' AND e.record_id = %s
ORDER BY e.id LIMIT 1
"""
ERASED = "SELECT 1 FROM audit_events WHERE kind = 'erased' AND record_id = %s"
NOW = "SELECT question, answer FROM turns WHERE id = %s"
APPROVALS = """
SELECT p.id, p.digest, p.status, u.full_name, a.decided_at FROM proposals p
LEFT JOIN approvals a ON a.tenant_id = p.tenant_id AND a.proposal_id = p.id
LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.approver_id
WHERE p.tenant_id = %s AND p.id = ANY (%s) ORDER BY p.id, a.decided_at
"""


@dataclass(frozen=True)
class ProofFile:
    """The proof of an answer. `faults` are what no longer agrees with it, in French.

    `proof` is what was sealed: question, rights, answer, documents, passages, tool runs, engine,
    prompt; empty once erased. `approvals` are of today; `place` is where the audit's chain holds
    it, once sealed.
    """

    turn_id: UUID
    proof: Mapping[str, Any]
    sha256: str
    seal: Seal
    place: int | None
    approvals: tuple[Mapping[str, Any], ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class ProvedTurn:
    """The turn a proof is made for, as it was opened."""

    id: UUID
    asked_at: dt.datetime
    prompt_sha256: str | None


async def record_proof(
    connection: Connection,
    identity: Identity,
    turn: ProvedTurn,
    answer: Mapping[str, Any],
    version_ids: Sequence[UUID],
    chunk_ids: Sequence[int],
) -> None:
    """Seal what an answer rests on, in the transaction that stores the answer."""
    wanted = {"tenant": identity.tenant_id, "turn": turn.id, "versions": list(version_ids),
              "passages": list(chunk_ids)}  # fmt: skip
    rests_on = await (await connection.execute(GATHER, wanted)).fetchone()
    proof = {
        "tenant": str(identity.tenant_id),
        "turn": str(turn.id),
        "user": str(identity.user_id),
        "roles": sorted(identity.roles),
        "asked_at": turn.asked_at.isoformat(),
        "question": answer["question"],
        "engine": answer["engine"],
        "is_model": answer["is_model"],
        "prompt_sha256": turn.prompt_sha256,
        "answer": answer,
        **(rests_on or {}),
    }
    await connection.execute(RECORD, (turn.id, write_canonical(proof)))


def write_canonical(proof: Mapping[str, Any]) -> str:
    """The proof as the text that is hashed."""
    return json.dumps(proof, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


async def get_proof(context: Context, turn_id: UUID) -> ProofFile:
    """The proof of an answer, checked. Raises NotFound."""
    tenant = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        row = await (await connection.execute(GET, (tenant, turn_id))).fetchone()
        if row is None:
            raise NotFound(UNKNOWN)
        event = await (await connection.execute(EVENT, (tenant, turn_id))).fetchone()
        faults = [] if event else ["Le journal ne connaît pas cette preuve."]
        if row["erased_in"] is not None:
            return await _tell_erased(connection, turn_id, row, event)
        digest = hashlib.sha256(row["canonical"].encode()).hexdigest()
        if digest != row["sha256"] or (event and digest != json.loads(event["body"])["sha256"]):
            faults.append("La preuve a été modifiée après avoir été scellée.")
        if event:
            faults += await _check_seal(connection, event)
        proof = json.loads(row["canonical"])
        shown, remarks = await _compare_answer(connection, context.identity, turn_id, proof)
        faults += shown
        remarks += await _compare_sources(connection, tenant, proof)
        wanted = [card["id"] for card in proof["answer"].get("proposals", [])]
        cursor = await connection.execute(APPROVALS, (tenant, wanted))
        approvals = tuple(await cursor.fetchall())
    place = event["ordinal"] if event else None
    seal: Seal = "sealed" if place is not None else "waiting"
    return ProofFile(turn_id, proof, digest, seal, place, approvals, tuple(faults), tuple(remarks))


async def _tell_erased(
    connection: Connection, turn_id: UUID, row: Mapping[str, Any], event: Mapping[str, Any] | None
) -> ProofFile:
    """What an erasure left of a proof: its hash in the chain, and the erasure that took it."""
    faults: list[str] = []
    if event is None or json.loads(event["body"])["sha256"] != row["sha256"]:
        faults.append("Le journal ne connaît pas cette preuve.")
    else:
        faults += await _check_seal(connection, event)
    cursor = await connection.execute(ERASED, (row["erased_in"],))
    if await cursor.fetchone() is None:
        faults.append("Aucun effacement du journal n’explique ce qui manque à cette preuve.")
    remark = ERASED_PROOF.format(nbsp=NBSP, erasure=row["erased_in"])
    place = event["ordinal"] if event else None
    seal: Seal = "sealed" if place is not None else "waiting"
    return ProofFile(turn_id, {}, row["sha256"], seal, place, (), tuple(faults), (remark,))


async def _check_seal(connection: Connection, event: Mapping[str, Any]) -> list[str]:
    if event["ordinal"] is None:
        return []
    fault = await check_sealed(connection, event)
    return [] if fault is None else [fault]


async def _compare_answer(
    connection: Connection, reader: Identity, turn_id: UUID, proof: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """Faults and remarks: what the conversation shows now must be what was sealed.

    Its author alone sees it; to others, and once deleted, it shows nothing to compare.
    """
    turn = await (await connection.execute(NOW, (turn_id,))).fetchone()
    if turn is None:
        is_own = proof["user"] == str(reader.user_id)
        return [], [DELETED if is_own else UNSEEN]
    faults: list[str] = []
    if turn["question"] != proof["question"]:
        faults.append("La question conservée dans la conversation n’est plus celle de la preuve.")
    if turn["answer"] != proof["answer"]:
        faults.append("La réponse conservée dans la conversation n’est plus celle de la preuve.")
    held = await (await connection.execute(LIST_RUNS, {"turn": turn_id})).fetchall()
    hashes = {str(row["id"]): row["result_sha256"] for row in held}
    sealed = {run["id"]: run["result_sha256"] for run in proof["runs"]}
    if hashes and hashes != sealed:
        faults.append("Les données lues pour répondre ne sont plus celles de la preuve.")
    return faults, []


async def _compare_sources(
    connection: Connection, tenant: UUID, proof: Mapping[str, Any]
) -> list[str]:
    """Documents that have changed or gone since: no fault, but to be known."""
    wanted = [UUID(one["id"]) for one in proof["documents"]]
    cursor = await connection.execute(LIST_VERSIONS, {"tenant": tenant, "versions": wanted})
    now = {str(row["id"]): row async for row in cursor}
    remarks: list[str] = []
    for one in proof["documents"]:
        name = f"{one['code']}, version {one['label']}"
        held = now.get(one["id"])
        if held is None:
            remarks.append(f"{name}{NBSP}: retirée de la base, ou fermée à votre profil.")
        elif held["sha256"] != one["sha256"]:
            remarks.append(f"{name}{NBSP}: son fichier a changé depuis.")
        elif held["status"] != one["status"]:
            remarks.append(f"{name}{NBSP}: son statut a changé depuis.")
    return remarks
