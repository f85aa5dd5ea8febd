"""The prompt cache: hits by byte-exact prefix, at breakpoints."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.doubles.messages_api.blocks import Body, as_blocks

BYTES_PER_TOKEN = 4
LOOK_BACK = 20


@dataclass(frozen=True)
class Prefix:
    """The prompt up to and including one block; `tokens` is an estimate by bytes.

    `lifetime`: seconds for which a breakpoint there keeps it, 0 without one.
    """

    digest: str
    tokens: int
    lifetime: float


@dataclass(frozen=True)
class InputUsage:
    fresh: int
    read: int
    written: int


MINIMUMS = {
    "claude-haiku-4-5": 4096,
    "claude-opus-4-5": 4096,
    "claude-opus-4-6": 4096,
    "claude-opus-4-7": 2048,
    "claude-opus-4-8": 1024,
    "claude-sonnet-4-5": 1024,
    "claude-sonnet-4-6": 1024,
    "claude-sonnet-5": 1024,
    "claude-sonnet-5-5": 512,
}
USUAL_MINIMUM = 512
LIFETIMES = {"5m": 300.0, "1h": 3600.0}


def find_minimum(model: str) -> int:
    """Tokens under which nothing is kept, by the longest name that begins the model's."""
    names = [name for name in MINIMUMS if model.startswith(name)]
    return MINIMUMS[max(names, key=len)] if names else USUAL_MINIMUM


class PromptCache:
    """Prefixes kept by model until their time is out; those too short are silently not kept.

    `minimum` replaces the models' own minimums. A hit gives a prefix a new life.
    """

    def __init__(self, clock: Callable[[], float], minimum: int | None = None) -> None:
        self._clock = clock
        self._minimum = minimum
        self._kept: dict[tuple[str, str], float] = {}

    def use(self, body: Body) -> InputUsage:
        """Count what this request reads, writes and pays in full, and keep its prefixes."""
        model, now = body["model"], self._clock()
        self._kept = {key: end for key, end in self._kept.items() if end > now}
        minimum = find_minimum(model) if self._minimum is None else self._minimum
        prefixes = list(read_prefixes(body))
        marked = [i for i, p in enumerate(prefixes) if p.lifetime and p.tokens >= minimum]
        read = max((self._find_hit(model, prefixes, i) for i in marked), default=0)
        written = prefixes[marked[-1]].tokens - read if marked else 0
        for index in marked:
            self._kept[model, prefixes[index].digest] = now + prefixes[index].lifetime
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
        mark = block.get("cache_control") or (is_last and body.get("cache_control")) or None
        lifetime = LIFETIMES[mark.get("ttl") or "5m"] if mark else 0.0
        yield Prefix(digest.hexdigest(), -(-size // BYTES_PER_TOKEN), lifetime)


def read_segments(body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
    format_ = (body.get("output_config") or {}).get("format")
    if format_:
        yield "format", format_
    for tool in body.get("tools", []):
        yield "tools", tool
    for block in as_blocks(body.get("system", [])):
        yield "system", block
    for message in body["messages"]:
        for block in as_blocks(message["content"]):
            yield message["role"], block
