"""Whether a question is about the records, about the documents, or about neither."""

from __future__ import annotations

import re
from typing import Literal

from agents.portfolio_assistant.rules.reading import Reading
from core.words import fold

DOUBTFUL = 0.9
Route = Literal["records", "documents", "both"]

ASKS_RULE = re.compile(
    r"\b(?:comment|procedure|procedures|que dit|que disent|que prevoi\w+|que precise|selon (?:l[ea']|"
    r"notre|nos|iso)|faut-il|doit-on|devons-nous|peut-on|puis-je|est-il (?:possible|obligatoire|"
    r"permis|autorise)|a-t-on le droit|qui doit|qui valide|qui approuve|qui decide|qui signe|qui "
    r"peut|qui informe|sous quel delai|quel (?:est le )?delai|quels delais|dans quel delai|combien de "
    r"temps|quelles? (?:sont les )?(?:etapes?|regles?|conditions?|obligations?|exigences?|modalites?)|"
    r"qu'est-ce qu|qu'est ce qu|c'est quoi|definition|signifie|veut dire|difference entre|explique|"
    r"expliquez|pourquoi|a quoi sert|iso ?\d|clause|reglement\w*|turpe|accise|vnu|arenh|cta\b|nebef|"
    r"cspe|ticfe|ticgn|rc du|cctp|ccap|bpu|dqe|dpgf|reglement de (?:la )?consultation|memoire technique|"
    r"norme|loi|decret|arrete|cre\b|obligatoire|interdit|politique|manuel|instruction|modele de|"
    r"indicateur|objectif|cible|duree de conservation|conserve|archiv\w+|formulaire|modalites|"
    r"cotation|cotations|cal-?2\d|forward|note de marche|marche de gros|peg\b|offres? de base)\b"
)
ASKS_PEOPLE = re.compile(
    r"\b(?:qui (?:a|est|sont|ont)|quels? clients?|chez qui|avec qui|lesquels|lesquelles|combien de "
    r"(?:clients|contrats|sites|points))\b"
)
GREETING = re.compile(
    r"^(?:bonjour|bonsoir|salut|hello|coucou|merci|merci beaucoup|au revoir|bonne journee)[ !.,]*"
    r"(?:voltaire|a tous|tout le monde)?[ !.]*$"
)
IDENTITY = re.compile(
    r"\b(?:qui es-tu|qui etes-vous|que (?:sais|peux)-tu faire|que (?:savez|pouvez)-vous faire|"
    r"aide(?:-moi)?$|comment (?:ca|tu) (?:marche|fonctionne)s?|a quoi (?:sers-tu|servez-vous))"
)
SECRET = re.compile(
    r"\b(?:mots? de passe|password|identifiants? de connexion|cle api|api key|secret|salaires?|"
    r"gagne\b.*\bpar (?:mois|an)|gagne combien|combien gagne|(?:a demande|ont demande|questions? "
    r"posees?|historique).*\b(?:assistant|voltaire|chat)\b|"
    r"remunerations? (?:de|du|des)|fiches? de paie|numero de securite sociale|iban|carte bancaire|"
    r"autres? (?:cabinets?|tenants?|firmes?|courtiers? qui utilisent)|conversations? (?:de|d'un|des) "
    r"(?:mes )?(?:coll|autre|\w+ \w+))\b"
)
WRITES = re.compile(
    r"^(?:merci de |peux-tu |pouvez-vous |pourriez-vous |veuillez |il faut |je veux )?"
    r"(?:supprime|efface|modifie|change|cree|ajoute|mets? (?:a jour|le|la|fin)|passe[rz]? (?:le|la|"
    r"en)|envoie|ferme|cloture|resilie|valide|approuve|renomme|enregistre|remplace|corrige|archive|"
    r"drop |delete |update |insert )\w*\b"
)


def choose_route(reading: Reading) -> Route:
    """Records when the question reads well against them, documents when it asks for a rule."""
    text = fold(reading.question)
    asks_rule = bool(ASKS_RULE.search(text))
    if reading.target is None:
        return "documents"
    names_record = any(
        n.kind in ("account", "site", "supplier", "person", "contact")
        or n.kind.startswith("reference:")
        for n in reading.names
    )
    anchored = bool(reading.filters or reading.related or reading.groups) or names_record
    if asks_rule:
        return "both" if names_record or (_is_well_read(reading) and anchored) else "documents"
    if not reading.has_explicit_target and not names_record and not anchored:
        return "both"
    return "records" if _is_well_read(reading) else "both"


def record_confidence(reading: Reading) -> float:
    """How sure it is that records answer: what was recognised, less what was not."""
    told = len(reading.told) + len(reading.groups)
    known = 2 * reading.has_explicit_target + min(told, 3) + (reading.operation != "list")
    if not told and reading.operation == "list" and reading.columns:
        known -= 2
    is_named = any(n.kind.startswith("reference:") for n in reading.names)
    text = fold(reading.question)
    asks = 0
    if ASKS_RULE.search(text) and not is_named:
        asks = 1 if ASKS_PEOPLE.search(text) else 3
    if is_named:
        known += 2
    return known - reading.doubt - 3 * len(reading.unknown) - asks


def _is_well_read(reading: Reading) -> bool:
    return reading.doubt < DOUBTFUL and not reading.unknown


def is_greeting(question: str) -> bool:
    """Tell whether the message is only a courtesy."""
    return bool(GREETING.match(fold(question).strip()))


def asks_identity(question: str) -> bool:
    """Tell whether the question is about the assistant itself."""
    return bool(IDENTITY.search(fold(question)))


def asks_secret(question: str) -> bool:
    """Tell whether the question wants what nobody may read through the assistant."""
    return bool(SECRET.search(fold(question)))


def asks_write(question: str) -> bool:
    """Tell whether the message orders a change rather than asks a question."""
    return bool(WRITES.match(fold(question).strip()))
