"""Pieces that a tender file should hold and does not, and whether a score can do without them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.tender_scoring.evidence import Evidence, PieceKind
from agents.tender_scoring.facts import Criterion, Facts
from agents.tender_scoring.findings import MissingPiece
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading
from core.words import fold
from ingest.tenders.dossier import Dossier

ANNOUNCED: tuple[tuple[PieceKind, str, str], ...] = (
    ("rc", "Règlement de la consultation", r"reglement (?:de (?:la )?consultation|particulier)"),
    ("cctp", "CCTP", r"\bcctp\b|cahier des clauses techniques|programme fonctionnel"),
    ("ccap", "CCAP", r"\bccap\b|cahier des clauses administratives"),
    ("ccp", "CCP", r"\bccp\b|cahier des clauses particulieres"),
    ("ae", "Acte d’engagement", r"acte d'engagement|attri ?1"),
    ("bpu", "BPU", r"\bbpu\b|bordereaux? (?:des |de )?prix"),
    ("dqe", "DQE", r"\bdqe\b|detail quantitatif|detail estimatif"),
    ("dpgf", "DPGF", r"\bdpgf\b|decomposition du prix"),
    ("delivery_points", "Annexe des points de livraison",
     r"points? de (?:livraison|comptage)|\bpdl\b|\bpce\b|\bprm\b"),
)  # fmt: skip
ANNOUNCES = re.compile(r"dossier (?:de (?:la )?consultation|remis|comprend|est (?:compose|constitue))"
                       r"|pieces (?:du dossier|jointes|constitutives|suivantes|de la consultation)"
                       r"|contenu du dossier|composition du dossier|\bdce\b")  # fmt: skip
OFFER_HOLDS = re.compile(r"\b(?:offres?|candidatures?|plis?|reponses?|propositions?)\b[^.;:]{0,30}"
                         r"(?:se compose|comprend|contient|est compose|est constitue)")  # fmt: skip
LATER = re.compile(r"(?:remis|communique|transmis|fourni)\w* (?:aux candidats (?:admis|retenus)"
                   r"|ulterieurement|apres|au titulaire|a l'attributaire)")  # fmt: skip
SUBSTITUTES: dict[PieceKind, tuple[PieceKind, ...]] = {
    "ccap": ("ccp",), "cctp": ("ccp",), "ccp": ("ccap", "cctp"), "bpu": ("dqe", "dpgf"),
    "dqe": ("bpu", "dpgf"), "dpgf": ("bpu",),
}  # fmt: skip
NEEDED: tuple[tuple[PieceKind, str], ...] = (
    ("notice", "Avis de marché"),
    ("rc", "Règlement de la consultation"),
    ("cctp", "Cahier des clauses techniques"),
)
CRITERIA = re.compile(r"criter|jugement|ponderation")
TO_NOTICE = re.compile(r"\bavis\b|\baapc\b|publicite")
DUTY = re.compile(r"^(?:le |la |l')?(?:titulaire|prestataire|assistant|attributaire|fournisseur)\b")
LEAST_DUTIES = 5
"""As many duties of the holder elsewhere stand for the technical clauses."""


def list_missing(
    reading: Reading, notice: Notice, facts: Facts, criteria: tuple[Criterion, ...]
) -> tuple[MissingPiece, ...]:
    """Pieces announced by the rules of consultation, or needed for a score, that are not there.

    One that is needed blocks the score only when what gates and criteria take from it stands
    nowhere else in the file.
    """
    dossier = reading.dossier
    present = {p.kind for p in dossier.pieces if p.status in ("used", "outdated")}
    missing: dict[PieceKind, MissingPiece] = {}
    for kind, label in NEEDED:
        is_there = notice.is_known or kind in present if kind == "notice" else _holds(kind, present)
        if not is_there:
            blocks = not _stands_elsewhere(kind, reading, facts, criteria)
            missing[kind] = MissingPiece(kind=kind, label=label, blocks_score=blocks)
    for kind, label, evidence in _announced(reading):
        if kind in missing:
            missing[kind] = missing[kind].model_copy(update={"evidence": (evidence,)})
        elif not _holds_exactly(kind, dossier, present):
            missing.setdefault(kind, MissingPiece(kind=kind, label=label, evidence=(evidence,)))
    return tuple(missing.values())


def _stands_elsewhere(
    kind: PieceKind, reading: Reading, facts: Facts, criteria: tuple[Criterion, ...]
) -> bool:
    """Tell whether other pieces say what a score takes from the missing piece of `kind`."""
    if kind == "cctp":
        duties = (
            s for s in reading.of("rc", "ccap", "ae", "annex", "other") if DUTY.match(s.plain)
        )
        return sum(1 for _ in duties) >= LEAST_DUTIES
    names = {piece.name for piece in reading.dossier.used() if piece.kind != "notice"}
    dated = facts.deadline is not None and facts.deadline.evidence[0].file in names
    if kind == "notice":
        return dated and (bool(criteria) or _states_criteria(reading))
    weighed = any(c.stage == "offer" and c.evidence[0].file in names for c in criteria)
    return dated and weighed


def _states_criteria(reading: Reading) -> bool:
    """Criteria without a weight that rules read, in a section that sends to no notice."""
    told = [s for s in reading.of("rc", "ccp") if CRITERIA.search(s.where)]
    return bool(told) and not any(TO_NOTICE.search(s.plain) for s in told)


def _holds(kind: PieceKind, present: set[str]) -> bool:
    return kind in present or any(other in present for other in SUBSTITUTES.get(kind, ()))


def _holds_exactly(kind: PieceKind, dossier: Dossier, present: set[str]) -> bool:
    """A piece, or a sheet of another that bears its name; an unreadable one is told apart."""
    if kind in present or any(p.kind == kind and p.status == "unreadable" for p in dossier.pieces):
        return True
    pattern = next(p for k, _, p in ANNOUNCED if k == kind)
    if any(re.search(pattern, fold(sheet.name)) for p in dossier.pieces for sheet in p.text.sheets):
        return True
    heads = [fold(p.text.head[:300]) for p in dossier.pieces if p.status == "used"]
    titled = any(re.search(rf"valant [^.]{{0,60}}(?:{pattern})", head) for head in heads)
    both = kind in ("ccap", "cctp") and "ccp" in present
    return titled or both


def _announced(reading: Reading) -> Iterator[tuple[PieceKind, str, Evidence]]:
    for statement in reading.of("rc", "ccp"):
        if statement.unit.kind == "heading" or LATER.search(statement.plain):
            continue
        if OFFER_HOLDS.search(statement.plain):
            continue
        if not (ANNOUNCES.search(statement.where)
                or re.search(r"dossier (?:de consultation )?comprend|se compose", statement.plain)):  # fmt: skip
            continue
        for kind, label, pattern in ANNOUNCED:
            if found := re.search(pattern, statement.plain):
                yield kind, label, statement.cite(found.start(), found.end())
