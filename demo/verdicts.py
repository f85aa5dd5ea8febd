"""The Go/No-Go verdict of a tender, by the firm's thresholds."""

from __future__ import annotations

from random import Random
from typing import Any

GO_FROM = 65
RESERVE_FROM = 50
SCORES = {
    "qualifying": None,
    "detected": None,
    "go": (55, 88),
    "no_go": (22, 49),
    "submitted": (58, 90),
    "won": (66, 93),
    "lost": (52, 78),
    "cancelled": (45, 75),
}
REASONS = {
    "GO": (
        "Bonne connaissance de l’acheteur, références comparables et délai suffisant.",
        "Mission au cœur de nos compétences ; le titulaire sortant ne se représente pas.",
        "Rentabilité correcte et critères favorables à la valeur technique.",
    ),
    "GO_SOUS_RESERVE": (
        "Répondre si la clause de pénalités est plafonnée ; question posée à l’acheteur.",
        "Répondre aux seuls lots électriques : le lot gaz comporte des points d’une ELD.",
        "Délai serré : réponse possible si l’analyste est libre la semaine de la remise.",
    ),
    "NO_GO": (
        "Marché de fourniture réservé aux titulaires d’une autorisation d’achat pour revente.",
        "Prix pondéré à 70 % et titulaire sortant bien installé : chances trop faibles.",
        "Visite obligatoire déjà passée.",
        "Charge incompatible avec les renouvellements du 31 décembre.",
    ),
}


def judge_tender(status: str, random: Random) -> dict[str, Any]:
    """The columns score, verdict and verdict_reason of a tender at `status`."""
    span = SCORES[status]
    if span is None:
        return {"score": None, "verdict": None, "verdict_reason": None}
    score = random.randint(*span)
    verdict = "GO" if score >= GO_FROM else "GO_SOUS_RESERVE" if score >= RESERVE_FROM else "NO_GO"
    return {"score": score, "verdict": verdict, "verdict_reason": random.choice(REASONS[verdict])}
