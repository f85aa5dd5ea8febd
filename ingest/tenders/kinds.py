"""Which piece of a tender a text is, told by its own title before its file name."""

from __future__ import annotations

import re
from typing import Literal

from core.words import fold
from ingest.tenders.texts import PieceText

Kind = Literal[
    "rc", "cctp", "ccap", "ccp", "ae", "bpu", "dqe", "dpgf", "delivery_points", "notice",
    "corrigendum", "annex", "other",
]  # fmt: skip
LABELS: dict[Kind, str] = {
    "rc": "Règlement de la consultation",
    "cctp": "Cahier des clauses techniques",
    "ccap": "Cahier des clauses administratives",
    "ccp": "Cahier des clauses particulières",
    "ae": "Acte d’engagement",
    "bpu": "Bordereau des prix",
    "dqe": "Détail quantitatif estimatif",
    "dpgf": "Décomposition du prix",
    "delivery_points": "Annexe des points de livraison",
    "notice": "Avis de marché",
    "corrigendum": "Rectificatif",
    "annex": "Annexe",
    "other": "Autre pièce",
}
TITLES: tuple[tuple[Kind, str], ...] = (
    ("rc", r"reglement (?:particulier )?d(?:e |u |')(?:la |l')?(?:consultation|appel d'offres"
           r"|concours|mise en concurrence)|instructions? to (?:tenderers|bidders|candidates)"
           r"|rules of (?:the )?(?:tender|consultation)|invitation to tender"
           r"|tender(?:ing)? (?:rules|regulations|procedure document)"),
    ("ccap", r"cahier des clauses administratives(?! et)|special administrative (?:terms|clauses)"
             r"|administrative (?:specifications|conditions|clauses)|terms and conditions of contract"),
    ("ccp", r"cahier des clauses particulieres|cahier des clauses administratives et techniques"
            r"|cahier des clauses techniques et administratives"),
    ("cctp", r"cahier des clauses techniques|cahier des charges(?: techniques?| fonctionnel)?"
             r"|programme (?:fonctionnel|technique)|programme des besoins|technical specifications?"
             r"|terms of reference"),
    ("ae", r"acte d'engagement|attri ?1|letter of (?:commitment|tender)|form of tender"),
    ("bpu", r"bordereaux? (?:des |de )?prix|price schedule"),
    ("dqe", r"detail quantitatif|devis quantitatif|detail estimatif|bill of quantities"),
    ("dpgf", r"decomposition (?:du|des) prix(?: global)?|price breakdown"),
    ("corrigendum", r"avis (?:de )?rectificatif|rectificatif n|additif n|note rectificative"
                    r"|modification du dossier de consultation"),
    ("notice", r"avis d'appel public|avis de marche|avis d'appel a (?:la )?concurrence"
               r"|contract notice|\baapc\b"),
    ("annex", r"annexe (?:n ?° ?)?[a-z\d]{1,3}\b"),
)  # fmt: skip
NAMES: tuple[tuple[Kind, str], ...] = (
    ("delivery_points", r"\bpdl\b|\bpce\b|\bprm\b|points? (?:de )?livraison"),
    ("annex", r"^annexe"),
    ("rc", r"\brc\b|reglement|\brpao\b"), ("ccap", r"ccap"), ("ccp", r"\bccp\b|ccatp"),
    ("cctp", r"cctp|programme|cahier des charges"), ("ae", r"\bae\b|acte.?d.?engagement|attri1"),
    ("bpu", r"\bbpu\b|bordereau"), ("dqe", r"\bdqe\b|quantitatif"), ("dpgf", r"dpgf"),
    ("corrigendum", r"rectif"), ("notice", r"notice|\bavis\b|aapc"),
    ("annex", r"annexe"),
)  # fmt: skip
POINT_CODE = re.compile(r"(?<!\d)\d{14}(?!\d)|\bGI\d{6}\b")
HEAD_CHARS = 1200
CRITERIA = re.compile(r"criteres? (?:de (?:jugement|selection|choix|notation)|d'attribution|suivants)"
                      r"|(?:jugement|classement) des offres|ponderation|award criteria")  # fmt: skip
REMITTANCE = re.compile(r"(?:offres?|propositions?|reponses?|plis?)\b[^.]{0,80}(?:au plus tard|avant le"
                        r"|jusqu'au)|(?:remise|reception|depot) des (?:offres|plis|reponses)")  # fmt: skip
PRICE_HEADERS = re.compile(r"prix unitaire|p\.? ?u\.?(?: ht)?\b|prix ht|pu ht")


def recognize_kind(name: str, read: PieceText) -> Kind:
    """The kind of a piece. A workbook of delivery points is known by its fourteen-digit codes."""
    if read.sheets:
        return _workbook_kind(name, read)
    head = fold(read.head[:HEAD_CHARS]).replace("’", "'")
    found: list[tuple[int, int, Kind]] = [
        (match.start() + (300 if kind == "annex" and match.start() > 40 else 0), rank, kind)
        for rank, (kind, pattern) in enumerate(TITLES)
        if (match := re.search(pattern, head))
    ]
    by_name = recognize_name(name)
    if found:
        start, _, kind = min(found)
        if kind == "annex" and len(POINT_CODE.findall(read.text)) >= 3:
            return "delivery_points"
        if start < 350 or by_name in (None, kind, "annex", "other"):
            return _with_name(kind, by_name)
    if len(POINT_CODE.findall(read.text)) >= 10:
        return "delivery_points"
    return by_name or "other"


def acts_as_rules(read: PieceText) -> bool:
    """Tell a piece that says when offers are due and how they are judged, whatever its title."""
    plain = fold(read.text)
    return bool(CRITERIA.search(plain) and REMITTANCE.search(plain))


def _with_name(kind: Kind, by_name: Kind | None) -> Kind:
    """A title that is only « annexe » or « cahier » yields to a name that says more."""
    return by_name if kind == "annex" and by_name not in (None, "annex") else kind


def _workbook_kind(name: str, read: PieceText) -> Kind:
    if len(POINT_CODE.findall(read.text)) >= 3:
        return "delivery_points"
    plain = fold(read.text[:3000])
    titles = fold(" ".join(sheet.name for sheet in read.sheets))
    by_name = recognize_name(name)
    if by_name in ("bpu", "dqe", "dpgf", "delivery_points"):
        return by_name
    for kind in ("dpgf", "dqe", "bpu"):
        if re.search(rf"\b{kind}\b", titles) or re.search(dict(TITLES)[kind], plain[:600]):
            return kind
    if by_name is None and PRICE_HEADERS.search(plain):
        return "dqe" if "quantite" in plain else "bpu"
    return by_name or "other"


def recognize_name(name: str) -> Kind | None:
    """The kind that a file's name tells, whatever it holds."""
    stem = re.sub(r"[_\-.\s]+", " ", fold(name.rsplit(".", 1)[0]))
    stem = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", stem)
    for kind, pattern in NAMES:
        if re.search(pattern.replace(r"attri1", "attri ?1"), stem):
            return kind
    return None
