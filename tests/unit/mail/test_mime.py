"""Raw mails of every form end parsed, or refused with what to do."""

from __future__ import annotations

import base64
import datetime as dt
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.settings import get_settings
from ingest.mail.errors import UnreadableMail
from ingest.mail.mime import parse_mail
from ingest.mail.thread import UNDATED

HEAD = b"From: =?utf-8?q?L=C3=A9a?= <Lea@Usine.example>\r\nTo: a@b.example\r\nSubject: s\r\n"


def test_headers_bodies_and_identity_are_read():
    raw = HEAD + (
        b"Date: Wed, 03 Jun 2026 09:00:00 +0200\r\nMessage-ID: <m1@x>\r\nReferences: <r1@x> <r2@x>\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n"
    )
    mail = parse_mail(raw)
    assert (mail.sender.email, mail.sender.name) == ("lea@usine.example", "Léa")
    assert mail.internet_message_id == "<m1@x>"
    assert mail.references == ("<r1@x>", "<r2@x>")
    assert mail.text == "Bonjour\n"
    assert mail.sent_at == dt.datetime(2026, 6, 3, 7, 0, tzinfo=dt.UTC)


def test_a_mail_without_date_or_id_gets_a_stable_name_and_no_date():
    first, second = parse_mail(HEAD + b"\r\nx"), parse_mail(HEAD + b"\r\nx")
    assert first.sent_at == UNDATED
    assert first.internet_message_id == second.internet_message_id != ""


@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("utf-8", "été à 1 234 €".encode()),
        ("iso-8859-1", "été à 1 234 €".encode()),  # wrong label, valid UTF-8
        ("utf-8", "été à 1 234 €".encode("cp1252")),  # wrong label, Windows bytes
        ("inconnu-42", "été à 1 234 €".encode()),
        ("iso-8859-15", "été à 1 234 €".encode("iso-8859-15")),
    ],
)
def test_wrong_charsets_keep_accents_and_euros(charset: str, data: bytes):
    raw = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + data
    assert parse_mail(raw).text == "été à 1 234 €"


def test_nested_parts_give_one_body_and_their_files():
    inner = b'Content-Type: multipart/alternative; boundary="i"\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nTexte\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>Texte</p>\r\n--i--\r\n'
    calendar = (
        b'Content-Type: text/calendar; charset=utf-8; name="invite.ics"\r\n\r\nBEGIN:VCALENDAR\r\n'
    )
    forwarded = b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\nSubject: Dedans\r\n\r\nCoucou\r\n"
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n' + b"".join(
        b"--o\r\n" + part for part in (inner, calendar, forwarded)
    ) + b"--o--\r\n"  # fmt: skip
    mail = parse_mail(raw)
    assert (mail.text or "").strip() == "Texte"
    assert "<p>Texte</p>" in (mail.html or "")
    assert [a.file_name for a in mail.attachments] == ["invite.ics", "Dedans.eml"]


def _attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) % 65536)


def test_a_winmail_gives_back_its_body_and_files():
    tnef = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x0002800C, b"Corps\x00")
    tnef += _attribute(2, 0x00069002, b"\x00" * 14) + _attribute(2, 0x00018010, b"releve.csv\x00")
    tnef += _attribute(2, 0x0006800F, b"a;b\n1;2")
    raw = HEAD + b'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + base64.b64encode(tnef)  # fmt: skip
    mail = parse_mail(raw)
    assert mail.text == "Corps"
    assert [(a.file_name, a.content) for a in mail.attachments] == [("releve.csv", b"a;b\n1;2")]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "vide"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rien", "endommagé"),
        (b"ceci n'est pas un courriel", "pas un courriel"),
        (HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nxx", "chiffré"),
    ],
)  # fmt: skip
def test_what_is_no_readable_mail_is_refused_in_french(raw: bytes, told: str):
    with pytest.raises(UnreadableMail, match=told):
        parse_mail(raw)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_garbage_never_crashes(noise: bytes):
    for raw in (noise, HEAD + noise, HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + noise):
        try:
            parse_mail(raw)
        except UnreadableMail as error:
            assert error.message


def test_every_mail_of_the_suites_ends_parsed_or_refused_in_time():
    folder = get_settings().eval_data
    files = [p for p in folder.rglob("*") if p.suffix in (".eml", ".msg")]
    if not files:
        pytest.skip(f"aucun courriel d'évaluation dans {folder.name}")
    refused = 0
    for file in files:
        started = time.monotonic()
        try:
            assert parse_mail(file.read_bytes()).internet_message_id
        except UnreadableMail as error:
            assert error.message
            refused += 1
        assert time.monotonic() - started < 10
    assert refused < len(files) / 10
