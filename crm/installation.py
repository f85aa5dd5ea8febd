"""The composition of a running installation: server, migrations, pools."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from psycopg import ProgrammingError, conninfo

from core.database import Database
from core.embedded import EmbeddedServer
from core.errors import ConfigurationError
from core.secrets import Secrets, load_secrets
from core.settings import Settings
from crm.migrations.runner import current_revision, head_revision, migrate

DATABASE_NAME = "voltaire"
NEWER_DATABASE = (
    "La base est au schéma {revision}, d’une version plus récente de Voltaire (ici {head}). "
    "Installez cette version, ou restaurez une sauvegarde d’avant la mise à jour."
)


@dataclass(frozen=True)
class Installation:
    """A migrated database and the means to reach it."""

    settings: Settings
    secrets: Secrets
    admin_conninfo: str
    database: Database


@contextmanager
def open_installation(settings: Settings) -> Generator[Installation]:
    """Start (or join) the database of `settings`, bring it to the present schema, and hold it.

    Raises DatabaseUnavailable or ConfigurationError, with what to do in French. The caller
    closes `installation.database` within its own event loop.
    """
    with open_bare(settings) as (admin, name, secrets):
        _bring_to_present(admin, name, secrets)
        yield Installation(settings, secrets, admin, Database(admin, secrets))


@contextmanager
def open_bare(settings: Settings) -> Generator[tuple[str, str, Secrets]]:
    """Start (or join) the server and hold it: administration conninfo, database name, secrets.

    The database may not exist yet. Raises as `open_installation`.
    """
    secrets = load_secrets(settings)
    server = EmbeddedServer(settings.postgres_dir, secrets)
    with nullcontext() if settings.database_url else server.running():
        yield (*_admin_conninfo(settings, server), secrets)


def _admin_conninfo(settings: Settings, server: EmbeddedServer) -> tuple[str, str]:
    if settings.database_url is None:
        return server.conninfo(DATABASE_NAME), DATABASE_NAME
    url = settings.database_url.get_secret_value()
    try:
        name = str(conninfo.conninfo_to_dict(url).get("dbname") or DATABASE_NAME)
        return conninfo.make_conninfo(url, dbname=name), name
    except ProgrammingError:
        raise ConfigurationError(
            "VOLTAIRE_DATABASE_URL n’est pas une adresse de serveur PostgreSQL. Écrivez-la sous "
            "la forme postgresql://compte:motdepasse@serveur:5432/base."
        ) from None


def _bring_to_present(admin: str, name: str, secrets: Secrets) -> None:
    import psycopg

    try:
        revision = current_revision(admin)
    except psycopg.OperationalError:
        revision = None
    head = head_revision()
    if revision is not None and revision > head:
        raise ConfigurationError(NEWER_DATABASE.format(revision=revision, head=head))
    if revision != head:
        migrate(admin, name, secrets)
