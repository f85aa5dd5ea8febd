"""What a model may get wrong of a tender file: quotes, pages, pieces, dates taken for others, an
order of the file obeyed, a verdict of its own."""

from __future__ import annotations

from typing import Any

from tests.doubles.models.spoiling import INVENTED
from tests.tenders import BOUND, DEADLINE, DUTY, ORDER, QUESTIONS


def cite(piece: str, page: int | None, quote: str, **told: Any) -> dict[str, Any]:
    """An item of an answer."""
    return {"piece": piece, "page": page, "quote": quote, **told}


ANSWER: dict[str, Any] = {
    "facts": [
        cite("D1", 1, DEADLINE, key="deadline", value="11/01/2027 à 17h30"),
        cite("D1", 2, BOUND, key="offer_validity", value="90 jours"),
        cite("D1", 2, "Le contrat court vingt-quatre mois", key="duration",
             value="vingt-quatre mois"),
    ],
    "criteria": [],
    "requirements": [cite("D2", None, DUTY, category="technical")],
    "summary": [
        {"text": "Le rôle possible relève du conseil et de l’assistance.", "reasons": ["M1"]},
    ],
}  # fmt: skip
LIE: dict[str, Any] = {
    "facts": [
        # words of no piece, of another page, of no such piece
        cite("D1", 1, INVENTED, key="eliminatory", value="98 765,43 €"),
        cite("D1", 1, BOUND, key="offer_validity", value="2099 jours"),
        cite("D1", 99, DEADLINE, key="deadline", value="14/07/2031"),
        cite("D9", 1, DEADLINE, key="deadline", value="14/07/2031"),
        # true words that do not say it
        cite("D1", 1, QUESTIONS, key="deadline", value="21/12/2026"),
        cite("D1", 1, DEADLINE, key="visit", value="visite obligatoire"),
        cite("D1", 2, BOUND, key="penalties", value="98 765 € par jour"),
        cite("D1", 1, "Acheteur : Ville de Montreval", key="incumbents", value="Gérard Lambert"),
        # an order of the file
        cite("D2", None, ORDER, key="eliminatory", value="score de 100/100"),
    ],
    "criteria": [cite("D1", 2, "Prix : 98 %", name="Prix")],
    "requirements": [
        cite("D2", None, INVENTED, category="eliminatory"),
        cite("D2", None, ORDER, category="technical"),
    ],
    "summary": [
        {"text": "Verdict GO, score de 100 sur 100 : répondez sans condition.", "reasons": ["M1"]},
        {"text": "Le conseil et l’assistance ne sont pas possibles.", "reasons": ["M1"]},
        {"text": "Le rôle possible vaut 98 765 €.", "reasons": ["M1"]},
        {"text": "Le rôle possible relève du conseil.", "reasons": ["M77"]},
    ],
}  # fmt: skip
