"""A strict directory: OpenID Connect with PKCE, as Entra ID speaks it, refusing what it refuses."""

from tests.doubles.oidc.server import CLIENT_ID, CLIENT_SECRET, TENANT_ID, OidcServer, Person

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "OidcServer", "Person"]
