"""A tender's record, parts and tasks as proposals, each once the record it hangs on exists.

A proposal is one change of one row, checked against the rows that are there. So the record comes
first; when it has been approved and written, its lots, general criteria, competitors and tasks
follow; the criteria of a lot follow the lot. Asking again proposes what has become possible, and
nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.planning import make_plan, propose_tasks
from agents.tender_scoring.outputs.records import propose_tender
from core.context import Context, Identity
from core.database import Connection
from core.formats import NBSP, count_noun
from core.words import fold
from crm.changes import ChangeDraft, Value
from crm.proposals.canonical import Origin
from crm.proposals.submission import Submission
from tools.proposals import propose

ORIGIN = "tender"
LIVE = frozenset({"pending", "approved"})
DEAD = frozenset({"rejected", "expired", "failed", "conflict"})
FIND_PROPOSALS = """
SELECT key, status, record_id FROM proposals
WHERE tenant_id = %s AND split_part(key, '#', 1) = ANY(%s) ORDER BY ordinal
"""
FIND_RECORD = "SELECT id FROM tenders WHERE tenant_id = %s AND reference = %s"
FIND_LOTS = "SELECT id, number FROM tender_lots WHERE tenant_id = %s AND tender_id = %s"
FIND_CRITERIA = "SELECT lot_id, name FROM tender_criteria WHERE tenant_id = %s AND tender_id = %s"
FIND_TASKS = "SELECT title FROM tasks WHERE tenant_id = %s AND tender_id = %s"
FIND_COMPETITORS = "SELECT id, name FROM competitors WHERE tenant_id = %s"
FIND_RIVALS = """
SELECT competitor_id FROM tender_competitors WHERE tenant_id = %s AND tender_id = %s
"""
AWAITS_RECORD = (
    "La fiche de l’appel d’offres attend son approbation. Ensuite, demandez de nouveau "
    "l’enregistrement{nbsp}: {rest} suivront."
)
AWAITS_LOTS = "Les critères propres à un lot suivront quand les lots seront approuvés."
NO_COMPETITOR = (
    "«{nbsp}{name}{nbsp}» n’est pas dans vos concurrents{nbsp}: créez sa fiche, puis demandez de "
    "nouveau l’enregistrement."
)


@dataclass(frozen=True)
class Registration:
    """What was proposed, and what waits for something else, in French."""

    submissions: tuple[Submission, ...]
    waiting: tuple[str, ...] = ()
    record_id: UUID | None = None


@dataclass(frozen=True)
class Known:
    """What the CRM holds of the tender. `is_ours`: its record comes from this very analysis."""

    record_id: UUID | None = None
    is_ours: bool = False
    is_awaited: bool = False
    lots: Mapping[int, UUID] = field(default_factory=dict[int, UUID])
    criteria: frozenset[tuple[UUID | None, str]] = frozenset()
    tasks: frozenset[str] = frozenset()
    competitors: Mapping[str, UUID] = field(default_factory=dict[str, UUID])
    rivals: frozenset[UUID] = frozenset()


async def register(context: Context, analysis: TenderAnalysis) -> Registration:
    """Propose what may be proposed now of the tender, in the name of the context's user."""
    identity = context.identity
    async with context.database.transaction(identity) as connection:
        known = await read_known(connection, identity, analysis)
    plan = make_plan(analysis, context.clock())
    drafts = [*propose_tender(analysis, known.record_id), *propose_tasks(analysis, plan)]
    ready, waiting = settle(drafts, known, identity)
    async with context.database.transaction(identity) as connection:
        ready = await renew_keys(connection, identity, ready)
    made = analysis.provenance
    origin = Origin(ORIGIN, made.engine, made.is_model, made.prompt_sha256)
    submissions = await propose(context, ready, origin)
    return Registration(submissions, tuple(waiting), known.record_id)


async def find_record(context: Context, analysis: TenderAnalysis) -> UUID | None:
    """The record of this tender in the CRM; None while it has none."""
    async with context.database.transaction(context.identity) as connection:
        return (await _find_record(connection, context.identity, analysis)).record_id


async def read_known(connection: Connection, identity: Identity, analysis: TenderAnalysis) -> Known:
    """What the user sees of the tender in the CRM."""
    known = await _find_record(connection, identity, analysis)
    if known.record_id is None:
        return known
    key = (identity.tenant_id, known.record_id)

    async def fetch(query: str, values: tuple[UUID, ...] = key) -> list[dict[str, object]]:
        return await (await connection.execute(query.encode(), values)).fetchall()

    rivals = await fetch(FIND_COMPETITORS, (identity.tenant_id,))
    return replace(
        known,
        lots={row["number"]: row["id"] for row in await fetch(FIND_LOTS)},  # type: ignore[misc]
        criteria=frozenset((r["lot_id"], r["name"]) for r in await fetch(FIND_CRITERIA)),  # type: ignore[misc]
        tasks=frozenset(str(row["title"]) for row in await fetch(FIND_TASKS)),
        competitors={fold(str(row["name"])): row["id"] for row in rivals},  # type: ignore[misc]
        rivals=frozenset(row["competitor_id"] for row in await fetch(FIND_RIVALS)),  # type: ignore[misc]
    )


