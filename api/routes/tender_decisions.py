"""What follows from a tender's analysis: its record proposed, a decision, an outcome."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from agents.tender_scoring.desk import check_may_work
from agents.tender_scoring.outcomes import conclude, decide
from agents.tender_scoring.outputs.records import Decision, Outcome
from agents.tender_scoring.registering import register
from api.identities import Asker
from api.routes.tenders import DeskOf
from crm.proposals.submission import Submission

router = APIRouter(prefix="/tenders")


class SubmittedChange(BaseModel):
    """A wish that became a proposal, or why it could not, in French."""

    key: str
    proposal_id: UUID | None
    is_new: bool
    refusal: str | None


class Registered(BaseModel):
    """The proposals made now, and what waits for one of them to be carried out."""

    record_id: UUID | None
    proposals: list[SubmittedChange]
    waiting: list[str]


class Decided(BaseModel):
    """A person's decision; the reason is kept with it."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: Annotated[str, Field(max_length=1900)]


class Ended(BaseModel):
    """How the tender ended; the price in €/MWh is the winner's."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    winner: Annotated[str | None, Field(max_length=200)] = None
    price_eur_per_mwh: Annotated[Decimal | None, Field(ge=0, le=10_000, decimal_places=3)] = None


@router.post("/{tender}/proposals")
async def propose_tender_record(tender: UUID, identity: Asker, desk: DeskOf) -> Registered:
    """Propose the tender's record; once it is approved, ask again for its parts and tasks."""
    check_may_work(identity)
    analysis = await desk.get_done(identity, tender)
    done = await register(desk.make_context(identity), analysis)
    return Registered(
        record_id=done.record_id,
        proposals=[show(submission) for submission in done.submissions],
        waiting=list(done.waiting),
    )


@router.post("/{tender}/decision")
async def propose_tender_decision(
    tender: UUID, body: Decided, identity: Asker, desk: DeskOf
) -> list[SubmittedChange]:
    """Propose a decision, to be approved like any change."""
    check_may_work(identity)
    analysis = await desk.get_done(identity, tender)
    made = await decide(desk.make_context(identity), analysis, body.decision, body.reason)
    return [show(submission) for submission in made]


@router.post("/{tender}/outcome")
async def propose_tender_outcome(
    tender: UUID, body: Ended, identity: Asker, desk: DeskOf
) -> list[SubmittedChange]:
    """Propose the outcome, with the winner and the price where they are known."""
    check_may_work(identity)
    analysis = await desk.get_done(identity, tender)
    made = await conclude(
        desk.make_context(identity), analysis, body.outcome, body.winner, body.price_eur_per_mwh
    )
    return [show(submission) for submission in made]


def show(submission: Submission) -> SubmittedChange:
    """A submission as the API gives it."""
    return SubmittedChange(
        key=submission.key, proposal_id=submission.proposal_id, is_new=submission.is_new,
        refusal=submission.refusal,
    )  # fmt: skip
