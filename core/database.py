"""Connections: one pool per database role, and the signed identity of each transaction.

Row-level policies trust the setting `voltaire.identity` only when its HMAC is right, so that
SQL run under a role of the product cannot pass itself off as another firm or person.
"""

from __future__ import annotations

import hashlib
import hmac
import select
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import psycopg
from psycopg import AsyncConnection, conninfo, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from core.context import Identity
from core.errors import DatabaseUnavailable
from core.secrets import Secrets

Role = Literal[
    "assistant_read", "sql_reader", "change_approver", "change_executor", "sync_writer",
    "knowledge_writer", "gatekeeper", "ledger_writer",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
EXECUTOR: Role = "change_executor"
IDENTITY_LIFETIME_S = 900
POOL_SIZES: dict[Role, int] = {
    "assistant_read": 8,
    "sql_reader": 3,
    "change_approver": 4,
    "change_executor": 2,
    "sync_writer": 2,
    "knowledge_writer": 4,
    "gatekeeper": 6,
    "ledger_writer": 4,
}

SEARCH_PATHS: dict[Role, str] = {
    "assistant_read": "public,checkpoints",
    "knowledge_writer": "public,jobs",
}

# Roles whose few statements find rows by their keys: planning each anew costs more than it finds.
SAME_PLANS: frozenset[Role] = frozenset({"change_approver", "change_executor", "ledger_writer"})

FORGET = "RESET ALL"
IDENTIFY = "SELECT set_config('voltaire.identity', %s, true)"

DOWN = (
    "La base de données ne répond pas. Vérifiez qu’elle est démarrée "
    "(« voltaire doctor ») puis réessayez."
)
StatementFailed = psycopg.Error
"""What a refused or interrupted statement raises, for layers that do not speak to PostgreSQL."""

UnusableValue = psycopg.DataError
"""What a value that no column can hold raises: a null character, a number or date too large."""

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]


