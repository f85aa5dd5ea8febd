"""What the firm sets for its tenders: its profile, its grid and the grid before it."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from agents.tender_scoring.grid import Grid, load_grid
from agents.tender_scoring.profile import FirmProfile, load_profile
from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotAllowed

FIND_PROFILE = "SELECT profile FROM firm_profiles WHERE tenant_id = %s"
FIND_GRID = "SELECT grid FROM tender_grids WHERE tenant_id = %s"
PUT_PROFILE = """
INSERT INTO firm_profiles (tenant_id, profile, updated_by) VALUES (%s, %s::jsonb, %s)
ON CONFLICT (tenant_id) DO UPDATE
SET profile = excluded.profile, updated_by = excluded.updated_by, updated_at = now()
"""
PUT_GRID = """
INSERT INTO tender_grids (tenant_id, grid, updated_by) VALUES (%s, %s, %s)
ON CONFLICT (tenant_id) DO UPDATE
SET grid = excluded.grid, updated_by = excluded.updated_by, updated_at = now()
"""
MAY_EDIT = frozenset({"director", "admin"})
NOT_YOURS = "Le profil et la grille se modifient avec le rôle direction ou administration."
NOTHING_BEFORE = "La grille n’a pas encore été changée\u00a0: il n’y a rien à rétablir."


@dataclass(frozen=True)
class SetGrid:
    """The grid in use, and the one it replaced; None when it was never changed."""

    grid: Grid
    previous: Grid | None = None


async def get_profile(database: Database, identity: Identity) -> FirmProfile:
    """The firm's profile, or the default one."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_PROFILE, (identity.tenant_id,))).fetchone()
    return FirmProfile.model_validate(row["profile"]) if row else load_profile()


async def put_profile(database: Database, identity: Identity, profile: FirmProfile) -> None:
    """Replace the firm's profile. Raises NotAllowed for who neither directs nor administers."""
    check_editor(identity)
    text = profile.model_dump_json(by_alias=True)
    async with database.transaction(identity) as connection:
        await connection.execute(PUT_PROFILE, (identity.tenant_id, text, identity.user_id))


async def get_grid(database: Database, identity: Identity) -> SetGrid:
    """The firm's grid, or the default one."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_GRID, (identity.tenant_id,))).fetchone()
    if row is None:
        return SetGrid(load_grid())
    previous = row["grid"]["previous"]
    return SetGrid(
        Grid.model_validate(row["grid"]["current"]),
        Grid.model_validate(previous) if previous else None,
    )


async def put_grid(database: Database, identity: Identity, grid: Grid) -> SetGrid:
    """Replace the firm's grid; the former is kept. Raises NotAllowed, as for the profile."""
    check_editor(identity)
    before = (await get_grid(database, identity)).grid
    held = {"current": grid.model_dump(mode="json"), "previous": before.model_dump(mode="json")}
    async with database.transaction(identity) as connection:
        await connection.execute(PUT_GRID, (identity.tenant_id, Jsonb(held), identity.user_id))
    return SetGrid(grid, before)


async def restore_grid(database: Database, identity: Identity) -> SetGrid:
    """Go back to the former grid. Raises NotAllowed, and InvalidInput when there is none."""
    check_editor(identity)
    previous = (await get_grid(database, identity)).previous
    if previous is None:
        raise InvalidInput(NOTHING_BEFORE)
    return await put_grid(database, identity, previous)


def check_editor(identity: Identity) -> None:
    """Raises NotAllowed for who neither directs nor administers."""
    if not identity.roles & MAY_EDIT:
        raise NotAllowed(NOT_YOURS)
