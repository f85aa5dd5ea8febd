"""A tender's verdict as a message: text, sources, exports; the same live and in history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.places import Place, write_numbered_card
from agents.tender_scoring.storage import StoredAnalysis
from chat.elements import Source
from core.addresses import API

EXPORTS = (
    ("matrix.xlsx", "Matrice de conformité (Excel)"), ("matrix.docx", "Matrice (Word)"),
    ("questions.docx", "Questions à l’acheteur"), ("memo.docx", "Mémoire technique"),
    ("card.md", "Fiche de verdict"),
)  # fmt: skip
RUNNING = (
    "L’analyse de «\u00a0{label}\u00a0» est en cours. Vos fichiers sont gardés\u00a0: rouvrez "
    "cette conversation dans un instant."
)


@dataclass(frozen=True)
class Shown:
    """What a conversation shows of an analysis."""

    content: str
    sources: tuple[Source, ...] = ()
    is_done: bool = False
    is_error: bool = False


def write_shown(stored: StoredAnalysis) -> Shown:
    """The card of a finished analysis, else where it stands."""
    if stored.analysis is None:
        told = stored.error or RUNNING.format(label=stored.label)
        return Shown(told, is_error=stored.status == "failed")
    text, places = write_numbered_card(stored.analysis)
    links = " · ".join(
        f"[{label}]({API}/tenders/{stored.id}/exports/{name})" for name, label in EXPORTS
    )
    sources = list_sources(stored.id, stored.analysis, places)
    return Shown(f"{text}\n\n**À télécharger**\n\n{links}", sources, is_done=True)


def list_sources(
    tender: UUID, analysis: TenderAnalysis, places: Sequence[Place]
) -> tuple[Source, ...]:
    """Two names for each place: its number in the text, and its full name in the list."""
    pdfs = {piece.id for piece in analysis.pieces if piece.name.lower().endswith(".pdf")}
    return tuple(
        _make_source(tender, place, name, is_pdf=place.piece in pdfs)
        for place in places
        for name in (place.mark, place.name)
    )


def _make_source(tender: UUID, place: Place, name: str, *, is_pdf: bool) -> Source:
    identifier = str(uuid5(NAMESPACE_URL, f"{tender}/{name}"))
    if is_pdf:
        piece = quote(place.piece, safe="")
        url = f"{API}/tenders/{tender}/pieces?piece={piece}&place={place.number}"
        return Source(identifier, name, "pdf", url, place.page)
    return Source(identifier, name, "text", f"{API}/tenders/{tender}/places/{place.number}", None)
