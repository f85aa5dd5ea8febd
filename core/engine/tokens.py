"""How many tokens a prompt takes: counted by the server when it is there, else estimated."""

from __future__ import annotations

import base64
import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tiktoken

from core.engine.catalog import find_family
from core.engine.pages import count_pages

log = logging.getLogger(__name__)

ENCODING = "cl100k_base"
UNKNOWN_MODEL_FACTOR = 1.3
# Of `cl100k_base` on French prose; used only where its table is missing.
CHARACTERS_PER_TOKEN = 3.2
# The API's documentation gives 1,500 to 3,000 tokens a page, text and image together.
TOKENS_PER_PDF_PAGE = 3000
UNCOUNTED = {"cache_control", "citations", "type", "signature"}


@dataclass(frozen=True)
class TokenCount:
    """`counted` is the server's figure, None offline; `estimated` is ours."""

    model: str
    estimated: int
    counted: int | None = None

    @property
    def tokens(self) -> int:
        """The best figure there is."""
        return self.estimated if self.counted is None else self.counted

    @property
    def deviation(self) -> float | None:
        """How far the estimate is from the count, as a share of it; positive when too high."""
        if not self.counted:
            return None
        return (self.estimated - self.counted) / self.counted


@lru_cache(maxsize=1)
def _load_encoding() -> tiktoken.Encoding | None:
    """None where the table is neither shipped nor downloadable: a call never fails for that."""
    try:
        return tiktoken.get_encoding(ENCODING)
    except (OSError, ValueError):
        log.warning("tiktoken's table is missing: tokens are estimated from characters")
        return None


def estimate_tokens(text: str, model: str) -> int:
    """tiktoken's count, scaled by what the model's own tokenizer makes of the same prose."""
    family = find_family(model)
    factor = family.tokenizer_factor if family else UNKNOWN_MODEL_FACTOR
    encoding = _load_encoding()
    if encoding is None:
        return round(len(text) / CHARACTERS_PER_TOKEN * factor)
    return round(len(encoding.encode(text, disallowed_special=())) * factor)


def estimate_blocks(blocks: Any, model: str) -> int:
    """The estimate for tools, system blocks or messages in the terms of the API."""
    texts: list[str] = []
    pages = _gather(blocks, texts)
    return estimate_tokens("\n".join(texts), model) + pages * TOKENS_PER_PDF_PAGE


def _gather(value: Any, texts: list[str]) -> int:
    """Collect every text into `texts`; return the number of PDF pages met."""
    match value:
        case str():
            texts.append(value)
            return 0
        case {"type": "base64", "data": str(data)}:
            return count_pages(base64.b64decode(data))
        case {"input_schema": schema, "name": name, "description": description}:
            texts += [str(name), str(description), json.dumps(schema, ensure_ascii=False)]
            return 0
        case dict():
            return sum(_gather(v, texts) for k, v in value.items() if k not in UNCOUNTED)
        case list() | tuple():
            return sum(_gather(element, texts) for element in value)
        case _:
            return 0
