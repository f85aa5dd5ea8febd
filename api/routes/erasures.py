"""Erasure of a person or of a document, by an administrator: preview, act, certificates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Person, ServicesOf
from api.paging import PageOf
from crm.erasure import Kind, list_certificates, make_subject
from tools.erasure import confirm_erasure, name_kind, preview_erasure

router = APIRouter(prefix="/erasures")
Word = Annotated[str, Field(min_length=1, max_length=320)]


class ErasureAsked(BaseModel):
    """A person by their name, addresses, telephone; or a document by its code."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    words: list[Word] = Field(min_length=1, max_length=20)


class ErasureConfirmed(ErasureAsked):
    """The same words, with the digest of the preview that was read."""

    digest: str = Field(pattern="^[0-9a-f]{64}$")


class CountOut(BaseModel):
    """How many rows of a kind."""

    kind: str
    label: str
    count: int


class PreviewOut(BaseModel):
    """What would be erased; nothing is until this digest is confirmed."""

    id: UUID
    digest: str
    counts: list[CountOut]


class CertificateOut(BaseModel):
    """A signed certificate; it names nobody."""

    id: UUID
    certificate: str
    signature: str


class ErasureOut(BaseModel):
    """An erasure done; those of the retention periods have no certificate of their own."""

    id: UUID
    kind: str
    asked_at: dt.datetime
    done_at: dt.datetime
    certificate: str | None
    signature: str | None


@router.get("")
async def list_erasures(person: Person, services: ServicesOf, page: PageOf) -> list[ErasureOut]:
    """The firm's erasures, the latest first."""
    rows = await list_certificates(services.database, person, page.reach)
    return page.cut([ErasureOut.model_validate(row) for row in rows])


@router.post("", status_code=201)
async def ask_erasure(asked: ErasureAsked, person: Person, services: ServicesOf) -> PreviewOut:
    """What an erasure would take; nothing is erased."""
    subject = make_subject(asked.kind, asked.words)
    shown = await preview_erasure(services.make_context(person), subject)
    counts = [
        CountOut(kind=kind, label=name_kind(kind), count=count)
        for kind, count in shown.counts.items()
    ]
    return PreviewOut(id=shown.id, digest=shown.digest, counts=counts)


@router.post("/{erasure_id}/confirmation")
async def confirm_previewed_erasure(
    erasure_id: UUID, asked: ErasureConfirmed, person: Person, services: ServicesOf
) -> CertificateOut:
    """Erase what the preview showed, and certify it."""
    subject = make_subject(asked.kind, asked.words)
    context = services.make_context(person)
    done = await confirm_erasure(context, erasure_id, subject, asked.digest)
    return CertificateOut(id=done.id, certificate=done.text, signature=done.signature)
