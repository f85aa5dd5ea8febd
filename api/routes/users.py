"""The users of the firm, for administrators."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.access.keys import require_admin
from api.access.passwords import make_temporary
from api.access.sessions import end_sessions
from api.access.users import User, UserWish, add_user, change_user, list_users
from api.identities import Person, ServicesOf
from api.paging import PageOf

router = APIRouter(prefix="/users")
RoleName = Literal["reader", "sales", "quality", "director", "admin"]
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
]


class UserIn(BaseModel):
    """The account to open."""

    model_config = ConfigDict(extra="forbid")

    email: Address
    full_name: str = Field(min_length=1, max_length=200)
    roles: list[RoleName] = Field(min_length=1, max_length=5)


class UserChange(BaseModel):
    """What changes; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    roles: list[RoleName] | None = Field(default=None, min_length=1, max_length=5)
    is_active: bool | None = None


class TemporaryPassword(BaseModel):
    """A password to give to the user, who must change it at the first sign-in."""

    user: User | None = None
    temporary_password: str


@router.get("")
async def list_firm_users(person: Person, services: ServicesOf, page: PageOf) -> list[User]:
    """The firm's users, by name."""
    return page.cut(await list_users(services.database, person, page.reach))


@router.post("", status_code=201)
async def add_firm_user(body: UserIn, person: Person, services: ServicesOf) -> TemporaryPassword:
    """Open an account with a temporary password, shown this once."""
    wish = UserWish(body.email, body.full_name, body.roles)
    user = await add_user(services.database, person, wish)
    password = make_temporary()
    await services.gatekeeper.passwords.replace(
        services.database, person, user.id, password, temporary=True
    )
    return TemporaryPassword(user=user, temporary_password=password)


@router.patch("/{user_id}")
async def change_firm_user(
    user_id: UUID, body: UserChange, person: Person, services: ServicesOf
) -> User:
    """Change someone's roles, or close and reopen their account; closing ends their sessions."""
    user = await change_user(
        services.database, person, user_id, roles=body.roles, is_active=body.is_active
    )
    if not user.is_active:
        await end_sessions(services.database, person, user.id)
    return user


@router.post("/{user_id}/password")
async def reset_password(user_id: UUID, person: Person, services: ServicesOf) -> TemporaryPassword:
    """Give someone a temporary password; their sessions end."""
    require_admin(person)
    password = make_temporary()
    await services.gatekeeper.passwords.replace(
        services.database, person, user_id, password, temporary=True
    )
    await end_sessions(services.database, person, user_id)
    return TemporaryPassword(temporary_password=password)
