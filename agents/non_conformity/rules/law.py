"""Claims that the rules in force contradict: a person decides, whatever the mail affirms."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class LawPoint:
    """From `since` on, a mail whose folded text matches complains of what the law prescribes."""

    since: dt.date
    pattern: re.Pattern[str]
    note: str


POINTS = (
    LawPoint(
        dt.date(2025, 8, 1),
        re.compile(r"\btva\b[^?!]{0,160}\b20 ?%[^?!]{0,60}\b5[,.]5 ?%|\b5[,.]5 ?%[^?!]{0,120}\b20 ?%"),
        "Depuis le 1er août 2025, la TVA sur l’abonnement est de 20\u00a0%\u00a0: à qualifier selon la "
        "période des factures.",
    ),
    LawPoint(
        dt.date(2026, 1, 1),
        re.compile(r"\barenh\b[^.?!]{0,100}\b(?:pas|plus|jamais|aucun|supprim|retir|au lieu|disparu)\w*"),
        "L’ARENH a pris fin le 31 décembre 2025\u00a0: à qualifier selon la période visée.",
    ),
)  # fmt: skip


def find_contradiction(folded: str, sent_on: dt.date) -> str | None:
    """Why the law in force on `sent_on` contradicts the complaint; None when it does not."""
    for point in POINTS:
        if sent_on >= point.since and point.pattern.search(folded):
            return point.note
    return None
