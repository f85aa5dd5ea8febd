"""What a model may be asked for, and how code reads it in the words quoted.

Every value comes from the quote: dates, durations and weights are parsed, yes and no are told by
the rules' own readers, names must be words of the quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agents.tender_scoring.answer import FactKey
from agents.tender_scoring.facts import Fact
from agents.tender_scoring.rules import clauses, identity, terms
from agents.tender_scoring.rules.moments import list_moments
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.quantities import (
    Quantity,
    in_days,
    in_months,
    list_amounts,
    list_durations,
    list_percents,
)
from agents.tender_scoring.rules.statements import Reading, Statement, clip, lots_of, make_fact
from core.formats import count_noun, format_instant
from core.words import fold
from ingest.tenders.dossier import Dossier

Read = Callable[["Topic", Statement, str], Fact | None]
NO_NOTICE = Notice()


@dataclass(frozen=True)
class Topic:
    """A statement that may be sought. `cue` must be in the folded quote or its section, `barred`
    must not be in the quote; `is_many`: a file states several."""

    key: FactKey
    label: str
    cue: re.Pattern[str]
    read: Read
    barred: re.Pattern[str] | None = None
    is_many: bool = False

    def make(self, statement: Statement, value: str) -> Fact | None:
        """The fact that `statement`, the quote in its place, proves; None when it proves none."""
        if self.barred is not None and self.barred.search(statement.plain):
            return None
        if not self.is_about(statement):
            return None
        fact = self.read(self, statement, value)
        return fact and fact.model_copy(update={"read_by": "model"})

    def is_about(self, statement: Statement) -> bool:
        """Whether the words or their section speak of this."""
        return bool(self.cue.search(statement.plain) or self.cue.search(statement.where))


def read_moment(topic: Topic, statement: Statement, _: str) -> Fact | None:
    """The one instant of the quote; several are no answer."""
    instants = {moment.instant for moment in list_moments(statement.plain)}
    if len(instants) != 1:
        return None
    [instant] = instants
    return make_fact(topic.key, topic.label, format_instant(instant), statement, instant=instant)


def read_validity(topic: Topic, statement: Statement, _: str) -> Fact | None:
    """The one duration of the quote, in hours, days or months."""
    quantity = _find_duration(statement)
    if quantity is None:
        return None
    hours = int(quantity.value) if quantity.unit == "hours" else None
    return make_fact(
        topic.key, topic.label, terms.show_duration(quantity), statement, lots=lots_of(statement),
        hours=hours, days=in_days(quantity), months=in_months(quantity),
    )  # fmt: skip


def read_length(topic: Topic, statement: Statement, _: str) -> Fact | None:
    """The one duration of the quote, in months."""
    quantity = _find_duration(statement)
    months = in_months(quantity) if quantity else None
    if not months:
        return None
    return make_fact(
        topic.key, topic.label, count_noun(months, "mois", "mois"), statement, months=months
    )


def _find_duration(statement: Statement) -> Quantity | None:
    found = [q for q in list_durations(statement.plain) if q.value > 0]
    distinct = {(q.value, q.unit) for q in found}
    return found[0] if len(distinct) == 1 else None


def read_words(topic: Topic, statement: Statement, value: str) -> Fact | None:
    """The model's own words where the quote holds them."""
    words = " ".join(value.split())
    at = fold(" ".join(statement.unit.text.split())).find(fold(words)) if len(words) > 2 else -1
    if at < 0:
        return None
    told = " ".join(statement.unit.text.split())[at : at + len(words)]
    return make_fact(topic.key, topic.label, clip(told), statement)


def read_code(topic: Topic, statement: Statement, value: str) -> Fact | None:
    """Words that hold a figure."""
    return read_words(topic, statement, value) if re.search(r"\d", value) else None


def read_clause(topic: Topic, statement: Statement, _: str) -> Fact | None:
    """The quote itself, with its first amount and percentage."""
    amounts = [quantity.value for quantity in list_amounts(statement.plain)]
    percents = [quantity.value for quantity in list_percents(statement.plain)]
    return make_fact(
        topic.key, topic.label, clip(statement.unit.text.strip(" ;")), statement,
        lots=lots_of(statement), amount_eur=amounts[0] if amounts else None,
        percent=percents[0] if percents else None,
    )  # fmt: skip


def read_by(reader: Callable[[Reading], Any]) -> Read:
    """What a rules' reader makes of the quote, put before it as a sentence of the rules of
    consultation: it is the place that rules may have missed, not the sense."""

    def read(_: Topic, statement: Statement, __: str) -> Fact | None:
        alone = replace(statement, piece=replace(statement.piece, kind="rc"))
        found = reader(Reading(Dossier((alone.piece,), ()), (alone,)))
        if isinstance(found, tuple):
            return next(iter(found), None)
        return found

    return read


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


