"""The prompt cache: hits by byte-exact prefix, at breakpoints."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.doubles.messages_api.blocks import Body, as_blocks

BYTES_PER_TOKEN = 4
LOOK_BACK = 20


@dataclass(frozen=True)
class Prefix:
    """The prompt up to and including one block; `tokens` is an estimate by bytes."""

    digest: str
    tokens: int
    is_breakpoint: bool


@dataclass(frozen=True)
class InputUsage:
    fresh: int
    read: int
    written: int


class PromptCache:
    """Prefixes kept by model; those under `minimum` tokens are silently not kept."""

    def __init__(self, minimum: int) -> None:
        self.minimum = minimum
        self._kept: set[tuple[str, str]] = set()

    def use(self, body: Body) -> InputUsage:
        """Count what this request reads, writes and pays in full, and keep its prefixes."""
        prefixes = list(read_prefixes(body))
        marked = [i for i, p in enumerate(prefixes) if p.is_breakpoint and p.tokens >= self.minimum]
        read = max((self._find_hit(body["model"], prefixes, i) for i in marked), default=0)
        written = prefixes[marked[-1]].tokens - read if marked else 0
        self._kept |= {(body["model"], prefixes[i].digest) for i in marked}
        return InputUsage(prefixes[-1].tokens - read - written, read, written)

    def _find_hit(self, model: str, prefixes: list[Prefix], index: int) -> int:
        for prefix in reversed(prefixes[max(0, index - LOOK_BACK) : index + 1]):
            if (model, prefix.digest) in self._kept:
                return prefix.tokens
        return 0


def read_prefixes(body: Body) -> Iterator[Prefix]:
    """One prefix per block, in the order tools, system, messages."""
    digest = hashlib.sha256()
    size = 0
    segments = list(read_segments(body))
    for index, (place, block) in enumerate(segments):
        content = {key: value for key, value in block.items() if key != "cache_control"}
        data = json.dumps([place, content], ensure_ascii=False).encode()
        digest.update(data)
        size += len(data)
        is_last = index == len(segments) - 1
        marked = bool(block.get("cache_control")) or (is_last and bool(body.get("cache_control")))
        yield Prefix(digest.hexdigest(), -(-size // BYTES_PER_TOKEN), marked)


def read_segments(body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
    for tool in body.get("tools", []):
        yield "tools", tool
    for block in as_blocks(body.get("system", [])):
        yield "system", block
    for message in body["messages"]:
        for block in as_blocks(message["content"]):
            yield message["role"], block
