"""The database's own guards: identity, tenant isolation, no write for the assistant."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from core.context import Identity
from core.database import Database, sign_identity
from core.secrets import Secrets
from tests.conftest import SECRETS, make_identity, writing

INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status)
VALUES (%s, %s, %s, 'industry', 'client')
"""


async def add_account(database: Database, identity: Identity, name: str) -> None:
    async with writing(database, identity) as connection:
        await connection.execute(INSERT_ACCOUNT, (uuid4(), identity.tenant_id, name))


async def read_names(database: Database, identity: Identity | None) -> list[str]:
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute("SELECT name FROM accounts")).fetchall()
    return [row["name"] for row in rows]


async def test_a_user_reads_their_own_firm_and_nothing_else(
    database: Database, conninfo: str
) -> None:
    ours, theirs = make_identity(conninfo, "reader"), make_identity(conninfo, "reader")
    await add_account(database, ours, "À nous")
    await add_account(database, theirs, "À eux")
    assert await read_names(database, ours) == ["À nous"]
    assert await read_names(database, theirs) == ["À eux"]
    assert await read_names(database, None) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO accounts (id, tenant_id, name, segment, status) "
        "VALUES (gen_random_uuid(), current_tenant_id(), 'x', 'industry', 'client')",
        "UPDATE accounts SET name = 'x'",
        "DELETE FROM accounts",
        "TRUNCATE accounts",
        "COPY accounts TO PROGRAM 'true'",
        "SET ROLE change_executor",
        "SET SESSION AUTHORIZATION migrator",
        "SELECT * FROM security.passwords",
        "SELECT * FROM security.identity_key",
        "SELECT * FROM security.find_login('a@b.c')",
        "CREATE TABLE t (a int)",
        "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY",
    ],
)
@pytest.mark.parametrize("role", ["assistant_read", "sql_reader"])
async def test_reading_roles_cannot_write_nor_step_out(
    database: Database, identity: Identity, role: str, statement: str
) -> None:
    await add_account(database, identity, "Témoin")
    with pytest.raises((InsufficientPrivilege, psycopg.errors.FeatureNotSupported)):
        async with database.transaction(identity, role) as connection:  # type: ignore[arg-type]
            await connection.execute(statement)
    assert await read_names(database, identity) == ["Témoin"]


async def test_a_forged_or_expired_identity_sees_nothing(
    database: Database, conninfo: str, identity: Identity
) -> None:
    await add_account(database, identity, "Témoin")
    genuine = sign_identity(SECRETS, identity, 60)
    stranger = make_identity(conninfo, "reader")
    forged = [
        sign_identity(Secrets(b"another-secret-of-thirty-two-bytes!"), identity, 60),
        sign_identity(SECRETS, identity, -5),
        genuine.replace(str(identity.tenant_id), str(stranger.tenant_id)),
        genuine.rsplit("|", 1)[0],
        "",
        "|||||",
    ]
    for token in forged:
        async with database.transaction(None) as connection:
            await connection.execute("SELECT set_config('voltaire.identity', %s, true)", (token,))
            rows = await (await connection.execute("SELECT 1 FROM accounts")).fetchall()
        assert rows == []
    async with database.transaction(None) as connection:
        await connection.execute("SELECT set_config('voltaire.identity', %s, true)", (genuine,))
        assert len(await (await connection.execute("SELECT 1 FROM accounts")).fetchall()) == 1


async def test_identity_does_not_outlive_its_transaction(
    database: Database, identity: Identity
) -> None:
    await add_account(database, identity, "Témoin")
    async with database.session(identity) as connection:
        assert len(await (await connection.execute("SELECT 1 FROM accounts")).fetchall()) == 1
    for _ in range(8):
        assert await read_names(database, None) == []


async def test_a_draft_is_read_by_those_who_write_documents_only(
    database: Database, conninfo: str
) -> None:
    writer = make_identity(conninfo, "quality")
    reader = make_identity(conninfo, "reader", tenant_id=writer.tenant_id)
    document = uuid4()
    async with database.transaction(writer, "knowledge_writer") as connection:
        await connection.execute(
            "INSERT INTO documents (id, tenant_id, code, title, kind) "
            "VALUES (%s, %s, 'PR-1', 'Procédure', 'procedure')",
            (document, writer.tenant_id),
        )
        await connection.execute(
            "INSERT INTO document_files (tenant_id, sha256, content) VALUES (%s, %s, 'x')",
            (writer.tenant_id, "0" * 64),
        )
        for label, status in (("1", "in_force"), ("2", "draft")):
            await connection.execute(
                "INSERT INTO document_versions (id, tenant_id, document_id, label, status, "
                "source_path, sha256, media_type, page_count) "
                "VALUES (%s, %s, %s, %s, %s, 'a.md', %s, 'text/markdown', 1)",
                (uuid4(), writer.tenant_id, document, label, status, "0" * 64),
            )
    seen = {}
    for identity in (writer, reader):
        async with database.transaction(identity) as connection:
            rows = await (
                await connection.execute("SELECT label FROM document_versions ORDER BY label")
            ).fetchall()
        seen[identity] = [row["label"] for row in rows]
    assert seen == {writer: ["1", "2"], reader: ["1"]}
