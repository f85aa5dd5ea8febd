"""The words of French, to tell a slip of the keyboard from another word."""

from __future__ import annotations

from functools import lru_cache

from core.words import fold


@lru_cache(maxsize=1)
def french_words() -> frozenset[str]:
    """About 130,000 folded words, read in a third of a second at first use, a dozen megabytes."""
    from spellchecker import SpellChecker

    return frozenset(map(fold, SpellChecker(language="fr").word_frequency.keys()))
