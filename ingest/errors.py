"""Errors of ingestion, worded for the person who must act on the file."""

from __future__ import annotations

import errno
from pathlib import Path

from core.errors import InvalidInput, VoltaireError

REASONS = {
    errno.EACCES: "droits insuffisants", errno.EPERM: "droits insuffisants",
    errno.ENOENT: "introuvable", errno.EIO: "erreur du disque", errno.ESTALE: "partage perdu",
    errno.ENOSPC: "disque plein", errno.EDQUOT: "quota du disque atteint",
    errno.ENAMETOOLONG: "nom trop long", errno.ELOOP: "lien qui tourne en rond",
}  # fmt: skip


class UnreadableFile(VoltaireError):
    """The file cannot be read; the message says why and what to do."""

    status = 422


class ErasedFile(UnreadableFile):
    """The file was erased from the base: its name, which may name a person, is noted nowhere."""

    def __init__(self) -> None:
        super().__init__(
            "Ce fichier a été effacé de la base à la demande d’une personne ou du cabinet. "
            "Retirez-le du dossier, ou corrigez-le : sa nouvelle version sera lue."
        )


class FolderMissing(InvalidInput):
    """The folder of documents is not there, or not for us."""

    def __init__(self, root: Path) -> None:
        super().__init__(
            f"Le dossier {root} n’existe pas ou n’est plus accessible. Vérifiez le chemin, et que "
            "le partage est monté ; ce qui en a été lu reste consultable en l’état."
        )


def name_os_error(error: OSError) -> str:
    """Why the system refused, in French."""
    return REASONS.get(error.errno or 0, f"erreur n° {error.errno}")
