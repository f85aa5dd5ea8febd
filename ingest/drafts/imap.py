"""Drafts in an IMAP account: appended to its drafts folder, one per thread."""

from __future__ import annotations

import asyncio
import imaplib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ingest.drafts.draft import (
    KEY_HEADER,
    THREAD_HEADER,
    DraftMail,
    DraftRefused,
    check_unedited,
    make_eml,
    make_message_id,
)
from ingest.sources.imap import ImapSource, fetch, quote

LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"[^"]*"|NIL) (?P<name>"(?:[^"\\]|\\.)*"|\S+)$')
NAMES = ("Drafts", "Brouillons", "INBOX.Drafts", "INBOX/Drafts", "INBOX.Brouillons")
Result = TypeVar("Result")


@dataclass(frozen=True)
class ImapDrafts:
    """The drafts folder of `account`: the one the server says is, else the one named so."""

    account: ImapSource

    async def find(self, draft: DraftMail) -> str | None:
        """The message id of the draft that bears this key; what it replaced is then gone."""

        def look(client: imaplib.IMAP4, folder: str) -> str | None:
            client.select(quote(folder))
            kept = _search(client, KEY_HEADER, draft.key)[:1]
            if not kept:
                return None
            thread = _search(client, THREAD_HEADER, str(draft.thread_id))
            _remove(client, [uid for uid in thread if uid not in kept and _is_ours(client, uid)])
            return make_message_id(draft)

        return await asyncio.to_thread(self._work, look)

    async def put(self, draft: DraftMail) -> str:
        """Append the draft, then take away the one it replaces. Raises DraftRefused,
        SourceUnavailable; another error leaves a doubt."""

        def append(client: imaplib.IMAP4, folder: str) -> str:
            client.select(quote(folder))
            former = _search(client, THREAD_HEADER, str(draft.thread_id))
            for uid in former:
                check_unedited(fetch(client, uid) or b"")
            status, _ = client.append(quote(folder), r"(\Draft \Seen)", "", make_eml(draft))
            if status != "OK":
                raise self.account.unavailable()
            _remove(client, former)
            return make_message_id(draft)

        return await asyncio.to_thread(self._work, append)

    def _work(self, work: Callable[[imaplib.IMAP4, str], Result]) -> Result:
        client = self.account.connect()
        try:
            return work(client, _find_folder(client))
        finally:
            self.account.close(client)


def _find_folder(client: imaplib.IMAP4) -> str:
    _, lines = client.list()
    names: list[str] = []
    for line in lines:
        found = LISTED.search(line) if isinstance(line, bytes) else None
        if found is None:
            continue
        name = found["name"].decode().strip('"').replace('\\"', '"').replace("\\\\", "\\")
        if rb"\drafts" in found["flags"].lower():
            return name
        names.append(name)
    return next((name for name in NAMES if name in names), NAMES[0])


def _search(client: imaplib.IMAP4, header: str, value: str) -> list[int]:
    _, data = client.uid("SEARCH", "HEADER", header, f'"{value}"')
    return [int(uid) for uid in (data[0] or b"").split()] if data else []


def _is_ours(client: imaplib.IMAP4, uid: int) -> bool:
    """Tell whether nobody changed a draft of ours."""
    try:
        check_unedited(fetch(client, uid) or b"")
    except DraftRefused:
        return False
    return True


def _remove(client: imaplib.IMAP4, uids: list[int]) -> None:
    """Only these: the folder's other deleted messages stay (UID EXPUNGE, RFC 4315)."""
    for uid in uids:
        client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
        client.uid("EXPUNGE", str(uid))
