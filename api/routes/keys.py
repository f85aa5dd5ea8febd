"""API keys of integrators, for administrators."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access.accounts import Scope
from api.access.keys import LONGEST_DAYS, ApiKey, KeyWish, add_key, list_keys, revoke_key
from api.identities import Person, ServicesOf
from api.paging import PageOf

router = APIRouter(prefix="/keys")


class KeyIn(BaseModel):
    """The key to make: its owner's address, its name, what it may do, its life in days."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field(min_length=3, max_length=320)
    name: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(min_length=1, max_length=2)
    days: int = Field(default=365, ge=1, le=LONGEST_DAYS)


class NewKey(BaseModel):
    """The key and its secret text, shown this once."""

    key: ApiKey
    secret: str


@router.get("")
async def list_api_keys(person: Person, services: ServicesOf, page: PageOf) -> list[ApiKey]:
    """The firm's keys, the latest first; no secret among them."""
    return page.cut(await list_keys(services.database, person, page.reach))


@router.post("", status_code=201)
async def add_api_key(body: KeyIn, person: Person, services: ServicesOf) -> NewKey:
    """Make a key that acts for its owner, within its scopes and their present rights."""
    wish = KeyWish(body.owner, body.name, body.scopes, body.days)
    key, secret = await add_key(services.database, person, wish)
    return NewKey(key=key, secret=secret)


@router.delete("/{key_id}", status_code=204)
async def revoke_api_key(key_id: UUID, person: Person, services: ServicesOf) -> None:
    """End a key at once."""
    await revoke_key(services.database, person, key_id)
