"""The `winmail.dat` of Outlook (TNEF, MS-OXTNEF): the body and the files it wraps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.mail.charsets import decode_body

SIGNATURE = 0x223E9F78
BODY, MESSAGE_PROPERTIES = 0x0002800C, 0x00069003
ATTACHMENT_START, ATTACHMENT_PROPERTIES = 0x00069002, 0x00069005
ATTACHMENT_TITLE, ATTACHMENT_DATA = 0x00018010, 0x0006800F
TEXT_BODY, HTML_BODY, LONG_FILE_NAME, MEDIA_TYPE = 0x1000, 0x1013, 0x3707, 0x370E
FIXED_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
TEXT_8, TEXT_16 = 0x1E, 0x1F


@dataclass
class TnefFile:
    """A wrapped file."""

    name: str = ""
    media_type: str = ""
    content: bytes = b""


@dataclass
class Tnef:
    """What a `winmail.dat` holds; bodies are None when it has none."""

    text: str | None = None
    html: str | None = None
    files: list[TnefFile] = field(default_factory=list[TnefFile])


def read_tnef(data: bytes) -> Tnef | None:
    """The content of a `winmail.dat`; None when the bytes are not one. What is cut is left out."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return None
    tnef = Tnef()
    for name, payload in _list_attributes(data):
        if name == BODY:
            tnef.text = decode_body(payload.rstrip(b"\x00"), None)
        elif name == MESSAGE_PROPERTIES:
            _take_bodies(tnef, payload)
        elif name == ATTACHMENT_START:
            tnef.files.append(TnefFile())
        elif tnef.files:
            _take_file(tnef.files[-1], name, payload)
    tnef.files = [file for file in tnef.files if file.content]
    return tnef


def _list_attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    while position + 9 <= len(data):
        _, name, size = struct.unpack_from("<BII", data, position)
        position += 9
        if position + size > len(data):
            return
        yield name, data[position : position + size]
        position += size + 2


def _take_bodies(tnef: Tnef, payload: bytes) -> None:
    for name, kind, value in _list_properties(payload):
        if name == TEXT_BODY:
            tnef.text = _text(kind, value)
        elif name == HTML_BODY:
            tnef.html = decode_body(value, None)


def _take_file(file: TnefFile, name: int, payload: bytes) -> None:
    if name == ATTACHMENT_TITLE:
        file.name = file.name or decode_body(payload.rstrip(b"\x00"), None)
    elif name == ATTACHMENT_DATA:
        file.content = payload
    elif name == ATTACHMENT_PROPERTIES:
        for tag, kind, value in _list_properties(payload):
            if tag == LONG_FILE_NAME:
                file.name = _text(kind, value)
            elif tag == MEDIA_TYPE:
                file.media_type = _text(kind, value).lower()


def _list_properties(payload: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The simple and variable-size properties, up to the first one of another sort."""
    if len(payload) < 4:
        return
    position, count = 4, struct.unpack_from("<I", payload)[0]
    for _ in range(min(count, 2000)):
        if position + 4 > len(payload):
            return
        kind, name = struct.unpack_from("<HH", payload, position)
        position += 4
        if name >= 0x8000 or kind & 0x1000:
            return
        if kind in FIXED_SIZES:
            size = FIXED_SIZES[kind]
            yield name, kind, payload[position : position + size]
            position += size
            continue
        if position + 8 > len(payload):
            return
        size = struct.unpack_from("<I", payload, position + 4)[0]
        position += 8
        yield name, kind, payload[position : position + size]
        position += size + (-size) % 4


def _text(kind: int, value: bytes) -> str:
    if kind == TEXT_16:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return decode_body(value.rstrip(b"\x00"), None)
