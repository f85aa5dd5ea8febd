"""Signing in through the firm's directory: off to it, and back."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Cookie, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from api.access.accounts import SignInRequired
from api.access.directory_flow import COOKIE, DECLINED, LIFETIME_S, DirectoryFlow
from api.identities import ServicesOf
from api.routes.auth import describe_session
from api.services import Services
from core.addresses import API
from core.errors import NotFound, VoltaireError

router = APIRouter(prefix="/auth")
NO_DIRECTORY = "La connexion par annuaire n’est pas activée sur cette instance."
NOTICE = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><title>Connexion – Voltaire</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 4rem auto;
padding: 0 1rem; color: #1d2530; background: #fff; }}</style></head>
<body><main><h1>Connexion impossible</h1><p role="alert">{message}</p>
<p><a href="/login">Revenir à Voltaire</a></p></main></body>
</html>"""


@router.get("/start", status_code=302, response_class=RedirectResponse)
async def start_directory_sign_in(services: ServicesOf) -> Response:
    """Send the browser to the directory's own page."""
    departure = await _get_flow(services).start()
    response = RedirectResponse(departure.url, status_code=302)
    response.set_cookie(
        COOKIE, departure.cookie, max_age=LIFETIME_S, path=f"{API}/auth", httponly=True,
        samesite="lax", secure=_is_secure(services),
    )  # fmt: skip
    return response


@router.get("/callback", status_code=302, response_class=RedirectResponse)
async def finish_directory_sign_in(
    request: Request,
    services: ServicesOf,
    code: Annotated[str | None, Query(max_length=4000)] = None,
    state: Annotated[str | None, Query(max_length=200)] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,
    kept: Annotated[str | None, Cookie(alias=COOKIE)] = None,
) -> Response:
    """Open a session for whoever comes back from the directory, and show them the page."""
    flow = _get_flow(services)
    try:
        if error is not None:
            raise SignInRequired(DECLINED)
        claims = await flow.finish(kept, state, code)
        identity = await services.gatekeeper.enter(claims, gives_groups=True)
    except VoltaireError as refusal:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return HTMLResponse(NOTICE.format(message=escape(refusal.message)), refusal.status)
    session = await services.gatekeeper.open_session(identity, "directory")
    response: Response
    if services.give_cookie is None:
        described = describe_session(services.gatekeeper, session, identity)
        response = JSONResponse(described.model_dump())
    else:
        response = RedirectResponse("/", status_code=302)
        services.give_cookie(request, response, session, identity)
    response.delete_cookie(COOKIE, path=f"{API}/auth")
    response.headers["cache-control"] = "no-store"
    return response


def _get_flow(services: Services) -> DirectoryFlow:
    gatekeeper = services.gatekeeper
    if gatekeeper.directory is None:
        raise NotFound(NO_DIRECTORY)
    return DirectoryFlow(gatekeeper.directory, gatekeeper.secrets)


def _is_secure(services: Services) -> bool:
    return (services.settings.public_url or "").startswith("https:")
