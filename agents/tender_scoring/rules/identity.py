"""Who buys what: buyer, object, reference, procedure, form, CPV codes, places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from agents.tender_scoring.facts import Fact
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading, Statement, clip, make_fact
from core.words import fold

RULES = ("rc", "ccp", "corrigendum")
ALL = ("rc", "ccp", "corrigendum", "ccap", "cctp", "ae", "notice")
BODIES = (
    r"communaute (?:d'agglomeration|de communes|urbaine)|metropole|ville|commune|mairie"
    r"|departement|region|conseil (?:departemental|regional)|syndicat|territoire d'energie"
    r"|sivom|sivu|sdis|service departemental|centre hospitalier|chu\b|hopita(?:l|ux)|groupement"
    r"|ght\b|universite|lycee|college|rectorat|etablissement public|office public|opac\b|oph\b"
    r"|chambre|agence|regie|societe|sem\b|spl\b|sa hlm|caisse|ministere|prefecture|port|crous"
    r"|centre communal|ccas|ehpad|union|federation|association|gip\b|ugap|resah|cci\b|institut"
)
BUYER_LABEL = re.compile(
    r"(?:pouvoir adjudicateur|entite adjudicatrice|maitre d'ouvrage|acheteur(?: public)?"
    r"|collectivite|organisme acheteur|personne publique|denomination|contracting authority|buyer"
    r"|coordonnateur)[^:|]{0,45}(?::|\|)\s*(?P<name>.{4,140}?)(?:$|[.;(|]| - | représent)"
)
OWNER_SECTION = re.compile(r"acheteur|pouvoir adjudicateur|entite adjudicatrice|maitre d'ouvrage"
                           r"|organisme|identification|contracting authority")  # fmt: skip
BUYER_VERB = re.compile(
    rf"^(?:le|la|l'|les) ?(?P<name>(?:{BODIES}).{{0,110}}?)(?:,| \(| exerce| agit| est (?:maitre"
    r"|le pouvoir|l'acheteur|coordonn)| achete| lance| souhaite| organise| recherche| passe )"
)
HEADING = re.compile(
    rf"^\s*(?:la |le |l')?(?P<name>(?:{BODIES})\b[^.:;|,()]{{2,90}}?)\s*(?: [-–—] .*)?$"
)
HEAD_CHARS = 600
CODE = (r"(?!du |de |le |la |les |en |au |n )[a-z]{2,6} \d{4}[-/]\d{2,6}|[a-z\d]{1,14}(?:[-_/.][a-z\d]{1,14}){1,5}|\d{2,8}[a-z]{1,8}\d{1,8}[a-z\d]*"
        r"|\d{4,10}|[a-z]{1,8}\d{2,10}[a-z\d]*")  # fmt: skip
REFERENCE = re.compile(
    r"(?:reference|consultation|marche|accord-cadre|affaire|dossier|procedure|appel d'offres"
    r"|tender|contract|ref\.?)(?: (?:public|du marche|de la consultation|no|interne|acheteur"
    r"|d'affaire|de prestations intellectuelles|de services?|de travaux|de fournitures|referencee?s?"
    r"|enregistree?s? sous|portant|sous))*"
    rf"(?: ?n ?[°o.]| numero| ?:| reference| no\.?|)[ :]*(?P<code>{CODE})(?![\w/])"
)
NOT_REFERENCE = re.compile(r"^(?:[lrd]\.?[-. ]?\d{3,4}-\d+.*|20\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
                           r"|\d{8}-\d|[a-z]+(?:-[a-z]+)*|\d{14}|www.*)$")  # fmt: skip
PROCEDURES: tuple[tuple[str, str], ...] = (
    (r"procedure avec negociation", "procédure avec négociation"),
    (r"dialogue competitif", "dialogue compétitif"),
    (r"appels? d'offres ouverts?|procedure ouverte|open procedure", "appel d’offres ouvert"),
    (r"appels? d'offres restreints?|procedure restreinte|restricted procedure",
     "appel d’offres restreint"),
    (r"procedure adaptee ouverte|mapa ouvert", "procédure adaptée ouverte"),
    (r"procedure adaptee restreinte", "procédure adaptée restreinte"),
    (r"procedure adaptee|\bmapa\b", "procédure adaptée"),
    (r"sans publicite ni mise en concurrence", "marché sans publicité ni mise en concurrence"),
    (r"concession", "concession"),
)  # fmt: skip
FRAMEWORK = re.compile(r"accords?-cadres?|marches? subsequents?|(?:a|par|emission de) bons de commande"
                       r"|framework agreement|systeme d'acquisition dynamique")  # fmt: skip
CPV = re.compile(r"(?<!\d)(?P<code>\d{8})(?:-(?P<check>\d))?(?![\d-])")
CPV_WORDS = re.compile(r"cpv|nomenclature|classification|vocabulaire commun")
OBJECT = re.compile(
    r"(?:(?:consultation|marche|accord-cadre|contrat|reglement|procedure)s? (?:(?:a|ont) pour objet"
    r"|(?:porte|portent|concerne|concernent|vise|visent)\b(?: sur)?)|a pour objet"
    r"|^(?:objet|intitule)(?: (?:de la consultation|du marche))? ?:"
    r"|subject(?: of the contract)? ?:)\s*(?P<object>.{10,400})"
)
LEAST_OBJECT = 20
OBJECT_SECTION = re.compile(r"^[\W\dvix]*(?:section [ivx\d]+\W*|article \d+\W*)?objet"
                            r"(?: (?:de la consultation|du marche))?\W*$")  # fmt: skip
SENTENCE = re.compile(r"\b(?:est|sont|ont|souhaite|lance|agit|comprend|porte)\b")
TYPES: tuple[tuple[str, str], ...] = (
    (r"marche global de performance|marche public global", "travaux et services (marché global)"),
    (r"prestations? intellectuelles?|assistance a maitrise d'ouvrage|\bamo\b|conseil",
     "services (prestations intellectuelles)"),
    (r"fournitures?,? (?:et )?(?:l')?acheminement|fourniture (?:d'|de |en )(?:electricite|gaz"
     r"|energie)|fourniture et (?:l')?acheminement|supply of", "fournitures"),
    (r"fourniture,? (?:et )?pose|travaux|construction|renovation", "travaux"),
    (r"services?|maintenance|exploitation|nettoyage|surveillance|prestations?", "services"),
    (r"fournitures?", "fournitures"),
)  # fmt: skip


def read_buyer(reading: Reading, notice: Notice) -> Fact | None:
    """The buyer: the notice's name where the rules of consultation say it, else a labelled one.

    Else the public body whose name stands alone at the head of those rules.
    """
    label, named = "Acheteur", fold(notice.buyer) if notice.buyer else None
    statements = _body_first(reading.of(*ALL))
    for statement in statements:
        if named and named in statement.plain and _presents(statement):
            return make_fact("buyer", label, notice.buyer or "", statement)
    for pattern in (BUYER_VERB, BUYER_LABEL):
        for statement in statements:
            found = pattern.search(statement.plain)
            if found and re.search(BODIES, found["name"]):
                name = _cut(statement, found.start("name"), found.end("name"))
                return make_fact("buyer", label, name, statement)
    if notice.buyer and named:
        told = next((s for s in reading.of(*ALL) if named in s.plain), None)
        return (
            make_fact("buyer", label, notice.buyer, told)
            if told
            else notice.fact("buyer", label, notice.buyer, "buyer")
        )
    return _read_heading(reading, label)


def _read_heading(reading: Reading, label: str) -> Fact | None:
    for statement in reading.of(*RULES):
        if is_heading_of_body(statement.plain, statement.unit.start):
            name = find_heading(statement.unit.text) or statement.unit.text
            return make_fact("buyer", label, clip(name.strip()), statement)
    return None


def is_heading_of_body(plain: str, start: int) -> bool:
    """Tell a line of a piece's head, already folded, that opens on the name of a public body."""
    return start < HEAD_CHARS and bool(HEADING.match(plain)) and not SENTENCE.search(plain)


