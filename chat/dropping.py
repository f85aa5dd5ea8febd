"""Files on their way from the page to the session: any kind, even empty, so that each is answered.

The page's library refuses an empty file without a word and keeps the others in memory; here they
go to the session's folder block by block, and what reads them says in French what is wrong.
"""

from __future__ import annotations

import mimetypes
from uuid import uuid4

import aiofiles
from chainlit.server import UserParam
from chainlit.session import WebsocketSession
from fastapi import UploadFile
from fastapi.responses import JSONResponse

MIB = 1024 * 1024
LARGEST_BYTES = 100 * MIB
NO_SESSION = "votre session est terminée. Rechargez la page, puis redéposez le fichier."
TOO_LARGE = "le fichier dépasse 100 Mo. Allégez-le, ou passez par l’API."


async def receive_file(user: UserParam, session_id: str, file: UploadFile) -> JSONResponse:
    """Keep a dropped file for the message that will speak of it; gives its id."""
    session = WebsocketSession.get_by_id(session_id)
    if session is None or user is None or not session.user:
        return _refuse(404, NO_SESSION)
    if session.user.identifier != user.identifier:
        return _refuse(401, NO_SESSION)
    kind = file.content_type or "application/octet-stream"
    session.files_dir.mkdir(exist_ok=True)
    id_ = str(uuid4())
    path = (session.files_dir / id_).with_suffix(mimetypes.guess_extension(kind) or "")
    size = 0
    async with aiofiles.open(path, "wb") as stream:
        while block := await file.read(MIB):
            size += len(block)
            if size > LARGEST_BYTES:
                break
            await stream.write(block)
    if size > LARGEST_BYTES:
        path.unlink(missing_ok=True)
        return _refuse(413, TOO_LARGE)
    session.files[id_] = {
        "id": id_, "path": path, "name": file.filename or "fichier", "type": kind, "size": size,
    }  # fmt: skip
    return JSONResponse({"id": id_})


def _refuse(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status_code=status)
