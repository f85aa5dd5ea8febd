"""The prompt cache: where its breakpoints stand, what it can keep, and whether it is read.

The API reads a prompt in the order tools, system, messages, and reuses a byte-exact prefix that
ends at a breakpoint. The four breakpoints allowed go to the last tool, the system prompt, the
firm's knowledge pack, and the last block of the conversation.

Writing a prefix costs a quarter more than sending it, reading it a tenth or less. A request with
tools is one turn of a loop, whose next turn reads it within seconds: it always has its
breakpoints. A request without tools is answered at once: its conversation is never read again,
and its prefix only where the use case is asked for again within the prefix's life. Its
breakpoints are kept when the same prefix was sent within that life, and taken off otherwise.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from anthropic.types import CacheControlEphemeralParam

from core.engine.catalog import find_family
from core.engine.protocol import Usage
from core.engine.tokens import estimate_blocks

log = logging.getLogger(__name__)

BREAKPOINT = CacheControlEphemeralParam(type="ephemeral")
UNKNOWN_MINIMUM = 4096
# A prefix lives five minutes from its last use.
LIFETIME_S = 300.0
ALARM_AFTER = 5


def place_breakpoints(tools: Sequence[Any], stable: Sequence[Any], turns: Sequence[Any]) -> None:
    """Mark the last tool, each stable block of the system, the last block of the conversation.

    Without tools nothing follows the conversation: it is left unmarked. Reasoning cannot bear a
    mark. The blocks are modified in place.
    """
    for block in stable:
        block["cache_control"] = BREAKPOINT
    if not tools:
        return
    tools[-1]["cache_control"] = BREAKPOINT
    markable = [
        block
        for turn in turns
        for block in turn["content"]
        if block["type"] not in {"thinking", "redacted_thinking"}
    ]
    if markable:
        markable[-1]["cache_control"] = BREAKPOINT


@dataclass(frozen=True)
class Prefix:
    """Tools and stable system blocks of a request; `tokens` is an estimate."""

    model: str
    digest: str
    tokens: int

    @property
    def key(self) -> tuple[str, str]:
        """What the API knows it by."""
        return self.model, self.digest

    @property
    def minimum(self) -> int:
        """Tokens under which the model keeps nothing."""
        family = find_family(self.model)
        return family.minimum_prefix if family else UNKNOWN_MINIMUM

    @property
    def is_cacheable(self) -> bool:
        """False when the API would silently keep nothing."""
        return self.tokens >= self.minimum


def spare_breakpoints(params: Any, watch: CacheWatch) -> Prefix | None:
    """Take off a request that is about to be sent the breakpoints that are not expected to pay.

    Gives the prefix that stays marked, for `CacheWatch.record` once the call has ended.
    """
    prefix = read_prefix(params)
    if prefix is None or watch.note_sending(prefix) or params.get("tools"):
        return prefix
    for block in params["system"]:
        block.pop("cache_control", None)
    return None


def read_prefix(params: Any) -> Prefix | None:
    """The stable prefix of a request in the terms of the API; None where it has no breakpoint.

    An output format is part of it: the API writes its schema before the conversation.
    """
    stable = [block for block in params["system"] if "cache_control" in block]
    if not stable and not params.get("tools"):
        return None
    schema = params.get("output_config", {}).get("format", {}).get("schema", {})
    written = json.dumps([params.get("tools", []), stable, schema], ensure_ascii=False)
    return _measure(params["model"], written)


@lru_cache(maxsize=256)
def _measure(model: str, written: str) -> Prefix:
    digest = hashlib.sha256(written.encode()).hexdigest()
    return Prefix(model, digest, estimate_blocks(json.loads(written), model))


@dataclass
class CacheWatch:
    """The hit rate of this process, and the alarm when calls that should hit never do."""

    clock: Callable[[], float] = time.monotonic
    expected: int = 0
    hits: int = 0
    read_tokens: int = 0
    input_tokens: int = 0
    too_short: dict[str, Prefix] = field(default_factory=dict[str, Prefix])
    _sent: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    _seen: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    _misses: int = 0

    def note_sending(self, prefix: Prefix) -> bool:
        """Note that a prefix is sent; tell whether it was sent within its life before."""
        now = self.clock()
        is_again = now - self._sent.get(prefix.key, -LIFETIME_S) < LIFETIME_S
        self._sent = {k: t for k, t in self._sent.items() if now - t < LIFETIME_S}
        self._sent[prefix.key] = now
        return is_again

    def record(self, prefix: Prefix, usage: Usage) -> None:
        """Count a finished call; logs once when the prefix is too short or never read."""
        self.read_tokens += usage.cache_read_tokens
        self.input_tokens += usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        if not prefix.is_cacheable:
            self._report_short(prefix)
            return
        now, key = self.clock(), prefix.key
        if now - self._seen.get(key, -LIFETIME_S) < LIFETIME_S:
            self._count(hit=usage.cache_read_tokens > 0)
        self._seen = {k: t for k, t in self._seen.items() if now - t < LIFETIME_S} | {key: now}

    def _count(self, *, hit: bool) -> None:
        self.expected += 1
        self.hits += hit
        self._misses = 0 if hit else self._misses + 1
        if self._misses == ALARM_AFTER:
            log.warning("prompt cache never read over %d calls that should hit", self._misses)

    def _report_short(self, prefix: Prefix) -> None:
        if prefix.digest not in self.too_short:
            self.too_short[prefix.digest] = prefix
            log.info(
                "prefix of about %d tokens under the minimum of %d for %s: not cached",
                prefix.tokens,
                prefix.minimum,
                prefix.model,
            )

    @property
    def hit_rate(self) -> float | None:
        """Share of the calls that should hit which did; None before the first."""
        return self.hits / self.expected if self.expected else None

    @property
    def warning(self) -> str | None:
        """In French, what the administrator should know; None while all is well."""
        if self._misses < ALARM_AFTER:
            return None
        return (
            f"Le cache de consignes n’a servi à aucun des {self._misses} derniers appels qui "
            "devaient en profiter\u00a0: chaque appel est payé en entier. Vérifiez que le serveur "
            "du modèle garde les préfixes, et que rien ne change au début des consignes."
        )
