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
    received_bare: str
    signalled: str
    repeated: str
    noted_deadline: str
    noted_relative: str
    points: str
    question: str
    request: str
    numbered: str
    point: str
    deferred: str
    form: str
    which_contract: str
    demand: str
    document: str
    appointment: str
    call: str
    action: str
    reply: str
    offer: str
    contact_update: str
    bank: str
    thanks: str
    followed: str
    chased: str
    nothing_asked: str
    detail: str
    closing: str


FRENCH = Phrases(
    greeting="Bonjour{name},",
    received="Nous avons bien reçu votre message au sujet de «\u00a0{subject}\u00a0» et vous en remercions.",
    received_bare="Nous avons bien reçu votre message et vous en remercions.",
    signalled="Vous nous signalez ceci\u00a0: «\u00a0{quote}\u00a0». Nous en prenons acte et l’instruisons.",
    repeated="Vous précisez que ce n’est pas la première fois\u00a0: nous reprenons l’ensemble de vos signalements.",
    noted_deadline="Nous tenons compte de l’échéance que vous indiquez\u00a0: {raw}.",
    noted_relative="Nous tenons compte de l’échéance que vous indiquez\u00a0: {raw}, soit le {day}.",
    points="Sur chacun de vos points\u00a0:",
    question="À votre question «\u00a0{quote}\u00a0»\u00a0: {answer}",
    request="À votre demande «\u00a0{quote}\u00a0»\u00a0: {answer}",
    numbered="«\u00a0{quote}\u00a0»\u00a0: {answer}",
    point="Sur ce point\u00a0: {answer}",
    form="nous vérifions dans les conditions de votre contrat la forme à respecter et vous l’indiquerons par écrit.",
    which_contract="plusieurs de vos contrats sont en cours\u00a0; pourriez-vous nous indiquer lequel, par sa référence, son énergie ou son fournisseur\u00a0?",
    demand="nous examinons votre réclamation et vous répondrons par écrit.",
    deferred="nous vérifions ce point et vous apporterons une réponse écrite.",
    document="nous réunissons ces éléments et vous les transmettrons.",
    appointment="nous vérifions nos disponibilités et vous confirmerons le créneau.",
    call="nous vous rappelons dès que possible.",
    action="nous prenons cette demande en charge et vous tiendrons informés de sa suite.",
    reply="le présent message vous répond\u00a0; les points restant à vérifier suivront par écrit.",
    offer="nous étudions votre besoin et vous adresserons notre proposition par écrit.",
    contact_update="nous transmettons cette mise à jour à la personne qui suit votre dossier.",
    bank="ne réglez rien sur de nouvelles coordonnées bancaires\u00a0: nous vous appelons au numéro que nous avons déjà dans votre dossier pour vérifier.",
    thanks="Merci pour votre message, qui fait plaisir à toute l’équipe.",
    followed="Nous revenons vers vous par écrit dès que cet examen est terminé.",
    chased="Nous reprenons le suivi de votre demande et vous répondons par écrit.",
    nothing_asked="Nous en avons pris connaissance et revenons vers vous si une précision nous manque.",
    detail="Pourriez-vous nous préciser ce que vous attendez de nous, afin que nous vous répondions utilement\u00a0?",
    closing="Bien cordialement,",
)
ENGLISH = Phrases(
    greeting="Hello{name},",
    received="Thank you for your message about “{subject}”.",
    received_bare="Thank you for your message.",
    signalled="You report the following: “{quote}”. We have taken note of it and are looking into it.",
    repeated="You say that this is not the first time: we are going through all you have reported.",
    noted_deadline="We have noted the deadline you give: {raw}.",
    noted_relative="We have noted the deadline you give: {raw}, that is {day}.",
    points="On each of your points:",
    question="On your question “{quote}”: {answer}",
    request="On your request “{quote}”: {answer}",
    numbered="“{quote}”: {answer}",
    point="On this point: {answer}",
    form="we are checking the form that your contract requires and will tell you in writing.",
    which_contract="several of your contracts are running; could you tell us which one, by its reference, energy or supplier?",
    demand="we are examining your complaint and will answer you in writing.",
    deferred="we are checking this and will send you a written answer.",
    document="we are gathering these items and will send them to you.",
    appointment="we are checking our availability and will confirm the slot.",
    call="we will call you back as soon as possible.",
    action="we are taking care of this request and will keep you informed.",
    reply="this message answers you; the points still to be checked will follow in writing.",
    offer="we are studying your need and will send you our proposal in writing.",
    contact_update="we are passing this update on to the person in charge of your file.",
    bank="please do not pay to any new bank account: we will call you on the number we already have on file to check.",
    thanks="Thank you for your message, the whole team is pleased to read it.",
    followed="We will write to you as soon as this examination is over.",
    chased="We are taking your request up again and will answer you in writing.",
    nothing_asked="We have read it and will come back to you should we need anything.",
    detail="Could you tell us what you expect from us, so that we can answer properly?",
    closing="Kind regards,",
)  # fmt: skip
LANGUAGES = {"fr": FRENCH, "en": ENGLISH}
OWN_ACT = re.compile(
    r"^\W*(?:et |sinon |si oui,? |dans ce cas,? )?(?:faut-il|faudra-t-il|(?:doit|peut|devra)-on|(?:dois|puis|devrai)-je|(?:devons|pouvons)-nous|"
    r"est-ce (?:qu'il faut|que (?:je|nous|l'on) )|est-il (?:possible|obligatoire|necessaire)|suffit-il|should (?:we|i)|must (?:we|i)|can (?:we|i))\b"
)
"""A question on what the asker may or must do: no request to us."""
FORM = re.compile(
    r"\b(?:faut-il|doit-on|dois-je|devons-nous|suffit-il|est-ce qu'il faut|il faut)\b.{0,40}\b(?:lettre|courrier|e-?mail|courriel|recommandee?)\b|"
    r"\b(?:lettre|courrier|envoi) recommandee?s?\b|\ben recommandee?\b|\blrar\b|\baccuse de reception\b|\bregistered (?:letter|mail)\b|"
    r"\b(?:sous|par|de) quel(?:le)?s? (?:forme|moyen|maniere|facon)\b|\bpar (?:simple )?(?:mail|courriel|courrier)\b.{0,20}\bsuffi\w*|\bsuffi\w*\b.{0,30}\b(?:mail|courriel|courrier)\b"
)
INTENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bank", re.compile(r"\b(?:authentique|iban|rib|coordonnees bancaires|c'est (?:vraiment|bien) vous|vraiment vous)\b")),
    ("call", re.compile(r"\b(?:rappel(?:er|ez|le)\b|appelez|appeler|rappelle|numero d'astreinte|joindre|call (?:me|us) back)")),
    ("appointment", re.compile(r"\b(?:rendez-vous|rdv|creneau|visio|reunion|invitation|disponib\w+|vous va|se voir|decale|meeting|slot)\b")),
    ("reply", re.compile(r"^\W*(?:merci d(?:e|'avance de)|veuillez|pri(?:ere|ons) de|pouvez-vous|pourriez-vous|je vous (?:prie|remercie) de|nous vous (?:prions|remercions) de)? ?(?:bien vouloir )?(?:nous |me )?(?:repondre|repondez|faire un retour|tenir informee?s?)\b.{0,60}$|^\W*(?:une )?reponse (?:\w+ )?(?:attendue|souhaitee|exigee)\b.{0,40}$")),
    ("offer", re.compile(r"\b(?:faire|recevoir|etablir|adresser|envoyer|transmettre|proposer|remettre|obtenir|souhait\w+|demand\w+)\b.{0,25}\b(?:offres?|propositions?|devis|cotations?)\b|\bchiffr(?:er|age|ez)\b|\b(?:quote|firm offer)\b")),
    ("contact_update", re.compile(r"\bmettre a jour (?:vos|nos|les) (?:contacts|coordonnees|fichiers)\b")),
    ("document", re.compile(r"\b(?:envoy\w+|transmett\w+|adress\w+|fourni\w+|duplicata|attestation|copie|recevoir|joindre|retroplanning|comparatif|simulation|proposition|preuve|synthese|send)\b")),
)  # fmt: skip


def find_phrases(language: str) -> Phrases:
    """The phrases of a language; English for those we do not write."""
    return LANGUAGES.get(language, ENGLISH)


def tell_intent(ask: str, *, is_question: bool, has_fraud: bool) -> str:
    """What an ask is after: a key of `Phrases`."""
    folded = fold(ask)
    if is_question and FORM.search(folded):
        return "form"
    is_own_act = is_question and OWN_ACT.match(folded) is not None
    for name, pattern in INTENTS:
        is_out = (name == "bank" and not has_fraud) or (name == "document" and is_own_act)
        if not is_out and pattern.search(folded):
            return name
    return "deferred" if is_question else "action"
