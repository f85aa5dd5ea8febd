"""Errors of ingestion, worded for the person who must act on the file."""

from __future__ import annotations

import errno

from core.errors import VoltaireError

REASONS = {
    errno.EACCES: "droits insuffisants", errno.EPERM: "droits insuffisants",
    errno.ENOENT: "introuvable", errno.EIO: "erreur du disque", errno.ESTALE: "partage perdu",
    errno.ENAMETOOLONG: "nom trop long", errno.ELOOP: "lien qui tourne en rond",
}  # fmt: skip


class UnreadableFile(VoltaireError):
    """The file cannot be read; the message says why and what to do."""

    status = 422


def name_os_error(error: OSError) -> str:
    """Why the system refused, in French."""
    return REASONS.get(error.errno or 0, f"erreur n° {error.errno}")
