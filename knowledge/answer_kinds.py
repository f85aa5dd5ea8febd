"""The kind of answer a question wants (a delay, a date, an amount, a person…), and what gives it.

A passage on the very subject of a question does not answer it when none of its sentences holds an
answer of that kind: « l’envoi se fait par recommandé » tells no price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.terms import find_term, fold_accents, list_terms, split_words

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_SPELLED = "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze|quinze|vingt|trente|dizaine"
_NUMBER = r"\d+(?:[.,]\d+)?"
_SPAN = (
    r"(?:jours?|mois|ans?|annees?|heures?|h|semaines?|minutes?|secondes?|trimestres?|semestres?)"
)
_LENGTH = (
    rf"{_NUMBER} ?(?:[a-z]+ ){{0,2}}{_SPAN}\b|\b(?:une?|{_SPELLED}) (?:[a-z]+ )?{_SPAN}\b"
    r"|\bchaque\b|\btou(?:te)?s les\b|\bimmediat|\bsans delai\b|\bjour meme\b|\bannuel"
    r"|\bmensuel|\d h \d"
)
_DATE = rf"\b(?:{_MONTHS})\b|\b20\d\d\b|\d/\d|{_LENGTH}|\bquand\b|\blorsqu|\bdes (?:que|la|le)\b"
_ROLES = (
    "directrice|directeur|direction|responsable|commercial|analyste|administrat|president|client|"
    "fournisseur|titulaire|gestionnaire|acheteur|courtier|auditeur|pilote|redacteur|representant|"
    "etat|equipe|charge|conseil|cabinet|assureur|operateur|mandataire|referent|syndic|commission"
)
_PLACES = "rue|quai|avenue|siege|situe\\w*|salle|locaux|dossier|plateforme|portail"


@dataclass(frozen=True)
class AnswerKind:
    """A kind of answer: what asks for it, and how a text that gives it reads, without accents.

    `noun` asks for it after « quel », or by itself in a question without an interrogative word.
    """

    name: str
    cue: re.Pattern[str]
    noun: re.Pattern[str]
    answer: re.Pattern[str]
    is_cased: bool = False


def _make(name: str, cue: str, nouns: str, answer: str) -> AnswerKind:
    asked = (
        rf"\bquel(?:le)?s? (?:est |sont |etait |sera )?(?:le |la |les |l['’])?(?:{nouns})\b|{cue}"
    )
    is_cased = name == "person"
    return AnswerKind(
        name, re.compile(asked), re.compile(rf"\b(?:{nouns})\b"), re.compile(answer), is_cased
    )


KINDS = (
    _make(
        "length",
        r"combien (?:de |d['’])(?:temps|jours|mois|ans|annees|semaines|heures)|tous les combien"
        r"|(?:bout de|sous|en) combien",
        "delai|duree|frequence|preavis|periodicite",
        _LENGTH,
    ),
    _make(
        "date",
        r"(?:^|[,:] ?)quand\b|\bquand ?\??$|\b(?:jusqu.a|depuis|partir de|c.est|tard) quand",
        "date|echeance|jour|mois|annee|periode|heure",
        _DATE,
    ),
    _make(
        "amount",
        r"\bcombien (?:coute|rapporte|touche|vaut|paie|(?:est|sont) (?:paye|facture))"
        r"|\b(?:coute|coutera|rapporte|touche|vaut|paie|paye) combien\b"
        r"|\bcombien (?:d['’] ?)?(?:€|euros?\b)|\ben (?:€|euros?\b)"
        r"|\b(?:donner|connaitre|avoir|savoir|dire) l[ea]s? (?:montant|prix|cout|tarif)s?\b",
        "prix|cout|montant|tarif|budget|cotation|prime|amende|salaire|honoraires?|indemnite",
        rf"\d ?[km]?€|(?:\d|{_SPELLED}|vingt|trente|quarante|cinquante|cents?|mille) euros?\b"
        r"|\bmillions? d['’]euros?\b|\d,\d\d\b|€[^:;.]{0,12}: ?\d|\bgratuit|\bsans frais\b",
    ),
    _make(
        "rate",
        r"\bquelle (?:part|proportion)\b|\bcombien (?:de|en) (?:%|pour ?cents?\b)",
        "taux|pourcentage|accise",
        rf"{_NUMBER} ?%|€/|pour cent|\b0,\d",
    ),
    _make("number", r"\bquel siren\b", "numero|siren|siret", r"\bn° ?\w*\d|\d{3,}|\d\d \d\d"),
    _make(
        "person",
        r"(?:^|[,:] ?)qui\b|par qui|c.est qui"
        r"|\bqui (?:est|doit|peut|a|decide|pilote|tient|valide|gere|signe)\b",
        "interlocuteur|signataire",
        rf"\b(?i:{_ROLES})|\b[A-Z][a-z]+ [A-Z][a-z]+|\b[A-Z]{{3,}}\b",
    ),
    _make(
        "place",
        r"(?:^|[,:] ?)ou (?:se|est|sont|faut|doit|trouve|va)\b",
        "adresse|ville|lieu",
        rf"\b\d{{5}}\b|\b(?:{_PLACES})\b",
    ),
    _make(
        "figure",
        r"\bcombien\b",
        "nombre|note|score|seuil|plafond|objectif|cible|volume|puissance|surface|superficie|marge"
        "|remise|tolerance|poids|ponderation|consommation|temperature|valeur|ecart|gain",
        rf"{_NUMBER}|\b(?:une?|{_SPELLED}|moitie|tiers|quart|aucune?)\b",
    ),
)
_ASKING = re.compile(r"\b(?:quel(?:le)?s?|combien|qui|quand|ou|que|pourquoi|comment)\b")
_OPEN = re.compile(rf"{_ASKING.pattern}|\bquoi\b|\bqu['’]")
_EST_CE_QUE = re.compile(r"\best-ce qu(?:e\b|['’])")
_CLOSED = re.compile(
    r"\b(?:peut|peuvent|doit|faut|est|a|va)-(?:t-)?(?:on|ils?|elles?|ce)\b"
    r"|\b(?:on|je|il|elle) (?:peut|peux|doit|dois)\b|\bc.est (?!quoi)\w+ ?\?"
)
_WHICH = re.compile(r"\bquel(?:le)?s?\b")
_HOW = re.compile(r"(?:^|[,:] ?)comment\b")
_COUNT = re.compile(r"\bcombien (?:de |d['’])([a-z]{3,})")
_NOT_COUNTED = frozenset("temps jours mois ans annees heures semaines euros".split())
_FIGURE = re.compile(_NUMBER)
# A number of things: not « un », which is an article most of the time.
_COUNTING = re.compile(
    rf"\d+|{_SPELLED}|onze|treize|quatorze|seize|quarante|cinquante|cent|mille|aucune?"
)
_COUNTED_WITHIN = 3
_DAY = re.compile(rf"\b\d{{1,2}}(?:er)? (?:{_MONTHS})(?: \d{{4}})?|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}")


def find_kind(question: str) -> AnswerKind | None:
    """The kind of answer a question wants, if it says."""
    return _find_kind(_fold(question).lower())


def gives(kind: AnswerKind, question: str, sentence: str) -> bool:
    """Tell whether a sentence holds an answer of that kind that is no figure of the question."""
    said = _fold(sentence)
    known = _list_figures(question)
    for match in kind.answer.finditer(said if kind.is_cased else said.lower()):
        figures = _FIGURE.findall(match[0])
        if not figures or not known.issuperset(figures):
            return True
    return False


def list_kind_terms(kind: AnswerKind, question: str) -> set[str]:
    """The terms that say the kind in a question: a text that gives it need not hold them."""
    asked = _fold(question).lower()
    said = [match[0] for match in (*kind.noun.finditer(asked), *kind.cue.finditer(asked))]
    return {term for text in said for term in list_terms(text)}


def asks_which(question: str) -> bool:
    """Tell whether a question asks « quel »: which one, of what is named next."""
    return _WHICH.search(_fold(question).lower()) is not None


def find_counted(question: str) -> str | None:
    """The term of the things a question asks the number of, days and euros apart."""
    match = _COUNT.search(_fold(question).lower())
    if match is None or match[1] in _NOT_COUNTED:
        return None
    return find_term(match[1])


def counts(term: str, sentence: str) -> bool:
    """Tell whether a number stands just before a word of that term: « trois agrégateurs »."""
    words = split_words(_fold(sentence))
    return any(
        _COUNTING.fullmatch(word) is not None
        and any(find_term(w) == term for w in words[place + 1 : place + 1 + _COUNTED_WITHIN])
        for place, word in enumerate(words)
    )


def asks_how(question: str) -> bool:
    """Tell whether a question asks how something is done."""
    return _HOW.search(_fold(question).lower()) is not None


def asks_whether(question: str) -> bool:
    """Tell whether a question is answered by yes or no."""
    return _OPEN.search(_EST_CE_QUE.sub(" ", _fold(question).lower())) is None


@lru_cache(maxsize=256)
def _find_kind(asked: str) -> AnswerKind | None:
    found = next((kind for kind in KINDS if kind.cue.search(asked)), None)
    if found is not None or _ASKING.search(asked) or _CLOSED.search(asked):
        return found
    return next((kind for kind in KINDS if kind.noun.search(asked)), None)


@lru_cache(maxsize=256)
def _list_figures(question: str) -> frozenset[str]:
    return frozenset(_FIGURE.findall(_DAY.sub(" ", _fold(question).lower())))


def _fold(text: str) -> str:
    return fold_accents(text).replace("\u00a0", " ").replace("\u202f", " ").strip()