def identity_pads(secrets: Secrets) -> tuple[bytes, bytes]:
    """The inner and outer HMAC pads (RFC 2104, 64 bytes each) the database verifies with."""
    key = secrets.derive("identity").ljust(64, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def sign_identity(secrets: Secrets, identity: Identity, lifetime_s: int) -> str:
    """The value of `voltaire.identity` for `identity`, valid `lifetime_s` seconds."""
    roles = ",".join(sorted(identity.roles))
    expiry = int(time.time()) + lifetime_s
    signed = f"{identity.tenant_id}|{identity.user_id}|{roles}|{expiry}"
    mac = hmac.new(secrets.derive("identity"), signed.encode(), hashlib.sha256).hexdigest()
    return f"{signed}|{mac}"


@dataclass(frozen=True)
class Exchange:
    """An open transaction of `Database.exchange`."""

    connection: Connection
    _pipeline: AsyncExitStack

    async def finish(self, statement: str, parameters: Sequence[Any]) -> list[DictRow]:
        """The rows of the transaction's last statement, which travels with its commit."""
        cursor = await self.connection.execute(statement.encode(), parameters)
        await self.connection.execute("COMMIT")
        await self._pipeline.aclose()
        return await cursor.fetchall()


@dataclass
class Database:
    """The firm's PostgreSQL seen through its roles; pools open at first use.

    Only the executor's own process commits changes: elsewhere its role has no pool.
    """

    base_conninfo: str
    secrets: Secrets
    may_execute: bool = False
    _pools: dict[Role, Pool] = field(default_factory=dict[Role, Pool], repr=False)

    def role_conninfo(self, role: Role) -> str:
        """Connection string of `role` on this database."""
        return conninfo.make_conninfo(
            self.base_conninfo,
            user=role,
            password=self.secrets.role_password(role),
            options=_session_options(role),
            application_name=f"voltaire {role}",
        )

    async def pool(self, role: Role) -> Pool:
        """The open pool of `role`; PermissionError for the executor's outside its process."""
        if role == EXECUTOR and not self.may_execute:
            raise PermissionError("Only the executor's process opens the executor's role.")
        pool = self._pools.get(role)
        if pool is None:
            pool = _make_pool(self.role_conninfo(role), POOL_SIZES[role])
            self._pools[role] = pool
            await pool.open()
        return pool

    @asynccontextmanager
    async def transaction(
        self, identity: Identity | None, role: Role = "assistant_read"
    ) -> AsyncGenerator[Connection]:
        """One transaction of `role` on behalf of `identity` (None: no row is visible)."""
        async with self._connection(role) as connection:
            await connection.execute(self._opening(identity))
            try:
                yield connection
            except BaseException:
                with suppress(psycopg.Error):
                    await connection.rollback()
                raise
            await connection.commit()

    @asynccontextmanager
    async def exchange(
        self, identity: Identity, role: Role = "assistant_read"
    ) -> AsyncGenerator[Exchange]:
        """A transaction whose statements leave together, each waited for when its answer is read.

        Only `Exchange.finish` keeps what was done. A refused statement raises where an answer is
        next read.
        """
        async with self._connection(role) as connection:
            try:
                async with AsyncExitStack() as pipeline:
                    await pipeline.enter_async_context(_pipelining(connection))
                    await connection.execute("BEGIN")
                    await connection.execute(FORGET)
                    await connection.execute(IDENTIFY, (self.prove(identity),))
                    yield Exchange(connection, pipeline)
            finally:
                with suppress(psycopg.Error):
                    await connection.rollback()

    @asynccontextmanager
    async def session(
        self, identity: Identity, role: Role = "assistant_read"
    ) -> AsyncGenerator[Connection]:
        """A connection in autocommit held for `identity`, for callers with own transactions."""
        async with self._connection(role) as connection:
            await connection.execute(
                f"{FORGET}; {_set_identity(self.prove(identity), is_local=False)}".encode()
            )
            try:
                yield connection
            finally:
                if not connection.closed:
                    await connection.execute(_set_identity("", is_local=False).encode())

    @asynccontextmanager
    async def statement(self, role: Role) -> AsyncGenerator[Connection]:
        """A connection in autocommit for nobody: its statements carry `prove(identity)` along."""
        async with self._connection(role) as connection:
            yield connection

    def prove(self, identity: Identity) -> str:
        """What proves `identity` to the database for some minutes."""
        return sign_identity(self.secrets, identity, IDENTITY_LIFETIME_S)

    async def close(self) -> None:
        """Close every pool."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.close()

    def _opening(self, identity: Identity | None) -> bytes:
        """BEGIN, forgetting what an earlier use set, and the identity: one exchange, not three."""
        identify = "" if identity is None else _set_identity(self.prove(identity), is_local=True)
        return f"BEGIN; {FORGET}; {identify}".encode()

    @asynccontextmanager
    async def _connection(self, role: Role) -> AsyncGenerator[Connection]:
        try:
            pool = await self.pool(role)
            manager = pool.connection()
            connection = await manager.__aenter__()
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise DatabaseUnavailable(DOWN) from error
        try:
            yield connection
        except BaseException as error:
            if not await manager.__aexit__(type(error), error, error.__traceback__):
                raise
        else:
            await manager.__aexit__(None, None, None)


@asynccontextmanager
async def _pipelining(connection: Connection) -> AsyncGenerator[None]:
    async with connection.pipeline() as pipeline:
        try:
            yield
        except BaseException:
            # What was sent after a refused statement answers that it was skipped.
            with suppress(psycopg.Error):
                await pipeline.sync()
            raise


def _set_identity(proof: str, *, is_local: bool) -> str:
    return f"SELECT set_config('voltaire.identity', {sql.quote(proof)}, {is_local})"


def _session_options(role: Role) -> str:
    options = [f"search_path={SEARCH_PATHS.get(role, 'public')}", "timezone=Europe/Paris"]
    if role in SAME_PLANS:
        options.append("plan_cache_mode=force_generic_plan")
    return " ".join(f"-c {option}" for option in options)


async def check_liveness(connection: Connection) -> None:
    """Raise when the server has hung up.

    A server that went away leaves its end of the socket closed, which a glance tells; anything
    unread, and any socket that cannot be watched, costs a question to the server.
    """
    descriptor = connection.pgconn.socket
    watch = select.poll()
    watch.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    if watch.poll(0):
        await AsyncConnectionPool[Connection].check_connection(connection)


def raise_if_down(error: psycopg.Error) -> None:
    """Raise DatabaseUnavailable where the database, not the statement, is at fault.

    Lost connections, restarts, deadlocks and time-outs: the same statement may pass later.
    """
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        raise DatabaseUnavailable(DOWN) from error


def _make_pool(conninfo_text: str, size: int) -> Pool:
    options: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}
    return AsyncConnectionPool[Connection](
        conninfo_text,
        connection_class=AsyncConnection[DictRow],
        kwargs=options,
        min_size=0,
        max_size=size,
        timeout=15,
        max_idle=120,
        open=False,
        check=check_liveness,
    )
