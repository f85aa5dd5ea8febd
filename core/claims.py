"""What a sentence asserts: the numbers, addresses and proper names that its sources must hold."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.words import fold

NUMBER = re.compile(r"\d[\d \u00a0\u202f.,/:-]*\d|\d")
PROPER = re.compile(r"(?<![.!?…:«\n] )(?<!^)(?<![\n«])\b[A-ZÀ-ÖØ-Þ][\wÀ-ÿ’'-]{2,}", re.MULTILINE)
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+|https?://\S+|www\.\S+")
WORD = re.compile(r"[a-z0-9'-]+")
COMMON = frozenset(
    """bonjour madame monsieur mesdames messieurs cordialement bien merci vous nous votre notre
    selon concernant hello dear regards thank best janvier fevrier mars avril mai juin juillet
    aout septembre octobre novembre decembre mwh gwh twh kwh kva mva eur ttc prm pdl pce rae car
    cal turpe cspe cta tva vnu cee rgpd crm iso""".split()
)


def find_unproved(text: str, known: str) -> tuple[str, ...]:
    """The numbers, addresses and proper names of `text` that `known` does not hold."""
    digits = list_digits(known)
    unproved = [n for n in NUMBER.findall(text) if not _is_known_number(n, digits)]
    unproved += [a for a in ADDRESS.findall(text) if a.lower() not in known.lower()]
    unproved += find_unknown_names(text, known)
    return tuple(dict.fromkeys(unproved))


def find_unknown_names(text: str, known: str) -> list[str]:
    """The proper names of `text` that `known` does not hold; the first word of a sentence, which
    has its capital anyway, is not taken for one."""
    names = _list_words(known)
    return [
        word for word in PROPER.findall(ADDRESS.sub(" ", text)) if not _is_known_name(word, names)
    ]


def list_digits(known: str) -> frozenset[str]:
    """The numbers of what is known, blanks aside, whole and by groups of digits."""
    whole = {re.sub(r"\D", "", number) for number in NUMBER.findall(known)}
    return frozenset(whole | set(re.findall(r"\d+", known)))


def _list_words(known: str) -> frozenset[str]:
    """Words whole, and without the article or the other half tied to them."""
    words = set(WORD.findall(fold(known)))
    return frozenset(words | {part for word in words for part in re.split("['-]", word)})


def _is_known_number(number: str, digits: Collection[str]) -> bool:
    if re.sub(r"\D", "", number) in digits:
        return True
    return all(group in digits for group in re.findall(r"\d+", number))


def _is_known_name(word: str, names: Collection[str]) -> bool:
    """Whole, without its article, or part by part; figures are proved as numbers."""
    folded = fold(word)
    known = COMMON.union(names)
    parts = [part for part in re.split("['-]", folded) if part.isalpha() and len(part) > 1]
    return folded in known or (bool(parts) and all(part in known for part in parts))
