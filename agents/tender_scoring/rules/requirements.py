"""Minimum levels the file asks: turnovers, references, certificates, insurance, by lot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from agents.tender_scoring.rules.clauses import ELIMINATORY, ELIMINATORY_SECTION, NOT_ELIMINATORY
from agents.tender_scoring.rules.quantities import (
    NUMBER,
    list_amounts,
    list_energies,
    parse_number,
)
from agents.tender_scoring.rules.statements import Reading, Statement, clip, list_lots, lots_of
from core.words import fold

THIRD_PARTY = re.compile(
    r"capacites (?:d'un|de|d'autres|professionnelles d'autres)[^.]{0,60}(?:cotraitant|sous-traitant"
    r"|operateur|tiers)|s'appuyer sur (?:les capacites|d'autres|un)|groupement[^.]{0,40}globalement"
)
REFERENCE = re.compile(rf"(?P<n>{NUMBER})? ?references?(?P<what>[^.;]*?)(?=(?: et (?:une|deux|trois|\d+)"
                       r" references?)|[.;]|$)")  # fmt: skip
TOPICS: tuple[tuple[str, str, str], ...] = (
    ("irve", "infrastructures de recharge",
     r"irve|bornes?\b|points? de charge|recharge|vehicules? electriques?"),
    ("cpe", "contrats de performance énergétique",
     r"performance energetique|marches? globa(?:l|ux)|\bcpe\b|\bmgpe?\b"),
    ("works", "travaux", r"travaux|pose\b|installation|chaufferie|photovolta|genie civil"),
    ("lighting", "éclairage public", r"eclairage public"),
    ("audit", "audits énergétiques", r"audits?|diagnostics? energetique|opqibi"),
    ("iso50001", "ISO 50001", r"50 ?001|systeme de management de l'energie|\bsmen?\b"),
    ("supply", "fourniture d’énergie", r"(?:references?|marches?|contrats?) de fourniture(?! d'ass)"
     r"|fourniture (?:a un|d'electricite|de gaz|d'energie)|livraison d'electricite"),
    ("follow_up", "suivi de contrats d’énergie",
     r"suivi (?:de contrats|d'execution|des contrats|de l'execution)|controle (?:de|des) factures"
     r"|suivi (?:energetique|des consommations)"),
    ("purchase", "assistance à l’achat d’énergie",
     r"achat[s]? (?:d'|de l'|de |du )?(?:energie|electricite|gaz)|assistance a l'achat"
     r"|\bamo\b.{0,30}(?:energie|electricite|gaz|achat)|courtage|conseil en (?:achat|energie)"
     r"|assistance a maitrise d'ouvrage|missions? (?:comparables?|similaires?|d'assistance)"),
)  # fmt: skip
CERTIFICATES: tuple[tuple[str, str, str], ...] = (
    ("autorisation_fourniture", "Autorisation de fourniture (L. 333-1 / L. 443-1)",
     r"autorisation (?:d'exercer|de fourniture|ministerielle|prevue a l'article l\. ?(?:333|443)"
     r"|d'achat)|l\. ?333-1|l\. ?443-1|fournisseur titulaire de l'autorisation"
     r"|fournisseur (?:autorise|agree)|supply licen[cs]e"),
    ("responsable_equilibre", "Responsable d’équilibre", r"responsable d'equilibre"),
    ("qualification_IRVE", "Qualification IRVE", r"qualification irve|qualifie\w* irve|irve de niveau"),
    ("CMVP", "Certification CMVP", r"\bcmvp\b"),
    ("OPQIBI_1905", "Qualification OPQIBI 19.05", r"opqibi[^.]{0,30}19\.?05|19\.?05[^.]{0,20}opqibi"),
    ("OPQIBI_1717", "Qualification OPQIBI 17.17", r"opqibi[^.]{0,30}17\.?17|17\.?17[^.]{0,20}opqibi"),
    ("OPQIBI", "Qualification OPQIBI", r"\bopqibi\b(?![^.]{0,30}(?:19\.?05|17\.?17))"),
    ("RGE", "Qualification RGE", r"\brge\b"),
    ("qualification_travaux", "Qualification de travaux", r"qualibat|qualifelec|qualipv|qualisol"),
    ("ISO 9001", "Certification ISO 9001", r"iso ?9001"),
    ("ISO 14001", "Certification ISO 14001", r"iso ?14001"),
    ("ISO 50001", "Certification ISO 50001", r"certifi\w* (?:selon la norme )?iso ?50001"),
    ("orias", "Immatriculation ORIAS", r"\borias\b"),
)  # fmt: skip
MINIMUM_WORDS = re.compile(
    r"au moins|minim|eliminatoire|exig|requis|justifi|doit|doivent|sous peine"
)
SCALE_POINTS = re.compile(r"(?:au moins|superieur\w* a|plus de|minimum)[^.]{0,12}?(?P<n>\d[\d ]*)"
                          r" (?:points|pdl|sites|prm)")  # fmt: skip


@dataclass(frozen=True)
class Level:
    """A least amount asked, for `lots` (empty: all)."""

    amount: Decimal
    lots: tuple[int, ...]
    statement: Statement


@dataclass(frozen=True)
class ReferenceLevel:
    """`count` references about `topics`, of at least `volume_gwh`, `points` or `amount_eur`."""

    count: int
    topics: tuple[str, ...]
    label: str
    lots: tuple[int, ...]
    statement: Statement
    volume_gwh: Decimal | None
    points: int | None
    amount_eur: Decimal | None
    accepts_third_party: bool
    is_minimum: bool = True


@dataclass(frozen=True)
class CertificateLevel:
    """A licence, qualification or certificate asked."""

    key: str
    label: str
    lots: tuple[int, ...]
    statement: Statement
    accepts_equivalent: bool
    is_eliminatory: bool


def conditions(reading: Reading) -> Iterator[Statement]:
    """Statements of the rules of consultation that set who may answer."""
    for statement in reading.of("rc", "ccp", "corrigendum", "notice"):
        if statement.unit.kind == "heading" or NOT_ELIMINATORY.search(statement.plain):
            continue
        if ELIMINATORY.search(statement.plain) or ELIMINATORY_SECTION.search(statement.where):
            yield statement


def list_turnovers(reading: Reading) -> list[Level]:
    """Least turnovers, each amount with the lots named after it."""
    found: list[Level] = []
    for statement in conditions(reading):
        start = re.search(r"chiffres? d'affaires|\bca\b|turnover", statement.plain)
        if start is None or re.search(r"declaration concernant", statement.plain):
            continue
        found += _levels(statement, start.start())
    return found


def _levels(statement: Statement, start: int) -> Iterator[Level]:
    plain = statement.plain
    amounts = [a for a in list_amounts(plain) if a.start >= start]
    several = len(amounts) > 1
    for at, amount in enumerate(amounts):
        stop = amounts[at + 1].start if at + 1 < len(amounts) else len(plain)
        after = list_lots(re.split(r"; ", plain[amount.end : stop], maxsplit=1)[0])
        lots = after if several or after else lots_of(statement)
        if at and not after:
            break
        yield Level(amount.value, lots, statement)


def list_insurances(reading: Reading) -> list[Level]:
    """Least amounts of liability insurance, with the lots named after each."""
    found: list[Level] = []
    for statement in reading.of("rc", "ccp", "ccap"):
        start = re.search(r"responsabilite civile|assurance|rc professionnelle", statement.plain)
        if start and statement.unit.kind != "heading":
            found += _levels(statement, start.start())
    return found


def list_references(reading: Reading) -> list[ReferenceLevel]:
    """Least references, clause by clause."""
    found: list[ReferenceLevel] = []
    relies = [s for s in reading.of("rc", "ccp") if THIRD_PARTY.search(s.plain)]
    for statement in conditions(reading):
        if statement.kind == "notice" and found:
            break
        if not re.search(r"references?", statement.plain):
            continue
        for match in REFERENCE.finditer(statement.plain):
            level = _reference(statement, match, relies)
            if level is not None:
                found.append(level)
    return found


def _reference(
    statement: Statement, match: re.Match[str], relies: list[Statement]
) -> ReferenceLevel | None:
    count = parse_number(match["n"]) if match["n"] else None
    what = match["what"]
    if count is None:
        found = re.search(rf"au moins (?P<n>{NUMBER})", statement.plain)
        count = parse_number(found["n"]) if found and "references" in statement.plain else None
    topics = tuple(key for key, _, pattern in TOPICS if re.search(pattern, f"references{what}"))
    if count is None or count > 20 or not what.strip():
        return None
    labels = {key: label for key, label, _ in TOPICS}
    written = clip(statement.unit.text[match.start("what") : match.end("what")].strip(" ,:"), 80)
    points = SCALE_POINTS.search(what)
    volumes = [energy.value / 1000 for energy in list_energies(what)]
    amounts = [amount.value for amount in list_amounts(what)]
    named = lots_of(statement)
    helps = any(
        s.piece is statement.piece and abs(s.unit.start - statement.unit.start) < 900
        and (not lots_of(s) or not named or set(lots_of(s)) & set(named)) for s in relies
    )  # fmt: skip
    return ReferenceLevel(
        int(count), topics, " ou ".join(labels[t] for t in topics) or written, named,
        statement, volumes[0] if volumes else None,
        int(points["n"].replace(" ", "")) if points else None, amounts[0] if amounts else None,
        helps, _is_minimum(statement),
    )  # fmt: skip


def _is_minimum(statement: Statement) -> bool:
    """Tell a level below which one is out from references merely to be listed."""
    return bool(
        MINIMUM_WORDS.search(statement.plain)
        or re.search(r"minim|eliminatoire|exigence|niveaux", statement.where)
    )


def list_certificates(reading: Reading) -> list[CertificateLevel]:
    """Licences, qualifications and certificates asked, in the order of the file."""
    found: dict[tuple[str, tuple[int, ...]], CertificateLevel] = {}
    for statement in conditions(reading):
        for key, label, pattern in CERTIFICATES:
            if not re.search(pattern, statement.plain):
                continue
            lots = lots_of(statement)
            level = CertificateLevel(
                key, label, lots, statement,
                bool(re.search(r"ou equivalent", statement.plain)),
                bool(ELIMINATORY.search(statement.plain)) or bool(
                    re.search(r"minim|eliminatoire", statement.where)),
            )  # fmt: skip
            old = found.get((key, lots))
            if old is None or (level.is_eliminatory and not old.is_eliminatory):
                found[key, lots] = level
    return list(found.values())


def topics_of(text: str) -> set[str]:
    """The topics of a firm's reference, or of what it has none of."""
    plain = fold(text)
    return {key for key, _, pattern in TOPICS if re.search(pattern, plain)}
