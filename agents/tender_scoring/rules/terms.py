"""Dates and terms of the consultation: deadlines, visit, validity, duration, variants."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agents.tender_scoring.facts import Fact
from agents.tender_scoring.rules.moments import Moment, list_moments
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.quantities import (
    Quantity,
    in_days,
    in_months,
    list_durations,
    parse_number,
)
from agents.tender_scoring.rules.statements import (
    Reading,
    Statement,
    clip,
    lots_of,
    make_fact,
)
from core.formats import count_noun, format_instant

FIRST = ("rc", "corrigendum", "ccp", "notice")
DEADLINE = re.compile(
    r"date(?:s)? (?:et heures? )?limites?(?: (?:de|pour la|fixees? pour))?(?: la)?"
    r"(?: (?:reception|remise|depot|transmission|envoi))?|plis?|offres?|candidatures?|reponses?"
    r"|soumissions?|propositions?|tenders?|bids?|deadline|dossiers?"
)
DEADLINE_VERB = re.compile(
    r"au plus tard|jusqu'au|jusqu'a|avant le|avant l|limite|dernier delai|au plus tard|pour le (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|\d)"
    r"|no later than|by\b|deadline|closing"
)
DEADLINE_ACT = re.compile(
    r"parven|remis|recu|depos|transmis|reception|remise|depot|adress|envoy|submi|receiv|limite"
)
QUESTION = re.compile(
    r"questions?\b|renseignements? complementaires?|demandes? (?:de|d') ?(?:renseignement"
    r"|information|precision|eclaircissement)|informations? complementaires?|requests? for"
    r" (?:information|clarification)|clarification"
)
NOT_DEADLINE = re.compile(
    r"visite|notification|publication|debut|demarrage|commission|ouverture des plis|fourniture"
    r" (?:debute|commence)|reponses? (?:sont|seront|est)|version|rectificatif du|approuve|fait a"
    r"|au plus tot|a compter du"
)
VISIT = re.compile(r"\bvisites?\b|site visit")
VALIDITY = re.compile(
    r"validite(?: des? (?:l'|leur )?offres?| des prix)?|offres? (?:est|sont|reste|demeure)\w* "
    r"(?:valables?|fermes?)|(?:tenus?|engages?|lies?|maintien\w*) (?:par|de|a maintenir)?"
    r".{0,25}(?:offres?|propositions?|soumissions?)|(?:candidats?|soumissionnaires?|engagement)"
    r"[^.]{0,40}(?:offres?|engagement)[^.]{0,20}(?:pendant|durant)|delai d'option|delai d'engagement|offres? (?:valable|engage)"
    r"|tenu par son offre|tenders? (?:remain|must remain|shall remain|are) valid|validity"
)
CALL_OFF = re.compile(r"marches? subsequents?|remise en concurrence|clic|cotation")
DURATION = re.compile(
    r"\bduree\b|conclus? pour|passe pour|periode initiale|duration|concluded for|term of"
)
LASTS = re.compile(r"(?:accords?-cadres?|marches?|contrats?)\b[^.]{0,50}(?:duree|conclu|passe)"
                   r"|duree (?:du (?:marche|contrat)|de l'accord-cadre|des accords)")  # fmt: skip
OTHER_DURATION = re.compile(
    r"marches? subsequents?|validite|garantie|penalite|paiement|prescription|bon de commande"
    r"|conservation|experience|seance|ouvres|visite"
)
RENEWAL = re.compile(
    r"reconduc\w+|recondui\w+|prolonge\w*|proroge\w*|renouvel(?:able|lement)\w*|tacite|renewal|renewable|extended"
)
NO_RENEWAL = re.compile(
    r"(?:n'est|ne sera|n'est pas|pas|non|sans|aucune?|ni)[^.]{0,25}(?:recondu|renouvel|prolonge|proroge)|not renewable"
)
TIMES = re.compile(r"(?P<n>une|deux|trois|quatre|cinq|\d) (?:\(\d\) )?(?:fois|reconductions?"
                   r"|periodes?)|once|twice")  # fmt: skip
TOTAL = re.compile(r"duree (?:totale|maximale|globale)|exceder|maximum de|au total|total duration")
VARIANT = re.compile(r"\bvariantes?\b|variants?\b")
REFUSED = re.compile(
    r"interdit|pas (?:autorise|admis|accepte|ouvert)|ne sont pas|n'est pas|aucune|non (?:autorise"
    r"|admis)|n'est admise|exclu|proscri|not (?:allowed|permitted|authori)|prohibited"
)
ALLOWED = re.compile(r"autorise|admis|accepte|possible|peuvent (?:presenter|proposer)|allowed")


def read_deadline(reading: Reading, notice: Notice) -> Fact | None:
    """The instant by which tenders (or candidacies) must be in, from the best sentence."""
    best = _best_moment(reading, _deadline_score)
    if best is None:
        if notice.deadline is None:
            return None
        value = format_instant(notice.deadline)
        evidence = notice.prove("deadline")
        return Fact(key="deadline", label="Date limite de remise", value=value,
                    evidence=evidence, instant=notice.deadline, read_by="notice")  # fmt: skip
    statement, moment = best
    about = "candidatures" if "candidature" in statement.plain else "offres"
    return make_fact("deadline", f"Date limite de remise des {about}",
                     format_instant(moment.instant), statement, instant=moment.instant)  # fmt: skip


def list_deadlines(reading: Reading) -> list[tuple[Statement, Moment]]:
    """Every place of any piece that states the deadline, whatever it says."""
    return [
        (statement, moment)
        for statement in reading.statements
        if not CALL_OFF.search(statement.plain)
        for moment in list_moments(statement.plain)
        if moment.has_hour and _deadline_score(statement, moment) >= 5
    ]


def read_question_deadline(reading: Reading) -> Fact | None:
    """The instant by which questions must be put."""
    best = _best_moment(reading, _question_score)
    if best is None:
        return _relative_questions(reading)
    statement, moment = best
    return make_fact("question_deadline", "Date limite des questions",
                     format_instant(moment.instant), statement, instant=moment.instant)  # fmt: skip


def _relative_questions(reading: Reading) -> Fact | None:
    for statement in reading.of(*FIRST):
        if QUESTION.search(statement.plain) and re.search(r"avant la date limite", statement.plain):
            for quantity in list_durations(statement.plain):
                days = in_days(quantity)
                if days is not None and "au plus tard" in statement.plain:
                    value = f"{count_noun(days, 'jour', 'jours')} avant la date limite"
                    return make_fact("question_deadline", "Date limite des questions", value,
                                     statement, days=days)  # fmt: skip
    return None


def _best_moment(reading: Reading, score: object) -> tuple[Statement, Moment] | None:
    best: tuple[float, Statement, Moment] | None = None
    for statement in reading.of(*FIRST):
        for moment in list_moments(statement.plain):
            value = score(statement, moment)  # type: ignore[operator]
            if value > 0 and (best is None or value > best[0]):
                best = (value, statement, moment)
    return (best[1], best[2]) if best else None


def _clause(plain: str, moment: Moment) -> str:
    """The words before a date, back to the date before it."""
    before = plain[: moment.start]
    previous = [m.end for m in list_moments(before)]
    return before[max(previous, default=0) :]


def _deadline_score(statement: Statement, moment: Moment) -> float:
    clause = _clause(statement.plain, moment)
    local = f"{clause} {statement.plain[moment.end : moment.end + 40]}"
    if QUESTION.search(local) or NOT_DEADLINE.search(local):
        return 0.0
    score = 0.0
    score += 2 * bool(DEADLINE.search(local)) + 2 * bool(DEADLINE_VERB.search(local))
    score += 2 * bool(DEADLINE_ACT.search(local)) + 2 * moment.has_hour
    if score < 5 and not (score >= 4 and re.search(r"remise|limite|reception", statement.where)):
        return 0.0
    score += 1 * (statement.unit.kind in ("sentence", "item") and statement.unit.text[-1:] == ".")
    score += 0.5 * bool(re.search(r"heure de paris|paris time", statement.plain))
    return score - 0.5 * (statement.unit.kind == "heading")


def _question_score(statement: Statement, moment: Moment) -> float:
    clause = _clause(statement.plain, moment)
    if re.search(r"visite|repond|reponses?", clause) and not QUESTION.search(clause):
        return 0.0
    asks = bool(QUESTION.search(clause))
    under = bool(QUESTION.search(statement.where))
    if not (asks or (under and DEADLINE_VERB.search(clause))):
        return 0.0
    return 2.0 * asks + 1.0 * under + 1.0 * bool(DEADLINE_VERB.search(clause)) + moment.has_hour


def read_visits(reading: Reading) -> tuple[Fact, ...]:
    """What is said of a visit of the sites, by lot where it differs; the mandatory first."""
    facts: list[Fact] = []
    for statement in reading.of(*FIRST, "cctp", "ccap"):
        plain = statement.plain
        if not VISIT.search(plain) or statement.unit.kind in ("heading", "row"):
            continue
        if statement.kind in ("cctp", "ccap") and facts:
            break
        state = _visit_state(plain)
        if state is None:
            continue
        words = {True: "obligatoire", False: "aucune", None: "facultative"}
        moments = list(list_moments(plain))
        facts.append(
            make_fact("visit", "Visite", words[state[0]], statement, is_mandatory=state[0] is True,
                      lots=lots_of(statement),
                      instant=moments[-1].instant if moments else None)
        )  # fmt: skip
    return tuple(_distinct(sorted(facts, key=lambda fact: not fact.is_mandatory)))


def _visit_state(plain: str) -> tuple[bool | None] | None:
    if re.search(r"aucune visite|pas (?:prevu )?de visite|visite[^.]{0,30}sans objet|visite[^.]{0,40}(?:n'est (?:pas )?(?:prevue"
                 r"|organisee|obligatoire|imposee|exigee)|pas (?:prevue|obligatoire|requise))"
                 r"|sans visite|no site visit", plain):  # fmt: skip
        return (False,)
    if re.search(r"facultative|conseillee|recommandee|possible|peuvent visiter|optional", plain):
        return (None,)
    if re.search(r"obligatoire|imposee|exigee|doivent (?:effectuer|avoir)|doit (?:effectuer"
                 r"|avoir)|est requise|mandatory|a peine", plain):  # fmt: skip
        return (True,)
    return None


def _distinct(facts: Iterable[Fact]) -> list[Fact]:
    """One fact per value and lots, the first."""
    kept: dict[tuple[str, tuple[int, ...]], Fact] = {}
    for fact in facts:
        kept.setdefault((fact.value, fact.lots), fact)
    return list(kept.values())


def list_validities(reading: Reading) -> list[tuple[Statement, Quantity]]:
    """Every place that says how long the offers bind, call-offs aside."""
    found: list[tuple[Statement, Quantity]] = []
    for statement in reading.statements:
        if statement.unit.kind == "heading" or CALL_OFF.search(statement.plain):
            continue
        cue = VALIDITY.search(statement.plain)
        if cue is None and not VALIDITY.search(statement.where):
            continue
        if cue is None and not re.search(r"offre|validite", statement.plain):
            continue
        quantities = [q for q in list_durations(statement.plain) if _is_validity(statement, q)]
        if quantities:
            found.append((statement, quantities[0]))
    return found


def _is_validity(statement: Statement, quantity: Quantity) -> bool:
    """A time of the day (« 12 h 00 ») is no duration; neither is a price's."""
    after = statement.plain[quantity.end : quantity.end + 4]
    return not re.match(r" ?\d", after) and quantity.value > 0


