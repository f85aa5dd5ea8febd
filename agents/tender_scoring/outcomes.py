"""What people decide of a tender, how it ends, and what the grid learns from it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from agents.tender_scoring.grid import Grid, load_grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.calibration import Calibration, PastTender, calibrate
from agents.tender_scoring.outputs.records import (
    Decision,
    Outcome,
    propose_decision,
    propose_outcome,
)
from agents.tender_scoring.preferences import SetGrid, check_editor, get_grid, put_grid
from agents.tender_scoring.registering import DEAD, ORIGIN, find_record, renew_keys
from core.context import Context, Identity
from core.database import Database
from core.errors import InvalidInput
from core.words import fold
from crm.changes import ChangeDraft
from crm.proposals.canonical import Origin
from crm.proposals.submission import Submission
from tools.proposals import propose

OVER = DEAD | {"executed"}
"""A decision may be taken again once the former has been carried out."""
FIND_COMPETITORS = "SELECT id, name FROM competitors WHERE tenant_id = %s"
LIST_ENDED = """
SELECT DISTINCT ON (t.id) t.reference, t.status, a.analysis
FROM tenders t
JOIN tender_analyses a ON a.tenant_id = t.tenant_id AND a.status = 'done'
    AND coalesce(a.analysis #>> '{facts,reference,value}', a.label) = t.reference
WHERE t.tenant_id = %s AND t.status IN ('won', 'lost')
ORDER BY t.id, a.created_at DESC
"""
NO_RECORD = (
    "Cet appel d’offres n’a pas encore de fiche. Proposez son enregistrement, faites-le "
    "approuver, puis recommencez."
)
NO_WINNER = "«\u00a0{name}\u00a0» n’est pas dans vos concurrents. Créez sa fiche, puis recommencez."


async def decide(
    context: Context, analysis: TenderAnalysis, decision: Decision, reason: str
) -> tuple[Submission, ...]:
    """Propose a person's decision. Raises InvalidInput without a reason or without a record."""
    record = await _require_record(context, analysis)
    return await _propose(context, [propose_decision(record, decision, reason, analysis)])


async def conclude(
    context: Context,
    analysis: TenderAnalysis,
    outcome: Outcome,
    winner: str | None = None,
    price_eur_per_mwh: Decimal | None = None,
) -> tuple[Submission, ...]:
    """Propose the outcome, with the winner's name and price where known. Raises InvalidInput."""
    record = await _require_record(context, analysis)
    winner_id = await _find_competitor(context, winner) if winner else None
    drafts = propose_outcome(
        record, outcome, winner_id=winner_id, price_eur_per_mwh=price_eur_per_mwh
    )
    return await _propose(context, drafts)


async def wish_grid(database: Database, identity: Identity) -> Calibration:
    """The weights that the outcomes known so far call for; nothing changes."""
    grid = (await get_grid(database, identity)).grid
    reference = {key: each.weight for key, each in load_grid().criteria.items()}
    weights = {key: each.weight for key, each in grid.criteria.items()}
    return calibrate(weights, reference, await list_ended(database, identity))


async def apply_grid(database: Database, identity: Identity) -> SetGrid:
    """Take these weights up, the former kept. Raises NotAllowed, InvalidInput if none moves."""
    check_editor(identity)
    wished = await wish_grid(database, identity)
    if not wished.is_change:
        raise InvalidInput(wished.remark or "Les issues connues ne changent aucun poids.")
    grid = (await get_grid(database, identity)).grid
    criteria = {
        key: each.model_copy(update={"weight": wished.after[key]})
        for key, each in grid.criteria.items()
    }
    changed = Grid.model_validate({**grid.model_dump(), "criteria": criteria})
    return await put_grid(database, identity, changed)


async def list_ended(database: Database, identity: Identity) -> list[PastTender]:
    """The tenders won or lost that were scored here, with the notes of their best lot."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_ENDED, (identity.tenant_id,))).fetchall()
    return [
        PastTender(
            row["reference"],
            list_notes(TenderAnalysis.model_validate(row["analysis"])),
            row["status"] == "won",
        )
        for row in rows
    ]


def list_notes(analysis: TenderAnalysis) -> dict[str, Decimal]:
    """The known notes of the lot with the best score, by criterion."""
    best = max(analysis.lot_verdicts, key=lambda lot: lot.score or Decimal(-1), default=None)
    return {note.key: note.note for note in best.notes if note.note is not None} if best else {}


async def _require_record(context: Context, analysis: TenderAnalysis) -> UUID:
    record = await find_record(context, analysis)
    if record is None:
        raise InvalidInput(NO_RECORD)
    return record


async def _find_competitor(context: Context, name: str) -> UUID:
    async with context.database.transaction(context.identity) as connection:
        cursor = await connection.execute(FIND_COMPETITORS, (context.identity.tenant_id,))
        rows = await cursor.fetchall()
    found = next((row["id"] for row in rows if fold(row["name"]) == fold(name)), None)
    if found is None:
        raise InvalidInput(NO_WINNER.format(name=name[:100]))
    return found


async def _propose(context: Context, drafts: list[ChangeDraft]) -> tuple[Submission, ...]:
    async with context.database.transaction(context.identity) as connection:
        drafts = await renew_keys(connection, context.identity, drafts, OVER)
    return await propose(context, drafts, Origin(ORIGIN))
