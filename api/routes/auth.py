"""Sign-in by address and password."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.identities import ServicesOf

router = APIRouter()


class Credentials(BaseModel):
    """What a user types to sign in."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024, repr=False)


class Session(BaseModel):
    """The bearer token and whose it is."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme
    expires_in: int
    full_name: str
    tenant_name: str
    roles: list[str]


@router.post("/login")
async def sign_in(credentials: Credentials, services: ServicesOf) -> Session:
    """Exchange an address and a password for a bearer token."""
    gatekeeper = services.gatekeeper
    identity = await gatekeeper.sign_in(credentials.email, credentials.password)
    token = gatekeeper.issue_token(identity)
    return Session(
        access_token=token.value,
        expires_in=token.expires_in,
        full_name=identity.full_name,
        tenant_name=identity.tenant_name,
        roles=sorted(identity.roles),
    )