def read_validity(reading: Reading) -> Fact | None:
    """How long the offers bind, by the rules of consultation first."""
    held = sorted(list_validities(reading), key=lambda each: _rank(each[0]))
    if not held:
        return None
    statement, quantity = held[0]
    return _duration_fact("offer_validity", "Validité des offres", statement, quantity)


def read_call_off_validity(reading: Reading) -> Fact | None:
    """How long an offer for a call-off or a price fixing binds, often in hours."""
    for statement in reading.of("rc", "ccp", "ccap", "cctp", "ae"):
        if statement.unit.kind == "heading" or not CALL_OFF.search(statement.plain):
            continue
        if not re.search(r"validite|valables?|maintien\w*|fermes? pendant", statement.plain):
            continue
        for quantity in list_durations(statement.plain):
            if quantity.unit in ("hours", "days"):
                return _duration_fact("call_off_validity", "Validité (marchés subséquents)",
                                      statement, quantity)  # fmt: skip
    return None


def _rank(statement: Statement) -> int:
    order = ("rc", "corrigendum", "ccp", "ae", "ccap", "cctp")
    return order.index(statement.kind) if statement.kind in order else len(order)


def _duration_fact(key: str, label: str, statement: Statement, quantity: Quantity) -> Fact:
    hours = int(quantity.value) if quantity.unit == "hours" else None
    return make_fact(key, label, show_duration(quantity), statement, days=in_days(quantity),
                     hours=hours, months=in_months(quantity), lots=lots_of(statement))  # fmt: skip


