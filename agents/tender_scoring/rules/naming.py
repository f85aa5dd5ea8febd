"""The pieces of a tender as a sentence names them: « le CCTP (p. 4) », « l’avis de marché »."""

from __future__ import annotations

from collections import Counter

from agents.tender_scoring.evidence import Evidence, PieceKind, write_loc
from core.formats import NBSP, join_words
from ingest.tenders.dossier import Dossier

NAMES: dict[PieceKind, str] = {
    "rc": "le règlement de la consultation",
    "cctp": "le CCTP",
    "ccap": "le CCAP",
    "ccp": "le CCP",
    "ae": "l’acte d’engagement",
    "bpu": "le BPU",
    "dqe": "le DQE",
    "dpgf": "la DPGF",
    "delivery_points": "l’annexe des points de livraison",
    "notice": "l’avis de marché",
    "corrigendum": "le rectificatif",
}


def name_kinds(kinds: tuple[PieceKind, ...]) -> str:
    """« l’avis de marché et le CCTP »."""
    return join_words([NAMES.get(kind, "une annexe") for kind in kinds])


class Naming:
    """How to name the pieces of a dossier; the file's name is told where two are of one kind."""

    def __init__(self, dossier: Dossier) -> None:
        used = [p for p in dossier.pieces if p.status in ("used", "outdated")]
        self._kinds: dict[str, PieceKind] = {piece.id: piece.kind for piece in used}
        self._counts = Counter(piece.kind for piece in used)

    def name(self, evidence: Evidence) -> str:
        """« le CCTP (p. 4) », « l’avis de marché »."""
        kind = self._kinds.get(evidence.span.source_id, "notice")
        if kind == "notice":
            return NAMES["notice"]
        file = f"«{NBSP}{evidence.file}{NBSP}»"
        if kind not in NAMES:
            told = f"la pièce {file}"
        elif self._counts[kind] > 1:
            told = f"{NAMES[kind]} {file}"
        else:
            told = NAMES[kind]
        place = f"p.{NBSP}{evidence.page}" if evidence.page else write_loc(evidence.loc)
        return f"{told} ({place})" if place and kind != "delivery_points" else told
