"""What is known of each model: retirement, cacheable prefix, thinking, efforts, tokenizer.

The list of models and the retirement dates are the SDK's own; the rest comes from the models'
pages of the API's documentation (read in November 2026) and is kept per family.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import get_args

from anthropic.resources.messages.messages import DEPRECATED_MODELS
from anthropic.types.model import Model

from core.settings import Effort, Thinking

KNOWN_MODELS: frozenset[str] = frozenset(get_args(get_args(Model)[0]))
DAY_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")


@dataclass(frozen=True)
class Family:
    """`minimum_prefix`: tokens under which nothing is cached, without a word from the API.

    `tokenizer_factor`: tokens of the model for one of tiktoken's `cl100k_base`, on French prose.
    `takes_geo`: whether the place of computation may be asked for.
    """

    minimum_prefix: int
    efforts: tuple[Effort, ...] = ("low", "medium", "high", "xhigh", "max")
    thinking: tuple[Thinking, ...] = ("adaptive", "disabled")
    tokenizer_factor: float = 1.3
    takes_geo: bool = True


OLD_TOKENIZER = 1.0
FAMILIES: dict[str, Family] = {
    "claude-haiku-5-5": Family(512),
    "claude-sonnet-5-5": Family(512, thinking=("adaptive", "between_tools")),
    "claude-opus-5-5": Family(512, thinking=("adaptive",)),
    "claude-fable-5": Family(512, thinking=("adaptive",)),
    "claude-mythos-5": Family(512, thinking=("adaptive",)),
    "claude-opus-5": Family(512),
    "claude-sonnet-5": Family(1024),
    "claude-opus-4-8": Family(1024),
    "claude-opus-4-7": Family(2048),
    "claude-opus-4-6": Family(4096, tokenizer_factor=OLD_TOKENIZER),
    "claude-sonnet-4-6": Family(1024, tokenizer_factor=OLD_TOKENIZER),
    "claude-opus-4-5": Family(
        4096, ("low", "medium", "high"), ("disabled",), OLD_TOKENIZER, takes_geo=False
    ),
    "claude-sonnet-4-5": Family(1024, (), ("disabled",), OLD_TOKENIZER, takes_geo=False),
    "claude-haiku-4-5": Family(4096, (), ("disabled",), OLD_TOKENIZER, takes_geo=False),
}


def find_family(model: str) -> Family | None:
    """What is known of `model`, by the longest family name that begins its id."""
    names = [name for name in FAMILIES if model == name or model.startswith(f"{name}-")]
    return FAMILIES[max(names, key=len)] if names else None


def find_retirement(model: str) -> dt.date | None:
    """The day from which the SDK expects `model` to be refused; None while it plans none."""
    written = DEPRECATED_MODELS.get(model)
    return None if written is None else parse_retirement(written)


def parse_retirement(written: str) -> dt.date:
    """A date as the SDK writes it: «November 30th, 2026»."""
    plain = DAY_ORDINAL.sub(r"\1", written)
    return dt.datetime.strptime(f"{plain} +0000", "%B %d, %Y %z").date()
