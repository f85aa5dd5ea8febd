"""What the firm sets for its tenders: profile, grid, and the setting that outcomes call for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from agents.tender_scoring.grid import Grid, parse_grid
from agents.tender_scoring.outcomes import apply_grid, wish_grid
from agents.tender_scoring.outputs.calibration import Calibration
from agents.tender_scoring.preferences import (
    SetGrid,
    get_grid,
    get_profile,
    put_grid,
    put_profile,
    restore_grid,
)
from agents.tender_scoring.profile import FirmProfile, parse_profile
from api.identities import Person, Reader, ServicesOf
from core.errors import InvalidInput

router = APIRouter(prefix="/tender-settings")
NOT_TEXT = "Le fichier n’est pas du texte UTF-8. Enregistrez-le en YAML ou en JSON."


class GridOut(BaseModel):
    """The grid in use, and the one before it."""

    grid: Grid
    previous: Grid | None


class ShiftOut(BaseModel):
    """A weight before and after, and why."""

    criterion: str
    before: Decimal
    after: Decimal
    reason: str


class CalibrationOut(BaseModel):
    """The setting that outcomes call for; nothing has changed."""

    cases: int
    is_change: bool
    shifts: list[ShiftOut]
    remark: str | None


@router.get("/profile")
async def get_tender_profile(reader: Reader, services: ServicesOf) -> FirmProfile:
    """The firm's profile, or the default one."""
    return await get_profile(services.database, reader)


@router.put("/profile")
async def put_tender_profile(request: Request, person: Person, services: ServicesOf) -> FirmProfile:
    """Replace the firm's profile by the YAML or JSON of the body."""
    profile = parse_profile(await _read_text(request))
    await put_profile(services.database, person, profile)
    return profile


@router.get("/grid")
async def get_tender_grid(reader: Reader, services: ServicesOf) -> GridOut:
    """The firm's grid, or the default one."""
    return _show(await get_grid(services.database, reader))


@router.put("/grid")
async def put_tender_grid(request: Request, person: Person, services: ServicesOf) -> GridOut:
    """Replace the firm's grid by the YAML or JSON of the body; the former is kept."""
    grid = parse_grid(await _read_text(request))
    return _show(await put_grid(services.database, person, grid))


@router.post("/grid/restore")
async def restore_tender_grid(person: Person, services: ServicesOf) -> GridOut:
    """Go back to the grid before."""
    return _show(await restore_grid(services.database, person))


@router.get("/calibration")
async def get_tender_calibration(reader: Reader, services: ServicesOf) -> CalibrationOut:
    """The weights that the outcomes known so far call for, and why."""
    return _describe(await wish_grid(services.database, reader))


@router.post("/calibration")
async def take_tender_calibration(person: Person, services: ServicesOf) -> GridOut:
    """Take these weights up."""
    return _show(await apply_grid(services.database, person))


async def _read_text(request: Request) -> str:
    try:
        return (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(NOT_TEXT) from error


def _show(held: SetGrid) -> GridOut:
    return GridOut(grid=held.grid, previous=held.previous)


def _describe(wished: Calibration) -> CalibrationOut:
    shifts: list[Any] = [
        ShiftOut(criterion=s.key, before=s.before, after=s.after, reason=s.reason)
        for s in wished.shifts
    ]
    return CalibrationOut(
        cases=wished.cases, is_change=wished.is_change, shifts=shifts, remark=wished.remark
    )
