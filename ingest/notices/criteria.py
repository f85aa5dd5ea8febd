"""Award criteria as sentences and lists give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.words import fold
from ingest.notices.notice import Criterion, CriterionKind, Proof
from ingest.notices.wording import to_decimal

KIND = re.compile(
    r"^(?:[-–—•*·]\s*|\d{1,2}\s?[.)]\s*|[a-h]\)\s*)?(?:crit[eè]re\s+(?:n\s?[°o]\s?\d+\s|\d+\s)?"
    r"[\[(]?(?:de\s+|du\s+)?)?(?P<kind>prix|co[uû]ts?|qualit[eé])\b[\])]?(?P<rest>.*)$",
    re.IGNORECASE,
)
BULLET = re.compile(r"^(?:[-–—•*·]\s*|\d{1,2}\s?[.)]\s+|[a-h]\)\s*)")
NAME = re.compile(
    r"^(?:nom|libell[eé]|intitul[eé]|crit[eè]re(?:\s+\d+)?)\s*:\s*(.*)$", re.IGNORECASE
)
WEIGHTING = re.compile(
    r"[\s/,;:–—(-]*\b(?:pond[eé]ration|poids|coefficient)\b\s*(?:de|:|=|–|-)?\s*(?P<weight>(?:(?!pond[eé]ration)[^)])*)\)?\s*$",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d{1,3}(?:[.,]\d+)?")
WEIGHT_ONLY = re.compile(r"^\(?\s*(\d{1,3}(?:[.,]\d+)?\s*(?:%|points?|pts?|/\s?100)?)\s*\)?$", re.I)
TRAILING = re.compile(
    r"^(?P<name>.*?[^\d\s,.])\s*[:(–—=,-]?\s*(?:sur\s+)?"
    r"(?P<weight>\d{1,3}(?:[.,]\d+)?\s*(?:%|points?|pts?|/\s?100)?)\s*\)?\.?$",
    re.IGNORECASE,
)
LEADING = re.compile(r"^(?P<weight>\d{1,3}(?:[.,]\d+)?\s*%)\s*[:–—-]?\s*(?P<name>\D.*)$")
ELSEWHERE = re.compile(
    r"(?:uniquement|seulement|enonces|precises|definis|indiques|mentionnes|figurant|renvoi|voir|cf\.?|"
    r"conform[a-z]+)\b.*\b(?:documents?|reglement|rc\b|cahier|dossier|consultation)"
)
DECLARED = re.compile(
    r"crit.res (?:enonces|d.attribution)|ci-dessous|appreciees? en fonction|offre economiquement"
)
KINDS: dict[str, CriterionKind] = {
    "prix": "price",
    "cout": "cost",
    "couts": "cost",
    "qualite": "quality",
}
PRICE_NAME = re.compile(r"\bprix\b|\btarif|\bmontant")
COST_NAME = re.compile(r"\bcouts?\b")
PLAIN = "\u00a0\u202f"


@dataclass
class _Draft:
    name: str
    kind: CriterionKind | None
    weight_text: str | None
    quote: str


def read_criteria(lines: Sequence[str], path: str) -> tuple[Criterion, ...]:
    """The criteria listed on `lines`; a weight is attached only where it is written."""
    drafts: list[_Draft] = []
    for line in lines:
        for part in _split(line):
            _take(part, drafts)
    return tuple(_settle(draft, path) for draft in drafts if draft.name)


def is_elsewhere(text: str) -> bool:
    """Tell whether a passage refers to the tender documents for the criteria."""
    return bool(ELSEWHERE.search(fold(text)))


def are_elsewhere(lines: Sequence[str]) -> bool:
    """Tell whether one of `lines`, which is not itself a criterion, refers to the documents."""
    return any(is_elsewhere(line) and not _is_whole(line) for line in lines)


def _is_whole(line: str) -> bool:
    """Tell whether a line is one criterion from end to end, whatever separators it holds."""
    kind = KIND.match(line)
    return bool(kind and WEIGHTING.search(line) and re.match(r"\s*[-–—:/]", kind["rest"]))


def parse_weight(text: str | None) -> Decimal | None:
    """The number of a weight as written («20 %», «45», «0,6»)."""
    found = NUMBER.search(text or "")
    return to_decimal(found.group()) if found else None


def guess_kind(name: str) -> CriterionKind:
    """Price, cost or quality, by the criterion's name."""
    folded = fold(name)
    if PRICE_NAME.search(folded):
        return "price"
    return "cost" if COST_NAME.search(folded) else "quality"


