"""The firm's directory (OpenID Connect, Entra ID): its addresses, its keys, its tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import jwt

from api.access.accounts import SignInRequired
from core.errors import ConfigurationError, VoltaireError
from core.settings import Settings

ALGORITHMS = ("RS256", "PS256", "ES256")
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
LEEWAY_S = 60
KEYS_KEPT_S = 24 * 3600
SOONEST_REFETCH_S = 30
TIMEOUT_S = 10
Claims = dict[str, Any]

REFUSED = "Ce jeton de connexion n’est pas valable pour Voltaire. Reconnectez-vous."
EXPIRED = "Votre connexion Microsoft a expiré. Reconnectez-vous."
OTHER_TENANT = "Ce compte appartient à un autre annuaire que celui de votre cabinet."
OUT_OF_REACH = "L’annuaire de votre cabinet ne répond pas. Réessayez dans une minute."


class DirectoryUnavailable(VoltaireError):
    """The directory does not answer, or answers nonsense."""

    status: ClassVar[int] = 503


@dataclass(frozen=True)
class DirectoryOptions:
    """What the settings say of the directory. `roles`: a group or application role → our role."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_uri: str
    tenant_id: str | None
    firm: str | None
    roles: dict[str, str]
    audiences: tuple[str, ...]
    scope: str


@dataclass
class Directory:
    """Fetches what the directory publishes, keeps it, and verifies tokens with it."""

    options: DirectoryOptions
    monotonic: Callable[[], float] = time.monotonic
    _document: dict[str, Any] | None = None
    _keys: dict[str, jwt.PyJWK] = field(default_factory=dict[str, jwt.PyJWK])
    _fetched_at: float | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get_address(self, name: str) -> str:
        """An endpoint of the discovery document. Raises DirectoryUnavailable."""
        if self._document is None:
            root = self.options.issuer.rstrip("/")
            found = await self._fetch(f"{root}/.well-known/openid-configuration")
            if found.get("issuer") != self.options.issuer:
                raise ConfigurationError(
                    "L’annuaire ne se nomme pas comme VOLTAIRE_OIDC_ISSUER le dit. Recopiez son "
                    "émetteur exact, avec l’identifiant de votre annuaire."
                )
            self._document = found
        return str(self._document[name])

    async def verify(self, token: str, audiences: Sequence[str]) -> Claims:
        """The claims of a token signed by the directory, for one of `audiences`, in its life.

        Raises SignInRequired, DirectoryUnavailable.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise SignInRequired(REFUSED) from None
        if header.get("alg") not in ALGORITHMS:
            raise SignInRequired(REFUSED)
        key = await self._find_key(str(header.get("kid", "")))
        try:
            claims: Claims = jwt.decode(
                token,
                key.key,
                algorithms=[str(header["alg"])],
                audience=list(audiences),
                issuer=self.options.issuer,
                leeway=LEEWAY_S,
                options={"require": REQUIRED},
            )
        except jwt.ExpiredSignatureError:
            raise SignInRequired(EXPIRED) from None
        except (jwt.InvalidTokenError, TypeError, ValueError):
            raise SignInRequired(REFUSED) from None
        expected = self.options.tenant_id
        if expected is not None and claims.get("tid") != expected:
            raise SignInRequired(OTHER_TENANT)
        return claims

    async def verify_access_token(self, token: str) -> Claims:
        """The claims of an access token that a person's Office gave for this API."""
        claims = await self.verify(token, self.options.audiences)
        scopes = str(claims.get("scp", "")).split()
        if self.options.scope not in scopes or claims.get("idtyp") == "app":
            raise SignInRequired(REFUSED)
        return claims

    async def _find_key(self, name: str) -> jwt.PyJWK:
        """A published key; an unknown one is looked for again, as keys are replaced."""
        async with self._lock:
            age = None if self._fetched_at is None else self.monotonic() - self._fetched_at
            is_old = age is None or age > KEYS_KEPT_S
            if is_old or (name not in self._keys and age is not None and age > SOONEST_REFETCH_S):
                await self._fetch_keys()
        key = self._keys.get(name)
        if key is None:
            raise SignInRequired(REFUSED)
        return key

    async def _fetch_keys(self) -> None:
        published = await self._fetch(await self.get_address("jwks_uri"))
        found: dict[str, jwt.PyJWK] = {}
        for one in published.get("keys", []):
            try:
                found[str(one["kid"])] = jwt.PyJWK(one)
            except (jwt.PyJWTError, KeyError):
                continue
        self._keys, self._fetched_at = found, self.monotonic()

    async def _fetch(self, url: str) -> dict[str, Any]:
        return await ask_directory("GET", url)


async def ask_directory(method: str, url: str, data: dict[str, str] | None = None) -> Claims:
    """A JSON object of the directory, over TLS but on this machine. An error of the protocol
    comes as `error`. Raises DirectoryUnavailable."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigurationError("L’annuaire doit être joint par une adresse « https ».")
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            response = await client.request(method, url, data=data)
        answer = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise DirectoryUnavailable(OUT_OF_REACH) from error
    if not isinstance(answer, dict) or (response.is_error and "error" not in answer):
        raise DirectoryUnavailable(OUT_OF_REACH)
    return answer


def build_directory(settings: Settings) -> Directory | None:
    """The directory that the settings name, None without one. Raises ConfigurationError."""
    from core.addresses import API

    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None or settings.public_url is None:
        raise ConfigurationError(
            "La connexion par annuaire demande aussi VOLTAIRE_OIDC_CLIENT_ID et "
            "VOLTAIRE_PUBLIC_URL."
        )
    secret, client = settings.oidc_client_secret, settings.oidc_client_id
    named = tuple(part.strip() for part in settings.oidc_audiences.split(",") if part.strip())
    return Directory(
        DirectoryOptions(
            issuer=settings.oidc_issuer,
            client_id=client,
            client_secret=secret.get_secret_value() if secret else None,
            redirect_uri=f"{settings.public_url.rstrip('/')}{API}/auth/callback",
            tenant_id=settings.oidc_tenant_id,
            firm=settings.oidc_firm,
            roles=settings.oidc_roles,
            audiences=named or (client, f"api://{client}"),
            scope=settings.oidc_scope,
        )
    )
