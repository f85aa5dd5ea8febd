"""French wording of dates, amounts and volumes inside the demonstration's texts."""

from __future__ import annotations

import datetime as dt
import unicodedata
from decimal import Decimal

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
NBSP = "\u00a0"
THIN = "\u202f"


class Day:
    """A day that texts shift: « {day:-12} » reads as the date twelve days before."""

    def __init__(self, today: dt.date) -> None:
        self.today = today

    def __format__(self, spec: str) -> str:
        return word_day(self.today + dt.timedelta(days=int(spec or 0)))


def word_day(day: dt.date) -> str:
    """« 3 novembre 2026 », the first of a month being « 1er »."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def word_number(value: Decimal | int, decimals: int = 0) -> str:
    """« 1 234,56 », with narrow spaces between thousands."""
    return f"{value:,.{decimals}f}".replace(",", THIN).replace(".", ",")


def word_amount(value: Decimal) -> str:
    """« 1 234,56 € »."""
    return f"{word_number(value, 2)}{NBSP}€"


def space_text(text: str) -> str:
    """`text` with no-break spaces where French typography wants them."""
    for mark in ":;?!»€%":
        text = text.replace(f" {mark}", f"{NBSP}{mark}")
    return text.replace("« ", f"«{NBSP}")


def fold(text: str) -> str:
    """`text` in lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "-").replace("œ", "oe"))
    kept = "".join(c if c.isalnum() else "-" for c in plain if not unicodedata.combining(c))
    return "-".join(part for part in kept.lower().split("-") if part)
