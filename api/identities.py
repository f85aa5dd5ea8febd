"""Who sends a request: bearer token, chat session cookie, or the command line's token."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request

from api.auth import SignInRequired
from api.services import Services
from core.addresses import API
from core.context import Identity

USER_HEADER = "x-voltaire-user"
SIGN_IN_FIRST = (
    f"Connectez-vous d’abord\u00a0: POST {API}/login donne un jeton à joindre en en-tête "
    "« Authorization: Bearer »."
)


def get_services(request: Request) -> Services:
    """The services of the running application."""
    services: Services = request.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(get_services)]


async def get_identity(request: Request, services: ServicesOf) -> Identity:
    """The user behind a bearer token or the command line. Raises SignInRequired."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SignInRequired(SIGN_IN_FIRST)
    if _is_command_line(services, token):
        return await _get_named_user(request, services)
    return await services.gatekeeper.identify(token.strip())


async def get_reader(request: Request, services: ServicesOf) -> Identity:
    """Like `get_identity`, the chat page's cookie counting too: for routes that only read."""
    if "authorization" in request.headers:
        return await get_identity(request, services)
    email = services.find_signed_in_email(dict(request.cookies))
    identity = await services.gatekeeper.find_user(email) if email else None
    if identity is None:
        raise SignInRequired("Connectez-vous à Voltaire pour ouvrir cette page.")
    return identity


Asker = Annotated[Identity, Depends(get_identity)]
Reader = Annotated[Identity, Depends(get_reader)]


def _is_command_line(services: Services, token: str) -> bool:
    expected = services.cli_token
    return expected is not None and hmac.compare_digest(token.encode(), expected.encode())


async def _get_named_user(request: Request, services: Services) -> Identity:
    email = request.headers.get(USER_HEADER, "")
    identity = await services.gatekeeper.find_user(email)
    if identity is None:
        raise SignInRequired(
            f"Aucun utilisateur actif n’a l’adresse « {email} ». Vérifiez l’option --user."
        )
    return identity
