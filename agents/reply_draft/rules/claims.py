"""What a draft must not say unseen: commitments, and bank accounts at all."""

from __future__ import annotations

import re

from ingest.mail.folding import fold

IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){3,7}(?:[ \u00a0]?[A-Z0-9]{1,4})?\b")
ADMISSION = "reconnaissance d’un fait"
COMMITMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("prix", re.compile(r"€|\beuros?\b|/mwh|\b(?:prix|tarif|remise|indemni\w+|rembours\w+|prise? en charge)\b")),
    ("validité d’une offre", re.compile(r"\b(?:valable|validite|offre ferme|expire)\b")),
    ("délai", re.compile(r"\b(?:avant le|d'ici|au plus tard|sous \w+ (?:jours|heures)|dans les \w+ (?:jours|heures)|des (?:demain|lundi|aujourd'hui)|dans la journee|before|by (?:monday|tomorrow|the))\b")),
    ("résiliation", re.compile(r"\b(?:resili\w+|denonc\w+|mettre fin|rompre|terminat\w+)\b")),
    (ADMISSION, re.compile(r"\b(?:nous reconnaissons|notre erreur|notre faute|est (?:desormais )?(?:confirme|valide|effecti|regl|resol|retabli)\w*|we (?:confirm|accept)|nous (?:acceptons|confirmons|garantissons|nous engageons))\b")),
)  # fmt: skip


def find_commitments(text: str) -> tuple[str, ...]:
    """The kinds of commitment that `text` makes in its own name; quotations commit nobody."""
    folded = fold(re.sub(r"«[^»]*»", " ", text))
    return tuple(name for name, pattern in COMMITMENTS if pattern.search(folded))


def admits_fact(text: str) -> bool:
    """Tell whether `text` accepts, confirms or owns up to something: no courtesy does."""
    return ADMISSION in find_commitments(text)


def hide_ibans(text: str) -> str:
    """No bank account is ever copied into a reply."""
    return IBAN.sub("[coordonnées bancaires retirées]", text)
