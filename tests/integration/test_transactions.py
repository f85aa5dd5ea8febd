"""What ends a transaction is told as it was, whatever the state it leaves the connection in."""

from __future__ import annotations

import asyncio

import pytest

from core.context import Identity
from core.database import Database


async def test_a_cancellation_within_a_nested_transaction_is_no_other_error(
    database: Database, identity: Identity
) -> None:
    with pytest.raises(asyncio.CancelledError):
        async with database.transaction(identity) as connection:
            await connection.transaction().__aenter__()
            raise asyncio.CancelledError
    async with database.transaction(identity) as connection:
        row = await (await connection.execute("SELECT 1 AS one")).fetchone()
    assert row is not None and row["one"] == 1
