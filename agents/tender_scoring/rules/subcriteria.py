"""Sub-criteria: beside the weight of what they detail, in its cell, or in a sentence apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agents.tender_scoring.facts import Criterion, Subcriterion
from agents.tender_scoring.rules.criteria_words import VALUE
from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Statement, list_lots
from core.words import fold

SUB = re.compile(
    r"(?P<n>[a-z][^.;:()%€\d]{2,90}?)(?:,? (?:est |sont )?note\w* sur |,? sur | ?: ?|, | ?\(| )"
    r"(?P<w>\d{1,3}(?:,\d)?) ?(?P<u>points?|pts|%)?(?=[\s,;.)]|$)(?! ?(?:mois|ans?|jours?|pages?|heures?|mwh|kva)\b)"
)
SUB_LEAD = re.compile(r"sous-?criteres?|sub-?criteri")
LOT_LEAD = re.compile(r"lots? ?(?:n ?[°o] ?)?\d{1,2}[ \d]*:")
NOISE = re.compile(r"^.*sous-?criteres? ?(?:suivants?|ci-apres)? ?:|le sous-?critere|[«»]"
                   r"|\bdu lot (?:n ?° ?)?\d+|^lots?[ \dn°]*:")  # fmt: skip


def list_points(text: str) -> tuple[Subcriterion, ...]:
    """« Facturation (25), relation : 15 points »: each name as written, with its points."""
    plain = fold(text)
    for noise in NOISE.finditer(plain):
        start, end = noise.span()
        text = text[:start] + " " * (end - start) + text[end:]
    plain = fold(text)
    return tuple(
        Subcriterion(name=_trim(text[m.start("n") : m.end("n")]), points=parse_number(m["w"]))
        for m in SUB.finditer(plain)
    )


def list_bracketed(statement: Statement, at: int, blanked: str) -> tuple[Subcriterion, ...]:
    """« : compréhension (20), conduite (20) » after a criterion, up to the sentence's end.

    `blanked` is the statement's folded text without its brackets that hold no weight.
    """
    rest = statement.plain[at:]
    if not re.match(r"\)?\s*[:,(]", rest) or VALUE.search(blanked, at + 1):
        rest = rest.split(" et ")[0] if re.match(r"\)?\s*[:(]", rest) else ""
    found = re.finditer(
        r"(?P<n>[a-z][^():;%€\d]{2,90}?) ?\((?P<w>\d{1,3}(?:,\d)?) ?(?:points?|pts|%)?\)", rest
    )
    return tuple(
        Subcriterion(
            name=_trim(statement.unit.text[at + m.start("n") : at + m.end("n")]),
            points=parse_number(m["w"]),
        )
        for m in found
    )


def _trim(name: str) -> str:
    """The name without the words that tie it to the sentence, its first letter a capital."""
    bare = re.sub(r"^(?:(?:,|et|dont|la|le|les)\s+|l['’]\s?)+", "", name.strip(" ,"), flags=re.I)
    bare = " ".join(bare.strip(" :–-,").split())
    return bare[:1].upper() + bare[1:]


def attach_subcriteria(
    criteria: Iterable[Criterion], statements: Iterable[Statement]
) -> Iterator[Criterion]:
    """Tie « Le sous-critère « délais » du lot 1 est noté sur 10 points » to what it details."""
    loose = [
        (list_lots(statement.plain), list_points(statement.unit.text))
        for statement in statements
        if statement.unit.kind != "row" and _lists_points(statement)
    ]
    for criterion in criteria:
        match = next(
            (subs for lots, subs in loose
             if subs and (not lots or not criterion.lots or set(lots) & set(criterion.lots))
             and sum(s.points or 0 for s in subs) == criterion.weight), None,
        )  # fmt: skip
        is_bare = match is not None and not criterion.subcriteria
        yield criterion.model_copy(update={"subcriteria": match}) if is_bare else criterion


def _lists_points(statement: Statement) -> bool:
    return bool(SUB_LEAD.search(statement.plain) or LOT_LEAD.match(statement.plain))
