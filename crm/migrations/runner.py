"""Brings a database from nothing, or from any earlier revision, to the present schema.

The administration account creates the database, the roles and the extensions; everything else
belongs to the role `migrator`, which no running process uses.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import DictRow, dict_row

from core.database import ROLES, identity_pads
from core.errors import ConfigurationError, DatabaseUnavailable
from core.secrets import Secrets

HERE = Path(__file__).parent
VERSIONS = HERE / "versions"
MIGRATOR = "migrator"
EXTENSIONS = ("vector", "unaccent", "pg_trgm")
ROLE_LOCK = 7243951

GRANT_CHECKPOINTS = """
GRANT USAGE ON SCHEMA checkpoints TO assistant_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA checkpoints TO assistant_read;
"""
GUARD_CHECKPOINTS = """
ALTER TABLE checkpoints.{table} ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_threads ON checkpoints.{table};
CREATE POLICY own_threads ON checkpoints.{table} TO assistant_read USING (
    split_part(thread_id, ':', 1) = (SELECT current_user_id())::text
);
"""
CHECKPOINT_TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
GRANT_JOBS = """
GRANT USAGE ON SCHEMA jobs TO knowledge_writer;
GRANT ALL ON ALL TABLES IN SCHEMA jobs TO knowledge_writer;
GRANT ALL ON ALL SEQUENCES IN SCHEMA jobs TO knowledge_writer;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO knowledge_writer;
"""
UPSERT_KEY = """
INSERT INTO security.identity_key (inner_pad, outer_pad) VALUES (%s, %s)
ON CONFLICT (only_row) DO UPDATE
SET inner_pad = EXCLUDED.inner_pad, outer_pad = EXCLUDED.outer_pad
"""


def migrate(admin_conninfo: str, database: str, secrets: Secrets) -> None:
    """Create or upgrade `database` on the server of `admin_conninfo`. Idempotent."""
    admin_here = prepare_bare(admin_conninfo, database, secrets)
    owner = conninfo.make_conninfo(
        admin_here, user=MIGRATOR, password=secrets.role_password(MIGRATOR)
    )
    _upgrade(owner)
    _prepare_libraries(owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(UPSERT_KEY, identity_pads(secrets))


def prepare_bare(admin_conninfo: str, database: str, secrets: Secrets) -> str:
    """Create `database` without a table, the roles and the extensions; its administration conninfo.

    Idempotent. Raises DatabaseUnavailable or ConfigurationError.
    """
    _create_database(admin_conninfo, database)
    admin_here = conninfo.make_conninfo(admin_conninfo, dbname=database)
    _create_roles(admin_here, database, secrets)
    return admin_here


def current_revision(admin_conninfo: str) -> str | None:
    """The revision a database is at; None where nothing was ever applied."""
    with psycopg.connect(admin_conninfo) as connection:
        found = connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def head_revision() -> str:
    """The newest revision the code knows, by the names of its files: `0004_search.py` is 0004.

    Alembic would tell the same, but takes a second to import at every start.
    """
    revisions = [path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py")]
    if not revisions:
        raise ConfigurationError("Aucune migration n’est livrée avec cette installation.")
    return max(revisions)


def _connect(admin_conninfo: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(admin_conninfo, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        parts = conninfo.conninfo_to_dict(admin_conninfo)
        where = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
        raise DatabaseUnavailable(
            f"Le serveur PostgreSQL {where} ne répond pas ou refuse le compte "
            f"« {parts.get('user', '')} ». Vérifiez VOLTAIRE_DATABASE_URL (adresse, port, compte, "
            "mot de passe)."
        ) from error


def _create_database(admin_conninfo: str, database: str) -> None:
    parts = conninfo.conninfo_to_dict(admin_conninfo)
    home = admin_conninfo
    if parts.get("dbname") in (None, database):
        home = conninfo.make_conninfo(admin_conninfo, dbname="postgres")
    with _connect(home) as connection:
        exists = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (database,)
        ).fetchone()
        if exists is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(database)
                )
            )


def _create_roles(admin_conninfo: str, database: str, secrets: Secrets) -> None:
    with _connect(admin_conninfo) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ROLE_LOCK,))
        for role in (MIGRATOR, *ROLES):
            _ensure_role(connection, role, secrets.role_password(role))
        for extension in EXTENSIONS:
            _ensure_extension(connection, extension)
        name = sql.Identifier(database)
        for statement in (
            "GRANT CREATE, CONNECT ON DATABASE {} TO migrator",
            "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC",
        ):
            connection.execute(sql.SQL(statement).format(name))
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO migrator")


def _ensure_role(
    connection: psycopg.Connection[tuple[object, ...]], role: str, password: str
) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    verb = "ALTER" if known else "CREATE"
    attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOBYPASSRLS"
    if known:
        attributes = "LOGIN"
    connection.execute(
        sql.SQL(f"{verb} ROLE {{}} {attributes} PASSWORD {{}}").format(
            sql.Identifier(role), sql.Literal(password)
        )
    )


def _ensure_extension(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    try:
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name))
        )
    except psycopg.Error as error:
        raise ConfigurationError(
            f"L’extension PostgreSQL « {name} » n’est pas disponible sur ce serveur. Demandez à "
            f"son administrateur : CREATE EXTENSION {name}; (pgvector 0.8 ou plus récent)."
        ) from error


def _upgrade(owner_conninfo: str) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(owner_conninfo),
        poolclass=NullPool,
    )
    config = Config()
    config.set_main_option("script_location", str(HERE))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_libraries(owner_conninfo: str) -> None:
    """The tables of LangGraph's checkpoints and of the job queue, each in its own schema."""
    from langgraph.checkpoint.postgres import PostgresSaver
    from procrastinate.schema import SchemaManager

    with psycopg.Connection[DictRow].connect(
        owner_conninfo, autocommit=True, row_factory=dict_row
    ) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS checkpoints")
        connection.execute("SET search_path = checkpoints, public")
        PostgresSaver(connection).setup()
        connection.execute(GRANT_CHECKPOINTS)
        for table in CHECKPOINT_TABLES:
            connection.execute(sql.SQL(GUARD_CHECKPOINTS).format(table=sql.Identifier(table)))
        connection.execute("CREATE SCHEMA IF NOT EXISTS jobs")
        connection.execute("SET search_path = jobs")
        known = connection.execute("SELECT to_regclass('jobs.procrastinate_jobs') AS t").fetchone()
        if known is None or known["t"] is None:
            connection.execute(SchemaManager.get_schema().encode())
        connection.execute(GRANT_JOBS)
