"""The prompt of the assistant: a file beside its graph, known by its hash."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.prompts import Prompt, read_prompt


@lru_cache(maxsize=1)
def load_prompt() -> Prompt:
    """The text of `prompt.md` and its SHA-256."""
    return read_prompt(Path(__file__).with_name("prompt.md"))
