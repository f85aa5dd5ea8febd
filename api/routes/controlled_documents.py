"""Documents under control: what is in force, who decides, who has read; what sources gave."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Asker, Person, Reader, ServicesOf
from api.paging import PageOf
from api.uploads import save_uploads
from core.errors import InvalidInput
from core.office import SHEET_TYPE
from core.roles import SUPERVISORS
from crm.day import Review, Unread, list_reviews_due, list_unread
from ingest.asking import ask_reading
from ingest.depositing import Wish, deposit
from knowledge.control import ControlledVersion, Reading, Standing
from knowledge.documents import AccessRole, DocumentKind, VersionStatus
from knowledge.version_changes import SentenceChange
from tools import library
from tools.document_table import write_document_table
from tools.ingestion import IngestionState, read_state
from tools.revisions import find_revision

router = APIRouter(prefix="/knowledge")
MIB = 1024 * 1024
ONE_OF = (
    "Donnez un changement : un statut (avec sa date), une prochaine relecture, ou le responsable "
    "et les lecteurs."
)


class VersionDecision(BaseModel):
    """What to propose of a version: a status from `on`, a next review, or a custody."""

    model_config = ConfigDict(extra="forbid")

    status: VersionStatus | None = None
    on: dt.date | None = None
    review_due_on: dt.date | None = None
    owner_id: UUID | None = None
    must_read: list[AccessRole] | None = None
    reason: str = Field(min_length=1, max_length=2_000)


class ProposedDecision(BaseModel):
    """The proposal; not new when the same wish was waiting already."""

    proposal_id: UUID | None
    is_new: bool


class DocumentKept(BaseModel):
    """The version read and kept as a draft; no answer cites it before it is in force."""

    version_id: UUID
    code: str
    label: str
    title: str


class ComparedVersion(BaseModel):
    """One of two versions compared."""

    version_id: UUID
    label: str


class VersionChanges(BaseModel):
    """The sentences that differ, in reading order: none before is new, none after is removed."""

    code: str
    before: ComparedVersion
    after: ComparedVersion
    changes: list[SentenceChange]


class Acknowledged(BaseModel):
    """When the reading was first acknowledged."""

    read_at: dt.datetime


class ReadingAsked(BaseModel):
    """Whether a reading was queued; not when one was waiting already."""

    is_new: bool


@router.get("/documents")
async def list_documents(
    reader: Reader,
    services: ServicesOf,
    page: PageOf,
    status: Standing | None = None,
    as_of: dt.date | None = None,
    code: str | None = None,
) -> list[ControlledVersion]:
    """The versions one may see, as they stand today; `as_of`: those that applied that day."""
    context = services.make_context(reader)
    found = await library.list_versions(context, as_of=as_of, code=code)
    return page.cut([one for one in found if status is None or one.standing == status])


@router.post("/documents", status_code=201)
async def bring_document(
    asker: Asker,
    services: ServicesOf,
    file: Annotated[UploadFile, File(description="Le document : PDF, bureautique, HTML, texte.")],
    code: Annotated[str | None, Form(min_length=1, max_length=200)] = None,
    version: Annotated[str | None, Form(min_length=1, max_length=40)] = None,
    title: Annotated[str | None, Form(min_length=1, max_length=300)] = None,
    kind: Annotated[DocumentKind, Form()] = "other",
    standards: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=40)]] | None, Form(max_length=10)
    ] = None,
    clause: Annotated[str | None, Form(min_length=1, max_length=40)] = None,
) -> DocumentKept:
    """Read a document and keep it as a draft version; putting it in force is then proposed.

    Code and version not given are read in the file's name; a known document keeps its own title,
    kind, standards and clause.
    """
    limit = services.settings.upload_limit_mb * MIB
    with TemporaryDirectory(prefix="voltaire-document-") as folder:
        (path,) = await save_uploads([file], Path(folder), limit)
        wish = Wish(code, version, title, kind, tuple(standards or ()), clause)
        kept = await deposit(services.make_context(asker), path, path.name, wish)
    return DocumentKept(
        version_id=kept.version_id, code=kept.code, label=kept.label, title=kept.title
    )


@router.get("/documents.xlsx")
async def get_document_table(
    reader: Reader, services: ServicesOf, as_of: dt.date | None = None
) -> Response:
    """The table of documents in force, for the auditor."""
    context = services.make_context(reader)
    found = await library.list_versions(context, as_of=as_of)
    day = as_of or context.today
    book = write_document_table(
        found, reader.tenant_name, day, roles=reader.roles, in_history=as_of is not None
    )
    name = f"documents-en-vigueur-{day.isoformat()}.xlsx"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(book, media_type=SHEET_TYPE, headers=headers)


@router.get("/documents/reviews")
async def list_document_reviews(reader: Reader, services: ServicesOf) -> list[Review]:
    """The documents to review within thirty days: one's own, all for quality and direction."""
    context = services.make_context(reader)
    everyone = bool(reader.roles & SUPERVISORS)
    return await list_reviews_due(context, context.today, everyone=everyone)