def find_heading(line: str) -> str | None:
    """The name of the body that a line opens on, without what a dash adds to it."""
    found = HEADING.match(fold(line))
    return line[found.start("name") : found.end("name")].strip() if found else None


def _presents(statement: Statement) -> bool:
    """Tell a sentence that introduces the buyer from one that only names it."""
    if OWNER_SECTION.search(statement.where) and statement.unit.kind != "heading":
        return True
    return statement.unit.kind != "heading" and bool(
        re.search(
            r"agit|siege|exerce|represente|maitre d'ouvrage|pouvoir adjudicateur|acheteur|achete"
            r"|coordonn|organis|lance|entite adjudicatrice", statement.plain,
        )
    )  # fmt: skip


def _body_first(statements: Iterator[Statement]) -> list[Statement]:
    """Statements of the first page last: a cover names, an article says."""
    held = list(statements)
    return sorted(held, key=_is_cover)


def _is_cover(statement: Statement) -> bool:
    place = statement.piece.text.find_place(statement.unit.start)
    if place.page is not None:
        return place.page == 1 and (statement.piece.text.pages or 0) > 2
    return statement.unit.start < 500 and len(statement.piece.text.text) > 2000


def _cut(statement: Statement, start: int, end: int) -> str:
    return clip(statement.unit.text[start:end].strip(" ,:–-"), 140)