NOT_TENDER_DATE = re.compile(
    f"{terms.NOT_DEADLINE.pattern}|{terms.QUESTION.pattern}|{terms.CALL_OFF.pattern}|audition"
)
LISTED: tuple[Topic, ...] = (
    Topic("buyer", "Acheteur", _cue(
        r"acheteur|adjudicat|maitre d'ouvrage|collectivite|coordonnat|organisme|personne publique"
        rf"|buyer|authority|{identity.BODIES}"), read_words),
    Topic("title", "Objet", _cue(
        r"objet|porte sur|concerne|intitule|consultation|subject|scope"), read_words),
    Topic("reference", "Référence", _cue(
        r"reference|consultation|marche|affaire|dossier|procedure|ref\b|contract|tender"),
        read_code, _cue(r"siret|telephone|tel\.|fax|\bcpv\b")),
    Topic("procedure", "Procédure", _cue(
        r"procedure|appels? d'offres|mapa|dialogue|concession|negociation"),
        read_by(lambda reading: identity.read_procedure(reading, NO_NOTICE))),
    Topic("contract_type", "Type de marché", _cue(
        r"services?|fournitures?|travaux|prestations?|supply|works"), read_words),
    Topic("framework", "Forme", identity.FRAMEWORK, read_by(identity.read_framework)),
    Topic("cpv", "Code CPV", identity.CPV_WORDS,
          read_by(lambda reading: identity.read_cpv(reading, NO_NOTICE)), is_many=True),
    Topic("deadline", "Date limite de remise", _cue(
        r"remise|remis|depot|depos|recep|recue?s?\b|parven|transmi|limite|plis?\b|candidatures?"
        r"|deadline|submi|receiv|closing"), read_moment, NOT_TENDER_DATE),
    Topic("question_deadline", "Date limite des questions", terms.QUESTION, read_moment,
          _cue(r"visite|notification")),
    Topic("visit", "Visite", terms.VISIT, read_by(terms.read_visits), is_many=True),
    Topic("offer_validity", "Validité des offres", _cue(
        r"validite|valables?|engage|lie\b|lient|tenus?|maintien|maintenue?s?|option|retir"
        r"|irrevocabl|valid\b|validity|binding|withdraw"), read_validity, terms.CALL_OFF),
    Topic("call_off_validity", "Validité (marchés subséquents)", terms.CALL_OFF, read_validity),
    Topic("duration", "Durée", _cue(
        r"\bduree\b|\bdure\b|conclu|passe pour|periode|\bcourt\b|prend fin|acheve|expire"
        r"|prise d'effet|notification|duration|term of"), read_length,
        _cue(rf"{terms.OTHER_DURATION.pattern}|reconductible (?:une|deux|trois|\d)|reconduit")),
    Topic("renewals", "Reconduction", terms.RENEWAL, read_by(terms.read_renewals)),
    Topic("variants", "Variantes", terms.VARIANT, read_by(terms.read_variants), is_many=True),
    Topic("price_structure", "Prix", _cue(
        r"prix|tarif|revis|indice|indexa|clics?\b|tolerance|capacite|garanties? d'origine|\bcee\b"
        r"|remunerat|honoraires|forfait|price|fee"), read_clause, clauses.NOT_PRICE, is_many=True),
    Topic("guarantees", "Garantie", clauses.GUARANTEE, read_clause, is_many=True),
    Topic("insurance", "Assurance", clauses.INSURANCE, read_clause, is_many=True),
    Topic("penalties", "Pénalité", clauses.PENALTY, read_clause, is_many=True),
    Topic("required_documents", "Offre", clauses.DOCUMENT, read_clause, is_many=True),
    Topic("eliminatory", "Condition éliminatoire", clauses.ELIMINATORY, read_clause,
          clauses.NOT_ELIMINATORY, is_many=True),
    Topic("reserved_lots", "Marché réservé", clauses.RESERVED, read_clause, is_many=True),
    Topic("platform", "Plate-forme", clauses.PLATFORM, read_by(clauses.read_platform)),
    Topic("signature", "Signature électronique", clauses.SIGNATURE,
          read_by(clauses.read_signature)),
    Topic("payment", "Paiement", clauses.PAYMENT, read_clause, is_many=True),
    Topic("incumbents", "Titulaires en place", clauses.INCUMBENT, read_clause, is_many=True),
)  # fmt: skip
TOPICS: Mapping[str, Topic] = {topic.key: topic for topic in LISTED}
# Read twice whenever a model is there: what the gates and the planning stand on.
READ_TWICE: tuple[FactKey, ...] = (
    "deadline", "question_deadline", "visit", "offer_validity", "duration", "signature",
)  # fmt: skip
