"""Raw mails, in whatever form they come, as messages."""

from __future__ import annotations

import codecs
import email
import email.policy
import hashlib
import html
import re
from dataclasses import dataclass, field
from email.message import Message

from ingest.mail.addresses import read_addresses
from ingest.mail.charsets import decode_body, decode_words
from ingest.mail.errors import UnreadableMail
from ingest.mail.headers import KEPT_HEADERS, raw_header, read_header, read_ids, read_sent_date
from ingest.mail.message import MailAddress, MailAttachment, MailMessage
from ingest.mail.outlook_file import MAGIC, read_outlook_file
from ingest.mail.thread import UNDATED
from ingest.mail.tnef import read_tnef

SIZE_LIMIT = 60_000_000
BINARY = "application/octet-stream"
PART_LIMIT, DEPTH_LIMIT = 500, 30
BODY_LIMIT = 300_000
TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
ENCRYPTED_TYPES = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
TELLING_HEADERS = ("from", "to", "subject", "date", "message-id", "received", "return-path")
BANG_ID = re.compile(r"[^\s<>]+@[^\s<>]+")


@dataclass
class _Bodies:
    """What a walk through the parts gathers; `parts` counts them."""

    texts: list[str] = field(default_factory=list[str])
    htmls: list[str] = field(default_factory=list[str])
    files: list[MailAttachment] = field(default_factory=list[MailAttachment])
    parts: int = 0


def parse_mail(raw: bytes) -> MailMessage:
    """The message that `raw` (RFC 5322, or an Outlook `.msg`) holds.

    A mail without any date is `UNDATED`; bodies over 300,000 characters are cut. Raises
    UnreadableMail: empty, no mail at all, encrypted, damaged or too large.
    """
    if not raw.strip(b"\x00 \t\r\n"):
        raise UnreadableMail("Ce courriel est vide\u00a0: il ne contient aucun octet utile.")
    if len(raw) > SIZE_LIMIT:
        raise UnreadableMail(
            "Ce courriel dépasse 60\u00a0Mo. Demandez un envoi plus léger, ou déposez les pièces "
            "jointes une à une."
        )
    if raw.startswith(MAGIC):
        return read_outlook_file(raw)
    try:
        return _convert(email.message_from_bytes(_as_ascii(raw), policy=email.policy.compat32), raw)
    except UnreadableMail:
        raise
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise UnreadableMail(
            "La structure de ce courriel est endommagée. Demandez à l’expéditeur de le renvoyer."
        ) from error


