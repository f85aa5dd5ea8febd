"""What a thread is about and how soon it must be looked at, by the words of the trade."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from ingest.mail.addresses import is_no_reply
from ingest.mail.deadlines import working_days_until
from ingest.mail.facts import Anomaly, Ask, Category, Deadline, MailFacts, MailKind
from ingest.mail.folding import fold
from ingest.mail.message import MailMessage
from ingest.mail.recurrence import is_repeated

PARIS = ZoneInfo("Europe/Paris")
AUTO_SUBJECT = re.compile(
    r"^(?:reponse automatique|automatic reply|auto(?:matic)?[- ]?reply|out of office|absence|absent\w* du bureau|"
    r"message d'absence|abwesenheit\w*|undeliver\w*|non remis|delivery (?:status|failure)|mail delivery|echec de (?:la )?remise|accuse de (?:reception|lecture)|read:|lu ?:)"
)
ABSENCE = re.compile(
    r"\bje (?:suis|serai) (?:actuellement )?(?:absente?|en conges?|en deplacement|hors du bureau)\b.{0,160}(?:jusqu|retour|du \d|inclus|urgence)|\bi am (?:currently )?(?:out of (?:the )?office|away)\b"
    r"|\bcet? (?:e-?mail|message|courriel) (?:est|a ete) (?:envoye|genere) automatiquement|\bceci est (?:un message|une reponse) automatique"
)
UNSUBSCRIBE = re.compile(
    r"\b(?:(?:se |vous |me )(?:desinscrire|desabonner)|lien de (?:desinscription|desabonnement)|unsubscribe|"
    r"gerer (?:vos|mes) preferences)\b"
)
LEXICON: tuple[tuple[Category, float, str], ...] = (
    ("facturation", 2.0, r"\bfactur(?!ation au reel)\w*|\bavoirs?\b|\btva\b|prelevements?\b|\biban\b|\brib\b|coordonnees bancaires|echeanciers?|\btrop[- ]percu|ligne «|chorus|acompte|regularisation|\bregler\b|\bpaiement|invoice"),
    ("technique_grd", 2.0, r"\benedis\b|\bgrdf\b|\beld\b|compteurs?\b|\blinky\b|\bgazpar\b|raccordement|puissance souscrite|\bkva\b|mise en service|coupures?\b|courbes? de charge|\bturpe\b|\bhta\b|heures creuses|transformateur|\bindex\b|depannage|releve\b|branchement|technicien|detraque|augmentation de puissance|cosinus|reactive"),
    ("contrat", 1.8, r"\bcontrats?\b|\bavenants?\b|\bclauses?\b|\bresili\w+|\bpreavis\b|\btacite|\bsigne[rez]*\b|\bcession\b|titulaire|\barenh\b|\bvnu\b|engagement|echeance du contrat|changement de titulaire|mandat"),
    ("demande_devis", 2.4, r"\bdevis\b|\bproposition\b|\bnous faire (?:une )?(?:offre|proposition)|souhait\w+ (?:une |recevoir une )?offre|\bcotation|offres? fermes?|firm offer|term sheet|presenter vos services|lancer (?:la |une )?consultation|\btarifs?\b.{0,40}\bproposer|mettre en concurrence|new quote|\bquote\b|etude comparative"),
    ("renouvellement", 2.6, r"\brenouvel\w+|arriv\w+ a (?:echeance|(?:son )?terme)|(?:fin|echeance) (?:de |du )?(?:notre |votre |nos |l'|le )?(?:contrat|marche|accord-cadre)|marche subsequent|prochain marche|\bcomparatif\b|remise en concurrence|retroplanning|\bgroupement\b|relancer (?:le|un) marche|reconduire"),
    ("document", 2.2, r"\bduplicata|\battestation\b|\bcopie d|\boperat\b|(?:m'|nous )?(?:envoyer|transmettre|adresser|fournir)\b.{0,60}\b(?:document|contrat|consommations|releve|fichier|liste|synthese|tableau|justificatif|kbis|pieces?|certificat|factures?|bilan)|\bexport\b|recevoir (?:une |la )?(?:synthese|copie)|\bjustificatif"),
    ("rendez_vous", 2.4, r"\brendez-vous\b|\brdv\b|\bcreneaux?\b|\bvisio\b|\bteams\b|\binvitation\b|se voir\b|\breunion\b|disponibilit\w+|on decale|vous va (?:toujours)?|point (?:energie|telephonique|annuel|trimestriel)|\bdispo\b|faire un point|meeting"),
    ("relance", 2.4, r"\brelance\b|\bje (?:me permets de )?(?:vous )?(?:relance|reviens vers vous)|\bme permets d'insister|toujours pas (?:eu|recu) (?:de )?(?:reponse|retour|nouvelles)|sans (?:reponse|nouvelles?|retour) de (?:votre|ta)|ou en (?:est|sont|etes)|avez[- ]vous (?:bien )?(?:recu|pu avancer)|any news|follow(?:ing)? up|reminder|toujours en activite|cette reactivite"),
    ("spam_newsletter", 1.5, r"\bnewsletter\b|\blettre de\b|\bwebinaire\b|inscrivez-vous|desinscri|desabonn|unsubscribe|la semaine des prix|promo\b|offre exceptionnelle"),
    ("autre", 1.4, r"\bmerci (?:a vous|encore|pour tout|infiniment)|un grand merci|felicitations|bonne annee|voeux|nouveau maire|mettre a jour vos contacts|changement d'(?:adresse|interlocuteur)|elections|depart (?:a la|en) retraite|nouvel interlocuteur|scandaleux|c'est du vol|honteux"),
)  # fmt: skip
PATTERNS: tuple[tuple[Category, float, re.Pattern[str]], ...] = tuple(
    (category, weight, re.compile(pattern)) for category, weight, pattern in LEXICON
)
GRATITUDE = re.compile(
    r"\b(?:un grand merci|mille mercis|merci (?:encore|a vous|a toute|infiniment|pour (?:tout|votre aide))|many thanks)\b"
)
URGENT = re.compile(
    r"\burgen\w+|\bimmediat\w*|\baujourd'hui\b|\bsans delai\b|\basap\b|au plus vite|tout de suite|de toute urgence|\bappelez[- ]moi|\bdans l'heure\b|immediately|right away"
)
STOPPED = re.compile(
    r"\bvien(?:t|nent) de (?:nous |me )?couper|\b(?:sommes|est|etait|suis) (?:toujours |encore |actuellement )?(?:coupee?s?|sans (?:courant|electricite|gaz|elec|jus))\b|\bplus (?:de|d') ?(?:courant|electricite|gaz|chauffage|elec)\b|\ba l'arret\b|production (?:stoppee|arretee)|\bpanne\b.{0,40}(?:totale|generale)|coupure (?:totale|en cours|demain|imminente|ce jour)|power (?:is )?(?:out|cut)|fuite de (?:donnees|gaz)"
)
FRAUD = re.compile(
    r"\b(?:fraude|arnaque|usurpation|hameconnage|phishing|frauduleu\w+|authentique)\b"
)
DISPUTE = re.compile(
    r"\b(?:mise? en demeure|avocat|tribunal|contentieux|huissier|mediateur|assignation|plainte|fuite de donnees|cnil|conseil juridique)\b"
)
LEISURE = re.compile(
    r"\b(?:pas urgent|rien ne presse|pas presse\w*|sans urgence|quand vous (?:aurez|avez) (?:un moment|le temps)|no rush|pour (?:ma|notre) (?:culture|information)|par curiosite|pas d'urgence)\b"
)


def tell_kind(message: MailMessage, text: str, notice: str = "") -> MailKind:
    """Who wrote: a person, a list, an automatic reply, an address nobody reads (RFC 3834).

    `notice` is what the message ends with that is no word of its writer.
    """
    headers = message.headers
    subject, folded = fold(message.subject.strip()), fold(text[:1500])
    auto = headers.get("auto-submitted", "no").lower().split(";")[0].strip()
    is_answer = auto == "auto-replied" or any(
        name in headers for name in ("x-autoreply", "x-autorespond", "x-failed-recipients"))  # fmt: skip
    if is_answer or AUTO_SUBJECT.match(subject) or headers.get("return-path", "").strip() == "<>":
        return "auto_reply"
    if is_no_reply(message.sender.email):
        return "no_reply"
    bulk = headers.get("precedence", "").lower() in ("bulk", "list", "junk")
    if "list-id" in headers or "list-unsubscribe" in headers or bulk:
        return "list"
    if auto not in ("no", ""):
        return "no_reply"
    if ABSENCE.search(folded):
        return "auto_reply"
    return "list" if UNSUBSCRIBE.search(fold(notice)) else "person"


def classify(
    kind: MailKind, subject: str, text: str, asks: Sequence[Ask], anomalies: Sequence[Anomaly]
) -> Category:
    """The category of a thread before any non-conformity is looked for.

    What is asked weighs most, then the subject; a mail with no business of its own but an
    instruction to a machine is an injection.
    """
    folded = fold(text)
    if kind == "auto_reply":
        return "auto_reponse"
    if kind == "list":
        return "spam_newsletter"
    wanted = fold(" ".join(ask.span.quote for ask in asks))
    scores: dict[Category, float] = {}
    for category, weight, pattern in PATTERNS:
        scores[category] = weight * (
            min(len(pattern.findall(folded)), 4)
            + 2.0 * min(len(pattern.findall(wanted)), 2)
            + 1.5 * min(len(pattern.findall(fold(subject))), 2)
        )
    has_order = any(a.kind == "instruction" and a.quote in text for a in anomalies)
    if has_order and len(asks) <= 2 and max(scores.values()) < 12:
        return "injection"
    if not asks and GRATITUDE.search(folded):
        return "autre"
    best = max(scores, key=lambda category: scores[category])
    return best if scores[best] > 0 else "autre"


def rate_urgency(
    message: MailMessage, text: str, deadlines: Sequence[Deadline], kind: MailKind,
    anomalies: Sequence[Anomaly], asks: Sequence[Ask],
) -> int:  # fmt: skip
    """1 to 3. Three: supply stopped, a limit within three working days, fraud or data leak under
    way, heavy dispute. One: nothing asked nor complained of again, or the writer can wait."""
    if kind != "person":
        return 1
    folded = fold(f"{message.subject}\n{text}")
    sent_on = message.sent_at.astimezone(PARIS).date()
    if STOPPED.search(folded) or DISPUTE.search(folded) or _is_near(deadlines, sent_on):
        return 3
    if any(a.kind in ("bank_details", "look_alike") for a in anomalies) or FRAUD.search(folded):
        return 3
    is_flagged = message.headers.get("importance", "").lower() == "high" or (
        message.headers.get("x-priority", "3").strip()[:1] in ("1", "2"))  # fmt: skip
    if is_flagged or URGENT.search(LEISURE.sub(" ", folded)):
        return 3
    if LEISURE.search(folded) or not (asks or is_repeated(folded)):
        return 1
    return 2


def _is_near(deadlines: Sequence[Deadline], sent_on: dt.date) -> bool:
    return any(
        deadline.place != "quoted" and working_days_until(deadline.on, sent_on) < 3
        for deadline in deadlines
    )


def settle(facts: MailFacts, *, is_non_conformity: bool, is_major: bool) -> MailFacts:
    """The facts once the non-conformities are known: they rule the category, a major one the
    urgency (whatever the writer says of it)."""
    if not is_non_conformity:
        return facts
    return replace(
        facts, category="non_conformite", urgency=3 if is_major else max(facts.urgency, 2)
    )
