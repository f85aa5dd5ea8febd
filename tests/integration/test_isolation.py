"""The database's own guards: identity, tenant isolation, no write for the assistant."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from core.context import Identity
from core.database import Database, sign_identity
from core.secrets import Secrets
from crm.objects import OBJECTS
from crm.proposals.declarations import WRITABLES
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


PROMOTE = "UPDATE users SET roles = ARRAY['admin']"
WRITES = [
    "INSERT INTO accounts (id, tenant_id, name, segment, status) "
    "VALUES (gen_random_uuid(), current_tenant_id(), 'x', 'industry', 'client')",
    "UPDATE accounts SET name = 'x'",
    "DELETE FROM accounts",
    "TRUNCATE accounts",
    "COPY accounts (id, tenant_id, name, segment, status) FROM PROGRAM 'echo'",
    "DO $$ BEGIN UPDATE accounts SET name = 'x'; END $$",
    "WITH w AS (UPDATE accounts SET name = 'x' RETURNING 1) SELECT * FROM w",
    "SELECT security.write_row(p, '{}') FROM proposals p",
    "SELECT security.settle_proposal(p, 'executed', NULL, NULL) FROM proposals p",
    'SELECT security.write_row(NULL::proposals, \'{"object": "accounts"}\')',
    "SELECT security.add_event(current_tenant_id(), 'executed', NULL, 'x', NULL, NULL, '{}')",
    "INSERT INTO proposals (id) VALUES (gen_random_uuid())",
    "UPDATE proposals SET status = 'approved'",
    "DELETE FROM proposals",
    "INSERT INTO approvals (tenant_id) VALUES (current_tenant_id())",
    "UPDATE approvals SET digest = ''",
    "DELETE FROM consumed_nonces",
    "INSERT INTO audit_events (tenant_id, kind, body) "
    "VALUES (current_tenant_id(), 'executed', '{}')",
    "UPDATE audit_events SET body = '{}'",
    "DELETE FROM audit_events",
    "DELETE FROM audit_chain",
    "UPDATE audit_heads SET ordinal = 0",
    "DELETE FROM audit_unsealed",
    "UPDATE outbox SET state = 'due'",
    "INSERT INTO security.writable_objects VALUES ('users', true)",
    PROMOTE,
    "SET ROLE migrator",
    "SET ROLE change_executor; UPDATE accounts SET name = 'x'",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE proposals DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION current_tenant_id() RETURNS uuid LANGUAGE sql AS 'SELECT NULL'",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "GRANT change_executor TO CURRENT_USER",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
]
CALLS = {
    "submit_proposal": "SELECT * FROM submit_proposal('{}', NULL)",
    "approve_proposals": "SELECT * FROM approve_proposals(ARRAY[gen_random_uuid()], "
    "ARRAY['x'], ARRAY[1], 'x')",
    "commit_proposal": "SELECT commit_proposal(gen_random_uuid(), 'x')",
    "fail_proposal": "SELECT fail_proposal(gen_random_uuid(), 'x')",
    "succeed_proposal": "SELECT succeed_proposal(gen_random_uuid(), '{}')",
    "claim_proposals": "SELECT claim_proposals(1)",
    "seal_audit": "SELECT seal_audit(current_tenant_id())",
    "lease_effects": "SELECT lease_effects(ARRAY['mail_draft'], 1, 1)",
    "settle_effect": "SELECT settle_effect(gen_random_uuid(), gen_random_uuid(), 'done', "
    "NULL, NULL, 0)",
}
MAY_CALL = {
    "assistant_read": {"submit_proposal"},
    "change_approver": {"approve_proposals"},
    "change_executor": {
        "commit_proposal", "fail_proposal", "succeed_proposal", "claim_proposals", "seal_audit",
        "lease_effects", "settle_effect",
    },
    "sql_reader": set(),
    "sync_writer": set(),
    "knowledge_writer": set(),
    "gatekeeper": set(),
}  # fmt: skip
SYNCED = ("email_threads", "emails", "attachments", "meetings", "market_watch")
REFUSALS = (
    InsufficientPrivilege, psycopg.errors.FeatureNotSupported, psycopg.errors.UndefinedTable,
)  # fmt: skip


def opened(database: Database) -> Database:
    return Database(database.base_conninfo, database.secrets, may_execute=True)


@pytest.mark.parametrize("role", list(MAY_CALL))
async def test_no_role_of_the_product_writes_a_row_by_itself(
    database: Database, identity: Identity, role: str
) -> None:
    await add_account(database, identity, "Témoin")
    attacking = opened(database)
    try:
        for statement in WRITES:
            if (role, statement) == ("gatekeeper", PROMOTE):
                continue  # An administrator's act, tried below.
            with pytest.raises(REFUSALS):
                async with attacking.transaction(identity, role) as connection:  # type: ignore[arg-type]
                    await connection.execute(statement.encode())
    finally:
        await attacking.close()
    assert await read_names(database, identity) == ["Témoin"]


async def test_nobody_but_an_administrator_changes_roles_even_through_the_gatekeeper(
    database: Database, identity: Identity
) -> None:
    async with database.transaction(identity, "gatekeeper") as connection:
        assert (await connection.execute(PROMOTE.encode())).rowcount == 0


@pytest.mark.parametrize("role", list(MAY_CALL))
async def test_each_act_on_a_proposal_belongs_to_one_role(
    database: Database, identity: Identity, role: str
) -> None:
    attacking = opened(database)
    try:
        for name, statement in CALLS.items():
            if name in MAY_CALL[role]:
                continue
            with pytest.raises(InsufficientPrivilege):
                async with attacking.transaction(identity, role) as connection:  # type: ignore[arg-type]
                    await connection.execute(statement.encode())
    finally:
        await attacking.close()


async def test_an_assistant_proposes_in_its_own_name_only(
    database: Database, conninfo: str, identity: Identity
) -> None:
    import json

    other = make_identity(conninfo, "director", tenant_id=identity.tenant_id)
    stranger = make_identity(conninfo, "director")
    body = {"tenant": str(identity.tenant_id), "proposer": str(identity.user_id),
            "object": "accounts", "expires": "2027-01-01T00:00:00+00:00"}  # fmt: skip
    for claimed in (
        {**body, "proposer": str(other.user_id)},
        {**body, "tenant": str(stranger.tenant_id)},
        {**body, "tenant": str(stranger.tenant_id), "proposer": str(stranger.user_id)},
    ):
        with pytest.raises(InsufficientPrivilege):
            async with database.transaction(identity) as connection:
                await connection.execute(
                    "SELECT * FROM submit_proposal(%s, NULL)", (json.dumps(claimed),)
                )
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    with pytest.raises(InsufficientPrivilege):
        async with database.transaction(reader) as connection:
            await connection.execute("SELECT * FROM submit_proposal(%s, NULL)", (json.dumps(body),))


async def test_synchronisation_writes_what_it_receives_and_nothing_else(
    database: Database, identity: Identity
) -> None:
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(
            "INSERT INTO email_threads (id, tenant_id, subject) "
            "VALUES (gen_random_uuid(), current_tenant_id(), 'Objet')"
        )
        rows = await (await connection.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'sync_writer' AND privilege_type <> 'SELECT'"
        )).fetchall()  # fmt: skip
    granted = {(row["table_name"], row["privilege_type"]) for row in rows}
    known = {*OBJECTS, *WRITABLES, *SYNCED}
    records = {(name, right) for name, right in granted if name in known}
    received = {(name, right) for name in SYNCED for right in ("INSERT", "UPDATE")}
    # Two threads found to be one leave an empty one. Of a watched notice, the columns that are a
    # person's are not the watch's to change.
    assert records == received - {("market_watch", "UPDATE")} | {("email_threads", "DELETE")}
    with pytest.raises(InsufficientPrivilege):
        async with database.transaction(identity, "sync_writer") as connection:
            await connection.execute(
                "INSERT INTO email_threads (id, tenant_id, subject) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), 'Objet')"
            )


async def test_the_web_process_has_no_pool_of_the_executor(database: Database) -> None:
    with pytest.raises(PermissionError):
        await database.pool("change_executor")


@pytest.mark.parametrize(
    "statement", ["SET row_security = off", "SET search_path = pg_catalog", "SET timezone = 'UTC'"]
)
async def test_what_one_use_of_a_connection_sets_is_gone_at_the_next(
    database: Database, identity: Identity, statement: str
) -> None:
    await add_account(database, identity, "À nous")
    async with database.transaction(identity) as connection:
        used = connection.info.backend_pid
        await connection.execute(statement.encode())
    async with database.transaction(identity) as connection:
        assert connection.info.backend_pid == used
        rows = await (await connection.execute("SELECT name FROM accounts")).fetchall()
        zone = await (await connection.execute("SHOW timezone")).fetchone()
    assert [row["name"] for row in rows] == ["À nous"]
    assert zone == {"TimeZone": "Europe/Paris"}


async def test_an_identity_left_in_a_session_serves_nobody_else(
    database: Database, identity: Identity
) -> None:
    await add_account(database, identity, "À nous")
    async with database.transaction(identity) as connection:
        await connection.execute(
            "SELECT set_config('voltaire.identity', current_setting('voltaire.identity'), false)"
        )
    assert await read_names(database, None) == []
