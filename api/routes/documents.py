"""Original files of the knowledge base, for those who may read them."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Response

from api.identities import Reader, ServicesOf
from knowledge.documents import get_file

router = APIRouter()

PASSIVE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@router.get("/documents/{version_id}")
async def get_document_file(version_id: UUID, reader: Reader, services: ServicesOf) -> Response:
    """The file of a document version, as it was received, shown in the browser if it can.

    A file that could hold scripts is opened in a sandbox of its own.
    """
    async with services.database.transaction(reader) as connection:
        file = await get_file(connection, reader.tenant_id, version_id)
    is_pdf = file.media_type == "application/pdf"
    headers = {
        "content-disposition": _inline(file.name),
        "content-security-policy": PASSIVE if is_pdf else f"sandbox; {PASSIVE}",
        "cache-control": "private, no-cache",
    }
    return Response(file.content, media_type=file.media_type, headers=headers)


def _inline(name: str) -> str:
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
