"""Transactions whose statements leave together: kept whole by `finish`, or not at all."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from core.context import Identity
from core.database import Database
from crm.proposals.canonical import digest_of
from tests.conftest import make_identity
from tests.integration.changes import make_context, submit, wish


async def count_proposals(database: Database, identity: Identity | None) -> int:
    async with database.transaction(identity) as connection:
        row = await (await connection.execute("SELECT count(*) AS n FROM proposals")).fetchone()
    assert row is not None
    return int(row["n"])


async def test_what_is_not_finished_is_not_kept(database: Database, conninfo: str) -> None:
    identity = make_identity(conninfo, "sales")
    made = await submit(make_context(database, identity), wish("tasks", title="Rappeler"))
    async with database.exchange(identity) as exchange:
        row = await (
            await exchange.connection.execute("SELECT canonical, key FROM proposals")
        ).fetchone()
        assert row is not None
        copy = row["canonical"].replace(str(made.proposal_id), str(uuid4()))
        copy = copy.replace(_nonce(copy), str(uuid4()))
        await exchange.connection.execute(
            "SELECT submit_proposal(%s, %s, NULL, 100)", (copy, "une autre")
        )
    assert await count_proposals(database, identity) == 1
    assert digest_of(row["canonical"]) == made.digest


async def test_a_refused_statement_undoes_the_whole_and_frees_the_connection(
    database: Database, conninfo: str, caplog: pytest.LogCaptureFixture
) -> None:
    identity = make_identity(conninfo, "sales")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.exchange(identity) as exchange:
            await exchange.connection.execute("UPDATE accounts SET name = 'x'")
            await asyncio.sleep(0.2)  # the refusal is there when the next statement leaves
            await exchange.connection.execute("SELECT 1 AS one")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with database.exchange(identity) as exchange:
            await exchange.connection.execute("UPDATE accounts SET name = 'x'")
            await exchange.finish("SELECT 1 AS one", ())
    assert not caplog.records
    await submit(make_context(database, identity), wish("tasks", title="Rappeler"))
    assert await count_proposals(database, identity) == 1


async def test_the_identity_ends_with_the_exchange(database: Database, conninfo: str) -> None:
    identity = make_identity(conninfo, "sales")
    await submit(make_context(database, identity), wish("tasks", title="Rappeler"))
    assert await count_proposals(database, None) == 0


def _nonce(canonical: str) -> str:
    return str(UUID(canonical.split('"nonce":"')[1][:36]))
