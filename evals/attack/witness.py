"""The witness of the checker: triggers of the superuser that keep every change of every row."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

BOOKS = frozenset(
    "proposals approvals consumed_nonces outbox audit_events audit_chain audit_heads "
    "audit_unsealed alembic_version".split()
)
CREATE = """
CREATE SCHEMA witness;
CREATE TABLE witness.changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tx bigint NOT NULL,
    table_name text NOT NULL, operation text NOT NULL, tenant_id uuid, before jsonb, after jsonb);
CREATE FUNCTION witness.keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO witness.changes (tx, table_name, operation, tenant_id, before, after)
    VALUES (txid_current(), TG_TABLE_NAME, TG_OP,
        coalesce(to_jsonb(NEW) ->> 'tenant_id', to_jsonb(OLD) ->> 'tenant_id')::uuid,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;
CREATE FUNCTION witness.keep_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO witness.changes (tx, table_name, operation)
    VALUES (txid_current(), TG_TABLE_NAME, TG_OP);
    RETURN NULL;
END $$;
"""
TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'
    AND NOT a.attisdropped
UNION SELECT 'tenants'
"""
TRIGGERS = """
CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION witness.keep();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER witness;
CREATE TRIGGER witness_truncate AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION witness.keep_truncate();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER witness_truncate;
"""


def install_witness(conninfo: str, apart: frozenset[str] = frozenset()) -> list[str]:
    """Watch every table that holds rows of a firm, but the books of the writes themselves.

    `apart` are the tables in which a process that runs meanwhile keeps its own state.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute(CREATE.encode())
        names = sorted(_list_tables(connection) - apart)
        for name in names:
            statement = sql.SQL(TRIGGERS).format(table=sql.Identifier(name))
            connection.execute(statement)
    return names


def _list_tables(connection: psycopg.Connection[Any]) -> set[str]:
    found = {str(row[0]) for row in connection.execute(TABLES).fetchall()}
    return found - BOOKS
