"""The slots of search: another embedding model, or a reranker, named by a setting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

from core.errors import ConfigurationError
from core.settings import get_settings


class Reranker(Protocol):
    """Scores the best passages for a question, the higher the better; runs in a thread."""

    def score(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """One score by passage, in their order."""
        ...


@lru_cache(maxsize=1)
def find_reranker() -> Reranker | None:
    """The reranker of the settings, made once per process; None by default."""
    path = get_settings().reranker
    return load_slot(path) if path else None


def load_slot(path: str) -> Any:
    """What `module:name`, called without argument, returns. Raises ConfigurationError."""
    module, _, name = path.partition(":")
    try:
        factory = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"« {path} » ne se charge pas. Donnez « module:nom » d’un module installé, ou retirez "
            "le réglage."
        ) from error
    return factory()
