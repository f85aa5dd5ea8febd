"""The directory over real HTTP: discovery, keys, authorization, token; and tokens of any kind."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "6f1c9a52-0b5e-4f0e-9d0e-3c1f5b7a2d11"
CLIENT_SECRET = "secret-de-l-application"
TENANT_ID = "c0ffee00-1111-4222-8333-444455556666"
LIFETIME_S = 3600


@dataclass(frozen=True)
class Person:
    """Someone of the directory."""

    oid: str
    name: str
    preferred_username: str
    groups: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Grant:
    """What a code stands for; it serves once."""

    person: Person
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class OidcServer:
    """The directory; `person` is who signs in at its page."""

    redirect_uri: str
    person: Person | None = None
    address: str = ""
    key_fetches: int = 0
    refusals: list[str] = field(default_factory=list)
    _keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    _published: list[str] = field(default_factory=list)
    _grants: dict[str, Grant] = field(default_factory=dict)
    _server: uvicorn.Server | None = None

    def __post_init__(self) -> None:
        self.rotate()

    @property
    def issuer(self) -> str:
        return f"{self.address}/{TENANT_ID}/v2.0"

    @contextmanager
    def running(self) -> Iterator[OidcServer]:
        """Serve on a free port of this machine."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        root = f"/{TENANT_ID}"
        app = Starlette(routes=[
            Route(f"{root}/v2.0/.well-known/openid-configuration", self._discover),
            Route(f"{root}/discovery/v2.0/keys", self._give_keys),
            Route(f"{root}/oauth2/v2.0/authorize", self._authorize),
            Route(f"{root}/oauth2/v2.0/token", self._give_token, methods=["POST"]),
        ])  # fmt: skip
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
        self._server = uvicorn.Server(config)
        thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not self._server.started:
                time.sleep(0.01)
            yield self
        finally:
            self._server.should_exit = True
            thread.join(10)
            listener.close()

    def rotate(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on; the old one stays published unless told otherwise."""
        name = secrets.token_hex(8)
        self._keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._published = [*(self._published if keep_old else []), name]
        return name

    def sign(self, claims: dict[str, Any], *, key: rsa.RSAPrivateKey | None = None,
             kid: str | None = None, algorithm: str = "RS256") -> str:  # fmt: skip
        """A token of these claims, by the latest key unless another is given."""
        name = self._published[-1]
        used: Any = key or self._keys[name]
        return jwt.encode(claims, used, algorithm, headers={"kid": kid or name})

    def make_claims(self, person: Person, **changes: Any) -> dict[str, Any]:
        """The claims of an access token for the API, as Entra writes them (v2)."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "nbf": now,
            "exp": now + LIFETIME_S, "sub": f"pairwise-{person.oid}", "oid": person.oid,
            "tid": TENANT_ID, "name": person.name, "azp": CLIENT_ID, "ver": "2.0",
            "preferred_username": person.preferred_username, "scp": "access_as_user",
            **({"groups": list(person.groups)} if person.groups else {}), **person.more, **changes,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    async def _discover(self, _: Request) -> Response:
        root = f"{self.address}/{TENANT_ID}"
        return JSONResponse({
            "issuer": self.issuer,
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        })  # fmt: skip

    async def _give_keys(self, _: Request) -> Response:
        self.key_fetches += 1
        keys = []
        for name in self._published:
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self._keys[name].public_key())
            keys.append({**json.loads(public), "kid": name, "use": "sig", "alg": "RS256"})
        return JSONResponse({"keys": keys})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        wrong = self._find_wrong(asked)
        if wrong:
            self.refusals.append(wrong)
            return JSONResponse({"error": "invalid_request", "error_description": wrong}, 400)
        back = {"state": asked["state"]}
        if self.person is None:
            query = urlencode({**back, "error": "access_denied"})
            return RedirectResponse(f"{self.redirect_uri}?{query}", 302)
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(
            self.person, asked["nonce"], asked["code_challenge"], asked["redirect_uri"]
        )
        query = urlencode({**back, "code": code})
        return RedirectResponse(f"{self.redirect_uri}?{query}", 302)

    def _find_wrong(self, asked: dict[str, str]) -> str:
        checks = {
            "unknown client": asked.get("client_id") == CLIENT_ID,
            "redirect_uri not registered": asked.get("redirect_uri") == self.redirect_uri,
            "response_type": asked.get("response_type") == "code",
            "scope": "openid" in asked.get("scope", "").split(),
            "PKCE S256 required": asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43,
            "state": len(asked.get("state", "")) >= 16,
            "nonce": len(asked.get("nonce", "")) >= 16,
        }
        return next((name for name, is_right in checks.items() if not is_right), "")

    async def _give_token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        grant = self._grants.pop(form.get("code", ""), None)
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        is_right = (
            grant is not None
            and form.get("grant_type") == "authorization_code"
            and form.get("client_id") == CLIENT_ID
            and form.get("client_secret") == CLIENT_SECRET
            and form.get("redirect_uri") == grant.redirect_uri
            and challenge == grant.challenge
        )
        if grant is None or not is_right:
            self.refusals.append("invalid_grant")
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = self.make_claims(grant.person, nonce=grant.nonce, scp=None, azp=None)
        return JSONResponse({
            "token_type": "Bearer", "expires_in": LIFETIME_S, "access_token": "opaque",
            "id_token": self.sign(claims),
        })  # fmt: skip
