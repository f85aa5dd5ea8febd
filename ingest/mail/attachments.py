"""The text of attachments that can be read at once: tables, calendars, notes, PDF, Word."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress

from docx import Document

from core.errors import InvalidInput
from core.pdfium import open_pdf
from ingest.mail.charsets import decode_body
from ingest.mail.message import MailAttachment, MailMessage
from ingest.mail.page import read_page
from ingest.mail.thread import blank_long_runs

TEXT_TYPES = ("text/plain", "text/csv", "text/calendar", "text/markdown", "application/json")
SIZE_LIMIT, PAGE_LIMIT, TEXT_LIMIT = 8_000_000, 30, 200_000


def read_attachments(message: MailMessage) -> tuple[tuple[str, str], ...]:
    """The name and text of each attachment that has one; pictures and damaged files have none."""
    return tuple(
        (attachment.file_name, blank_long_runs(text[:TEXT_LIMIT]))
        for attachment in message.attachments
        if len(attachment.content) <= SIZE_LIMIT and (text := _read(attachment)).strip()
    )


def _read(attachment: MailAttachment) -> str:
    name, kind = attachment.file_name.lower(), attachment.media_type.lower()
    if kind == "text/html" or name.endswith((".html", ".htm")):
        return read_page(decode_body(attachment.content, None)).text
    if kind in TEXT_TYPES or name.endswith((".txt", ".csv", ".ics", ".md", ".eml")):
        return _unfold(decode_body(attachment.content, None), name, kind)
    if kind == "application/pdf" or name.endswith(".pdf"):
        return _read_pdf(attachment.content)
    if name.endswith(".docx"):
        return _read_word(attachment.content)
    return ""


def _unfold(text: str, name: str, kind: str) -> str:
    if kind == "text/calendar" or name.endswith(".ics"):
        return text.replace("\n ", "").replace("\n\t", "").replace("\\n", "\n").replace("\\,", ",")
    return text.replace(";", "\t") if kind == "text/csv" or name.endswith(".csv") else text


def _read_pdf(content: bytes) -> str:
    try:
        with open_pdf(content) as document:
            pages: Sequence[int] = range(min(len(document), PAGE_LIMIT))
            texts = [str(document[page].get_textpage().get_text_bounded()) for page in pages]
    except InvalidInput:
        return ""
    return "\n".join(texts)


def _read_word(content: bytes) -> str:
    with suppress(Exception):  # a damaged archive raises whatever its reader stumbles on
        return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    return ""
