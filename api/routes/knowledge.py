"""The upkeep of the knowledge base: questions without answer, opinions, contradictions."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Asker, Person, Reader, ServicesOf
from api.paging import PageOf
from crm.contradictions import (
    Contradiction,
    ReviewStatus,
    list_contradictions,
    review_contradiction,
)
from crm.feedback import Feedback, Review, give_feedback, list_feedback, review_feedback
from crm.gaps import Gap, GapStatus, get_gap, list_gaps, update_gap
from tools.gaps import FoundAnswer, find_answer, propose_article

router = APIRouter(prefix="/knowledge")


class GapChange(BaseModel):
    """What to change of a question without answer."""

    model_config = ConfigDict(extra="forbid")

    status: GapStatus | None = None
    owner_id: UUID | None = None


class Opinion(BaseModel):
    """1 for a good answer, -1 for a bad one."""

    model_config = ConfigDict(extra="forbid")

    value: int
    comment: str | None = Field(default=None, max_length=2_000)


class FeedbackReview(BaseModel):
    """What becomes of an opinion."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID
    review: Review


class ContradictionReview(BaseModel):
    """What a person concludes of a contradiction."""

    model_config = ConfigDict(extra="forbid")

    status: ReviewStatus


@router.get("/gaps")
async def get_gaps(
    reader: Reader, services: ServicesOf, page: PageOf, status: GapStatus | None = None
) -> list[Gap]:
    """The questions without answer, the most asked first."""
    return page.cut(await list_gaps(services.database, reader, status, page.reach))


@router.patch("/gaps/{gap_id}")
async def change_gap(gap_id: UUID, change: GapChange, person: Person, services: ServicesOf) -> Gap:
    """Give a question to someone, or settle it."""
    return await update_gap(
        services.database, person, gap_id, status=change.status, owner_id=change.owner_id
    )


@router.get("/gaps/{gap_id}/answer")
async def get_gap_answer(gap_id: UUID, asker: Asker, services: ServicesOf) -> FoundAnswer | None:
    """What a document now seems to answer to a question, null where none does."""
    gap = await get_gap(services.database, asker, gap_id)
    return await find_answer(services.make_context(asker), gap)


@router.post("/gaps/{gap_id}/article")
async def propose_gap_article(gap_id: UUID, asker: Asker, services: ServicesOf) -> Gap:
    """Propose a draft article; it is written once a person has approved it."""
    return await propose_article(services.make_context(asker), gap_id)


@router.post("/turns/{turn_id}/feedback", status_code=204)
async def rate_answer(turn_id: UUID, opinion: Opinion, asker: Asker, services: ServicesOf) -> None:
    """Say whether one's answer was good."""
    await give_feedback(services.database, asker, turn_id, opinion.value, opinion.comment)


@router.get("/feedback")
async def get_answer_ratings(
    reader: Reader, services: ServicesOf, page: PageOf, review: Review | None = None
) -> list[Feedback]:
    """One's own opinions; all of them for who reviews."""
    return page.cut(await list_feedback(services.database, reader, review, page.reach))


@router.patch("/turns/{turn_id}/feedback", status_code=204)
async def review_answer_rating(
    turn_id: UUID, change: FeedbackReview, person: Person, services: ServicesOf
) -> None:
    """Keep an opinion for the evaluations, or set it aside."""
    await review_feedback(services.database, person, turn_id, change.user_id, change.review)


@router.get("/contradictions")
async def get_contradictions(
    reader: Reader, services: ServicesOf, page: PageOf, status: ReviewStatus | None = None
) -> list[Contradiction]:
    """The register of contradictions between the documents one may read."""
    return page.cut(await list_contradictions(services.database, reader, status, page.reach))


@router.patch("/contradictions/{contradiction_id}")
async def change_contradiction(
    contradiction_id: UUID, change: ContradictionReview, person: Person, services: ServicesOf
) -> Contradiction:
    """Confirm a contradiction or set it aside."""
    return await review_contradiction(services.database, person, contradiction_id, change.status)
