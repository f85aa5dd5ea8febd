"""Who is signed in to the chat page, on each of its requests and messages."""

from contextvars import ContextVar
from typing import Annotated

from chainlit.auth import create_jwt, get_token_from_cookies, set_auth_cookie
from chainlit.auth.jwt import decode_jwt
from chainlit.context import ChainlitContextException, get_context
from chainlit.user import PersistedUser, User
from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm
from jwt import InvalidTokenError

from chat.services import get_chat_services
from core.context import Identity
from core.errors import NotAllowed

_user_of_request: ContextVar[Identity | None] = ContextVar("user_of_request", default=None)


async def sign_in(email: str, password: str) -> User:
    """The page's user for this address and password. Raises VoltaireError."""
    identity = await get_chat_services().gatekeeper.sign_in(email, password)
    return User(identifier=identity.email, display_name=identity.full_name)


async def open_session(
    request: Request, credentials: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> JSONResponse:
    """Sign in to the page; unlike the library's own route, a refusal says why in French."""
    user = await sign_in(credentials.username, credentials.password)
    response = JSONResponse({"success": True})
    set_auth_cookie(request, response, create_jwt(user))
    return response


async def load_user(email: str) -> PersistedUser | None:
    """The active user of a verified session; the rest of this request acts as them."""
    identity = await get_chat_services().gatekeeper.find_user(email)
    _user_of_request.set(identity)
    if identity is None:
        return None
    return PersistedUser(
        id=str(identity.user_id),
        createdAt="",
        identifier=identity.email,
        display_name=identity.full_name,
    )


async def get_current_identity() -> Identity:
    """The user behind the request or message being served, with their present roles.

    Raises NotAllowed when nobody is signed in or the account has been closed.
    """
    email = _find_session_email()
    if email is not None:
        identity = await get_chat_services().gatekeeper.find_user(email)
    else:
        identity = _user_of_request.get()
    if identity is None:
        raise NotAllowed("Votre session est terminée. Reconnectez-vous.")
    return identity


def find_signed_in_email(cookies: dict[str, str]) -> str | None:
    """The address proved by the page's session cookie, None without a valid one."""
    token = get_token_from_cookies(cookies)
    if token is None:
        return None
    try:
        return decode_jwt(token).identifier
    except (InvalidTokenError, TypeError, KeyError):
        return None


def _find_session_email() -> str | None:
    try:
        user = get_context().session.user
    except ChainlitContextException:
        return None
    return user.identifier if user else None
