"""Prompts are files; git is their version, their SHA-256 is stored with each run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Prompt:
    """A prompt as sent."""

    text: str
    sha256: str


def read_prompt(path: Path) -> Prompt:
    """The prompt of a file, without its final line break."""
    text = path.read_text(encoding="utf-8").rstrip("\n")
    return Prompt(text, hashlib.sha256(text.encode()).hexdigest())
