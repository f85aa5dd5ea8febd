"""The compliance matrix: each requirement, its page, our evidence, the gap, who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.tender_scoring.facts import Requirement
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.wording import name_lots, name_places, name_tender, quote_all

GapKind = Literal["covered", "to_produce", "blocking", "unknown"]
CATEGORIES = {
    "eliminatory": "Conditions éliminatoires", "candidacy": "Candidature", "capacity": "Capacités",
    "offer": "Offre", "technical": "Exigences techniques",
    "administrative": "Clauses administratives",
    "price": "Prix",
}  # fmt: skip
OWNERS = {
    "eliminatory": "Direction", "candidacy": "Juriste commande publique", "capacity": "Direction",
    "offer": "Consultant en charge", "technical": "Analyste énergie",
    "administrative": "Juriste commande publique", "price": "Acheteur énergie",
}  # fmt: skip
GAPS: dict[GapKind, str] = {
    "covered": "Preuve trouvée, à vérifier",
    "to_produce": "À produire",
    "blocking": "À produire : éliminatoire",
    "unknown": "Recherche impossible",
}
EXPECTED = {
    "eliminatory": "Justificatif à joindre", "candidacy": "Document de candidature",
    "capacity": "Justificatif de capacité", "offer": "Pièce ou chapitre de l’offre",
    "technical": "Réponse dans le mémoire technique",
    "administrative": "Acceptation de la clause, ou question", "price": "Pièce de prix renseignée",
}  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """A sentence of our knowledge base that answers a requirement."""

    text: str
    code: str
    title: str
    version: str
    page: int | None
    section: str = ""

    @property
    def label(self) -> str:
        """«MT-01 v2.1, p. 3»."""
        page = f", p.\u00a0{self.page}" if self.page else ""
        return f"{self.code} v{self.version}{page}"


Proofs = Mapping[str, Sequence[Proof] | None]
"""Sentences by requirement key; None where the look-up failed."""


@dataclass(frozen=True)
class MatrixRow:
    """A line of the matrix."""

    number: int
    category: str
    requirement: str
    lots: str
    places: str
    quote: str
    answer_expected: str
    proofs: tuple[Proof, ...]
    gap: GapKind
    owner: str
    is_eliminatory: bool

    @property
    def gap_label(self) -> str:
        """The gap in French."""
        return GAPS[self.gap]


@dataclass(frozen=True)
class Matrix:
    """The whole matrix, eliminatory conditions first."""

    title: str
    rows: tuple[MatrixRow, ...]

    def count(self, gap: GapKind) -> int:
        """How many lines have this gap."""
        return sum(row.gap == gap for row in self.rows)


def make_matrix(
    analysis: TenderAnalysis, proofs: Proofs, owners: Mapping[str, str] = OWNERS
) -> Matrix:
    """The matrix of an analysis; a requirement without proof is never called covered."""
    order = list(CATEGORIES)
    ranked = sorted(
        enumerate(analysis.requirements),
        key=lambda pair: (not pair[1].is_eliminatory, order.index(pair[1].category), pair[0]),
    )
    rows = tuple(
        _make_row(number, requirement, proofs, owners)
        for number, (_, requirement) in enumerate(ranked, 1)
    )
    return Matrix(f"Matrice de conformité — {name_tender(analysis)}", rows)


def _make_row(
    number: int, requirement: Requirement, proofs: Proofs, owners: Mapping[str, str]
) -> MatrixRow:
    found = proofs.get(requirement.key, ())
    return MatrixRow(
        number=number,
        category=CATEGORIES[requirement.category],
        requirement=requirement.text,
        lots=name_lots(requirement.lots),
        places=name_places(requirement.evidence),
        quote=quote_all(requirement.evidence),
        answer_expected=requirement.answer_expected or EXPECTED[requirement.category],
        proofs=tuple(found or ()),
        gap=_find_gap(requirement, found),
        owner=owners.get(requirement.category, OWNERS[requirement.category]),
        is_eliminatory=requirement.is_eliminatory,
    )


def _find_gap(requirement: Requirement, found: Sequence[Proof] | None) -> GapKind:
    if found is None:
        return "unknown"
    if found:
        return "covered"
    return "blocking" if requirement.is_eliminatory else "to_produce"
