"""A Microsoft 365 mailbox: what changed in its folders since the last reading, by delta queries."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.context import Identity
from core.database import Database
from crm.mail.sources import open_source, save_cursors, save_subscription
from ingest.clients.graph import GraphMailbox, MailboxGone
from ingest.clients.graph_transport import GraphError, StaleDelta
from ingest.sources.source import RawMail

FOLDERS = ("inbox", "sentitems")
LIFETIME = dt.timedelta(hours=60)
RENEWAL = dt.timedelta(hours=24)
NO_CURSOR: str | None = None


@dataclass
class GraphSource:
    """New mails of `folders`. A cursor moves once the page's mails have been taken in: a run that
    stops is taken up with nothing lost, and what comes twice is recognised further on."""

    client: GraphMailbox
    database: Database
    identity: Identity
    folders: tuple[str, ...] = FOLDERS
    gone: int = field(default=0, init=False)

    @property
    def mailbox(self) -> str:
        """The mailbox's address."""
        return self.client.user

    async def read(self) -> AsyncIterator[RawMail]:
        """Mails added since the last reading. A stale token (410) reads the folder again."""
        cursors = await self._load_cursors()
        for folder in self.folders:
            try:
                async for mail in self._read_folder(folder, cursors.get(folder)):
                    yield mail
            except StaleDelta:
                await self._save(folder, NO_CURSOR)
                async for mail in self._read_folder(folder, NO_CURSOR):
                    yield mail

    async def _read_folder(self, folder: str, link: str | None) -> AsyncIterator[RawMail]:
        async for page in self.client.list_changes(folder, link):
            for entry in page.messages:
                mail = await self._fetch(entry)
                if mail is not None:
                    yield mail
            await self._save(folder, page.link)

    async def _fetch(self, entry: Mapping[str, Any]) -> RawMail | None:
        if "@removed" in entry or entry.get("isDraft"):
            return None
        try:
            content = await self.client.fetch_mime(entry["id"])
        except GraphError as error:
            if error.http_status != 404 or isinstance(error, MailboxGone):
                raise
            self.gone += 1
            return None
        name = str(entry.get("subject") or "(sans objet)")
        return RawMail(content, name, entry["id"], entry.get("conversationId"))

    async def _load_cursors(self) -> dict[str, str | None]:
        async with self.database.transaction(self.identity, "sync_writer") as connection:
            row = await open_source(connection, self.identity.tenant_id, self.mailbox, "graph")
        return dict(row["cursors"])

    async def _save(self, folder: str, link: str | None) -> None:
        async with self.database.transaction(self.identity, "sync_writer") as connection:
            await save_cursors(connection, self.identity.tenant_id, self.mailbox, {folder: link})


async def keep_subscribed(source: GraphSource, address: str, now: dt.datetime) -> None:
    """Subscribe the mailbox, or renew its subscription a day before it ends."""
    client, database, identity = source.client, source.database, source.identity
    async with database.transaction(identity, "sync_writer") as connection:
        row = await open_source(connection, identity.tenant_id, client.user, "graph")
    expires_at = now + LIFETIME
    expires = expires_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    current, ends = row["subscription_id"], row["subscription_expires_at"]
    if current and ends and ends - now > RENEWAL:
        return
    state: str | None = row["client_state"]
    if current is None or not await _renew(client, current, expires):
        state = secrets.token_urlsafe(32)
        made = await client.subscribe(
            address=address, lifecycle_address=address, client_state=state, expires=expires
        )
        current = str(made["id"])
    async with database.transaction(identity, "sync_writer") as connection:
        await save_subscription(
            connection, identity.tenant_id, client.user, current, expires_at, state
        )


async def _renew(client: GraphMailbox, subscription_id: str, expires: str) -> bool:
    """Renewing gives new authority too (reauthorizationRequired); False when it is gone."""
    try:
        await client.renew(subscription_id, expires)
    except GraphError as error:
        if error.http_status != 404:
            raise
        return False
    return True


async def forget_subscription(database: Database, identity: Identity, mailbox: str) -> None:
    """Nothing watches the mailbox any more: the next round subscribes it anew."""
    async with database.transaction(identity, "sync_writer") as connection:
        await save_subscription(connection, identity.tenant_id, mailbox, None, None, None)


def is_genuine(expected: str | None, given: object) -> bool:
    """Tell whether a notification bears the secret of its subscription."""
    return (
        expected is not None
        and isinstance(given, str)
        and hmac.compare_digest(expected.encode(), given.encode())
    )
