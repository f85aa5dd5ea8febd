"""Award criteria and their weights, per lot and stage: tables, lists, prose, scanned pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Literal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import CriteriaTotal, Criterion, Subcriterion
from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Reading, Statement, cite, list_lots, lots_of
from core.words import fold
from ingest.tenders.texts import Cell

KINDS = ("rc", "ccp", "corrigendum", "notice", "annex", "other")
TOPIC = re.compile(r"criter|jugement|ponderation|attribution|selection|award|weighting|notation"
                   r"|classement|analyse des offres")  # fmt: skip
HEADER_NAME = re.compile(r"criter|intitule|libelle|designation|award")
HEADER_WEIGHT = re.compile(r"ponderation|poids|points?\b|note|coefficient|bareme|%|weight|valeur")
HEADER_SUB = re.compile(r"sous-?criter|sous critere|element|detail|apprecia|contenu|sub-?criter")
WEIGHT = r"(?P<w>\d{1,3}(?:,\d{1,2})?) ?(?:%|pour cent|points?\b|pts?\b|/ ?100)"
VALUE = re.compile(rf"(?<![\d.,]){WEIGHT}")
NAMES = (
    r"prix|cout|valeur|qualite|performance|environnement|technique|delai|memoire|methodologie"
    r"|organisation|moyens|insertion|social|rse\b|developpement durable|reference|equipe"
    r"|coherence|experience|competence|service|securite|pertinence|financ|economi|price|quality"
    r"|cost|technical|innovation|garanti|planning|comprehension|accompagnement|energie"
)
KNOWN_NAME = re.compile(NAMES)
CANDIDACY = re.compile(r"selection(?:nees?)? des candidat|candidatures? (?:sont|est) (?:selectionn"
                       r"|class|not|appreci|jug)|selection des candidatures|candidats? (?:admis"
                       r"|retenus?) .{0,30}criter")  # fmt: skip
CALL_OFF = re.compile(r"marches? subsequents?")
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
SUB = re.compile(
    r"(?P<n>[a-z][^.;:()%€\d]{2,90}?)(?:,? (?:est |sont )?note\w* sur |,? sur | ?: ?|, | ?\(| )"
    r"(?P<w>\d{1,3}(?:,\d)?) ?(?P<u>points?|pts|%)?(?=[\s,;.)]|$)"
)
FULL = Decimal(100)
LOT_HEADING = re.compile(r"\W*(?:pour (?:le )?)?lots? ?(?:n ?[°o] ?)?\d{1,2}\b")
ARTICLE = re.compile(r"\W*(?:article |art\.? ?)?(?P<n>\d{1,2}(?:\.\d{1,2})*)")
LONE = re.compile(r"(?:seul|unique) critere|seul prix|critere unique|critere (?:du|de) prix"
                  r" (?:seul|uniquement)|prix (?:seul|uniquement)|sole criterion")  # fmt: skip
NOTATION = re.compile(r"note technique (?:est )?inferieure|formule|offre la plus basse")
SUB_LEAD = re.compile(r"sous-?criteres?|sub-?criteri")
NOT_NAME = re.compile(r"\b(?:taux|tva|avance|retenue|penalit|revision|limite|seuil|minim|augmentation"
                      r"|part |plafon|consomm|volume|chiffre|majoration|reduction de|dispos)")  # fmt: skip


def read_criteria(reading: Reading) -> tuple[Criterion, ...]:
    """The criteria of every lot and stage, in the order the file gives them."""
    found: list[Criterion] = []
    for piece_statements in _by_piece(reading):
        statements = list(piece_statements)
        made = [*_from_tables(statements), *_from_prose(statements)]
        found += [c for c in made if not _is_known(c, found)]
        if found and statements and statements[0].kind == "rc":
            break
    return tuple(_with_subcriteria(_consistent(found), reading))


def _by_piece(reading: Reading) -> Iterator[Iterable[Statement]]:
    held = list(reading.of(*KINDS))
    for _, group in groupby(held, key=lambda each: each.piece.id):
        yield group


def _is_known(new: Criterion, held: Iterable[Criterion]) -> bool:
    return any(
        old.stage == new.stage and old.lots == new.lots and old.weight == new.weight
        and _same_name(old.name, new.name)
        for old in held
    )  # fmt: skip


def _same_name(left: str, right: str) -> bool:
    a, b = (set(re.findall(r"[a-z]{3,}", fold(each))) for each in (left, right))
    return bool(a & b) and len(a & b) >= 0.6 * min(len(a), len(b))


def list_totals(criteria: Iterable[Criterion], lots: Iterable[int]) -> tuple[CriteriaTotal, ...]:
    """The sum of the weights of each lot and stage."""
    sums: dict[tuple[int | None, str], Decimal] = defaultdict(Decimal)
    listed = list(criteria)
    specific = sorted({lot for c in listed for lot in c.lots} & set(lots) or
                      {lot for c in listed for lot in c.lots})  # fmt: skip
    for criterion in listed:
        targets: Iterable[int | None] = criterion.lots or (
            specific if any(c.lots and c.stage == criterion.stage for c in listed) else (None,)
        )
        for lot in targets:
            sums[lot, criterion.stage] += criterion.weight or 0
    return tuple(CriteriaTotal(lot=lot, stage=stage, total=total)
                 for (lot, stage), total in sums.items())  # fmt: skip


# Tables


def _from_tables(statements: list[Statement]) -> Iterator[Criterion]:
    rows = [each for each in statements if each.unit.kind == "row"]
    for _, group in groupby(rows, key=lambda each: (each.piece.id, each.unit.table)):
        table = list(group)
        header = _find_header(table)
        if header is None:
            continue
        if len(header.lots) > 0:
            yield from _matrix(table[header.row + 1 :], header)
        else:
            yield from _columns(table[header.row + 1 :], header)


class _Header:
    """The columns of a table of criteria; `lots` maps a column to the lots it weighs."""

    def __init__(self, row: int, name: int, weight: int | None, sub: int | None,
                 lots: dict[int, tuple[int, ...]], lot_column: int | None) -> None:  # fmt: skip
        self.row = row
        self.name = name
        self.weight = weight
        self.sub = sub
        self.lots = lots
        self.lot_column = lot_column


def _find_header(table: list[Statement]) -> _Header | None:
    for at, row in enumerate(table[:3]):
        cells = [fold(cell.text) for cell in row.unit.cells]
        squeezed = [re.sub(r"[^a-z%-]", "", cell) for cell in cells]
        names = [n for n, cell in enumerate(squeezed) if HEADER_NAME.search(cell)
                 and not HEADER_SUB.search(cell)]  # fmt: skip
        subs = [n for n, cell in enumerate(squeezed) if HEADER_SUB.search(cell)]
        weights = [n for n, cell in enumerate(squeezed) if HEADER_WEIGHT.search(cell)
                   and n not in names and n not in subs]  # fmt: skip
        lots = {n: found for n, cell in enumerate(cells) if (found := list_lots(cell))}
        lot_column = next((n for n, c in enumerate(squeezed) if c in ("lot", "lots", "nlot")), None)
        if names and lots:
            return _Header(at, names[0], None, None, lots, None)
        if names and weights:
            return _Header(at, names[0], weights[0], subs[0] if subs else None, {}, lot_column)
    return _headless(table)


def _headless(table: list[Statement]) -> _Header | None:
    """A table without header under a section on criteria: a name, then a weight."""
    if not TOPIC.search(table[0].where):
        return None
    rows = [row for row in table if len(row.unit.cells) >= 2]
    for column in range(1, max((len(row.unit.cells) for row in rows), default=0)):
        values = [_weight(row.unit.cells[column].text) for row in rows
                  if column < len(row.unit.cells)]  # fmt: skip
        if len(values) > 1 and all(value is not None for value in values):
            return _Header(-1, 0, column, None, {}, None)
    return None


def _weight(text: str) -> Decimal | None:
    plain = fold(text)
    found = re.fullmatch(
        r"\D{0,12}?(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|points?|pts|/ ?\d+|)\D{0,14}", plain
    )
    if found is None:
        return None
    value = parse_number(found[1].replace(".", ","))
    return value if value is not None and value <= 100 else None


def _matrix(rows: list[Statement], header: _Header) -> Iterator[Criterion]:
    for row in rows:
        cells = row.unit.cells
        if header.name >= len(cells) or _is_total(cells[header.name].text):
            continue
        for column, lots in header.lots.items():
            value = _weight(cells[column].text) if column < len(cells) else None
            if value:
                name = _clean_name(cells[header.name].text)
                yield Criterion(name=name, weight=value, lots=lots,
                                evidence=(_cite_cells(row, cells[header.name]),))  # fmt: skip


def _columns(rows: list[Statement], header: _Header) -> Iterator[Criterion]:
    if header.weight is None:
        return
    lots: tuple[int, ...] = lots_of(rows[0]) if rows else ()
    last: Criterion | None = None
    for row in rows:
        cells = row.unit.cells
        if len(cells) <= max(header.weight, header.name):
            lots = list_lots(row.plain) or lots
            continue
        if header.lot_column is not None:
            stated = re.findall(r"\d{1,2}", cells[header.lot_column].text)
            lots = tuple(map(int, stated)) or lots
        name, value = cells[header.name].text, _weight(cells[header.weight].text)
        if not name.strip() or value is None or _is_total(name) or value == 0:
            lots = list_lots(row.plain) if value is None and list_lots(row.plain) else lots
            continue
        if last is not None and re.match(r"\W*(?:sous-?critere|-|•|dont\b)", fold(name)):
            continue
        subs = _subs(cells[header.sub].text) if header.sub is not None else ()
        last = Criterion(name=_clean_name(name), weight=value, lots=lots,
                         stage=_stage(row), subcriteria=subs,
                         evidence=(_cite_cells(row, cells[header.name]),))  # fmt: skip
        yield last


def _is_total(name: str) -> bool:
    return bool(re.match(r"\W*(?:total|somme|ensemble)\b", fold(name)))


def _cite_cells(row: Statement, name: Cell) -> Evidence:
    """The row when its name and weight follow one another, else the name alone."""
    source = row.piece.text.text
    after = source[name.end : row.unit.end]
    found = re.match(r"\s{1,3}\|? ?\d{1,3}(?:,\d+)? ?(?:%|points?|pts)?", after)
    if name.end <= name.start:
        return row.cite()
    return cite(row.piece, name.start, name.end + (found.end() if found and "|" not in found[0]
                                                   else 0))  # fmt: skip


def _clean_name(text: str) -> str:
    name = re.sub(r"^\s*(?:crit[eè]re\s*)?(?:n\s?°\s?)?\d{0,2}\s*[.:)–-]\s*", "", text, flags=re.I)
    name = re.sub(r"\s*\((?:DQE|BPU|DPGF|DGPF)\)\s*$", "", name)
    return " ".join(name.split()).strip(" :–-,") or text.strip()


# Prose and lists


def _from_prose(statements: list[Statement]) -> list[Criterion]:
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
    return bool(inner and outer) and f"{inner['n']}.".startswith(f"{outer['n']}.")  # type: ignore[index]


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
            if not (any_name or _is_name(found["n"])) or _overlaps(found.span("w"), taken):
                continue
            value = parse_number(found["w"])
            if not value or value > FULL or (any_name and value == FULL):
                continue
            taken.append(found.span("w"))
            yield Criterion(
                name=_clean_name(_shorten(name)), weight=value,
                lots=list_lots(statement.plain) or current or lots_of(statement),
                stage=_stage(statement),
                subcriteria=_bracket_subs(statement.plain, found.end(), plain),
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


def _is_name(name: str) -> bool:
    if NOT_NAME.search(name):
        return False
    return bool(KNOWN_NAME.search(name)) and len(name.split()) <= 14


def _shorten(name: str) -> str:
    """The name without the sentence that runs up to it."""
    found = re.search(
        r".*\b(?:sur|selon|suivants?|notamment)\s+(?:la |le |l['’]|les )?(?=\w)", name, re.I
    )
    cut = name[found.end() :] if found and len(name) > 40 else name
    cut = re.sub(r"^(?:la |le |les |l['’]|et )+", "", cut.strip(), flags=re.I)
    return cut[:1].upper() + cut[1:]


def _stage(statement: Statement) -> Literal["offer", "candidacy", "call_off"]:
    if CANDIDACY.search(statement.plain) or re.search(
        r"selection(?: des candidat|\b)|candidatures", statement.where
    ):
        return "candidacy"
    if CALL_OFF.search(statement.plain) or CALL_OFF.search(statement.where):
        return "call_off"
    return "offer"


# Sub-criteria


def _bracket_subs(plain: str, at: int, blanked: str) -> tuple[Subcriterion, ...]:
    """« : compréhension (20), conduite (20) » after a criterion, up to the sentence's end."""
    rest = plain[at:]
    if not re.match(r"\)?\s*[:,(]", rest) or VALUE.search(blanked, at + 1):
        rest = rest.split(" et ")[0] if re.match(r"\)?\s*[:(]", rest) else ""
    pairs = re.findall(
        r"([a-z][^():;%€\d]{2,90}?) ?\((\d{1,3}(?:,\d)?) ?(?:points?|pts|%)?\)", rest
    )
    return tuple(Subcriterion(name=_trim(name), points=parse_number(value))
                 for name, value in pairs)  # fmt: skip


