"""What the holder of a lot does: sell energy, build, advise, maintain; told from the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Lot
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading, Statement, list_lots, lots_of
from core.words import fold

Role = Literal["supply", "works", "advice", "audit", "maintenance", "other"]
ROLE_LABELS: dict[Role, str] = {
    "supply": "fourniture d’énergie",
    "works": "travaux ou exploitation d’équipements",
    "advice": "conseil et assistance",
    "audit": "audit ou étude réglementée",
    "maintenance": "entretien ou nettoyage",
    "other": "autre prestation",
}
ADVICE = re.compile(
    r"assistance a (?:la )?maitrise d'ouvrage|\bamo\b|assistance (?:a|au|technique)|conseil"
    r"|accompagnement|strategie d'achat|courtage|courtier|suivi (?:d'execution|des contrats"
    r"|de la performance|energetique)|optimisation (?:des|tarifaire)|controle des factures"
    r"|econome de flux|management de l'energie|\biso 50001\b|advis|consult(?:ing|ancy)"
)
SUPPLY = re.compile(
    r"(?:fourniture|achat|livraison|vente|approvisionnement)s?(?:,? et (?:l')?acheminement"
    r"|, (?:l')?acheminement)? (?:et (?:l')?acheminement )?(?:de l'|d'|de |du |en )?"
    r"(?:l')?(?:electricite|gaz|energie|chaleur|biomethane)|acheminement (?:d'|de l'|du )?"
    r"(?:electricite|gaz)|rendue? site|supply of (?:electricity|natural gas|gas|energy)"
)
WORKS = re.compile(
    r"travaux|\bpose\b|installation (?:de|d')|construction|conception|realisation|renovation"
    r"|marche (?:public )?global|contrat de performance|exploitation (?:de|des|du) (?:chauff|instal)"
    r"|exploitant|raccordement|genie civil|fourniture,? pose|photovolta|ombriere|chaufferie"
)
AUDIT = re.compile(r"audits? energetiques?|diagnostics? (?:energetiques?|de performance)|opqibi"
                   r"|etude reglementaire")  # fmt: skip
MAINTENANCE = re.compile(r"nettoyage|entretien|maintenance|gardiennage|surveillance humaine"
                         r"|espaces verts")  # fmt: skip
CPV_ROLES: tuple[tuple[str, Role], ...] = (
    ("0931", "supply"), ("0912", "supply"), ("0930", "supply"), ("6531", "supply"),
    ("6530", "supply"), ("6521", "supply"), ("79418", "advice"), ("713142", "advice"),
    ("713143", "advice"), ("7941", "advice"), ("45", "works"), ("31158", "works"),
    ("507", "works"), ("5111", "works"), ("9091", "maintenance"),
)  # fmt: skip


WORDS: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("advice", ADVICE),
    ("supply", SUPPLY),
    ("audit", AUDIT),
    ("works", WORKS),
    ("maintenance", MAINTENANCE),
)


@dataclass(frozen=True)
class LotRole:
    """The role of a lot's holder, and the words that tell it."""

    role: Role
    evidence: tuple[Evidence, ...]


def read_role(lot: Lot, reading: Reading, notice: Notice) -> LotRole:
    """The role of a lot by its title; of an undivided contract by its object, then its CPV."""
    if lot.number is not None:
        found = _of_text(fold(lot.title))
        if found:
            return LotRole(found, lot.evidence[:1])
    for statement in _objects(reading):
        found = _of_text(statement.plain)
        if found:
            return LotRole(found, (statement.cite(),))
    for code in notice.cpv:
        for prefix, role in CPV_ROLES:
            if code.startswith(prefix):
                return LotRole(role, notice.cite(code, "cpv"))
    return LotRole("other", ())


def _objects(reading: Reading) -> list[Statement]:
    """Sentences that state the object first, then the cover."""
    first = [s for s in reading.of("rc", "ccp", "ccap", "cctp")
             if re.search(r"pour objet|porte sur|concerne|constitue un", s.plain)
             and s.unit.kind != "row"]  # fmt: skip
    covers = [s for s in reading.of("rc", "ccp", "cctp") if s.unit.start < 700]
    return [*(s for s in first if re.search(r"objet", s.where + s.plain)), *covers, *first]


def _of_text(plain: str) -> Role | None:
    """The role whose words come first; « fourniture » of electricity wins over services."""
    places: list[tuple[int, int, Role]] = []
    for rank, (role, pattern) in enumerate(WORDS):
        if found := pattern.search(plain):
            places.append((found.start(), rank, role))
    if not places:
        return None
    _, _, role = min(places)
    if role == "supply" and re.search(r"(?:conseil|assistance|accompagnement|consultations de)\b",
                                      plain[: min(places)[0]]):  # fmt: skip
        return "advice"
    return role


def concerns(statement: Statement, lot: int | None) -> bool:
    """Tell whether a statement is about a lot: it names it, or it names none."""
    if lot is None:
        return True
    named = lots_of(statement) or list_lots(statement.where)
    return not named or lot in named
