"""Who is signed in to the chat page, on each of its requests and messages.

The page's cookie names a session, signed; whether it lives, and whose it is, the database says
each time: a session that was ended elsewhere ends here too.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Annotated
from uuid import UUID

from chainlit.auth import clear_auth_cookie, create_jwt, get_token_from_cookies, set_auth_cookie
from chainlit.auth.jwt import decode_jwt
from chainlit.context import ChainlitContextException, get_context
from chainlit.user import PersistedUser, User
from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2PasswordRequestForm
from jwt import InvalidTokenError

from chat.services import Session, get_chat_services
from core.context import Identity
from core.errors import NotAllowed

_session_of_request: ContextVar[tuple[str, Identity] | None] = ContextVar(
    "session_of_request", default=None
)


async def sign_in(email: str, password: str) -> User:
    """The page's user for this address and password. Raises VoltaireError."""
    gatekeeper = get_chat_services().gatekeeper
    identity = await gatekeeper.sign_in(email, password)
    return make_user(await gatekeeper.open_session(identity), identity)


def make_user(session: Session, identity: Identity) -> User:
    """The page's user, known by their session."""
    return User(identifier=str(session.id), display_name=identity.full_name)


def give_cookie(request: Request, response: Response, session: Session, identity: Identity) -> None:
    """Let the browser that receives `response` into the page."""
    set_auth_cookie(request, response, create_jwt(make_user(session, identity)))


async def open_session(
    request: Request, credentials: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> JSONResponse:
    """Sign in to the page; unlike the library's own route, a refusal says why in French."""
    user = await sign_in(credentials.username, credentials.password)
    response = JSONResponse({"success": True})
    set_auth_cookie(request, response, create_jwt(user))
    return response


async def close_session(request: Request) -> JSONResponse:
    """Sign out of the page: the session ends in the database, then the cookie goes."""
    session_id = find_cookie_session(request.cookies)
    if session_id is not None:
        await get_chat_services().gatekeeper.end_session(session_id)
    response = JSONResponse({"success": True})
    clear_auth_cookie(request, response)
    return response


async def load_user(identifier: str) -> PersistedUser | None:
    """The active user of a living session; the rest of this request acts as them."""
    identity = await _find_identity(identifier)
    _session_of_request.set((identifier, identity) if identity else None)
    if identity is None:
        return None
    return PersistedUser(
        id=str(identity.user_id),
        createdAt="",
        identifier=identifier,
        display_name=identity.full_name,
    )


async def get_current_identity() -> Identity:
    """The user behind the request or message being served, with their present roles.

    Raises NotAllowed when nobody is signed in, or the session or the account has been closed.
    """
    identifier, of_request = _find_message_session(), _session_of_request.get()
    if identifier is not None:
        identity = await _find_identity(identifier)
    else:
        identity = of_request[1] if of_request else None
    if identity is None:
        raise NotAllowed("Votre session est terminée. Reconnectez-vous.")
    return identity


def get_current_identifier() -> str:
    """What the page's library knows the present user by: their session."""
    of_request = _session_of_request.get()
    return _find_message_session() or (of_request[0] if of_request else "")


def find_cookie_session(cookies: Mapping[str, str]) -> UUID | None:
    """The session that the page's cookie names, None without a valid one."""
    token = get_token_from_cookies(dict(cookies))
    try:
        return UUID(decode_jwt(token).identifier) if token else None
    except (InvalidTokenError, TypeError, KeyError, ValueError):
        return None


async def _find_identity(identifier: str) -> Identity | None:
    try:
        session_id = UUID(identifier)
    except ValueError:
        return None
    access = await get_chat_services().gatekeeper.find_session(session_id)
    return access.identity if access else None


def _find_message_session() -> str | None:
    try:
        user = get_context().session.user
    except ChainlitContextException:
        return None
    return user.identifier if user else None
