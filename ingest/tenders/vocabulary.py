"""Whether a lone document speaks of a tender at all, before it is taken for one."""

from __future__ import annotations

import re
from pathlib import Path

from core.errors import InvalidInput
from core.pdfium import open_pdf
from core.words import fold
from ingest.readers.file_types import detect_type
from ingest.tenders.dossier import READERS
from ingest.tenders.intake import FILE_SIZE_LIMIT, MIB
from ingest.tenders.kinds import CRITERIA, REMITTANCE, TITLES, recognize_name

TEXTS = frozenset({"pdf", "docx", "text", "markdown", "html"})
"""Kinds of files that may be anything; the others are told by their form."""
OWN_TITLES = frozenset({"rc", "ae", "ccap", "ccp", "corrigendum", "notice"})
"""Pieces whose title is said of nothing but a tender; a contract too has annexes and schedules."""
TERMS = re.compile(
    "|".join(
        (
            r"\b(?:ccap|cctp|ccatp|dpgf|dce|dume|rpao)\b",
            r"cahier des (?:clauses|charges)",
            r"pouvoirs? adjudicateurs?|entites? adjudicatrices?|acheteurs? publics?",
            r"dates?(?: et heures?)? limites? des? (?:remise|reception|depot|reponse|offres)",
            r"(?:remise|reception|depot) des (?:offres|plis)",
            r"dossiers? de (?:la )?consultation|code de la commande publique",
            *(pattern for kind, pattern in TITLES if kind in OWN_TITLES),
        )
    )
)


def speaks_of_tender(path: Path, name: str) -> bool:
    """Tell whether a document uses the words of tenders; without text, its name tells.

    One that cannot be opened passes: the reading of its tender says why. Raises UnreadableFile.
    """
    kind = detect_type(path, size_limit_mb=FILE_SIZE_LIMIT // MIB).name
    if kind not in TEXTS:
        return True
    try:
        text = _read_pdf(path) if kind == "pdf" else READERS[kind](path).text
    except InvalidInput:
        return True
    text = " ".join(fold(text).split())
    if not text:
        return recognize_name(name) not in (None, "annex")
    return bool(TERMS.search(text) or (CRITERIA.search(text) and REMITTANCE.search(text)))


def _read_pdf(path: Path) -> str:
    """The words a PDF holds, those of its pictures left out: empty for a scan."""
    with open_pdf(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
