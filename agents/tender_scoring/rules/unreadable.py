"""A tender file of which nothing can be read: what is wrong with each piece, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.statements import Reading, clip
from core.errors import InvalidInput
from core.formats import NBSP
from ingest.tenders.dossier import Dossier

LEAST_LETTERS = 40
"""Fewer letters in all than this make no piece of a tender: a photo's words, a blank form."""
NOTHING = f"Rien n’a pu être lu dans ce dossier{NBSP}: il n’y a donc ni fiche, ni note, ni verdict."
EMPTY = (
    "Le dépôt ne contient aucun fichier. Vérifiez l’archive ou le dossier choisi, puis déposez les "
    "pièces de la consultation (règlement, cahiers des charges, annexes)."
)
NEXT = (
    "Corrigez ces fichiers ou demandez-en une autre copie à l’acheteur, puis déposez de nouveau le "
    "dossier. Un règlement de la consultation lisible suffit pour commencer."
)
TOO_SHORT = (
    "le texte lu tient en quelques mots. Déposez la version texte (PDF d’origine, Word) plutôt "
    "qu’une photo ou un formulaire vide"
)


class NothingReadable(InvalidInput):
    """No piece of the file could be read; the message names each piece and what to do."""


def check_readable(reading: Reading, notice: Notice) -> None:
    """Raises NothingReadable unless a piece or a notice says something."""
    letters = sum(sum(map(str.isalpha, s.plain)) for s in reading.statements)
    if notice.is_known or letters >= LEAST_LETTERS:
        return
    lines = list(_list_faults(reading.dossier))
    if not lines:
        raise NothingReadable(EMPTY)
    told = "\n".join(f"- {line}" for line in lines)
    raise NothingReadable(f"{NOTHING}\n\n{told}\n\n{NEXT}")


def _list_faults(dossier: Dossier) -> Iterator[str]:
    for piece in dossier.pieces:
        yield f"{clip(piece.source.path, 120)}{NBSP}: {piece.reason or TOO_SHORT + '.'}"
    for refusal in dossier.intake.refusals:
        yield f"{clip(refusal.path, 120)}{NBSP}: {refusal.reason}"
    for file in dossier.notices:
        yield f"{clip(file.path, 120)}{NBSP}: l’avis ne peut pas être lu. Téléchargez-le de nouveau."
