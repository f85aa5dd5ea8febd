"""Words of award criteria: what names one, what weighs it, at which stage it counts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Statement
from core.words import fold

Stage = Literal["offer", "candidacy", "call_off"]
TOPIC = re.compile(r"criter|jugement|ponderation|attribution|selection|award|weighting|notation"
                   r"|classement|analyse des offres")  # fmt: skip
WEIGHT = r"(?P<w>\d{1,3}(?:,\d{1,2})?) ?(?:%|pour cent|points?\b|pts?\b|/ ?100)"
VALUE = re.compile(rf"(?<![\d.,]){WEIGHT}")
NAMES = (
    r"prix|cout|valeur|qualite|performance|environnement|technique|delai|memoire|methodologie"
    r"|organisation|moyens|insertion|social|rse\b|developpement durable|reference|equipe"
    r"|coherence|experience|competence|service|securite|pertinence|financ|economi|price|quality"
    r"|cost|technical|innovation|garanti|planning|comprehension|accompagnement|energie"
)
KNOWN_NAME = re.compile(NAMES)
CANDIDACY = re.compile(r"selection(?:nees?)? des candidat|candidatures? (?:sont|est) (?:selectionn"
                       r"|class|not|appreci|jug)|selection des candidatures|candidats? (?:admis"
                       r"|retenus?) .{0,30}criter")  # fmt: skip
CALL_OFF = re.compile(r"marches? subsequents?")
FULL = Decimal(100)
THRESHOLD = re.compile(r"inferieur|superieur|eliminatoir|plancher|\bseuil|\b(?:une|toute) offre\b")
NOT_NAME = re.compile(r"\b(?:taux|tva|avance|retenue|penalit|revision|limite|seuil|minim|augmentation"
                      r"|part |plafon|consomm|volume|chiffre|majoration|reduction de|dispos)")  # fmt: skip


def parse_weight(text: str) -> Decimal | None:
    """The weight a cell holds, « 40 % », « 25 points », « 30/100 »; None for anything else."""
    plain = fold(text)
    found = re.fullmatch(
        r"\D{0,12}?(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|points?|pts|/ ?\d+|)\D{0,14}", plain
    )
    if found is None:
        return None
    value = parse_number(found[1].replace(".", ","))
    return value if value is not None and value <= 100 else None


def is_total(name: str) -> bool:
    """Tell the row of a total from a criterion."""
    return bool(re.match(r"\W*(?:total|somme|ensemble)\b", fold(name)))


def clean_name(text: str) -> str:
    """A criterion's name on one line, without its number."""
    name = re.sub(r"^\s*(?:crit[eè]re\s*)?(?:n\s?°\s?)?\d{0,2}\s*[.:)–-]\s*", "", text, flags=re.I)
    name = re.sub(
        r"^\s*(?:le |du )?crit[eè]re (?:du |de la |de l['’]|des |d['’]|de )?(?=\w)",
        "",
        name,
        flags=re.I,
    )
    name = name[:1].upper() + name[1:]
    name = re.sub(r"\s*\((?:DQE|BPU|DPGF|DGPF)\)\s*$", "", name)
    return " ".join(name.split()).strip(" :–-,") or text.strip()


def is_name(name: str) -> bool:
    """Tell whether folded words name a criterion of a usual kind."""
    if NOT_NAME.search(name):
        return False
    return bool(KNOWN_NAME.search(name)) and len(name.split()) <= 14


def shorten(name: str) -> str:
    """The name without the sentence that runs up to it."""
    found = re.search(
        r".*\b(?:sur|selon|suivants?|notamment)\s+(?:la |le |l['’]|les )?(?=\w)", name, re.I
    )
    cut = name[found.end() :] if found and len(name) > 40 else name
    cut = re.sub(r"^(?:la |le |les |l['’]|et )+", "", cut.strip(), flags=re.I)
    return cut[:1].upper() + cut[1:]


def stage_of(statement: Statement) -> Stage:
    """What a criterion weighs: the offers, the candidacies, the call-offs of a framework."""
    if CANDIDACY.search(statement.plain) or re.search(
        r"selection(?: des candidat|\b)|candidatures", statement.where
    ):
        return "candidacy"
    if CALL_OFF.search(statement.plain) or CALL_OFF.search(statement.where):
        return "call_off"
    return "offer"
