"""References to the law in a text: articles of a code, laws, decrees, rules of the Union."""

from __future__ import annotations

import re

_ARTICLE = r"[LRDA]\*?(?:\.? ?|-)\d{1,4}(?:-\d{1,4}){0,3}"
_REFERENCE = re.compile(
    rf"(?i:\b(?:articles?|art\.?) (?:{_ARTICLE}|\d{{1,4}}(?:-\d{{1,4}}){{0,3}})"
    rf"(?:(?:, | et | ou | [àa] ){_ARTICLE})*)\b"
    # Without the word, « A-2026-12 » may be a record's: the hyphen or the year tells.
    r"|\b[LRDA]\*?(?:\. ?| )?(?!20\d\d)\d{3,4}-\d{1,4}(?:-\d{1,4}){0,2}\b"
    r"|\b[lrda](?!20\d\d)\d{3,4}-\d{1,4}(?:-\d{1,4}){0,2}\b"
    r"|(?i:\b(?:lois?|d[ée]crets?|arr[êe]t[ée]s?|ordonnances?|directives?|r[èe]glements?)"
    r"(?: (?:n ?[°o]|\(?(?:UE|CE)\)?))* ?\d{2,4}[-/]\d{1,5}(?:/(?:UE|CE))?)\b"
)


def find_legal_references(text: str) -> list[tuple[int, int]]:
    """Where each stands in `text`: « article L224-11 », « loi n° 2019-1147 », « R. 174-22 »."""
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    return [match.span() for match in _REFERENCE.finditer(plain)]
