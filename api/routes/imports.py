"""Spreadsheets: lists as files, and files brought in as proposals after a preview."""

from __future__ import annotations

import json
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.identities import Asker, Reader, ServicesOf
from core.errors import InvalidInput
from core.office import SHEET_TYPE
from crm.objects import OBJECTS
from crm.query_parts import Filter
from ingest.spreadsheets.grid import LARGEST_BYTES
from tools.exporting import export_list
from tools.importing.files import preview_file
from tools.importing.headings import list_targets
from tools.importing.preview import Preview
from tools.importing.proposing import propose_import

router = APIRouter()

MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": SHEET_TYPE}
PRIVATE = {"cache-control": "no-store"}
MOST_LINES = 500
UNNAMED = "tableau"
FILTERS: TypeAdapter[list[Filter]] = TypeAdapter(list[Filter])
MAPPING: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
WRONG_FILTERS = (
    "Les conditions doivent être une liste JSON, par exemple "
    '[{"field": "status", "value": "client"}].'
)
WRONG_MAPPING = (
    "La correspondance doit être un objet JSON\u00a0: titre de la colonne → champ, ou texte vide "
    "pour l’ignorer."
)
SheetField = Annotated[UploadFile, File(description="Un fichier .csv ou .xlsx, 25 Mo au plus.")]
ObjectField = Annotated[
    str | None, Form(description="Ce que contient le tableau ; deviné des titres sans cela.")
]
PageField = Annotated[str | None, Form(description="La feuille du classeur, la première sinon.")]
MappingField = Annotated[
    str | None, Form(description="JSON : titre de la colonne → champ, ou vide pour l’ignorer.")
]


class ColumnOut(BaseModel):
    """A column of the sheet and the field it fills (absent: none)."""

    heading: str
    field: str | None
    label: str | None
    unit: str


class ChoiceOut(BaseModel):
    """A field that a column may fill."""

    field: str
    label: str


class ChangeOut(BaseModel):
    """A field before and after."""

    label: str
    before: str
    after: str


class LineOut(BaseModel):
    """What becomes of a line of the sheet."""

    number: int
    outcome: Literal["create", "update", "identical", "refused", "ignored"]
    title: str
    record_id: UUID | None
    changes: tuple[ChangeOut, ...]
    reasons: tuple[str, ...]
    remark: str


class ImportPreview(BaseModel):
    """What the import would do; nothing is proposed. `digest` is to be sent back to do it.

    `lines` are the first ones, those refused first; `counts` count them all.
    """

    object: str
    object_label: str
    sheet: str
    sheets: tuple[str, ...]
    columns: tuple[ColumnOut, ...]
    fields: tuple[ChoiceOut, ...]
    counts: dict[str, int]
    lines: tuple[LineOut, ...]
    remarks: tuple[str, ...]
    digest: str


class RefusedOut(BaseModel):
    """A line that could not become a proposal."""

    number: int
    reason: str


class ImportResult(BaseModel):
    """The proposals made now, those made before of the same file, and what is left."""

    proposal_ids: tuple[UUID, ...]
    already: int
    left: int
    refused: tuple[RefusedOut, ...]
    note: str


@router.post("/imports/preview")
async def preview_sheet(
    identity: Asker,
    services: ServicesOf,
    file: SheetField,
    object_name: Annotated[ObjectField, Form(alias="object")] = None,
    sheet: PageField = None,
    mapping: MappingField = None,
) -> ImportPreview:
    """What bringing the sheet in would create, change or refuse, line by line."""
    context = services.make_context(identity)
    content = await file.read(LARGEST_BYTES + 1)
    grid, preview = await preview_file(
        context, file.filename or UNNAMED, content, kind=object_name or None, sheet=sheet or None,
        chosen=_read_mapping(mapping),
    )  # fmt: skip
    return _describe(preview, grid.sheets)


@router.post("/imports")
async def import_sheet(
    identity: Asker,
    services: ServicesOf,
    file: SheetField,
    digest: Annotated[str, Form(pattern="^[0-9a-f]{64}$")],
    object_name: Annotated[ObjectField, Form(alias="object")] = None,
    sheet: PageField = None,
    mapping: MappingField = None,
) -> ImportResult:
    """Propose exactly what the preview of that digest showed; people approve it."""
    context = services.make_context(identity)
    content = await file.read(LARGEST_BYTES + 1)
    name = file.filename or UNNAMED
    _, preview = await preview_file(
        context, name, content, kind=object_name or None, sheet=sheet or None,
        chosen=_read_mapping(mapping),
    )  # fmt: skip
    done = await propose_import(context, preview, digest, name, content)
    return ImportResult(
        proposal_ids=done.proposal_ids,
        already=done.already,
        left=done.left,
        refused=tuple(RefusedOut(number=r.number, reason=r.reason) for r in done.refused),
        note=done.note,
    )


@router.get("/exports/{object_name}.{extension}")
async def export_records(
    object_name: str,
    extension: Literal["csv", "xlsx"],
    reader: Reader,
    services: ServicesOf,
    columns: Annotated[
        str, Query(max_length=2000, description="Champs, séparés par des virgules ; tous sinon.")
    ] = "",
    filters: Annotated[
        str, Query(max_length=8000, description="Conditions, en JSON, comme dans les questions.")
    ] = "",
    order_by: Annotated[str | None, Query(max_length=200)] = None,
    descending: bool = False,
) -> Response:
    """The records of a kind that the user sees, for a spreadsheet."""
    try:
        wanted = FILTERS.validate_json(filters) if filters else []
    except ValidationError:
        raise InvalidInput(WRONG_FILTERS) from None
    export = await export_list(
        services.make_context(reader), object_name, extension, filters=wanted,
        columns=[one.strip() for one in columns.split(",") if one.strip()],
        order_by=order_by, descending=descending,
    )  # fmt: skip
    name = f"attachment; filename*=UTF-8''{quote(export.name)}"
    headers = {**PRIVATE, "content-disposition": name}
    return Response(export.content, media_type=MEDIA[extension], headers=headers)


def _read_mapping(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        return MAPPING.validate_python(json.loads(text))
    except (ValueError, RecursionError):
        raise InvalidInput(WRONG_MAPPING) from None


def _describe(preview: Preview, sheets: tuple[str, ...]) -> ImportPreview:
    first = sorted(preview.lines, key=lambda line: line.outcome != "refused")[:MOST_LINES]
    return ImportPreview(
        object=preview.object,
        object_label=OBJECTS[preview.object].plural,
        sheet=preview.sheet,
        sheets=sheets,
        columns=tuple(
            ColumnOut(
                heading=one.text, unit=one.unit,
                field=one.target.name if one.target else None,
                label=one.target.label if one.target else None,
            )
            for one in preview.layout.headings
        ),
        fields=tuple(ChoiceOut(field=t.name, label=t.label) for t in list_targets(preview.object)),
        counts={str(outcome): count for outcome, count in preview.counts.items()},
        lines=tuple(
            LineOut(
                number=line.number, outcome=line.outcome, title=line.title,
                record_id=line.record_id, reasons=line.reasons, remark=line.remark,
                changes=tuple(ChangeOut.model_validate(vars(c)) for c in line.changes),
            )
            for line in first
        ),
        remarks=preview.remarks,
        digest=preview.digest,
    )  # fmt: skip
