"""Who sends a request: bearer token, API key, chat session cookie, or the command line's token."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from api.access.accounts import Access, SignInRequired
from api.auth import CHANGE_FIRST, PasswordMustChange
from api.services import Services
from core.addresses import API
from core.context import Identity
from core.errors import NotAllowed

USER_HEADER = "x-voltaire-user"
READING = frozenset({"GET", "HEAD"})
SIGN_IN_FIRST = (
    f"Connectez-vous d’abord\u00a0: POST {API}/login donne un jeton à joindre en en-tête "
    "«\u00a0Authorization: Bearer\u00a0»."
)
NO_COOKIE = "Connectez-vous à Voltaire pour ouvrir cette page."
SCOPE_MISSING = "Cette clé d’API n’a pas la portée «\u00a0{scope}\u00a0». Demandez-en une autre."
PERSON_NEEDED = (
    "Une clé d’API ne peut pas faire cela\u00a0: c’est l’acte d’une personne. Connectez-vous avec "
    "votre compte."
)

bearer = HTTPBearer(
    scheme_name="bearer", auto_error=False,
    description="Jeton de session, clé d’API (« vlt_… ») ou jeton d’accès d’Office.",
)  # fmt: skip
cookie = APIKeyCookie(
    name="access_token", scheme_name="cookie", auto_error=False,
    description="Connexion de la page, pour les lectures.",
)  # fmt: skip


def get_services(request: Request) -> Services:
    """The services of the running application."""
    services: Services = request.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(get_services)]


async def find_access(request: Request, services: Services) -> Access:
    """The access that the request's bearer token gives, found once. Raises SignInRequired."""
    found: Access | None = getattr(request.state, "access", None)
    if found is None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise SignInRequired(SIGN_IN_FIRST)
        if _is_command_line(services, token):
            found = Access(await _get_named_user(request, services), "command")
        else:
            found = await services.gatekeeper.identify(token.strip())
        request.state.access = found
    return found


async def get_access(request: Request, services: ServicesOf) -> Access:
    """Whoever asks, within what their proof allows and how often they may ask.

    Raises SignInRequired, NotAllowed, TooManyRequests.
    """
    access = await find_access(request, services)
    services.limits.check_user(access.identity.user_id)
    if access.must_change_password:
        raise PasswordMustChange(CHANGE_FIRST)
    needed = "read" if request.method in READING else "propose"
    if needed not in access.scopes:
        raise NotAllowed(SCOPE_MISSING.format(scope=needed))
    return access


async def get_identity(
    access: Annotated[Access, Depends(get_access)], _: Annotated[object, Security(bearer)]
) -> Identity:
    """The user behind a bearer token or the command line. Raises SignInRequired."""
    return access.identity


async def get_person(
    access: Annotated[Access, Depends(get_access)], _: Annotated[object, Security(bearer)]
) -> Identity:
    """Like `get_identity`, for what only a person may do: a key is refused."""
    if access.means == "key":
        raise NotAllowed(PERSON_NEEDED)
    return access.identity


async def get_reader(
    request: Request,
    services: ServicesOf,
    _: Annotated[object, Security(bearer)],
    __: Annotated[object, Security(cookie)],
) -> Identity:
    """Like `get_identity`, the chat page's cookie counting too: for routes that only read."""
    if "authorization" in request.headers:
        return (await get_access(request, services)).identity
    session_id = services.find_cookie_session(request.cookies)
    access = await services.gatekeeper.find_session(session_id) if session_id else None
    if access is None:
        raise SignInRequired(NO_COOKIE)
    services.limits.check_user(access.identity.user_id)
    return access.identity


Asker = Annotated[Identity, Depends(get_identity)]
Person = Annotated[Identity, Depends(get_person)]
Reader = Annotated[Identity, Depends(get_reader)]


def _is_command_line(services: Services, token: str) -> bool:
    expected = services.cli_token
    return expected is not None and hmac.compare_digest(token.encode(), expected.encode())


async def _get_named_user(request: Request, services: Services) -> Identity:
    email = request.headers.get(USER_HEADER, "")
    identity = await services.gatekeeper.find_user(email)
    if identity is None:
        raise SignInRequired(
            f"Aucun utilisateur actif n’a l’adresse «\u00a0{email}\u00a0». "
            "Vérifiez l’option --user."
        )
    return identity
