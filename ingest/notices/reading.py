"""A notice from a file or a record, whatever form it was published in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.notices.boamp import is_boamp_record, read_boamp
from ingest.notices.eforms import is_eforms, read_eforms
from ingest.notices.errors import NoticeUnreadable
from ingest.notices.notice import Notice
from ingest.notices.ted_contracts import is_ted_contract, read_ted_contract
from ingest.notices.ted_forms import is_ted_form, read_ted_form
from ingest.notices.text import read_text
from ingest.notices.tree import Node, grow_tree, parse_json, parse_xml


def read_notice(data: bytes | str | Mapping[str, Any]) -> Notice:
    """The notice of an XML, JSON or plain text file, or of a record already parsed.

    Raises NoticeUnreadable.
    """
    if isinstance(data, Mapping):
        return _read_record(data)
    raw = data.encode() if isinstance(data, str) else data
    start = raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"<":
        return _read_tree(parse_xml(raw.lstrip(b"\xef\xbb\xbf \t\r\n")))
    if start in {b"{", b"["}:
        return _read_json(parse_json(raw))
    return read_text(_decode(raw))


def _read_json(value: Any) -> Notice:
    if isinstance(value, Mapping) and isinstance(value.get("results"), list) and value["results"]:
        value = value["results"][0]
    if not isinstance(value, Mapping):
        raise NoticeUnreadable("ce JSON n’est pas un avis")
    return _read_record(value)


def _read_record(value: Mapping[str, Any]) -> Notice:
    if is_boamp_record(value):
        return read_boamp(value)
    return _read_tree(grow_tree(value))


def _read_tree(root: Node) -> Notice:
    eforms = next((node for node in root.walk() if is_eforms(node)), None)
    if eforms:
        return read_eforms(eforms)
    if is_ted_form(root):
        return read_ted_form(root)
    if is_ted_contract(root):
        return read_ted_contract(root)
    raise NoticeUnreadable("ce n’est ni un avis eForms, ni un formulaire TED, ni un avis BOAMP")


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
