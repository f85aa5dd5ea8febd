"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.identities import ServicesOf
from core.errors import VoltaireError

router = APIRouter()


@router.get("/health")
async def get_health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
async def get_readiness(services: ServicesOf, response: Response) -> dict[str, str]:
    """The database answers too; 503 otherwise."""
    try:
        async with services.database.transaction(None) as connection:
            await connection.execute("SELECT 1")
    except VoltaireError as error:
        response.status_code = error.status
        return {"status": "unavailable", "detail": error.message}
    return {"status": "ready"}