def show_duration(quantity: Quantity) -> str:
    """« 120 jours », « 4 heures », « 6 mois »."""
    names = {"hours": ("heure", "heures"), "days": ("jour", "jours"), "weeks": ("semaine",
             "semaines"), "months": ("mois", "mois"), "years": ("an", "ans")}  # fmt: skip
    return count_noun(int(quantity.value), *names[quantity.unit])


def read_renewals(reading: Reading) -> Fact | None:
    """Whether and how often the contract is renewed."""
    for statement in reading.of("rc", "ccp", "ae", "ccap"):
        if statement.unit.kind == "heading" or not RENEWAL.search(statement.plain):
            continue
        if re.search(r"p3|materiel|equipement|garantie d'origine", statement.plain):
            continue
        if NO_RENEWAL.search(statement.plain):
            return make_fact("renewals", "Reconduction", "aucune", statement, is_allowed=False)
        times = _times(statement.plain)
        if times is None:
            continue
        way = ("tacite" if "tacit" in statement.plain
               else "expresse" if "express" in statement.plain else "")  # fmt: skip
        told = count_noun(times, "reconduction", "reconductions")
        value = f"{told} {way}{'s' if times > 1 else ''}" if way else told
        length = _renewal_months(statement.plain)
        return make_fact("renewals", "Reconduction", value, statement, is_allowed=True,
                         months=length * times if length else None)  # fmt: skip
    return None