def _as_ascii(raw: bytes) -> bytes:
    """UTF-16 files as UTF-8, the «From » line of an mbox and leading blank lines dropped."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raw = raw.decode("utf-16", "replace").encode()
    elif b"\x00" in raw[:200]:
        order = "utf-16-be" if raw[:1] == b"\x00" else "utf-16-le"
        raw = raw.decode(order, "replace").encode()
    raw = raw.removeprefix(codecs.BOM_UTF8).lstrip(b"\r\n")
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw


def _convert(message: Message, raw: bytes) -> MailMessage:
    if not any(raw_header(message, name) for name in TELLING_HEADERS):
        raise UnreadableMail(
            "Ce fichier n’est pas un courriel\u00a0: aucun en-tête (expéditeur, objet, date) n’y "
            "figure. Exportez-le au format .eml ou .msg."
        )
    bodies = _Bodies()
    _walk(message, bodies, 0)
    sender = read_addresses(raw_header(message, "from") or raw_header(message, "sender"))
    references = read_ids(raw_header(message, "references"))
    answered = read_ids(raw_header(message, "in-reply-to"))
    return MailMessage(
        internet_message_id=_message_id(message, raw),
        subject=read_header(message, "subject"),
        sender=sender[0] if sender else MailAddress(""),
        sent_at=read_sent_date(message) or UNDATED,
        to=read_addresses(raw_header(message, "to")),
        cc=read_addresses(raw_header(message, "cc")),
        reply_to=read_addresses(raw_header(message, "reply-to")),
        in_reply_to=answered[0] if answered else None,
        references=references,
        text=_join(bodies.texts, "\n"),
        html=_join(bodies.htmls, "<br>\n"),
        attachments=tuple(bodies.files),
        headers=_kept_headers(message),
    )


def _message_id(message: Message, raw: bytes) -> str:
    value = read_header(message, "message-id")
    ids = read_ids(value)
    if ids:
        return ids[0]
    bare = BANG_ID.search(value)
    if bare:
        return f"<{bare.group()}>"
    return f"<{hashlib.sha256(raw).hexdigest()}@voltaire>"


def _kept_headers(message: Message) -> dict[str, str]:
    return {
        name.lower(): decode_words(str(value))[:2000]
        for name, value in reversed(list(message.raw_items()))
        if name.lower() in KEPT_HEADERS
    }


def _join(pieces: list[str], glue: str) -> str | None:
    kept = [piece for piece in pieces if piece.strip()]
    return glue.join(kept)[:BODY_LIMIT] if kept else None


def _walk(part: Message, bodies: _Bodies, depth: int) -> None:
    bodies.parts += 1
    if bodies.parts > PART_LIMIT or depth > DEPTH_LIMIT:
        return
    kind = part.get_content_type()
    if kind in ENCRYPTED_TYPES and "signed-data" not in str(part.get("content-type", "")):
        raise UnreadableMail(
            "Ce courriel est chiffré. Demandez à l’expéditeur un envoi en clair, ou ouvrez-le "
            "dans votre messagerie et transférez son contenu."
        )
    if kind == "message/rfc822" or (depth and kind.startswith("message/")):
        bodies.files.append(_attached_message(part))
    elif kind == "multipart/alternative":
        _walk_alternatives(part, bodies, depth)
    elif part.is_multipart():
        for child in _children(part):
            _walk(child, bodies, depth + 1)
    else:
        _take_leaf(part, kind, bodies)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [p for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []


def _walk_alternatives(part: Message, bodies: _Bodies, depth: int) -> None:
    """Each form of the same body, once: the plain ones to the texts, the HTML to the pages."""
    inner = _Bodies(parts=bodies.parts)
    for child in _children(part):
        _walk(child, inner, depth + 1)
    bodies.parts = inner.parts
    bodies.texts += inner.texts
    bodies.htmls += inner.htmls or [_page(text) for text in inner.texts if bodies.htmls]
    bodies.files += inner.files


def _page(text: str) -> str:
    return "<div>" + html.escape(text).replace("\n", "<br>\n") + "</div>"


def _take_leaf(part: Message, kind: str, bodies: _Bodies) -> None:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    name = decode_words(part.get_filename() or "")
    disposition = str(part.get("content-disposition", "")).lower()
    is_file = disposition.startswith("attachment") or bool(name)
    if kind in TNEF_TYPES or name.lower() == "winmail.dat":
        _take_tnef(data, bodies)
    elif kind in ("text/plain", "text/html") and not is_file:
        charset = part.get_content_charset()
        text = decode_body(data, charset)
        (bodies.texts if kind == "text/plain" else bodies.htmls).append(text)
    elif data:
        is_inline = disposition.startswith("inline") or bool(part.get("content-id"))
        bodies.files.append(MailAttachment(name or _default_name(kind), kind, data, is_inline))


def _default_name(kind: str) -> str:
    known = {"text/calendar": "invitation.ics", "text/plain": "texte.txt", "text/csv": "table.csv"}
    return known.get(kind, "piece-jointe")


def _take_tnef(data: bytes, bodies: _Bodies) -> None:
    tnef = read_tnef(data)
    if tnef is None:
        bodies.files.append(MailAttachment("winmail.dat", TNEF_TYPES[0], data))
        return
    if tnef.text and not bodies.texts:
        bodies.texts.append(tnef.text)
    if tnef.html and not bodies.htmls:
        bodies.htmls.append(tnef.html)
    bodies.files += [
        MailAttachment(f.name or "piece-jointe", f.media_type or BINARY, f.content)
        for f in tnef.files
    ]  # fmt: skip


def _attached_message(part: Message) -> MailAttachment:
    inner = _children(part)
    content = inner[0].as_bytes() if inner else bytes(part.get_payload(decode=True) or b"")
    subject = read_header(inner[0], "subject") if inner else ""
    name = decode_words(part.get_filename() or "") or f"{subject[:80] or 'message'}.eml"
    return MailAttachment(name.replace("/", "-"), part.get_content_type(), content)
