"""Triaged mail over HTTP: threads, one thread, re-run, opinions, what is set aside, reviews."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agents.non_conformity.models import Family
from agents.triage.deciding import decide as decide_thread
from agents.triage.digest import since_yesterday
from agents.triage.graph import triage_thread
from agents.triage.means import read_style
from agents.triage.pipeline import replay
from agents.triage.replying import use_draft
from agents.triage.rights import require
from api.identities import Asker, Person, Reader, ServicesOf
from api.paging import PageOf
from api.problems import DETAILS, problem_response
from core.errors import NotFound
from core.roles import OPERATORS, SUPERVISORS
from crm.mail.drafts import forget_forms, list_edits, sum_up_feedback
from crm.mail.triage import ThreadFilter, find_triage, list_triaged, save_feedback
from crm.mail.waiting import find_draft, list_poison, list_reviews
from ingest.mail.facts import Category
from ingest.mail.isolation import MailReader

router = APIRouter(prefix="/mail")
NO_THREAD = "Ce fil n’existe pas, ou n’est pas encore trié."


class Opinion(BaseModel):
    """What a person thinks of a triage."""

    model_config = ConfigDict(extra="forbid")
    value: Literal[-1, 1]
    comment: str | None = Field(default=None, max_length=2000)


class Reply(BaseModel):
    """The draft as a person wants it; None leaves its own words."""

    model_config = ConfigDict(extra="forbid")
    body: str | None = Field(default=None, min_length=1, max_length=50_000)
    subject: str | None = Field(default=None, min_length=1, max_length=300)


def _reduce(said: Any) -> Any:
    """«Oui» and « OUI. » say «oui»."""
    return said.strip(" .!\u00a0").lower() if isinstance(said, str) else said


class Decision(BaseModel):
    """A decision on an uncertain non-conformity."""

    model_config = ConfigDict(extra="forbid")
    decision: Annotated[Literal["oui", "non"], BeforeValidator(_reduce)]
    family: Family | None = None


class Notification(BaseModel):
    """What is read of a notification."""

    model_config = ConfigDict(extra="ignore")
    subscription_id: str = Field(alias="subscriptionId", max_length=200)
    client_state: str | None = Field(default=None, alias="clientState", max_length=200)
    lifecycle_event: str | None = Field(default=None, alias="lifecycleEvent", max_length=60)


class Notifications(BaseModel):
    """A lot of notifications."""

    model_config = ConfigDict(extra="ignore")
    value: list[Notification]


class OwnStyle(BaseModel):
    """Forms of courtesy in French; `{name}` and `{first}` stand for who is answered."""

    greeting: str | None
    closing: str | None


@router.get("/threads")
async def list_threads(
    reader: Reader,
    services: ServicesOf,
    page: PageOf,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    category: Annotated[list[Category] | None, Query()] = None,
    account_id: UUID | None = None,
    is_complaint: bool = False,
) -> list[dict[str, Any]]:
    """Threads with news since `since` (the last working day by default), urgent ones first."""
    start = _aware(since) or since_yesterday(services.clock())
    wanted = ThreadFilter(
        until=_aware(until),
        categories=tuple(category or ()),
        accounts=(account_id,) if account_id else (),
        is_complaint=is_complaint,
    )
    async with services.database.transaction(reader) as connection:
        found = await list_triaged(connection, reader.tenant_id, start, page.reach, wanted)
    return page.cut(found)


@router.get("/threads/{thread_id}")
async def get_thread(thread_id: UUID, reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """Summary, facts, non-conformity and draft of a thread."""
    async with services.database.transaction(reader) as connection:
        found = await find_triage(connection, reader.tenant_id, thread_id)
        draft = await find_draft(connection, reader.tenant_id, thread_id)
        edits = await list_edits(connection, reader.tenant_id, thread_id)
    if found is None:
        raise NotFound(NO_THREAD)
    kept = found.pop("steps")
    return {**found, **{name: kept.get(name) for name in kept}, "mailbox_draft": draft,
            "draft_edits": edits}  # fmt: skip


@router.post("/threads/{thread_id}/run")
async def triage_again(thread_id: UUID, identity: Asker, services: ServicesOf) -> dict[str, Any]:
    """Triage a thread again from its mails."""
    require(identity, OPERATORS)
    async with services.database.transaction(identity) as connection:
        if await find_triage(connection, identity.tenant_id, thread_id) is None:
            raise NotFound(NO_THREAD)
    async with _reading() as reader:
        context = services.make_context(identity)
        is_done = await triage_thread(context, reader, thread_id, again=True)
    return {"thread_id": thread_id, "is_done": is_done}


@router.post("/threads/{thread_id}/feedback", status_code=204)
async def rate_triage(
    thread_id: UUID, body: Opinion, identity: Asker, services: ServicesOf
) -> None:
    """Keep the user's opinion of a triage."""
    async with services.database.transaction(identity, "sync_writer") as connection:
        if await find_triage(connection, identity.tenant_id, thread_id) is None:
            raise NotFound(NO_THREAD)
        await save_feedback(
            connection, identity.tenant_id, thread_id, identity.user_id, body.value, body.comment
        )


