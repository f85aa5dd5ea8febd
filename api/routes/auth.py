"""Sessions: opened by address and password, renewed, closed; one's own password changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from pydantic import BaseModel, ConfigDict, Field

from api.access.accounts import Access
from api.access.sessions import OpenSession
from api.auth import Gatekeeper
from api.identities import ServicesOf, bearer, find_access, get_access
from core.context import Identity

router = APIRouter()


class Body(BaseModel):
    """Strict: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class Credentials(Body):
    """What a user types to sign in."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024, repr=False)


class PasswordChange(Body):
    """One's own password, and the one to put in its place."""

    email: str = Field(max_length=320)
    current_password: str = Field(max_length=1024, repr=False)
    new_password: str = Field(max_length=1024, repr=False)


class Refresh(Body):
    """The secret that renews a session; it serves once."""

    refresh_token: str = Field(max_length=200, repr=False)


class Session(BaseModel):
    """The bearer token, the secret that renews it, and whose they are."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme
    expires_in: int
    refresh_token: str
    full_name: str
    tenant_name: str
    roles: list[str]
    must_change_password: bool = False


class Me(BaseModel):
    """Whoever asks, and what their means of access allows."""

    email: str
    full_name: str
    tenant_name: str
    roles: list[str]
    means: str
    scopes: list[str]


@router.post("/login")
async def sign_in(credentials: Credentials, services: ServicesOf) -> Session:
    """Exchange an address and a password for a session.

    With a temporary password the session only lets it be changed.
    """
    gatekeeper = services.gatekeeper
    access = await gatekeeper.check_password(credentials.email, credentials.password)
    session = await gatekeeper.open_session(access.identity)
    return describe_session(
        gatekeeper, session, access.identity, must_change=access.must_change_password
    )


@router.post("/refresh")
async def renew_session(body: Refresh, services: ServicesOf) -> Session:
    """A new bearer token and a new secret; the secret given serves no more."""
    session, access = await services.gatekeeper.renew(body.refresh_token)
    return describe_session(
        services.gatekeeper, session, access.identity, must_change=access.must_change_password
    )


@router.post("/logout", status_code=204)
async def sign_out(
    request: Request, services: ServicesOf, _: Annotated[object, Security(bearer)]
) -> None:
    """Close the session at once: its tokens and its secret prove nothing from now on."""
    access = await find_access(request, services)
    if access.session_id is not None:
        await services.gatekeeper.end_session(access.session_id)


@router.post("/password", status_code=204)
async def change_password(body: PasswordChange, services: ServicesOf) -> None:
    """Change one's own password; every open session ends."""
    await services.gatekeeper.change_password(body.email, body.current_password, body.new_password)


@router.get("/me")
async def get_me(
    access: Annotated[Access, Depends(get_access)], _: Annotated[object, Security(bearer)]
) -> Me:
    """Who the token stands for."""
    identity = access.identity
    return Me(
        email=identity.email,
        full_name=identity.full_name,
        tenant_name=identity.tenant_name,
        roles=sorted(identity.roles),
        means=access.means,
        scopes=sorted(access.scopes),
    )


def describe_session(
    gatekeeper: Gatekeeper, session: OpenSession, identity: Identity, *, must_change: bool = False
) -> Session:
    """The session as the API gives it, with a fresh bearer token."""
    token = gatekeeper.issue_token(identity, session.id)
    return Session(
        access_token=token.value,
        expires_in=token.expires_in,
        refresh_token=session.refresh_token,
        full_name=identity.full_name,
        tenant_name=identity.tenant_name,
        roles=sorted(identity.roles),
        must_change_password=must_change,
    )
