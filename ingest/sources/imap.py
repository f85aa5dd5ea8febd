"""An IMAP mailbox, read without changing it (EXAMINE, BODY.PEEK), over TLS."""

from __future__ import annotations

import asyncio
import imaplib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address

from pydantic import SecretStr

from core.context import Identity
from core.database import Database
from crm.mail.sources import open_source, save_cursors
from ingest.sources.errors import SourceUnavailable
from ingest.sources.source import RawMail

TIMEOUT_S = 30
UID = re.compile(rb"UID (\d+)")


@dataclass
class ImapSource:
    """The messages of `folder` with a UID above `after`; `is_tls` False only on this machine.

    `validity` is the UIDVALIDITY under which `after` holds: under another one the server has
    numbered its messages anew, and all are read again.
    """

    host: str
    user: str
    password: SecretStr = field(repr=False)
    port: int = 993
    folder: str = "INBOX"
    is_tls: bool = True
    after: int = 0
    validity: str = ""

    @property
    def mailbox(self) -> str:
        """The account's name."""
        return self.user

    async def read(self) -> AsyncIterator[RawMail]:
        """Each message in turn. Raises SourceUnavailable."""
        client = await asyncio.to_thread(self._open)
        try:
            for uid in await asyncio.to_thread(self._list, client):
                content = await asyncio.to_thread(self._fetch, client, uid)
                if content is not None:
                    yield RawMail(content, f"{self.folder} no {uid}", outside_id=str(uid))
        finally:
            await asyncio.to_thread(self.close, client)

    def connect(self) -> imaplib.IMAP4:
        """A signed-in connection, in no folder yet. Raises SourceUnavailable."""
        if not self.is_tls and not _is_local(self.host):
            raise SourceUnavailable(
                "Une connexion IMAP sans chiffrement n’est permise que sur cette machine. "
                "Utilisez le port 993 de votre serveur."
            )
        try:
            client = (
                imaplib.IMAP4_SSL(
                    self.host, self.port, ssl_context=ssl.create_default_context(),
                    timeout=TIMEOUT_S,
                )
                if self.is_tls
                else imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT_S)
            )  # fmt: skip
        except (OSError, imaplib.IMAP4.error) as error:
            raise self.unavailable() from error
        try:
            client.login(self.user, self.password.get_secret_value())
        except (OSError, imaplib.IMAP4.error) as error:
            client.shutdown()
            raise self.unavailable() from error
        return client

    def close(self, client: imaplib.IMAP4) -> None:
        """Sign out; never fails."""
        try:
            client.logout()
        except (OSError, imaplib.IMAP4.error):
            client.shutdown()

    def _open(self) -> imaplib.IMAP4:
        client = self.connect()
        try:
            status, _ = client.select(quote(self.folder), readonly=True)
        except (OSError, imaplib.IMAP4.error) as error:
            client.shutdown()
            raise self.unavailable() from error
        if status != "OK":
            client.shutdown()
            raise self.unavailable()
        self._check_validity(client)
        return client

    def _check_validity(self, client: imaplib.IMAP4) -> None:
        _, told = client.response("UIDVALIDITY")
        found = told[-1].decode() if told and isinstance(told[-1], bytes) else ""
        if self.validity and found != self.validity:
            self.after = 0
        self.validity = found

    def _list(self, client: imaplib.IMAP4) -> list[int]:
        try:
            _, data = client.uid("SEARCH", f"UID {self.after + 1}:*")
        except (OSError, imaplib.IMAP4.error) as error:
            raise self.unavailable() from error
        found = [int(uid) for uid in (data[0] or b"").split()]
        return sorted(uid for uid in found if uid > self.after)

    def _fetch(self, client: imaplib.IMAP4, uid: int) -> bytes | None:
        try:
            return fetch(client, uid)
        except (OSError, imaplib.IMAP4.error) as error:
            raise self.unavailable() from error

    def unavailable(self) -> SourceUnavailable:
        """What to tell when the account does not answer."""
        return SourceUnavailable(
            f"La boîte IMAP «\u00a0{self.user}\u00a0» sur {self.host}:{self.port} ne répond pas "
            "ou refuse l’accès. Vérifiez l’adresse, le port, le compte et son mot de passe."
        )


@dataclass
class FollowedImap:
    """An IMAP account whose place is kept: each run reads what came since the last one."""

    source: ImapSource
    database: Database
    identity: Identity

    @property
    def mailbox(self) -> str:
        """The account's name."""
        return self.source.mailbox

    async def read(self) -> AsyncIterator[RawMail]:
        """New messages. The place moves once a message has been taken in.

        Raises SourceUnavailable.
        """
        source = self.source
        source.validity, source.after = await self._load()
        async for mail in source.read():
            yield mail
            await self._save(f"{source.validity}:{mail.outside_id}")

    async def _load(self) -> tuple[str, int]:
        async with self.database.transaction(self.identity, "sync_writer") as connection:
            row = await open_source(connection, self.identity.tenant_id, self.mailbox, "imap")
        validity, _, last = str(row["cursors"].get(self.source.folder) or ":0").partition(":")
        return validity, int(last)

    async def _save(self, cursor: str) -> None:
        cursors = {self.source.folder: cursor}
        async with self.database.transaction(self.identity, "sync_writer") as connection:
            await save_cursors(connection, self.identity.tenant_id, self.mailbox, cursors)


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fetch(client: imaplib.IMAP4, uid: int) -> bytes | None:
    """A message of the selected folder, left unread; None when it is gone."""
    _, data = client.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
    for part in data or []:
        if isinstance(part, tuple) and UID.search(part[0]):
            return bytes(part[1])
    return None


def quote(folder: str) -> str:
    """A folder's name as a command takes it."""
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
