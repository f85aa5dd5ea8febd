"""XML or JSON of a notice as one kind of tree, read without trusting whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ingest.notices.errors import NoticeUnreadable

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
BLOCKS = frozenset({"P", "BR", "LI"})
BLANKS = re.compile(r"[ \t\r\f\v\u00a0\u202f]+")


@dataclass
class Node:
    """An element: local name, place in the document, attributes, whole text, children."""

    name: str
    path: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Node] = field(default_factory=list["Node"])
    pieces: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """All the text below, in order; paragraphs end their line, blanks are one space."""
        lines = BLANKS.sub(" ", "".join(self.pieces)).split("\n")
        return "\n".join(stripped for line in lines if (stripped := line.strip()))

    @property
    def line(self) -> str:
        """The text on one line."""
        return " ".join(self.text.split())

    def list(self, *names: str) -> list[Node]:
        """The nodes reached through children of these names, in order."""
        found: list[Node] = [self]
        for name in names:
            found = [child for node in found for child in node.children if child.name == name]
        return found

    def find(self, *names: str) -> Node | None:
        """The first of `list`."""
        return next(iter(self.list(*names)), None)

    def walk(self) -> Iterator[Node]:
        """This node and all below, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def first(self, name: str) -> Node | None:
        """The first node of that name, however deep."""
        return next((node for node in self.walk() if node.name == name), None)


def parse_xml(data: bytes) -> Node:
    """The tree of an XML document.

    Document type declarations are refused, and with them entities of any kind. Raises
    NoticeUnreadable.
    """
    _check_size(len(data))
    builder = _Builder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NoticeUnreadable(f"XML incorrect à la ligne {error.lineno}") from None
    return builder.root.children[0]


def parse_json(data: str | bytes) -> Any:
    """The value of a JSON document. Raises NoticeUnreadable."""
    _check_size(len(data))
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise NoticeUnreadable("ce n’est pas du JSON") from None


def grow_tree(value: Any, name: str = "", path: str = "", depth: int = 0) -> Node:
    """The tree of a JSON value: `@x` are attributes, `#text` is the text, a list repeats."""
    if depth > MAX_DEPTH:
        raise NoticeUnreadable("trop d’éléments imbriqués")
    node = Node(name.rpartition(":")[2], path)
    if not isinstance(value, Mapping):
        node.pieces.append("" if value is None else _write_scalar(value))
        return node
    for key, inner in value.items():
        _graft(node, str(key), inner, depth)
    return node


def _graft(node: Node, key: str, value: Any, depth: int) -> None:
    if key.startswith("@"):
        node.attributes[key[1:]] = _write_scalar(value)
    elif key == "#text":
        node.pieces.append(_write_scalar(value))
    else:
        repeated = isinstance(value, list)
        for rank, one in enumerate(value if repeated else [value], 1):
            place = f"{node.path}/{key}" + (f"[{rank}]" if repeated else "")
            child = grow_tree(one, key, place, depth + 1)
            node.children.append(child)
            node.pieces.extend([*child.pieces, "\n"])


def _write_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else str(value)


class _Builder:
    def __init__(self) -> None:
        self.root = Node("", "")
        self.open = [self.root]
        self.ranks: list[dict[str, int]] = [{}]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise NoticeUnreadable("trop d’éléments imbriqués")
        local, parent = name.rpartition("}")[2], self.open[-1]
        rank = self.ranks[-1][local] = self.ranks[-1].get(local, 0) + 1
        path = f"{parent.path}/{local}" + (f"[{rank}]" if rank > 1 else "")
        node = Node(local, path, {k.rpartition("}")[2]: v for k, v in attributes.items()})
        parent.children.append(node)
        self.open.append(node)
        self.ranks.append({})

    def end(self, _: str) -> None:
        closed = self.open.pop()
        self.ranks.pop()
        self.open[-1].pieces.extend(closed.pieces)
        if closed.name in BLOCKS:
            self.open[-1].pieces.append("\n")

    def characters(self, text: str) -> None:
        self.open[-1].pieces.append(text.replace("\n", " "))


def _refuse_doctype(*_: Any) -> None:
    raise NoticeUnreadable("déclaration de type de document refusée")


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise NoticeUnreadable("fichier de plus de 20 Mo")
