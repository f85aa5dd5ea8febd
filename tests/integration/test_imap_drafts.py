"""Drafts appended to an IMAP account: one per thread, found again by key, an edited one left."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from pydantic import SecretStr

from ingest.drafts.draft import DraftMail, DraftRefused
from ingest.drafts.imap import ImapDrafts
from ingest.sources.imap import ImapSource

PASSWORD = "mot-de-passe"
DRAFT = DraftMail(
    "a" * 64, uuid4(), "lea@test.example", "12", "<a@client.example>", ("<z@client.example>",),
    "RE: Facture", "Bonjour Léa,\n\nVoici le contrat.", ("client@client.example",), (),
)  # fmt: skip


@dataclass
class Account:
    """The messages of the drafts folder, by UID."""

    folder: str = "Brouillons perso"
    messages: dict[int, bytes] = field(default_factory=dict[int, bytes])
    deleted: set[int] = field(default_factory=set[int])
    last: int = 0
    is_append_lost: bool = False


class Handler(socketserver.StreamRequestHandler):
    """The part of IMAP4rev1 and UIDPLUS that putting a draft needs; anything else is refused."""

    account: Account

    def handle(self) -> None:
        self.wfile.write(b"* OK IMAP4rev1\r\n")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            verb = " ".join(
                command.split()[:2] if command.startswith("UID") else command.split()[:1]
            )
            answer = getattr(self, "do_" + verb.replace(" ", "_").lower(), None)
            if answer is None:
                self.wfile.write(f"{tag} NO refus\r\n".encode())
                continue
            if not answer(command):
                return
            self.wfile.write(f"{tag} OK fait\r\n".encode())

    def do_capability(self, _: str) -> bool:
        self.wfile.write(b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n")
        return True

    def do_login(self, _: str) -> bool:
        return True

    def do_logout(self, _: str) -> bool:
        return True

    def do_list(self, _: str) -> bool:
        self.wfile.write(b'* LIST (\\HasNoChildren) "/" INBOX\r\n')
        self.wfile.write(f'* LIST (\\Drafts) "/" "{self.account.folder}"\r\n'.encode())
        return True

    def do_select(self, command: str) -> bool:
        assert command == f'SELECT "{self.account.folder}"'
        self.wfile.write(f"* {len(self.account.messages)} EXISTS\r\n".encode())
        return True

    def do_append(self, command: str) -> bool:
        size = int(re.search(r"\{(\d+)\}$", command)[1])  # type: ignore[index]
        assert r"\Draft" in command
        self.wfile.write(b"+ allez\r\n")
        content = self.rfile.read(size)
        self.rfile.readline()
        self.account.last += 1
        self.account.messages[self.account.last] = content
        if self.account.is_append_lost:
            self.account.is_append_lost = False
            return False
        return True

    def do_uid_search(self, command: str) -> bool:
        name, value = re.search(r'HEADER (\S+) "([^"]*)"', command).groups()  # type: ignore[union-attr]
        found = [
            uid for uid, content in self.account.messages.items()
            if value in str(message_from_bytes(content, policy=policy.default)[name])
        ]  # fmt: skip
        self.wfile.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
        return True

    def do_uid_fetch(self, command: str) -> bool:
        uid = int(command.split()[2])
        content = self.account.messages[uid]
        self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(content)}}}\r\n".encode())
        self.wfile.write(content + b")\r\n")
        return True

    def do_uid_store(self, command: str) -> bool:
        self.account.deleted.add(int(command.split()[2]))
        return True

    def do_uid_expunge(self, command: str) -> bool:
        uid = int(command.split()[2])
        assert uid in self.account.deleted
        del self.account.messages[uid]
        return True


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def drafts(account: Account) -> Iterator[ImapDrafts]:
    handler = type("Bound", (Handler,), {"account": account})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        yield ImapDrafts(ImapSource("127.0.0.1", "lea", SecretStr(PASSWORD), port, is_tls=False))
        server.shutdown()


async def test_a_draft_is_appended_where_the_server_keeps_them(
    account: Account, drafts: ImapDrafts
) -> None:
    assert await drafts.find(DRAFT) is None
    put = await drafts.put(DRAFT)
    assert await drafts.find(DRAFT) == put
    (content,) = account.messages.values()
    message = message_from_bytes(content, policy=policy.default)
    assert message["In-Reply-To"] == "<a@client.example>"
    assert message["References"] == "<z@client.example> <a@client.example>"
    assert message["To"] == "client@client.example"
    assert message.get_content().replace("\r\n", "\n").strip() == DRAFT.body


async def test_another_text_takes_the_place_of_the_first(
    account: Account, drafts: ImapDrafts
) -> None:
    await drafts.put(DRAFT)
    await drafts.put(replace(DRAFT, key="b" * 64, body="Autre réponse."))
    (content,) = account.messages.values()
    assert "Autre" in message_from_bytes(content, policy=policy.default).get_content()


async def test_an_answer_lost_leaves_one_draft_once_it_is_looked_for(
    account: Account, drafts: ImapDrafts
) -> None:
    await drafts.put(DRAFT)
    other = replace(DRAFT, key="c" * 64, body="Autre réponse.")
    account.is_append_lost = True
    with pytest.raises(Exception):  # noqa: B017 - whatever the library raises is a doubt
        await drafts.put(other)
    assert len(account.messages) == 2
    assert await drafts.find(other) is not None
    assert len(account.messages) == 1


async def test_a_draft_that_a_person_edited_is_left(account: Account, drafts: ImapDrafts) -> None:
    await drafts.put(DRAFT)
    ((uid, content),) = account.messages.items()
    message = message_from_bytes(content, policy=policy.default)
    message.set_content("Mes propres mots.")
    account.messages[uid] = message.as_bytes()
    with pytest.raises(DraftRefused, match="modifié"):
        await drafts.put(replace(DRAFT, key="d" * 64, body="Autre réponse."))
    assert list(account.messages) == [uid]