@router.get("/documents/unread")
async def list_own_readings(reader: Reader, services: ServicesOf) -> list[Unread]:
    """The versions, in force or to come, that one must still read."""
    context = services.make_context(reader)
    return await list_unread(context, context.today)


@router.get("/versions/{version_id}/changes")
async def get_version_changes(
    version_id: UUID, reader: Reader, services: ServicesOf, since: UUID | None = None
) -> VersionChanges:
    """The sentences a version changes from `since`, by default the version it follows."""
    found = await find_revision(services.make_context(reader), version_id, since)
    return VersionChanges(
        code=found.after.code,
        before=ComparedVersion(version_id=found.before.id, label=found.before.label),
        after=ComparedVersion(version_id=found.after.id, label=found.after.label),
        changes=list(found.changes),
    )


@router.post("/versions/{version_id}/proposals")
async def propose_document_decision(
    version_id: UUID, wished: VersionDecision, asker: Asker, services: ServicesOf
) -> ProposedDecision:
    """Propose a decision on a version; it is written once a person has approved it."""
    context = services.make_context(asker)
    is_custody = wished.owner_id is not None or wished.must_read is not None
    if is_custody and (wished.status or wished.review_due_on):
        raise InvalidInput(ONE_OF)
    if wished.status is not None:
        made = await library.propose_status(
            context, version_id, wished.status, reason=wished.reason, on=wished.on,
            review_due_on=wished.review_due_on,
        )  # fmt: skip
    elif wished.review_due_on is not None:
        made = await library.propose_review(
            context, version_id, wished.review_due_on, wished.reason
        )
    elif is_custody:
        made = await library.propose_custody(
            context, version_id, owner_id=wished.owner_id, must_read=wished.must_read,
            reason=wished.reason,
        )  # fmt: skip
    else:
        raise InvalidInput(ONE_OF)
    return ProposedDecision(proposal_id=made.proposal_id, is_new=made.is_new)


@router.get("/versions/{version_id}/readings")
async def list_document_readers(
    version_id: UUID, reader: Reader, services: ServicesOf
) -> list[Reading]:
    """Who must read a version, and who has."""
    return await library.list_readers(services.make_context(reader), version_id)


@router.post("/versions/{version_id}/readings")
async def acknowledge_document(
    version_id: UUID, person: Person, services: ServicesOf
) -> Acknowledged:
    """Say that one has read a version."""
    context = services.make_context(person)
    return Acknowledged(read_at=await library.acknowledge_reading(context, version_id))


@router.get("/ingestion")
async def get_ingestion(reader: Reader, services: ServicesOf) -> IngestionState:
    """What is read, what is not and why, since when."""
    return await read_state(services.make_context(reader))


@router.post("/ingestion", status_code=202)
async def read_documents_again(asker: Asker, services: ServicesOf) -> ReadingAsked:
    """Have the documents folder read without waiting."""
    return ReadingAsked(
        is_new=await ask_reading(services.database, asker, services.settings.documents_dir)
    )