def _split(line: str) -> list[str]:
    """The items of a line: `;` separates, and `,` where each item ends with a number."""
    plain = line.translate({ord(char): " " for char in PLAIN}).strip()
    if _is_whole(plain):
        return [plain]
    parts = [part.strip() for part in re.split(r"\s*[;|]\s*", plain) if part.strip()]
    by_comma = [part.strip(" .") for part in re.split(r",(?!\d)|\bet\b", plain)]
    if len(parts) == 1 and len(by_comma) > 1 and all(TRAILING.match(p) for p in by_comma):
        return by_comma
    return parts


def _take(part: str, drafts: list[_Draft]) -> None:
    """Read one item: a criterion, the name or the weight of the last one, or a mere sentence."""
    if only := WEIGHT_ONLY.match(part):
        _weigh_last(drafts, only[1])
        return
    weighted = WEIGHTING.search(part)
    if weighted and not part[: weighted.start()].strip(" -–—•"):
        _weigh_last(drafts, weighted["weight"])
        return
    if (is_elsewhere(part) and not _is_whole(part)) or (
        DECLARED.search(fold(part)) and not TRAILING.match(part)
    ):
        return
    name = NAME.match(part)
    if name and drafts and not drafts[-1].name:
        _fill(drafts[-1], name[1], part)
        return
    _add(part, drafts)


def _add(part: str, drafts: list[_Draft]) -> None:
    kind = KIND.match(part)
    if kind and (not kind["rest"].strip() or re.match(r"\s*[-–—:/(]|\s*\d", kind["rest"])):
        draft = _Draft("", KINDS[fold(kind["kind"])], None, part)
        rest = kind["rest"].lstrip(" -–—:/")
        if draft.kind == "price":
            draft.name = kind["kind"].capitalize()
            draft.weight_text = _read_weight(rest)
        else:
            _fill(draft, rest, part)
        drafts.append(draft)
        return
    bare = BULLET.sub("", part)
    draft = _Draft("", None, None, part)
    _fill(draft, bare, part)
    if draft.weight_text is not None or NAME.match(part) or bare != part:
        drafts.append(draft)
    elif drafts and not drafts[-1].name:
        drafts[-1].name = bare


def _fill(draft: _Draft, text: str, quote: str) -> None:
    named = NAME.match(text)
    text = named[1] if named else text
    found = WEIGHTING.search(text)
    if found:
        draft.weight_text = found["weight"].strip() or None
        draft.name = text[: found.start()].strip(" /-–—:(")
    elif match := TRAILING.match(text) or LEADING.match(text):
        draft.name, draft.weight_text = match["name"].strip(" (:-–—/"), match["weight"].strip()
    else:
        draft.name = text.strip()
    draft.quote = quote


def _read_weight(rest: str) -> str | None:
    found = WEIGHTING.search(rest)
    text = found["weight"] if found else rest
    return text.strip(" ().") if NUMBER.search(text) else None


def _weigh_last(drafts: list[_Draft], weight: str) -> None:
    if drafts and drafts[-1].weight_text is None:
        drafts[-1].weight_text = weight.strip() or None


def _settle(draft: _Draft, path: str) -> Criterion:
    kind = draft.kind or guess_kind(draft.name)
    weight = draft.weight_text
    return Criterion(draft.name, kind, parse_weight(weight), weight, Proof(path, draft.quote))