def read_reference(reading: Reading) -> Fact | None:
    """The code that the most pieces give to the consultation."""
    votes: Counter[str] = Counter()
    first: dict[str, tuple[Statement, int, int]] = {}
    for statement in reading.of(*ALL):
        early = 3 if statement.unit.start < 2500 else 1
        for found in REFERENCE.finditer(statement.plain):
            code = found["code"].strip(".-/")
            if NOT_REFERENCE.match(code) or not re.search(r"\d", code) or len(code) < 4:
                continue
            votes[code] += early + (2 if statement.kind == "rc" else 0)
            first.setdefault(code, (statement, found.start("code"), found.end("code")))
    if not votes:
        return None
    code, _ = max(votes.items(), key=lambda each: (each[1], len(each[0])))
    statement, start, end = first[code]
    return make_fact(
        "reference", "Référence", statement.unit.text[start:end].strip(" ."), statement
    )


def read_title(reading: Reading, notice: Notice) -> Fact | None:
    """The object: the notice's words where the cover has them, else the cover or the article."""
    wanted = set(re.findall(r"[a-z]{4,}", fold(notice.title or "")))
    best: tuple[float, Statement] | None = None
    for statement in reading.of("rc", "ccp", "cctp", "ccap"):
        if statement.unit.start > 6000:
            continue
        words = set(re.findall(r"[a-z]{4,}", statement.plain))
        share = len(words & wanted) / len(wanted) if wanted else 0.0
        precise = len(words & wanted) / max(1, len(words))
        if share >= 0.3 and (best is None or share * precise > best[0]):
            best = (share * precise, statement)
    if best is not None:
        return make_fact("title", "Objet", notice.title or clip(best[1].unit.text), best[1])
    for statement, found in reading.find(OBJECT, ("rc", "ccp", "ccap", "cctp", "ae", "notice")):
        value = _cut(statement, found.start("object"), found.end("object"))
        return make_fact("title", "Objet", value.rstrip("."), statement)
    for statement in reading.of("rc", "ccp", "notice"):
        section = statement.where.split(" |", 1)[0]
        if (statement.unit.kind != "heading" and OBJECT_SECTION.match(section)
                and len(statement.plain) > LEAST_OBJECT and not SENTENCE.search(statement.plain)
                and not CPV_WORDS.match(statement.plain)):  # fmt: skip
            return make_fact("title", "Objet", clip(statement.unit.text).rstrip("."), statement)
    return notice.fact("title", "Objet", notice.title, "title")


def read_procedure(reading: Reading, notice: Notice) -> Fact | None:
    """The procedure, from the article that states it rather than from the cover."""
    for statement in _body_first(reading.of("rc", "ccp", "ccap", "notice")):
        if statement.unit.kind == "heading" and not _is_cover(statement):
            continue
        for pattern, value in PROCEDURES:
            if re.search(pattern, statement.plain) and _states_procedure(statement):
                return make_fact("procedure", "Procédure", value, statement)
    return notice.fact("procedure", "Procédure", notice.procedure, "procedure")