@router.post("/threads/{thread_id}/draft")
async def use_thread_draft(
    thread_id: UUID, body: Reply, identity: Asker, services: ServicesOf
) -> dict[str, Any]:
    """Propose the thread's draft, corrected or not; approved, it is put into the mailbox."""
    require(identity, OPERATORS)
    context = services.make_context(identity)
    submitted, edit = await use_draft(context, thread_id, body=body.body, subject=body.subject)
    return {"proposal_id": submitted.proposal_id, "digest": submitted.digest,
            "is_new": submitted.is_new, "words_changed": edit.distance,
            "words": edit.words}  # fmt: skip


@router.get("/feedback")
async def get_triage_ratings(reader: Reader, services: ServicesOf) -> dict[str, Any]:
    """Opinions of triages, and how much people change the drafts they use, in words."""
    async with services.database.transaction(reader) as connection:
        return await sum_up_feedback(connection, reader.tenant_id)


@router.get("/style")
async def get_own_style(reader: Reader, services: ServicesOf) -> OwnStyle:
    """The forms that the user's own replies taught, which open and close their next drafts."""
    style = await read_style(services.make_context(reader), "fr")
    return OwnStyle(greeting=style.greeting or None, closing=style.closing or None)


@router.delete("/style", status_code=204)
async def forget_own_style(identity: Asker, services: ServicesOf) -> None:
    """Forget them: the next drafts open and close as at first."""
    async with services.database.transaction(identity, "sync_writer") as connection:
        await forget_forms(connection, identity.tenant_id, identity.user_id)


@router.get("/poison")
async def list_mails_set_aside(
    reader: Reader, services: ServicesOf, page: PageOf
) -> list[dict[str, Any]]:
    """Mails and threads that triage could not go through with, and why."""
    async with services.database.transaction(reader) as connection:
        return page.cut(await list_poison(connection, reader.tenant_id, page.reach))


@router.post("/poison/{poison_id}/replay")
async def replay_mail(poison_id: UUID, identity: Asker, services: ServicesOf) -> dict[str, Any]:
    """Try one of them again."""
    require(identity, OPERATORS)
    async with _reading() as reader:
        report = await replay(services.make_context(identity), reader, poison_id)
    return {"is_done": not (report.refused or report.set_aside), "refused": report.refused}


@router.get("/reviews")
async def list_open_reviews(
    reader: Reader, services: ServicesOf, page: PageOf
) -> list[dict[str, Any]]:
    """Uncertain non-conformities to decide, the most pressing first."""
    async with services.database.transaction(reader) as connection:
        return page.cut(await list_reviews(connection, reader.tenant_id))


@router.post("/reviews/{key}/decision")
async def decide_review(
    key: str, body: Decision, identity: Person, services: ServicesOf
) -> dict[str, list[str]]:
    """Decide one; only quality and direction may. «oui» proposes the record of the register."""
    require(identity, SUPERVISORS)
    async with _reading() as reader:
        submitted = await decide_thread(
            services.make_context(identity), reader, key, body.decision, body.family
        )
    return {"proposals": [str(s.proposal_id) for s in submitted if s.proposal_id],
            "refusals": [s.refusal for s in submitted if s.refusal]}  # fmt: skip


@router.post("/notifications")
async def receive_mail_notifications(request: Request, services: ServicesOf) -> Response:
    """Change and lifecycle notifications of Microsoft Graph.

    A validation token is echoed as text. A notification is believed only as far as «read this
    mailbox again»: its secret is compared, its content is not used. Answered 202 at once.
    """
    token = request.query_params.get("validationToken")
    if token is not None:
        return Response(token[:2000], media_type="text/plain")
    try:
        body = Notifications.model_validate_json(await request.body())
    except ValidationError:
        return problem_response(400, DETAILS[400])
    follow = services.follow_mail
    if follow is not None:
        for one in body.value[:1000]:
            await follow(one.subscription_id, one.client_state, one.lifecycle_event)
    return Response(status_code=202)


def _aware(instant: dt.datetime | None) -> dt.datetime | None:
    """An instant given without its zone is taken in UTC."""
    return instant.replace(tzinfo=dt.UTC) if instant and instant.tzinfo is None else instant


@asynccontextmanager
async def _reading() -> AsyncGenerator[MailReader]:
    reader = MailReader()
    try:
        yield reader
    finally:
        await asyncio.to_thread(reader.close)
