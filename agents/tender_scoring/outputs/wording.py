"""French words of the outputs: verdicts, lots, places."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Fact
from agents.tender_scoring.models import TenderAnalysis
from core.formats import NBSP, format_instant, format_number, join_words, shorten

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
TO_FILL = "[À COMPLÉTER]"
PLACES_SHOWN, TITLE_CHARS = 3, 140


def name_lots(lots: Sequence[int]) -> str:
    """«tous les lots», «lot 2», «lots 1 et 3»."""
    if not lots:
        return "tous les lots"
    told = join_words([str(lot) for lot in sorted(set(lots))])
    return f"lot{NBSP}{told}" if len(set(lots)) == 1 else f"lots{NBSP}{told}"


def name_lot(lot: int | None) -> str:
    """«Lot 2», «Marché»."""
    return "Marché" if lot is None else f"Lot{NBSP}{lot}"


def name_places(evidence: Iterable[Evidence]) -> str:
    """The places of some evidence, without repeats: «RC.pdf, p. 4 ; CCTP.pdf, p. 2»."""
    places = list(dict.fromkeys(one.label for one in evidence))
    shown = f"{NBSP}; ".join(places[:PLACES_SHOWN])
    return shown + (f"{NBSP}; …" if len(places) > PLACES_SHOWN else "")


def quote_all(evidence: Iterable[Evidence]) -> str:
    """The words of the first evidence, in French quotes; empty without any."""
    first = next(iter(evidence), None)
    if first is None:
        return ""
    return quote_of(first)


def quote_of(evidence: Evidence, limit: int | None = None) -> str:
    """The words in French quotes; the instant a notice writes for machines reads as a date."""
    words = " ".join(evidence.quote.split())
    if INSTANT.fullmatch(words):
        return format_instant(dt.datetime.fromisoformat(words))
    if limit is not None and len(words) > limit:
        words = words[:limit].rsplit(" ", 1)[0] + "…"
    return f"«{NBSP}{words}{NBSP}»"


def write_score(score: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    """«62/100 (entre 54 et 70)»; «sans note» where the file is incomplete."""
    if score is None:
        return "sans note"
    told = f"{format_number(score)}/100"
    if low is None or high is None or low == high:
        return told
    return f"{told} (entre {format_number(low)} et {format_number(high)})"


def name_tender(analysis: TenderAnalysis) -> str:
    """The object of the contract on one line, else the name under which the file came."""
    fact = analysis.facts.title
    return shorten(fact.value if fact else analysis.label, TITLE_CHARS)


def value_of(fact: Fact | None) -> str:
    """What a fact says, or that the file does not say it."""
    return fact.value if fact else "non indiqué"
