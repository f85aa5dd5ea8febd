"""What surfaces do with proposals: list, show, approve, reject, edit, undo, tell the history."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.context import Context
from core.database import Connection
from core.formats import NBSP, count_noun
from crm.changes import Value
from crm.proposals import approving, audit, undoing
from crm.proposals.approving import Approval, Line
from crm.proposals.store import StoredProposal, get_proposal, list_by_ids, list_untold
from crm.proposals.store import list_pending as list_stored
from crm.retention import RETAINED
from tools.cards import Card, make_card

logger = logging.getLogger(__name__)

MARK_TOLD = "SELECT mark_told(%s)"
EVENT_LABELS = {
    "proposed": "Proposée",
    "approved": "Approuvée",
    "rejected": "Refusée",
    "executed": "Effectuée",
    "conflict": "Non faite : la fiche avait changé",
    "failed": "Non faite",
    "expired": "Expirée",
    "superseded": "Remplacée",
    "refused": "Demande refusée",
    "effect_done": "Effet extérieur fait",
    "effect_doubtful": "Effet extérieur à vérifier",
    "effect_failed": "Effet extérieur non fait",
    "effect_retried": "Effet extérieur relancé",
    "answered": "Réponse donnée, preuve scellée",
    "erased": "Données effacées",
}


@dataclass(frozen=True)
class HistoryLine:
    """One event of a record, for a reader."""

    at: dt.datetime
    label: str
    who: str
    detail: str
    proposal_id: UUID | None
    seal: str | None


async def list_pending(
    context: Context,
    *,
    account_id: UUID | None = None,
    record_id: UUID | None = None,
    limit: int = 100,
) -> tuple[Card, ...]:
    """The cards that wait, the latest first, among those the user may see."""
    async with context.database.transaction(context.identity) as connection:
        stored = await list_stored(
            connection, account_id=account_id, record_id=record_id, limit=limit
        )
        return await _make_cards(connection, context, stored)


async def list_cards(context: Context, ids: Sequence[UUID]) -> tuple[Card, ...]:
    """These cards as they stand now, those the user may see."""
    async with context.database.transaction(context.identity) as connection:
        stored = await list_by_ids(connection, ids)
        return await _make_cards(connection, context, stored)


async def get_card(context: Context, proposal_id: UUID) -> Card:
    """One card; NotFound when the user may not see it."""
    async with context.database.transaction(context.identity) as connection:
        return await make_card(connection, context, await get_proposal(connection, proposal_id))


async def approve(
    context: Context, lines: Sequence[Line], batch_digest: str
) -> tuple[Approval, ...]:
    """Approve exactly the ticked lines, each with the digest shown, and the list's own digest.

    Raises StaleProposal, ChangeNotAllowed, NotFound or InvalidChange, with a French message.
    """
    return await approving.approve(context, lines, batch_digest)


async def reject(context: Context, proposal_id: UUID, digest: str, reason: str) -> None:
    """Turn a proposal down, with the reason its author will read."""
    await approving.reject(context, proposal_id, digest, reason)


async def retry_effect(context: Context, proposal_id: UUID) -> Card:
    """Have a given-up effect outside the CRM tried again; the card as it then stands."""
    await approving.retry_effect(context, proposal_id)
    return await get_card(context, proposal_id)


async def edit(
    context: Context, proposal_id: UUID, digest: str, fields: Mapping[str, Value]
) -> Card:
    """Replace a waiting proposal by a corrected one, itself to be approved."""
    submission = await approving.edit(context, proposal_id, digest, fields)
    return await _card_of(context, submission.proposal_id)


async def undo(context: Context, proposal_id: UUID) -> Card:
    """Propose the inverse of an executed change, to be approved like any other."""
    submission = await undoing.propose_undo(context, proposal_id)
    return await _card_of(context, submission.proposal_id)


async def take_outcomes(context: Context) -> tuple[Card, ...]:
    """The user's own proposals settled since last time; they are told once."""
    async with context.database.transaction(context.identity) as connection:
        stored = await list_untold(connection)
        cards = await _make_cards(connection, context, stored)
        if cards:
            await connection.execute(MARK_TOLD, ([card.id for card in cards],))
    return cards


async def mark_told(context: Context, ids: Sequence[UUID]) -> None:
    """Note that the user has been told what became of their own proposals."""
    async with context.database.transaction(context.identity) as connection:
        await connection.execute(MARK_TOLD, (list(ids),))


async def history(context: Context, record_id: UUID) -> tuple[HistoryLine, ...]:
    """Everything that happened to a record (or to a proposal), in order, in French."""
    events = await audit.list_history(context, record_id)
    return tuple(
        HistoryLine(
            event.at,
            EVENT_LABELS[event.kind].replace(" :", f"{NBSP}:"),
            event.actor_name or "Exécution",
            _describe(event.kind, event.body),
            event.proposal_id,
            event.sha256,
        )
        for event in events
    )


async def _make_cards(
    connection: Connection, context: Context, stored: Sequence[StoredProposal]
) -> tuple[Card, ...]:
    """The cards of these proposals; one whose values make no sense hides no other."""
    cards: list[Card] = []
    for proposal in stored:
        try:
            cards.append(await make_card(connection, context, proposal))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
            logger.warning("Proposition %s impossible à montrer : écartée", proposal.id)
    return tuple(cards)


async def _card_of(context: Context, proposal_id: UUID | None) -> Card:
    assert proposal_id is not None  # noqa: S101 - a submission that raised nothing has its id
    return await get_card(context, proposal_id)


def _describe(kind: str, body: Mapping[str, object]) -> str:
    if kind == "executed" and isinstance(body.get("fields"), dict):
        count = len(body["fields"])  # type: ignore[arg-type]
        return count_noun(count, "champ écrit", "champs écrits")
    removed = body.get("count")
    if kind == "erased" and isinstance(removed, int):
        count = count_noun(removed, *RETAINED[str(body["retention"])])
        return f"durée de conservation atteinte{NBSP}: {count}"
    return str(body.get("message") or body.get("reason") or "")
