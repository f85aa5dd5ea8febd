"""The demonstration's written content: lists and texts, kept apart from the code."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

CONTENT = Path(__file__).parent


@lru_cache(maxsize=16)
def load_content(name: str) -> dict[str, list[dict[str, Any]]]:
    """The lists of `content/<name>.yaml`, by heading."""
    return yaml.safe_load((CONTENT / f"{name}.yaml").read_text(encoding="utf-8"))