def settle(
    drafts: Sequence[ChangeDraft], known: Known, identity: Identity
) -> tuple[list[ChangeDraft], list[str]]:
    """The drafts whose parents exist, tied to them, and what the others wait for."""
    record, parts = drafts[0], drafts[1:]
    if known.record_id is None:
        rest = _name_parts(parts)
        waiting = [AWAITS_RECORD.format(nbsp=NBSP, rest=rest)] if parts else []
        return ([] if known.is_awaited else [record]), waiting
    ready: list[ChangeDraft] = [] if known.is_ours else [record]
    waiting: list[str] = []
    for part in parts:
        fields, told = _tie(part, known, identity)
        if fields is not None:
            ready.append(replace(part, fields=fields))
        elif told and told not in waiting:
            waiting.append(told)
    return ready, waiting


async def renew_keys(
    connection: Connection,
    identity: Identity,
    drafts: Sequence[ChangeDraft],
    over: frozenset[str] = DEAD,
) -> list[ChangeDraft]:
    """The drafts, those whose last proposal is `over` under a new key: they may be made again."""
    keys = [draft.key for draft in drafts]
    cursor = await connection.execute(FIND_PROPOSALS, (identity.tenant_id, keys))
    latest: dict[str, str] = {}
    times: Counter[str] = Counter()
    for row in await cursor.fetchall():
        base = row["key"].split("#")[0]
        latest[base] = row["status"]
        times[base] += 1
    return [
        replace(draft, key=f"{draft.key}#{times[draft.key] + (latest[draft.key] in over)}")
        if draft.key in latest and (times[draft.key] > 1 or latest[draft.key] in over)
        else draft
        for draft in drafts
    ]


async def _find_record(
    connection: Connection, identity: Identity, analysis: TenderAnalysis
) -> Known:
    """By the proposal this analysis made, else by the reference that the file gives."""
    key = f"tender:{analysis.id}:record"
    cursor = await connection.execute(FIND_PROPOSALS, (identity.tenant_id, [key]))
    made = await cursor.fetchall()
    if made and made[-1]["status"] == "executed":
        return Known(made[-1]["record_id"], is_ours=True)
    is_awaited = bool(made) and made[-1]["status"] in LIVE
    fact = analysis.facts.reference
    if fact is None:
        return Known(is_awaited=is_awaited)
    cursor = await connection.execute(FIND_RECORD, (identity.tenant_id, fact.value))
    row = await cursor.fetchone()
    return Known(row["id"] if row else None, is_ours=is_awaited, is_awaited=is_awaited)


def _tie(
    part: ChangeDraft, known: Known, identity: Identity
) -> tuple[dict[str, Value] | None, str]:
    """The fields of a part with the ids of its parents; None when it is there or must wait."""
    fields = {**part.fields, "tender_id": str(known.record_id)}
    fields.pop("tender_reference", None)
    match part.object:
        case "tender_lots":
            return (None, "") if fields["number"] in known.lots else (fields, "")
        case "tender_criteria":
            return _tie_criterion(fields, known)
        case "tender_competitors":
            return _tie_competitor(fields, known)
        case _:
            if fields["title"] in known.tasks:
                return None, ""
            return {**fields, "owner_id": str(identity.user_id)}, ""


def _tie_criterion(fields: dict[str, Value], known: Known) -> tuple[dict[str, Value] | None, str]:
    number = fields.pop("lot_number", None)
    lot = known.lots.get(number) if isinstance(number, int) else None
    if number is not None and lot is None:
        return None, AWAITS_LOTS
    if (lot, str(fields["name"])) in known.criteria:
        return None, ""
    return (fields if lot is None else {**fields, "lot_id": str(lot)}), ""


def _tie_competitor(fields: dict[str, Value], known: Known) -> tuple[dict[str, Value] | None, str]:
    name = str(fields.pop("competitor_name"))
    found = known.competitors.get(fold(name))
    if found is None:
        return None, NO_COMPETITOR.format(nbsp=NBSP, name=name)
    return (None, "") if found in known.rivals else ({**fields, "competitor_id": str(found)}, "")


def _name_parts(parts: Sequence[ChangeDraft]) -> str:
    counts = Counter(part.object for part in parts)
    names = (
        ("tender_lots", "lot", "lots"), ("tender_criteria", "critère", "critères"),
        ("tender_competitors", "concurrent", "concurrents"), ("tasks", "tâche", "tâches"),
    )  # fmt: skip
    told = [count_noun(counts[name], one, many) for name, one, many in names if counts[name]]
    return ", ".join(told)
