"""What a firm watches for, and whether a notice is of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.words import fold
from ingest.notices.notice import Notice

ADVICE_CPV = ("79418", "713142", "713143", "71314", "79411", "71621")
SUPPLY_CPV = ("09310", "09123", "09300", "65300", "65310", "65200", "65210", "65400", "09121")
DEFAULT_CPV = ("79418", "71314", "0931", "0912", "0930", "653", "652")
DEFAULT_KEYWORDS = (
    "achat d'énergie", "achat d'électricité", "achat de gaz", "fourniture d'électricité",
    "fourniture de gaz", "gaz naturel", "acheminement d'électricité", "efficacité énergétique",
    "performance énergétique", "assistance à l'achat d'énergie", "optimisation tarifaire",
    "groupement de commandes énergie", "effacement", "autoconsommation",
)  # fmt: skip
DEFAULT_EXCLUDED = ("station-service", "carburant", "gaz médicaux", "gaz industriels", "butane",
                    "propane")  # fmt: skip


@dataclass(frozen=True)
class WatchFilters:
    """CPV prefixes, words and regions; no region means everywhere.

    `regions` are served on site, `remote_regions` from afar.
    """

    cpv_prefixes: tuple[str, ...] = DEFAULT_CPV
    keywords: tuple[str, ...] = DEFAULT_KEYWORDS
    excluded_words: tuple[str, ...] = DEFAULT_EXCLUDED
    regions: tuple[str, ...] = ()
    remote_regions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """Why a notice is kept, or why it is set aside."""

    is_kept: bool
    codes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    excluded_by: str | None = None


def match_notice(notice: Notice, filters: WatchFilters) -> Match:
    """Tell whether a notice is of the firm's trade: by a CPV code, else by its words.

    An excluded word sets aside a notice that no CPV code keeps.
    """
    codes = tuple(c for c in notice.all_cpv if c.startswith(filters.cpv_prefixes or ("∅",)))
    text = fold(" ".join(filter(None, (notice.title, notice.description,
                                       *(lot.title for lot in notice.lots)))))  # fmt: skip
    words = tuple(word for word in filters.keywords if is_said(word, text))
    if codes:
        return Match(True, codes, words)
    excluded = next((word for word in filters.excluded_words if is_said(word, text)), None)
    return Match(bool(words) and excluded is None, (), words, excluded)


def is_said(word: str, folded: str) -> bool:
    """Tell whether `folded` says `word`: every word of it, near one another and in order."""
    parts = [re.escape(part) for part in re.findall(r"[a-z0-9]+", fold(word)) if len(part) > 1]
    if not parts:
        return False
    return re.search(r"\b" + r"\w*\W+(?:\w+\W+){0,3}?".join(parts), folded) is not None