def _states_procedure(statement: Statement) -> bool:
    return bool(
        re.search(r"procedure|passe|soumis|articles?|consultation|marche|ouvert", statement.plain)
    ) and not re.search(r"recours|commission d'appel d'offres", statement.plain)


def read_framework(reading: Reading) -> Fact | None:
    """The form of the contract when it is a framework."""
    best: tuple[int, Fact] | None = None
    for statement in _body_first(reading.of("rc", "ccp", "ccap", "ae")):
        if FRAMEWORK.search(statement.plain) and statement.unit.kind != "heading":
            plain = statement.plain
            parts = ["accord-cadre" if "accord" in plain else "marché"]
            parts += [
                word for pattern, word in (
                    (r"multi-? ?attributaire|plusieurs (?:titulaires|attributaires)"
                     r"|\w+ titulaires", "multi-attributaire"),
                    (r"mono-? ?attributaire|un seul (?:titulaire|attributaire)",
                     "mono-attributaire"),
                    (r"marches? subsequents?", "à marchés subséquents"),
                    (r"bons de commande", "à bons de commande"),
                ) if re.search(pattern, plain)
            ]  # fmt: skip
            is_form = len(parts) > 1 and (parts[0] != "marché" or "bons de commande" in parts[-1])
            if is_form and (best is None or len(parts) > best[0]):
                best = (len(parts), make_fact("framework", "Forme", " ".join(parts), statement))
    return best[1] if best else None


def read_type(reading: Reading, notice: Notice) -> Fact | None:
    """Supplies, services or works, by the words of the object."""
    held = [s for s in reading.of("rc", "ccp") if OBJECT.search(s.plain)]
    for statement in [*held, *(s for s in reading.of("rc", "ccp") if s.unit.start < 1200)]:
        for pattern, value in TYPES:
            if re.search(pattern, statement.plain):
                told = (notice.contract_type or value).lower()
                return make_fact("contract_type", "Type de marché", told, statement)
    return notice.fact("contract_type", "Type de marché", notice.contract_type, "nature")


def read_cpv(reading: Reading, notice: Notice) -> tuple[Fact, ...]:
    """CPV codes, the main one first; a code is eight digits, with its check digit or a cue."""
    facts: dict[str, Fact] = {}
    for statement in reading.of("rc", "ccp", "ccap", "cctp", "notice"):
        has_cue = CPV_WORDS.search(statement.plain) or CPV_WORDS.search(statement.where)
        for found in CPV.finditer(statement.plain):
            if not has_cue and not found["check"]:
                continue
            code = found.group()
            facts.setdefault(found["code"], make_fact("cpv", "Code CPV", code, statement))
    if not facts:
        made = (notice.fact("cpv", "Code CPV", code, "cpv") for code in notice.cpv)
        return tuple(fact for fact in made if fact)
    return tuple(facts.values())


def read_locations(reading: Reading, notice: Notice) -> tuple[Fact, ...]:
    """Departments where the contract is performed, by the notice or by « (77) » beside a name."""
    codes = [notice.fact("location", "Département", code, "code_departement")
             for code in notice.departments]  # fmt: skip
    if any(codes):
        return tuple(fact for fact in codes if fact)
    facts: dict[str, Fact] = {}
    for statement in reading.of("rc", "ccp", "cctp"):
        for found in re.finditer(
            r"\((?P<d>0[1-9]|[1-8]\d|9[0-5]|2[ab]|97[1-6])\)|(?<!\d)"
            r"(?P<p>(?:0[1-9]|[1-8]\d|9[0-5])\d{3}) [a-z]",
            statement.plain,
        ):
            if "tribunal" in statement.plain or "recours" in statement.where:
                continue
            code = found["d"] or found["p"][:2]
            facts.setdefault(code, make_fact("location", "Département", code.upper(), statement))
    return tuple(facts.values())[:3]
