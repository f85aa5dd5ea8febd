"""An IMAP mailbox is read without being changed; no password goes out in clear to elsewhere."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from ingest.sources.errors import SourceUnavailable
from ingest.sources.imap import ImapSource
from tests.integration.test_triage import THREAD

PASSWORD = "mot-de-passe"


class Handler(socketserver.StreamRequestHandler):
    """The part of IMAP4rev1 a read-only client may use; anything else is refused."""

    def handle(self) -> None:
        self.wfile.write(b"* OK IMAP4rev1\r\n")
        is_in = is_examined = False
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            verb = command.upper()
            if verb.startswith("CAPABILITY"):
                self._answer(tag, "* CAPABILITY IMAP4rev1")
            elif verb.startswith("LOGIN"):
                is_in = PASSWORD in command
                self._answer(tag) if is_in else self._refuse(tag)
            elif verb.startswith("LOGOUT"):
                self._answer(tag, "* BYE")
                return
            elif verb.startswith("EXAMINE") and is_in:
                is_examined = True
                self._answer(tag, "* 3 EXISTS")
            elif verb.startswith("UID SEARCH") and is_examined:
                self._answer(tag, "* SEARCH 11 12 13")
            elif verb.startswith("UID FETCH") and "BODY.PEEK[]" in verb and is_examined:
                raw = THREAD[int(command.split()[2]) - 11]
                self.wfile.write(f"* 1 FETCH (UID {command.split()[2]} BODY[] ".encode())
                self.wfile.write(f"{{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                self._answer(tag)
            else:
                self._refuse(tag)

    def _answer(self, tag: str, line: str = "") -> None:
        self.wfile.write((f"{line}\r\n" if line else "").encode() + f"{tag} OK fait\r\n".encode())

    def _refuse(self, tag: str) -> None:
        self.wfile.write(f"{tag} NO refus\r\n".encode())


@pytest.fixture
def port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


async def test_messages_above_the_last_one_are_read(port: int) -> None:
    source = ImapSource("127.0.0.1", "lea", SecretStr(PASSWORD), port, is_tls=False, after=11)
    mails = [mail async for mail in source.read()]
    assert [mail.outside_id for mail in mails] == ["12", "13"]
    assert mails[0].content.replace(b"\r\n", b"\n") == THREAD[1]


async def test_a_wrong_password_says_what_to_check(port: int) -> None:
    source = ImapSource("127.0.0.1", "lea", SecretStr("faux"), port, is_tls=False)
    with pytest.raises(SourceUnavailable, match="mot de passe"):
        [mail async for mail in source.read()]


async def test_no_clear_connection_beyond_this_machine() -> None:
    source = ImapSource("imap.example", "lea", SecretStr(PASSWORD), 143, is_tls=False)
    with pytest.raises(SourceUnavailable, match="chiffrement"):
        [mail async for mail in source.read()]
