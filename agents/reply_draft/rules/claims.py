"""What a draft asserts: numbers, dates, names, commitments, checked against what is known."""

from __future__ import annotations

import re
from collections.abc import Collection

from ingest.mail.folding import fold

NUMBER = re.compile(r"\d[\d \u00a0\u202f.,/:-]*\d|\d")
PROPER = re.compile(r"(?<![.!?…:«\n] )(?<!^)(?<![\n«])\b[A-ZÀ-ÖØ-Þ][\wÀ-ÿ’'-]{2,}", re.MULTILINE)
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+\.\w+|https?://\S+|www\.\S+")
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,4})?\b")
COMMITMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("prix", re.compile(r"€|\beuros?\b|/mwh|\b(?:prix|tarif|remise|indemni\w+|rembours\w+|prise? en charge)\b")),
    ("validité d’une offre", re.compile(r"\b(?:valable|validite|offre ferme|expire)\b")),
    ("délai", re.compile(r"\b(?:avant le|d'ici|au plus tard|sous \w+ (?:jours|heures)|dans les \w+ (?:jours|heures)|des (?:demain|lundi|aujourd'hui)|dans la journee|before|by (?:monday|tomorrow|the))\b")),
    ("résiliation", re.compile(r"\b(?:resili\w+|denonc\w+|mettre fin|rompre|terminat\w+)\b")),
    ("reconnaissance d’un fait", re.compile(r"\b(?:nous reconnaissons|notre erreur|notre faute|est (?:desormais )?(?:confirme|valide|effecti|regl|resol|retabli)\w*|we (?:confirm|accept)|nous (?:acceptons|confirmons|garantissons|nous engageons))\b")),
)  # fmt: skip
COMMON = frozenset(
    """bonjour madame monsieur mesdames messieurs cordialement bien merci vous nous votre notre
    selon concernant hello dear regards thank best janvier fevrier mars avril mai juin juillet
    aout septembre octobre novembre decembre""".split()
)


def find_commitments(text: str) -> tuple[str, ...]:
    """The kinds of commitment that `text` makes in its own name; quotations commit nobody."""
    folded = fold(re.sub(r"«[^»]*»", " ", text))
    return tuple(name for name, pattern in COMMITMENTS if pattern.search(folded))


def find_unproved(text: str, known: str) -> tuple[str, ...]:
    """The numbers, addresses and proper names of `text` that `known` does not hold."""
    digits = known_digits(known)
    names = frozenset(re.findall(r"[a-z0-9'-]+", fold(known)))
    unproved = [n for n in NUMBER.findall(text) if not _is_known_number(n, digits)]
    unproved += [a for a in ADDRESS.findall(text) if a.lower() not in known.lower()]
    unproved += [
        word for word in PROPER.findall(ADDRESS.sub(" ", text))
        if not _is_known_name(word, names)
    ]  # fmt: skip
    return tuple(dict.fromkeys(unproved))


def known_digits(known: str) -> frozenset[str]:
    """The numbers of what is known, blanks aside, whole and by groups of digits."""
    whole = {re.sub(r"\D", "", number) for number in NUMBER.findall(known)}
    return frozenset(whole | set(re.findall(r"\d+", known)))


def _is_known_number(number: str, digits: Collection[str]) -> bool:
    if re.sub(r"\D", "", number) in digits:
        return True
    return all(group in digits for group in re.findall(r"\d+", number))


def _is_known_name(word: str, names: Collection[str]) -> bool:
    folded = fold(word)
    return folded in names or folded in COMMON or folded.split("'")[-1] in names


def hide_ibans(text: str) -> str:
    """No bank account is ever copied into a reply."""
    return IBAN.sub("[coordonnées bancaires retirées]", text)