def _times(plain: str) -> int | None:
    renewal = RENEWAL.search(plain)
    found = TIMES.search(plain, renewal.start() if renewal else 0) or TIMES.search(plain)
    if found is None:
        return None
    if found["n"] is None:
        return 1 if found.group() == "once" else 2
    return int(parse_number(found["n"]) or 0) or None


def _renewal_months(plain: str) -> int | None:
    found = RENEWAL.search(plain)
    after = plain[found.start() :] if found else plain
    lengths = [in_months(q) for q in list_durations(after)]
    return next((months for months in lengths if months), None)


def read_duration(reading: Reading, renewals: Fact | None) -> Fact | None:
    """The duration, renewals counted: the stated total, else the first period plus renewals."""
    total = first = None
    for statement in reading.of("rc", "ccp", "ae", "ccap"):
        months = _stated_months(statement)
        if not months:
            continue
        if TOTAL.search(statement.plain) and total is None:
            total = (statement, max(m for _, m in months))
        elif first is None and _comes_first(statement.plain, months[0][0]):
            first = (statement, months[0][1])
    kept = total or first
    if kept is None:
        return None
    statement, months = kept
    added = renewals.months or 0 if renewals and not total else 0
    total_months = months + added if not total else months
    value = count_noun(total_months, "mois", "mois")
    if added:
        value += f" (dont {added}\u00a0mois de reconduction)"
    return make_fact("duration", "Durée", value, statement, months=total_months)


def _stated_months(statement: Statement) -> list[tuple[Quantity, int]]:
    """The lengths, in months, of a statement about how long the contract lasts."""
    if statement.unit.kind in ("heading", "row") or OTHER_DURATION.search(statement.plain):
        return []
    if not DURATION.search(statement.plain) and not DURATION.search(statement.where):
        return []
    return [(q, m) for q in list_durations(statement.plain) if (m := in_months(q))]


def list_contract_durations(reading: Reading) -> list[tuple[Statement, tuple[int, ...]]]:
    """Every place that says how long the contract itself lasts, with its lengths in months."""
    return [
        (statement, tuple(months for _, months in found))
        for statement in reading.of("rc", "ccp", "ccap", "ae", "cctp")
        if (found := _stated_months(statement)) and LASTS.search(statement.plain)
    ]


def _comes_first(plain: str, quantity: Quantity) -> bool:
    """Tell the first period from a renewal's length, which follows the word."""
    renewal = RENEWAL.search(plain)
    return renewal is None or quantity.start < renewal.start()


def read_variants(reading: Reading) -> tuple[Fact, ...]:
    """Whether variants are allowed, by lot where it differs."""
    facts: list[Fact] = []
    for statement in reading.of("rc", "ccp", "notice"):
        if statement.unit.kind == "heading" or not VARIANT.search(statement.plain):
            continue
        for start, end in _clauses(statement.plain):
            clause = statement.plain[start:end]
            if not VARIANT.search(clause) and not facts:
                continue
            state = False if REFUSED.search(clause) else True if ALLOWED.search(clause) else None
            if state is None:
                continue
            value = "autorisées" if state else "interdites"
            facts.append(make_fact("variants", "Variantes", value, statement, is_allowed=state,
                                   lots=lots_of(statement)))  # fmt: skip
    return tuple(_distinct(facts))


def _clauses(plain: str) -> list[tuple[int, int]]:
    borders = [found.end() for found in re.finditer(r"; ", plain)]
    return list(zip([0, *borders], [*borders, len(plain)], strict=True))


def describe(statement: Statement) -> str:
    """A statement as the value of a fact."""
    return clip(statement.unit.text.strip(" ;"), 240)
