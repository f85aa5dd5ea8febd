"""Waiting changes: seen, approved line by line or as a list, turned down, corrected, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Asker, Person, Reader, ServicesOf
from api.paging import PageOf
from crm.changes import Value
from crm.proposals.approving import Line
from crm.proposals.store import Status
from tools import approvals
from tools.cards import Card, batch_digest

router = APIRouter(tags=["propositions"])


class Body(BaseModel):
    """Strict: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PendingList(Body):
    """The waiting cards of one client (or of none), and the digest over that list."""

    account_id: UUID | None
    account_name: str
    cards: tuple[Card, ...]
    batch_digest: str


class TickedLine(Body):
    """A line of the list: the proposal, and the digest of the text that was shown."""

    proposal_id: UUID
    digest: str = Field(pattern="^[0-9a-f]{64}$")


class ApprovalBody(Body):
    """The ticked lines, and the SHA-256 of their «id:digest» lines sorted by id."""

    lines: list[TickedLine] = Field(min_length=1, max_length=200)
    batch_digest: str = Field(pattern="^[0-9a-f]{64}$")


class ApprovalResult(Body):
    """`pending` when another person must approve too."""

    proposal_id: UUID
    status: Status


class RejectionBody(Body):
    """Why a proposal is turned down; its author reads it."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    reason: str = Field(min_length=1, max_length=2000)


class EditionBody(Body):
    """The corrected fields, in wire form (amounts as text, ISO dates)."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")
    fields: dict[str, Value] = Field(min_length=1)


class HistoryItem(Body):
    """One event of a record. `seal` is its place in the audit's chain, absent until sealed."""

    at: dt.datetime
    label: str
    who: str
    detail: str
    proposal_id: UUID | None
    seal: str | None


class Done(Body):
    """The act is kept."""

    status: Literal["rejected"] = "rejected"


@router.get("/proposals", response_model=tuple[PendingList, ...])
async def list_proposals(
    reader: Reader,
    services: ServicesOf,
    page: PageOf,
    account_id: UUID | None = None,
    record_id: UUID | None = None,
) -> tuple[PendingList, ...]:
    """The changes that wait, client by client: a list is approved for one client at a time."""
    context = services.make_context(reader)
    cards = await approvals.list_pending(
        context, account_id=account_id, record_id=record_id, limit=page.reach
    )
    return tuple(_make_list(group) for group in group_by_account(page.cut(cards)))


@router.get("/proposals/{proposal_id}", response_model=Card)
async def get_proposal(proposal_id: UUID, reader: Reader, services: ServicesOf) -> Card:
    """One proposal, with its values before and after."""
    return await approvals.get_card(services.make_context(reader), proposal_id)


@router.post("/approvals", response_model=tuple[ApprovalResult, ...])
async def approve_proposals(
    body: ApprovalBody, identity: Person, services: ServicesOf
) -> tuple[ApprovalResult, ...]:
    """Approve exactly the ticked lines, in the signed-in user's name; all of them or none."""
    lines = [Line(line.proposal_id, line.digest) for line in body.lines]
    done = await approvals.approve(services.make_context(identity), lines, body.batch_digest)
    return tuple(ApprovalResult(proposal_id=a.proposal_id, status=a.status) for a in done)


@router.post("/proposals/{proposal_id}/rejection", response_model=Done)
async def reject_proposal(
    proposal_id: UUID, body: RejectionBody, identity: Person, services: ServicesOf
) -> Done:
    """Turn a proposal down for good."""
    context = services.make_context(identity)
    await approvals.reject(context, proposal_id, body.digest, body.reason)
    return Done()


@router.post("/proposals/{proposal_id}/edition", response_model=Card)
async def edit_proposal(
    proposal_id: UUID, body: EditionBody, identity: Asker, services: ServicesOf
) -> Card:
    """Replace a waiting proposal by a corrected one, which must itself be approved."""
    context = services.make_context(identity)
    return await approvals.edit(context, proposal_id, body.digest, body.fields)


@router.post("/proposals/{proposal_id}/undo", response_model=Card)
async def undo_proposal(proposal_id: UUID, identity: Asker, services: ServicesOf) -> Card:
    """Propose the inverse of a change that was made; it must be approved like any other."""
    return await approvals.undo(services.make_context(identity), proposal_id)


@router.post("/proposals/{proposal_id}/retry", response_model=Card)
async def retry_effect(proposal_id: UUID, identity: Person, services: ServicesOf) -> Card:
    """Try again the outside effect of an executed change (a draft in a mailbox) once given up."""
    return await approvals.retry_effect(services.make_context(identity), proposal_id)


@router.get("/records/{record_id}/history", response_model=tuple[HistoryItem, ...])
async def get_record_history(
    record_id: UUID, reader: Reader, services: ServicesOf, page: PageOf
) -> tuple[HistoryItem, ...]:
    """What happened to a record or a proposal, in order: who, when, why."""
    lines = await approvals.history(services.make_context(reader), record_id)
    return tuple(HistoryItem.model_validate(vars(line)) for line in page.cut(lines))


def group_by_account(cards: Iterable[Card]) -> list[tuple[Card, ...]]:
    """The cards client by client, each client where its latest card stands."""
    groups: dict[UUID | None, list[Card]] = {}
    for card in cards:
        groups.setdefault(card.account_id, []).append(card)
    return [tuple(group) for group in groups.values()]


def _make_list(cards: tuple[Card, ...]) -> PendingList:
    return PendingList(
        account_id=cards[0].account_id,
        account_name=cards[0].account_name,
        cards=cards,
        batch_digest=batch_digest(cards),
    )
