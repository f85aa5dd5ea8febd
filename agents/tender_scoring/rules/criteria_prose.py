"""Award criteria in sentences and lists, by lot and stage."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from agents.tender_scoring.facts import Criterion
from agents.tender_scoring.rules.criteria_words import (
    CALL_OFF,
    FULL,
    THRESHOLD,
    TOPIC,
    VALUE,
    WEIGHT,
    clean_name,
    is_name,
    shorten,
    stage_of,
)
from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Statement, list_lots, lots_of
from agents.tender_scoring.rules.subcriteria import SUB_LEAD, list_bracketed
from core.words import fold

PROSE: tuple[re.Pattern[str], ...] = (
    # « La valeur technique compte pour 55 points »
    re.compile(
        rf"(?:^|[.;:,] |\bet )(?:le |la |l'|les |du |de la |de l'|des )?(?P<n>[a-z][^.;:,()%€]{{2,90}}?)"
        rf",? (?:notee?s? (?:sur|a hauteur de)|ponderee?s? (?:a|sur|a hauteur de)"
        r"|avec un (?:poids|coefficient) de|pour un poids de|valant|comptant pour|affectee?s? d'un"
        r" (?:poids|coefficient) de|compte(?:nt)?(?: pour)?|represente(?:nt)?|est (?:pondere|note|evalue|apprecie)e?s?"
        r"(?: (?:a|sur|a hauteur de))?|sont (?:pondere|note|apprecie)e?s?(?: (?:a|sur))?|vaut|vaudra"
        rf"|pese|entre(?:nt)? pour|intervien(?:t|nent) (?:pour|a hauteur de)|sur|a hauteur de|pour) "
        rf"{WEIGHT}"
    ),
    # « la qualité des références (50 %) », « Prix : 40 % », « Prix – 40 points »
    re.compile(
        r"(?:^|[;:,–-] |\bet |\bsur |\bcriteres? )(?:\d{1,2} ?[°).-] ?)?(?:criteres? (?:n ?[°o] ?)?\d? ?"
        r"(?::|-|–)? ?)?(?:le |la |l'|les |du |des )?(?P<n>[a-z][^.;:()%€\d]{2,90}?) ?"
        rf"(?:\(|\[|:|-|=|,|\.{{3,}}|\t| )\s?(?:(?:ponderation|note|notee?|coefficient) ?:? ?"
        rf"(?:de |sur |a )?)?{WEIGHT}"
    ),
    # « 40 % pour le prix », « 60 % : valeur technique »
    re.compile(
        rf"(?:^|[;:,] |\bet |- ){WEIGHT} ?(?:pour|au titre de|:|-|–|sur) (?:le |la |l'|les )?"
        r"(?P<n>[a-z][^.;:,()%€\d]{2,80})"
    ),
    re.compile(
        r"^(?:\d{1,2} ?[°).-] ?)?(?P<n>[a-z][^.;:%€\d]{2,100}?) (?:ponderation|note sur"
        rf"|sur|:)? ?{WEIGHT}"
    ),
)
LOT_HEADING = re.compile(r"\W*(?:pour (?:le )?)?lots? ?(?:n ?[°o] ?)?\d{1,2}\b")
ARTICLE = re.compile(r"\W*(?:article |art\.? ?)?(?P<n>\d{1,2}(?:\.\d{1,2})*)")
LONE = re.compile(r"(?:seul|unique) critere|seul prix|critere unique|critere (?:du|de) prix"
                  r" (?:seul|uniquement)|prix (?:seul|uniquement)|sole criterion")  # fmt: skip
NOTATION = re.compile(r"note technique (?:est )?inferieure|formule|offre la plus basse")


def read_prose(statements: list[Statement]) -> list[Criterion]:
    """Criteria of sentences and lists. Names of no usual word count where they complete 100."""
    usual = list(_prose_criteria(statements))
    totals = {key: total for key, total in _sums(usual).items() if total < FULL}
    if not totals:
        return usual
    every = list(_prose_criteria(statements, any_name=True))
    complete = {key for key in totals if _sums(every).get(key) == FULL}
    added = [c for c in every if (c.lots, c.stage) in complete]
    return [*(c for c in usual if (c.lots, c.stage) not in complete), *added]


def _sums(criteria: Iterable[Criterion]) -> dict[tuple[tuple[int, ...], str], Decimal]:
    sums: dict[tuple[tuple[int, ...], str], Decimal] = defaultdict(Decimal)
    for criterion in criteria:
        sums[criterion.lots, criterion.stage] += criterion.weight or 0
    return sums


def _prose_criteria(statements: list[Statement], *, any_name: bool = False) -> Iterator[Criterion]:
    current: tuple[int, ...] = ()
    section = topic = ""
    for statement in statements:
        if statement.unit.kind == "row":
            continue
        if statement.unit.section != section:
            section, current = statement.unit.section, ()
            topic = _open_topic(section, topic)
        if not (topic or TOPIC.search(statement.where) or TOPIC.search(statement.plain)):
            continue
        named = list_lots(statement.plain)
        if statement.unit.kind == "heading" or (named and statement.plain.rstrip().endswith(":")):
            current = named or current
        yield from _sentence_criteria(statement, current, any_name=any_name)


def _open_topic(section: str, topic: str) -> str:
    """The heading on criteria that `section` is or stands under: « 6.2 » under « 6 », a lot."""
    if TOPIC.search(fold(section)):
        return section
    if topic and (LOT_HEADING.match(fold(section)) or _is_below(section, topic)):
        return topic
    return ""


def _is_below(section: str, topic: str) -> bool:
    inner, outer = (ARTICLE.match(fold(each)) for each in (section, topic))
    if inner is None or outer is None:
        return False
    return f"{inner['n']}.".startswith(f"{outer['n']}.")


def _sentence_criteria(
    statement: Statement, current: tuple[int, ...], *, any_name: bool
) -> Iterator[Criterion]:
    if CALL_OFF.search(statement.plain) and LONE.search(statement.plain):
        name = "Marchés subséquents : prix"
        yield Criterion(name=name, weight=Decimal(100), stage="call_off",
                        evidence=(statement.cite(),))  # fmt: skip
        return
    if LONE.search(statement.plain) and not VALUE.search(statement.plain):
        if re.search(r"prix|price|cout", statement.plain):
            yield Criterion(name="Prix", weight=Decimal(100), lots=lots_of(statement),
                            evidence=(statement.cite(),))  # fmt: skip
        return
    if not _states_no_weight(statement):
        yield from _weighted_names(statement, current, any_name=any_name)


def _states_no_weight(statement: Statement) -> bool:
    """A list of sub-criteria, or a rule of notation, whose figures are no weights."""
    leads = SUB_LEAD.search(statement.plain) or SUB_LEAD.search(fold(statement.unit.lead))
    return bool(leads) or NOTATION.search(statement.plain) is not None


def _weighted_names(
    statement: Statement, current: tuple[int, ...], *, any_name: bool
) -> Iterator[Criterion]:
    plain = _without_brackets(statement.plain)
    taken: list[tuple[int, int]] = []
    for pattern in PROSE:
        for found in pattern.finditer(plain):
            name = statement.unit.text[found.start("n") : found.end("n")]
            if not (any_name or is_name(found["n"])) or THRESHOLD.search(found["n"]):
                continue
            if _overlaps(found.span("w"), taken):
                continue
            value = parse_number(found["w"])
            if not value or value > FULL or (any_name and value == FULL):
                continue
            taken.append(found.span("w"))
            yield Criterion(
                name=clean_name(shorten(name)), weight=value,
                lots=list_lots(statement.plain) or current or lots_of(statement),
                stage=stage_of(statement),
                subcriteria=list_bracketed(statement, found.end(), plain),
                evidence=(statement.cite(found.start("n"), _end(plain, found)),),
            )  # fmt: skip


def _end(plain: str, found: re.Match[str]) -> int:
    end = found.end()
    return end + 1 if plain[end : end + 1] == ")" else end


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)


def _without_brackets(plain: str) -> str:
    """Blank the brackets that hold no weight of a criterion: « (20) », « (sur DQE) »."""

    def blank(found: re.Match[str]) -> str:
        inner = found.group()[1:-1]
        keeps = re.fullmatch(rf"(?:ponderation|note|coefficient|soit)? ?:? ?{WEIGHT}", inner)
        return found.group() if keeps else " " * len(found.group())

    return re.sub(r"\([^()]*\)", blank, plain)
