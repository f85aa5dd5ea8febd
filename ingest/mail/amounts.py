"""Amounts and quantities with their units, as they stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ingest.mail.folding import fold

SPACE = r"[ \u00a0\u202f]"
NUMBER = rf"(?P<number>\d{{1,3}}(?:(?:{SPACE}|[.](?=\d{{3}}\b))\d{{3}})+(?:,\d{{1,5}})?|\d+(?:[,.]\d{{1,5}})?)"
UNIT = (
    rf"(?P<unit>(?:€|euros?|eur|c€|cts?|centimes?(?: d[’']euros?)?|k€|m€)(?:{SPACE}?(?:ht|ttc|hors taxes?))?"
    rf"{SPACE}?(?:/|par|du|le){SPACE}?(?:mwh|kwh|kva|kw|an|mois|jour)\b"
    rf"|(?:k€|keur|k{SPACE}euros?|m€|millions? d[’']euros|€|euros?\b|eur\b)(?:{SPACE}?(?:ht|ttc|hors taxes?)\b)?"
    rf"|gwhc?\b|mwhc?\b|kwhc?\b|twh\b|mva\b|kva\b|mw\b|kw\b|%|pour{SPACE}?cents?\b)"
)
QUANTITY = re.compile(
    rf"(?<![\w,./-])(?:(?P<sign>[-–+]){SPACE}?)?{NUMBER}{SPACE}{{0,2}}{UNIT}", re.IGNORECASE
)
PREFIXED = re.compile(rf"(?P<unit>€|EUR){SPACE}?{NUMBER}(?![\w/])")
BARE = re.compile(rf"(?<![\w,./€-]){NUMBER}(?![\w/%-]|{SPACE}?(?:%|€|h\b|°|[kMG]?[wW][hH]?|kVA))")
PRICE_WORDS = re.compile(r"\b(?:offre|prix|mwh|tarif|propose|cotation|cote|price|quote|mw)\w*")
PAID_WORDS = re.compile(
    r"\b(?:virement|vire|regle|paye|payee?s?|montant|facture|factures|prelevement|preleve|avoir|total|ttc|ht|rembours\w*)\b"
)
APPROXIMATE = re.compile(
    rf"(?P<number>\d{{1,3}}(?:{SPACE}\d{{3}})+|\d+){SPACE}(?:et quelques|et des poussières|environ)"
    rf"{SPACE}(?:€|euros?)",
    re.IGNORECASE,
)
SCALES = {"k€": 1000, "keur": 1000, "k euro": 1000, "k euros": 1000, "m€": 1_000_000}


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, at `start:end` of the text."""

    raw: str
    value: Decimal
    unit: str
    start: int
    end: int


def find_quantities(
    text: str, sentences: Iterator[tuple[int, str]] | None = None
) -> list[Quantity]:
    """The quantities of `text`, in order. A bare decimal takes its unit from the words around:
    a price per MWh beside an offer, euros beside a payment; otherwise it is left alone."""
    found = [q for m in QUANTITY.finditer(text) if (q := _read(m)) is not None]
    taken = [(q.start, q.end) for q in found]
    for match in PREFIXED.finditer(text):
        if not _overlaps(match.span(), taken) and (quantity := _read(match)):
            found.append(quantity)
            taken.append(match.span())
    found += [q for q in _read_bare(text, sentences) if not _overlaps((q.start, q.end), taken)]
    return sorted(found, key=lambda quantity: quantity.start)


def find_approximate_euros(text: str) -> list[Decimal]:
    """« 14 000 et quelques euros »: an order of magnitude, for stakes only."""
    return [parse_number(match["number"]) for match in APPROXIMATE.finditer(text)]


def parse_number(raw: str) -> Decimal:
    """« 1 234,5 », « 1.234,50 » and « 1234.5 »; raises InvalidOperation on anything else."""
    digits = re.sub(r"[ \u00a0\u202f]", "", raw)
    if "," in digits:
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    return Decimal(digits)


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _read(match: re.Match[str]) -> Quantity | None:
    value = parse_number(match["number"])
    unit, factor = _unit(match["unit"])
    groups = match.groupdict()
    start = match.start("number") if groups.get("sign") in ("-", "–", "+") else match.start()
    return Quantity(match.string[start : match.end()], value * factor, unit, start, match.end())


def _unit(raw: str) -> tuple[str, int]:
    folded = fold(raw).replace("\u202f", " ")
    folded = re.sub(r"\s?(?:ht|ttc|hors taxes?)\b", "", folded).strip()
    if scale := SCALES.get(folded):
        return "EUR", scale
    if folded.startswith("million"):
        return "EUR", 1_000_000
    money, _, per = re.sub(r"\s?(?:/|\bpar\b|\bdu\b|\ble\b)\s?", "/", folded).partition("/")
    if per:
        return _price_unit(money, per)
    simple = {"%": "%", "gwh": "GWh", "mwh": "MWh", "kwh": "kWh", "twh": "TWh", "mva": "MVA",
              "kva": "kVA", "mw": "MW", "kw": "kW"}  # fmt: skip
    return simple.get(folded.removesuffix("c") if "wh" in folded else folded,
                      "%" if folded.startswith("pour") else "EUR"), 1  # fmt: skip


def _price_unit(money: str, per: str) -> tuple[str, int]:
    is_cents = money.startswith(("c", "ct"))
    names = {"mwh": "MWh", "kwh": "kWh", "kva": "kVA", "kw": "kW"}
    if per in names:
        return f"{'c' if is_cents else ''}EUR/{names[per]}", 1
    return "EUR", SCALES.get(money, 1)


def _read_bare(text: str, sentences: Iterator[tuple[int, str]] | None) -> Iterator[Quantity]:
    for offset, sentence in sentences or ((0, text),):
        folded = fold(sentence)
        for match in BARE.finditer(sentence):
            if not re.search(r",\d{2}$", match["number"]):
                continue
            value = parse_number(match["number"])
            unit = _bare_unit(folded, value)
            if unit is not None:
                start = offset + match.start()
                yield Quantity(match.group(), value, unit, start, start + len(match.group()))


def _bare_unit(folded: str, value: Decimal) -> str | None:
    is_price = 15 <= value <= 400 and PRICE_WORDS.search(folded) is not None
    if PAID_WORDS.search(folded) and not is_price:
        return "EUR"
    return "EUR/MWh" if is_price else None
