"""References of a mail: delivery points, SIRET, contracts, tenders, invoices, tickets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.mail.facts import CodeKind
from ingest.mail.folding import fold_lines

SPACE = r"[ \u00a0\u202f.]"
FOURTEEN = re.compile(rf"(?<![\w-])\d(?:{SPACE}?\d){{13}}(?![\w-]|{SPACE}?\d)")
GAS = re.compile(rf"\bGI{SPACE}?\d{{3}}{SPACE}?\d{{3}}\b")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{2,4}){3,8}\b")
COMPOUND = re.compile(r"(?<![\w@./-])(?=[A-Z0-9/_-]*\d)[A-Z0-9]+(?:[-_/][A-Z0-9]+)+(?![\w@-])")
SOLID = re.compile(r"(?<![\w@.,/-])(?:[A-Z]{1,5}\d{5,12}|\d{7,13})(?![\w@-]|,\d)")
URL = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
NO_REFERENCE = re.compile(
    r"^(?:CAL-?\d{2}|Q[1-4]-?\d{2}|ISO[-/]?\d+|TURPE-?\d|[TCS]\d(?:[/-][TCS]?\d)+|HP/HC|\d{1,2}/\d{1,2}(?:/\d{2,4})?"
    r"|\d{4}-\d{2}(?:-\d{2})?|\d{1,3}/\d{1,3}|\d{1,2}-\d{1,2}(?:-\d{2,4})?|20\d{2}[-/]20\d{2}|24/7|7/7|CO2|M\+?\d|N-\d|J-\d|COVID-19"
    r"|[A-Z]/\d|\d{8}-\d|L?\d{3}-\d{1,2})$"
)
CONTRACT_CUE = (
    r"contrats?|marches?|accords?-cadres?|avenants?|contract|police|souscription|bon de commande"
)
TENDER_CUE = r"appels? d'offres?|consultations?|\bao\b|dce|boamp|avis"
REFERENCE_CUE = (
    r"factures?|invoices?|avoirs?|tickets?|reclamations?|dossiers?|affaires?|demandes?|ref\b|reference|n°|"
    r"numero|devis|offres?|quote|cde|commande|incident|rejets?|echeanciers?|courriers?|request|case"
)
CUE = re.compile(
    rf"\b(?P<contract>{CONTRACT_CUE})\b|\b(?P<tender>{TENDER_CUE})|(?P<reference>{REFERENCE_CUE})|"
    r"\b(?P<siret>siret|siren|rcs|tva intra)|\b(?P<pce>pce|gaz)\b|\b(?P<prm>prm|pdl|rae|linky)\b|"
    r"\b(?P<point>compteurs?|points?(?: de livraison)?|sites?)\b|\b(?P<phone>tel|portable|mobile|fax|iban|rib|bic|compte)\b"
)
REACH = 70
TENDER_CODE = re.compile(r"^AO[-_/]?\d")


@dataclass(frozen=True)
class FoundCode:
    """A code at `start:end`; `value` has neither blanks nor dots."""

    kind: CodeKind
    value: str
    start: int
    end: int
    is_valid: bool = True


def find_codes(text: str) -> list[FoundCode]:
    """The codes of `text`, in order. Fourteen digits are a SIRET where the words say so, or
    where nothing says otherwise and the key (Luhn) holds; else a delivery point."""
    taken = [match.span() for pattern in (IBAN, URL) for match in pattern.finditer(text)]
    folded = fold_lines(text)
    found: list[FoundCode] = []
    for code in (*_read_digits(text, folded), *_read_gas(text), *_read_references(text, folded)):
        if not any(code.start < end and start < code.end for start, end in taken):
            found.append(code)
            taken.append((code.start, code.end))
    return sorted(found, key=lambda code: code.start)


def passes_luhn(digits: str) -> bool:
    """The key of a SIREN or SIRET (La Poste's establishments, whose digits sum to a multiple of
    five, included)."""
    if not digits.isdigit():
        return False
    if digits.startswith("356000000") and len(digits) == 14:
        return sum(map(int, digits)) % 5 == 0
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _read_digits(text: str, folded: str) -> Iterator[FoundCode]:
    for match in FOURTEEN.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        cue = _cue(folded, match.start(), ("siret", "pce", "prm", "point"))
        if cue == "siret":
            yield FoundCode("siret", digits, *match.span(), passes_luhn(digits))
        elif cue == "pce":
            yield FoundCode("pce", digits, *match.span())
        elif cue == "prm":
            yield FoundCode("prm", digits, *match.span())
        else:
            yield FoundCode("delivery_point", digits, *match.span())


def _read_gas(text: str) -> Iterator[FoundCode]:
    for match in GAS.finditer(text):
        yield FoundCode("pce", re.sub(r"[^GI\d]", "", match.group()), *match.span())


def _read_references(text: str, folded: str) -> Iterator[FoundCode]:
    for match in COMPOUND.finditer(text):
        raw = match.group()
        if NO_REFERENCE.match(raw) or len(raw) < 6 or sum(map(str.isdigit, raw)) < 2:
            continue
        cue = _cue(folded, match.start(), ("contract", "tender", "reference"))
        if not re.search("[A-Z]", raw) and cue is None:
            continue
        kind: CodeKind = "tender" if TENDER_CODE.match(raw) else _reference_kind(cue)
        yield FoundCode(kind, raw, *match.span())
    for match in SOLID.finditer(text):
        cue = _cue(folded, match.start(), ("contract", "tender", "reference", "phone"))
        if cue in ("contract", "tender", "reference"):
            yield FoundCode(_reference_kind(cue), match.group(), *match.span())


def _reference_kind(cue: str | None) -> CodeKind:
    kinds: dict[str | None, CodeKind] = {"contract": "contract", "tender": "tender"}
    return kinds.get(cue, "reference")


def _cue(folded: str, position: int, kinds: Sequence[str]) -> str | None:
    """The nearest telling word before `position`, else the heading of the table's column."""
    line_start = folded.rfind("\n", 0, position) + 1
    before = folded[max(line_start, position - REACH) : position]
    if "\t" in folded[line_start:position] and (heading := _heading(folded, line_start, position)):
        before = heading
    elif len(before.strip()) < 12:
        before = folded[max(0, position - REACH) : position]
    nearest: str | None = None
    for match in CUE.finditer(before):
        name = next((k for k in kinds if match.groupdict().get(k)), None)
        nearest = name or nearest
    return nearest


def _heading(folded: str, line_start: int, position: int) -> str | None:
    """The cell above, in the first row of the table that holds `position`."""
    column = folded.count("\t", line_start, position)
    top = line_start
    while top > 0:
        above = folded.rfind("\n", 0, top - 1) + 1
        if "\t" not in folded[above : top - 1]:
            break
        top = above
    cells = folded[top : folded.find("\n", top)].split("\t")
    return f"{cells[column]} " if top != line_start and column < len(cells) else None
