"""How numbers, dates and lists are written in French."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
FEMININE = frozenset(
    "académie agence association caisse chambre collectivité commune communauté école fédération "
    "mairie métropole préfecture région régie société union université ville".split()
)
MASCULINE = frozenset(
    "centre collège conseil conservatoire département établissement foyer groupement hôpital "
    "institut lycée ministère musée office parc pays port rectorat service syndicat".split()
)
ELIDED = "aeiouyhàâäéèêëîïôöùûü"
BLANKS = re.compile(r"[^\S\u00a0\u202f]+")


def format_number(value: Decimal | int | float, decimals: int | None = None) -> str:
    """`1234.5` → « 1 234,5 » ; trailing zeros dropped unless `decimals` is given."""
    number = Decimal(str(value))
    text = f"{number:,.{decimals}f}" if decimals is not None else f"{number:,f}"
    whole, _, fraction = text.partition(".")
    if decimals is None:
        fraction = fraction.rstrip("0")
    whole = whole.replace(",", NARROW_NBSP)
    return f"{whole},{fraction}" if fraction else whole


def format_quantity(value: Decimal | int | float, unit: str, decimals: int | None = None) -> str:
    """A number and its unit, joined by a non-breaking space."""
    text = format_number(value, decimals)
    return f"{text}{NBSP}{unit}" if unit else text


def format_money(value: Decimal | int | float, unit: str = "€") -> str:
    """`1234.5` → « 1 234,50 € »; whole amounts keep no cents."""
    number = Decimal(str(value))
    return format_quantity(number, unit, 0 if number == number.to_integral_value() else 2)


def format_date(day: dt.date) -> str:
    """« 03/02/2027 »."""
    return f"{day:%d/%m/%Y}"


def format_long_date(day: dt.date) -> str:
    """« 3 février 2027 », « 1er février 2027 »."""
    ordinal = "1er" if day.day == 1 else str(day.day)
    return f"{ordinal}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def format_instant(instant: dt.datetime) -> str:
    """« 03/02/2027 à 14 h 30 », in Paris."""
    local = instant.astimezone(PARIS)
    minutes = f"{NBSP}{local:%M}" if local.minute else ""
    return f"{local:%d/%m/%Y} à {local.hour}{NBSP}h{minutes}"


def join_words(words: Sequence[str], last: str = "et") -> str:
    """« a, b et c »."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def label_totals(totals: Sequence[str]) -> list[str]:
    """The cells of a table's last row, « Total » put first; none when nothing is summed."""
    if not totals:
        return []
    first = f"Total{NBSP}: {totals[0]}" if totals[0] else "Total"
    return [first, *totals[1:]]


def of(phrase: str) -> str:
    """« de » before `phrase`: « d’Évran », « du Syndicat » for « le Syndicat », « des »."""
    for article, contracted in (("le ", "du "), ("les ", "des ")):
        if phrase.startswith(article):
            return contracted + phrase.removeprefix(article)
    return f"d’{phrase}" if phrase[:1].lower() in ELIDED else f"de {phrase}"


def with_article(name: str) -> str:
    """« le Syndicat d’énergie », « l’Office public », « la Ville »; other names as they are.

    `name` is a public body's: its first word tells the article, a proper name takes none.
    """
    first = name.split(" ", 1)[0].split("’", 1)[0].lower()
    if first in FEMININE | MASCULINE and first[:1] in ELIDED:
        return f"l’{name}"
    if first in FEMININE:
        return f"la {name}"
    return f"le {name}" if first in MASCULINE else name


def flatten(text: str) -> str:
    """`text` on one line, a plain space for each blank; those that hold words together stay."""
    return BLANKS.sub(" ", text).strip()


def shorten(text: str, most: int) -> str:
    """`text` on one line, cut after a word so that it has at most `most` characters."""
    line = flatten(text)
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + "…"


def end_sentence(text: str) -> str:
    """`text` with its full stop, unless it ends a sentence already (« Que dit PR-08 ? »)."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def cut_list(lines: Sequence[str], most: int) -> list[str]:
    """The first `most` lines of a Markdown list, and a last one that counts the others."""
    rest = len(lines) - most
    return [*lines[:most], f"- et {count_noun(rest, 'autre', 'autres')}"] if rest > 0 else [*lines]


def count_noun(count: int, singular: str, plural: str) -> str:
    """« 0 contrat », « 1 contrat », « 2 contrats »."""
    return f"{format_number(count)}{NBSP}{plural if count > 1 else singular}"
