"""What is asked of the mail: what is new, a thread's summary, its mails, its draft, the reviews."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from core.dates import find_period
from ingest.mail.facts import Category
from ingest.mail.folding import fold

Act = Literal["list", "summary", "mail", "draft", "reply", "drafts", "reviews", "open"]
MAILS = r"(?:courriels?|e-?mails?|mails?|mels?|messages?|fils?|boites?(?: mail| aux lettres| de reception)?|messagerie)"
SEVERAL = r"(?:(?:mes|les|nos|des) (?:\w+ )?(?:courriels|e-?mails|mails|messages)|(?:la |ma |notre )?(?:boite(?: mail| aux lettres| de reception)?|messagerie))"
SHOW = (
    r"(?:montr\w+|affich\w+|ouvr\w+|li[st]\b|lire|lisez|voir|vois|voyons|donn\w+|fai(?:s|tes) voir|"
    r"retrouv\w+|cherch\w+|sors|sortez|je (?:veux|voudrais|souhaite|peux))"
)
DRAFT = r"(?:brouillons?(?: de (?:reponse|courriel|mail))?|projets? de reponse|reponses? (?:preparee?s?|proposee?s?|prete?s?|prevue?s?))"
NOT_MAIL = re.compile(
    r"\b(?:non-?\s?conformites? (?:en|a l'etat de) brouillon|contrats?.{0,20}\bbrouillon|offres?.{0,20}\bbrouillon|"
    r"articles?.{0,30}\bbrouillon|demandes? (?:grd|au gestionnaire).{0,20}\bbrouillon|modeles? de (?:courriel|mail)|"
    r"combien|adresses?|date de quand|par (?:mail|courriel)|envoi\w+ (?:un|le|ce) (?:mail|courriel|message))\b"
)
DIGEST = re.compile(
    r"^(?:que|qu.?est.ce qui|quoi)\b.*\b(?:passe|arrive|neuf|nouveau)\b.*\bdepuis (?:hier|ce matin|"
    r"avant-hier|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|^/?(?:tri|triage|digest)$|^quoi de neuf$"
    r"|^(?:que s'est-il passe|qu'est-ce qui s'est passe|que s'est il passe|quoi de neuf) (?:hier|aujourd'hui|ce matin|cette semaine)$"
)
NEWS = re.compile(
    rf"\b(?:quoi de (?:neuf|nouveau)|du (?:neuf|nouveau)|des nouveautes|que (?:contient|dit|dis)|qu'y a-t-il|qu'est-ce qu'il y a|"
    rf"qu'ai-je recu|qu'est-ce que j'ai recu|j'ai (?:recu )?(?:quoi|du nouveau)|que s'est-il passe)\b.*\b{MAILS}\b"
    rf"|\b{MAILS}\b.*\b(?:quoi de (?:neuf|nouveau)|du (?:neuf|nouveau))\b"
    rf"|\b(?:point sur|le point|releve\w*|resum\w+|trie\w*|liste\w*|nouveaux|derniers|recus?)\b.*\b{SEVERAL}(?! (?:de|d'|du|avec)\b)"
)
OWN_LIST = re.compile(
    rf"^(?:{SHOW}(?:[- ]moi|[- ]nous)? |liste\w*(?:[- ]moi)? |resum\w+(?:[- ]moi)? |quels (?:sont )?)?(?:tou(?:s|tes) )?(?:mes|les|nos|des)? ?(?:derniers |nouveaux )?{MAILS}\b(?! (?:du contact|de contact))"
)
SORTED = re.compile(
    r"^(?:(?:quelles?|quels) (?:sont )?(?:les |mes |nos )?|\w+[- ]moi |\w+ |liste\w* )?(?:les |mes |nos |des |toutes les )?(?:nouvelles )?(?:reclamations?|plaintes?|relances?|mecontent\w+)\b"
)
RECEIVED = re.compile(
    r"\b(?:recue?s?|arrivee?s?|entrantes?|entres?|avons[- ]nous eu|a-t-on eu|par courriel|par mail)\b"
)
SUMMARY = re.compile(
    rf"\b(?:resum\w+|synthese|synthetis\w+|fai\w+(?:[- ]moi)? (?:le point|un point|un resume))\b.*\b(?:{MAILS}|echanges?|conversations?)\b"
    rf"|\b(?:que|qu'est-ce que|de quoi)\b.*\b(?:dit|veut|demande|parle|attend)\b.*\b(?:courriel|e-?mail|mail|message|fil)\b"
)
MAIL = re.compile(
    rf"\b{SHOW}\b.*\b(?:courriels?|e-?mails?|mails?|messages?|fils?|echanges?|conversation)\b|^(?:ouvre|ouvrez|ouvrir) (?:le |celui )"
)
SHOWN_DRAFT = re.compile(rf"\b(?:{SHOW}|ou en est|resum\w+|quel est|c'est quoi)\b.*\b{DRAFT}|^(?:le |mon |son )?{DRAFT} (?:de|du|d'|pour|a|au|aux|«|\")")  # fmt: skip
DRAFTS = re.compile(
    r"(?:^|\b(?:mes|les|quels|tous|liste\w*)\b.*\b)brouillons?\b(?:.*\b(?:a relire|en attente|prets?|de reponse|du jour|en cours|courriels?|mails?)\b|$)"
)
REPLY = re.compile(
    r"\b(?:prepar\w+|redig\w+|ecri[svt]\w*|propos\w+|fai(?:s|tes|re)|genere\w*|cree\w*|il (?:me |nous )?faut|je (?:veux|voudrais))(?:[- ](?:moi|nous))? "
    r"(?:une |la |un |le |ma |notre )?(?:brouillon (?:de |pour )?)?(?:reponse|repondre)\b"
    r"|\b(?:prepar\w+|redig\w+|genere\w*)(?:[- ](?:moi|nous))? (?:un |le |son )?brouillon (?:pour|a|au|aux|de reponse)\b"
    r"|^(?:repon\w+|que (?:dois-je |faut-il )?repondre|aide[- ]moi a repondre|aidez[- ]moi a repondre) (?:a|au|aux)\b(?! (?:une?|des)\b)"
)
REVIEWS = re.compile(
    r"\b(?:non-?\s?conformites?|ecarts?|reclamations?) (?:a (?:confirmer|trancher|examiner|decider|qualifier)|incertaines?|douteuses?)\b"
    r"|\b(?:file|liste) (?:de|des) (?:revues?|examens?)\b|\bexamens? (?:a trancher|en attente|a decider)\b|^(?:les |mes )?revues?(?: en attente)?$"
)
LATEST = re.compile(r"\bderni(?:er|ere)s?\b")
CATEGORIES: tuple[tuple[re.Pattern[str], tuple[Category, ...]], ...] = (
    (re.compile(r"\bfactur\w+"), ("facturation",)),
    (re.compile(r"\btechniques?\b|\bgestionnaires?\b|\bcoupures?\b|\bcompteurs?\b"), ("technique_grd",)),
    (re.compile(r"\bdevis\b|\bdemandes? (?:d'offres?|de prix|de cotation)\b|\bcotations?\b"), ("demande_devis",)),
    (re.compile(r"\brenouvellements?\b"), ("renouvellement",)),
    (re.compile(r"\bcontrats?\b|\bresiliations?\b"), ("contrat", "renouvellement")),
    (re.compile(r"\bdemandes? de documents?\b|\bdocuments?\b|\battestations?\b"), ("document",)),
    (re.compile(r"\brendez-vous\b|\brdv\b|\breunions?\b"), ("rendez_vous",)),
    (re.compile(r"\brelances?\b"), ("relance",)),
    (re.compile(r"\bnewsletters?\b|\blettres? d'information\b|\bpublicit\w+|\bspams?\b"), ("spam_newsletter",)),
    (re.compile(r"\breponses? automatiques?\b|\babsences?\b"), ("auto_reponse",)),
    (re.compile(r"\bsuspects?\b|\bfraud\w+|\binjections?\b"), ("injection",)),
)  # fmt: skip
COMPLAINT = re.compile(
    r"\breclamations?\b|\bplaintes?\b|\bmecontent\w+|\bnon-?\s?conformites?\b|\blitiges?\b"
)
PRESSING = re.compile(r"\burgen\w+|\bpress(?:e|es|ant|ants|ee)\b|\bprioritaires?\b")
MORNING = re.compile(r"\b(?:ce matin|du jour|de la journee|aujourd'hui|cet apres-midi)\b")
YESTERDAY = re.compile(r"\bdepuis hier\b|\bdepuis la veille\b")
SINCE_DAY = re.compile(
    r"\bdepuis (?P<day>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|avant-hier)\b"
)
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


@dataclass(frozen=True)
class Days:
    """Days from `first` to `last`, both included; None: the last working day, to now."""

    first: dt.date
    last: dt.date | None = None


@dataclass(frozen=True)
class MailAsk:
    """A request about the mail. `days` is None when no time is given; `wants_latest` when the
    last thread is meant."""

    act: Act
    days: Days | None = None
    categories: tuple[Category, ...] = ()
    is_complaint: bool = False
    is_pressing: bool = False
    wants_latest: bool = False


def read_ask(question: str, today: dt.date) -> MailAsk | None:
    """What `question` asks of the mail; None where it asks something else."""
    folded = " ".join(fold(question).split()).strip(" ?!.\u00a0\u202f")
    act = _find_act(folded, today)
    if act is None:
        return None
    about = folded if act == "list" else ""
    return MailAsk(
        act,
        read_days(folded, today),
        next((found for words, found in CATEGORIES if words.search(about)), ()),
        is_complaint=COMPLAINT.search(about) is not None,
        is_pressing=PRESSING.search(about) is not None,
        wants_latest=LATEST.search(folded) is not None,
    )


def _find_act(folded: str, today: dt.date) -> Act | None:
    if DIGEST.search(folded):
        return "list"
    if NOT_MAIL.search(folded):
        return None
    acts: tuple[tuple[re.Pattern[str], Act], ...] = (
        (REVIEWS, "reviews"), (REPLY, "reply"), (DRAFTS, "drafts"), (SHOWN_DRAFT, "draft"),
    )  # fmt: skip
    for words, act in acts:
        if words.search(folded):
            return act
    if _is_listing(folded, today):
        return "list"
    if SUMMARY.search(folded):
        return "summary"
    return "mail" if MAIL.search(folded) else None


def _is_listing(folded: str, today: dt.date) -> bool:
    """Several mails of a time or of a kind, rather than those of somebody."""
    if NEWS.search(folded):
        return True
    is_dated = read_days(folded, today) is not None
    if SORTED.match(folded):
        return is_dated or RECEIVED.search(folded) is not None
    if not OWN_LIST.match(folded):
        return False
    is_kind = COMPLAINT.search(folded) or PRESSING.search(folded)
    is_kind = is_kind or any(words.search(folded) for words, _ in CATEGORIES)
    return is_dated or bool(is_kind) or re.match(rf"^(?:mes|les|nos) (?:derniers |nouveaux )?{MAILS}$", folded) is not None  # fmt: skip


def read_days(folded: str, today: dt.date) -> Days | None:
    """The days that a folded question names; None when it names none."""
    if YESTERDAY.search(folded):
        return None
    if since := SINCE_DAY.search(folded):
        return Days(_last_day(since["day"], today))
    if MORNING.search(folded):
        return Days(today, today)
    if re.search(r"\bavant-hier\b", folded):
        return Days(today - dt.timedelta(days=2), today - dt.timedelta(days=2))
    if re.search(r"\bhier\b", folded):
        return Days(today - dt.timedelta(days=1), today - dt.timedelta(days=1))
    period = find_period(folded, today)
    if period is None or period.start is None:
        return None
    return Days(period.start, period.end)


def _last_day(name: str, today: dt.date) -> dt.date:
    """The last day of that name, today excluded."""
    if name == "avant-hier":
        return today - dt.timedelta(days=2)
    return today - dt.timedelta(days=(today.weekday() - DAYS.index(name) - 1) % 7 + 1)
