"""What an ingestion did and what a search found, as lines for the terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.report import IngestionReport
    from knowledge.found import Passage

NBSP = "\u00a0"


def describe_report(report: IngestionReport) -> list[str]:
    """The count of each outcome, then one line per file that could not be read."""
    counts = (
        (len(report.indexed), "lu"),
        (len(report.updated), "mis à jour"),
        (len(report.unchanged), "inchangé"),
        (len(report.removed), "retiré"),
        (len(report.failures), "refusé"),
    )
    told = ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts if n)
    remarks = [f"  ✗ {remark}" for remark in report.failures]
    remarks += [f"  – {remark}" for remark in report.notices]
    return [f"Documents{NBSP}: {told or 'aucun fichier'}.", *remarks]


PLACE = re.compile(r"\{\{[^{}]*\}\}")
"""A place of a template («{{client.nom}}»), which says nothing to a reader."""


def describe_passage(passage: Passage) -> list[str]:
    """Where a passage stands, and its best sentence."""
    best = max(passage.sentences, key=lambda sentence: sentence.score, default=None)
    page = f", p.{NBSP}{best.page}" if best else ""
    text = PLACE.sub("[à compléter]", " ".join((best.text if best else passage.text).split()))
    return [
        f"{passage.code} v{passage.version_label}{page} — {passage.section_path}",
        f"    «{NBSP}{text}{NBSP}»",
    ]
