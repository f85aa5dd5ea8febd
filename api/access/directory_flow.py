"""Signing in through the directory: authorization code with PKCE, state and nonce."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import jwt

from api.access.accounts import SignInRequired
from api.access.directory import Claims, Directory, ask_directory
from core.secrets import Secrets

COOKIE = "voltaire_connexion"
LIFETIME_S = 600
START_AGAIN = "Cette connexion n’a pas abouti. Recommencez depuis la page de Voltaire."
DECLINED = "La connexion a été refusée par l’annuaire. Recommencez, ou voyez l’administration."


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the cookie that recognises it when it comes back."""

    url: str
    cookie: str


@dataclass(frozen=True)
class DirectoryFlow:
    """The two halves of a sign-in, joined by a signed cookie."""

    directory: Directory
    secrets: Secrets

    async def start(self) -> Departure:
        """Send a browser to the directory. Raises DirectoryUnavailable."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        options = self.directory.options
        challenge = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": options.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": options.redirect_uri,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        address = await self.directory.get_address("authorization_endpoint")
        kept = {"state": state, "nonce": nonce, "verifier": verifier,
                "exp": int(time.time()) + LIFETIME_S}  # fmt: skip
        return Departure(f"{address}?{urlencode(query)}", jwt.encode(kept, self._key, "HS256"))

    async def finish(self, cookie: str | None, state: str | None, code: str | None) -> Claims:
        """The verified claims of whoever came back. Raises SignInRequired."""
        kept = self._read(cookie)
        if not code or not hmac.compare_digest(str(kept["state"]), state or ""):
            raise SignInRequired(START_AGAIN)
        options = self.directory.options
        form = {
            "grant_type": "authorization_code",
            "client_id": options.client_id,
            "code": code,
            "redirect_uri": options.redirect_uri,
            "code_verifier": str(kept["verifier"]),
        }
        if options.client_secret:
            form["client_secret"] = options.client_secret
        address = await self.directory.get_address("token_endpoint")
        answer = await ask_directory("POST", address, form)
        if "id_token" not in answer:
            raise SignInRequired(DECLINED)
        claims = await self.directory.verify(str(answer["id_token"]), [options.client_id])
        if not hmac.compare_digest(str(claims.get("nonce", "")), str(kept["nonce"])):
            raise SignInRequired(START_AGAIN)
        return claims

    @property
    def _key(self) -> bytes:
        return self.secrets.derive("directory-flow")

    def _read(self, cookie: str | None) -> dict[str, Any]:
        try:
            return jwt.decode(
                cookie or "", self._key, algorithms=["HS256"], options={"require": ["exp"]}
            )
        except jwt.InvalidTokenError:
            raise SignInRequired(START_AGAIN) from None
