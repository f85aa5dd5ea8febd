"""Sentences of replies, in French and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.mail.folding import fold


@dataclass(frozen=True)
class Phrases:
    """The sentences of a language; `{…}` are filled from the thread."""

    greeting: str
    received: str
    signalled: str
    noted_deadline: str
    points: str
    deferred: str
    document: str
    appointment: str
    call: str
    action: str
    contact_update: str
    bank: str
    thanks: str
    nothing_asked: str
    detail: str
    closing: str


FRENCH = Phrases(
    greeting="Bonjour{name},",
    received="Nous avons bien reçu votre message au sujet de «\u00a0{subject}\u00a0» et vous en remercions.",
    signalled="Vous nous signalez ceci\u00a0: «\u00a0{quote}\u00a0». Nous en prenons acte et l’instruisons.",
    noted_deadline="Nous tenons compte de l’échéance que vous indiquez\u00a0: {raw}.",
    points="Sur chacun de vos points\u00a0:",
    deferred="nous vérifions ce point et vous apporterons une réponse écrite.",
    document="nous réunissons ces éléments et vous les transmettrons.",
    appointment="nous vérifions nos disponibilités et vous confirmerons le créneau.",
    call="nous vous rappelons dès que possible.",
    action="nous prenons cette demande en charge et vous tiendrons informés de sa suite.",
    contact_update="nous transmettons cette mise à jour à la personne qui suit votre dossier.",
    bank="ne réglez rien sur de nouvelles coordonnées bancaires\u00a0: nous vous appelons au numéro que nous avons déjà dans votre dossier pour vérifier.",
    thanks="Merci pour votre message, qui fait plaisir à toute l’équipe.",
    nothing_asked="Nous en avons pris connaissance et revenons vers vous si une précision nous manque.",
    detail="Pourriez-vous nous préciser ce que vous attendez de nous, afin que nous vous répondions utilement\u00a0?",
    closing="Bien cordialement,",
)
ENGLISH = Phrases(
    greeting="Hello{name},",
    received="Thank you for your message about “{subject}”.",
    signalled="You report the following: “{quote}”. We have taken note of it and are looking into it.",
    noted_deadline="We have noted the deadline you give: {raw}.",
    points="On each of your points:",
    deferred="we are checking this and will send you a written answer.",
    document="we are gathering these items and will send them to you.",
    appointment="we are checking our availability and will confirm the slot.",
    call="we will call you back as soon as possible.",
    action="we are taking care of this request and will keep you informed.",
    contact_update="we are passing this update on to the person in charge of your file.",
    bank="please do not pay to any new bank account: we will call you on the number we already have on file to check.",
    thanks="Thank you for your message, the whole team is pleased to read it.",
    nothing_asked="We have read it and will come back to you should we need anything.",
    detail="Could you tell us what you expect from us, so that we can answer properly?",
    closing="Kind regards,",
)  # fmt: skip
LANGUAGES = {"fr": FRENCH, "en": ENGLISH}
INTENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bank", re.compile(r"\b(?:authentique|iban|rib|coordonnees bancaires|c'est (?:vraiment|bien) vous|vraiment vous)\b")),
    ("call", re.compile(r"\b(?:rappel(?:er|ez|le)\b|appelez|appeler|rappelle|numero d'astreinte|joindre|call (?:me|us) back)")),
    ("appointment", re.compile(r"\b(?:rendez-vous|rdv|creneau|visio|reunion|invitation|disponib\w+|vous va|se voir|decale|meeting|slot)\b")),
    ("contact_update", re.compile(r"\bmettre a jour (?:vos|nos|les) (?:contacts|coordonnees|fichiers)\b")),
    ("document", re.compile(r"\b(?:envoy\w+|transmett\w+|adress\w+|fourni\w+|duplicata|attestation|copie|recevoir|joindre|retroplanning|comparatif|simulation|proposition|preuve|synthese|send)\b")),
)  # fmt: skip


def find_phrases(language: str) -> Phrases:
    """The phrases of a language; English for those we do not write."""
    return LANGUAGES.get(language, ENGLISH)


def tell_intent(ask: str, *, is_question: bool, has_fraud: bool) -> str:
    """What an ask is after: a key of `Phrases`."""
    folded = fold(ask)
    for name, pattern in INTENTS:
        if (name != "bank" or has_fraud) and pattern.search(folded):
            return name
    return "deferred" if is_question else "action"