def _subs(text: str) -> tuple[Subcriterion, ...]:
    found = [Subcriterion(name=_trim(m["n"]), points=parse_number(m["w"]))
             for m in SUB.finditer(fold(text))]  # fmt: skip
    return tuple(found)


def _trim(name: str) -> str:
    return re.sub(r"^(?:,|et|dont|la|le|les|l'| )+ ?|[ :,–-]+$", "", name.strip()).strip()


def _with_subcriteria(criteria: list[Criterion], reading: Reading) -> Iterator[Criterion]:
    """Attach « Le sous-critère « délais » du lot 1 est noté sur 10 points » to what it details."""
    loose: list[tuple[tuple[int, ...], tuple[Subcriterion, ...]]] = []
    for statement in reading.of(*KINDS):
        if statement.unit.kind == "row":
            continue
        has_lead = SUB_LEAD.search(statement.plain)
        lots = list_lots(statement.plain)
        if has_lead or (lots and re.match(r"lots?[ \dn°]*:", statement.plain)):
            plain = re.sub(r"^.*sous-?criteres? ?(?:suivants?|ci-apres)? ?:", "", statement.plain)
            plain = re.sub(r"le sous-?critere|«|»|\bdu lot (?:n ?° ?)?\d+", " ", plain)
            plain = re.sub(r"^lots?[ \dn°]*:", "", plain)
            loose.append((lots, _subs(re.sub(r" {2,}", " ", plain))))
    for criterion in criteria:
        match = next(
            (subs for lots, subs in loose
             if subs and (not lots or not criterion.lots or set(lots) & set(criterion.lots))
             and sum(s.points or 0 for s in subs) == criterion.weight), None,
        )  # fmt: skip
        has_own = bool(criterion.subcriteria)
        yield (
            criterion
            if has_own or not match
            else criterion.model_copy(update={"subcriteria": match})
        )


def _consistent(found: list[Criterion]) -> list[Criterion]:
    """Drop what is listed twice: a recap that repeats names and weights of the same stage."""
    kept: list[Criterion] = []
    for criterion in found:
        twin = next((k for k in kept if k.stage == criterion.stage and k.weight == criterion.weight
                     and _same_name(k.name, criterion.name)
                     and (k.lots == criterion.lots or not criterion.lots)), None)  # fmt: skip
        if twin is None:
            kept.append(criterion)
    return kept
