"""Bytes of a mail turned into text, whatever charset they claim."""

from __future__ import annotations

import codecs
import re
from email.header import decode_header

ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")
SPLIT_WORDS = re.compile(r"(\?=)\s+(=\?)")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FALLBACK = "cp1252"
WINDOWS_LIKE = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1")


def decode_body(data: bytes, charset: str | None) -> str:
    """The text of a part, line ends LF, control characters out.

    A wrong charset is common: bytes that are valid UTF-8 beyond ASCII are read as such, and
    what is in no stated charset is read as Windows Latin, which never fails.
    """
    text = _decode(data, (charset or "").strip().strip("\"'").lower())
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text)


def _decode(data: bytes, charset: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if not charset.startswith(("utf-16", "utf-32", "utf-7", "iso-2022", "hz")):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    if charset and charset not in WINDOWS_LIKE:
        try:
            return data.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            pass
    return data.decode(FALLBACK, "replace")


def decode_words(value: str) -> str:
    """A header's text: encoded words read, raw eight-bit bytes too, folding undone."""
    try:
        raw = value.encode("ascii", "surrogateescape")
        value = _decode(raw, "")
    except UnicodeEncodeError:
        value = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    value = re.sub(r"\r?\n[ \t]*", " ", value)
    if ENCODED_WORD.search(value):
        value = _read_words(SPLIT_WORDS.sub(r"\1\2", value))
    return CONTROLS.sub("", " ".join(value.split()))


def _read_words(value: str) -> str:
    """Every encoded word where it stands: neighbours of one charset may share a character."""
    pieces: list[str] = []
    end = 0
    for run in re.finditer(rf"(?:{ENCODED_WORD.pattern})+", value):
        pieces += [value[end : run.start()], _read_run(run.group())]
        end = run.end()
    return "".join([*pieces, value[end:]])


def _read_run(run: str) -> str:
    text, pending, charset = "", b"", ""
    try:
        words = [decode_header(word)[0] for word in ENCODED_WORD.findall(run)]
    except ValueError:
        return run
    for word, named in words:
        name = (named or "").lower()
        data = word if isinstance(word, bytes) else word.encode("utf-8", "surrogateescape")
        if name != charset and pending:
            text, pending = text + _decode(pending, charset), b""
        charset, pending = name, pending + data
    return text + _decode(pending, charset)
