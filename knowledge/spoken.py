"""What people type in a hurry, written out as documents write it: « qd », « cb », « 90 balles »."""

from __future__ import annotations

import re

_SHORT = {
    "qd": "quand", "ds": "dans", "pdt": "pendant", "cb": "combien", "cbien": "combien",
    "pk": "pourquoi", "pq": "pourquoi", "pkoi": "pourquoi", "bcp": "beaucoup", "tjs": "toujours",
    "tjrs": "toujours", "jms": "jamais", "mtn": "maintenant", "rdv": "rendez-vous",
    "pb": "problème", "pbs": "problèmes", "qqn": "quelqu’un", "qqch": "quelque chose",
    "qq": "quelque", "dde": "demande", "ddes": "demandes", "ttes": "toutes", "ts": "tous",
    "avt": "avant", "svt": "souvent", "clt": "client", "clts": "clients", "fourn": "fournisseur",
    "ctrat": "contrat", "ctrats": "contrats", "jrs": "jours", "rép": "réponse", "mm": "même",
    "tps": "temps", "hosto": "hôpital", "quizz": "questionnaire", "quiz": "questionnaire",
    "dc": "donc", "ca": "ça", "stp": "", "svp": "", "hein": "",
    "feu vert": "accord", "plancher": "minimum", "piratage": "atteinte aux données",
}  # fmt: skip
# Neither within an address or a path, nor a unit after its number: « 10 mm ».
_WORD = re.compile(
    r"(?<![\w@./-])(?<!\d )(" + "|".join(map(re.escape, _SHORT)) + r")(?![\w@/-]|\.\w)",
    re.IGNORECASE,
)
_EUROS = re.compile(r"(?<=\d)[ \u00a0\u202f]?(?:balles|boules)\b", re.IGNORECASE)
_DAYS = re.compile(r"(?<=[^\W\d_] )(?<!art )(\d{1,3})[ \u00a0]?j(?=[ ,?!]|$)(?! d)", re.IGNORECASE)
# What opens a message and asks nothing.
_OPENING = re.compile(
    r"^(?:(?:bonjour|bonsoir|salut|hello|voil[àa]|bon|bah|ben|alors|dis(?:[ -]moi)?"
    r"|dites(?:[ -]moi)?|en fait|du coup|au fait)(?: [àa] tous)? ?[,!]+\s*"
    r"|(?:petite question[^:?]{0,25}|question) ?:\s*)+",
    re.IGNORECASE,
)


def write_out(text: str) -> str:
    """`text` with its short forms written out and without what opens it; itself if nothing is left.

    Capitals stand for acronyms, which are left alone: « DS », « CA ».
    """
    said = _WORD.sub(_lengthen, _OPENING.sub("", text))
    said = _DAYS.sub(r"\1 jours", _EUROS.sub(" €", said))
    return said if said.strip(" ?!.,;:") else text


def _lengthen(match: re.Match[str]) -> str:
    word = match[1]
    return word if word.isupper() else _SHORT[word.lower()]
