"""The compliance matrix as a Word document, category by category."""

from __future__ import annotations

from itertools import groupby

from agents.tender_scoring.outputs.document import FrenchDocument
from agents.tender_scoring.outputs.matrix import GAPS, Matrix, MatrixRow
from core.formats import NBSP

HEADINGS = ("N°", "Exigence", "Lots", "Où", "Réponse attendue", "Nos éléments", "Écart",
            "Responsable")  # fmt: skip
WIDTHS_CM = (1.0, 6.0, 2.0, 3.2, 3.2, 5.2, 2.6, 2.9)


def write_matrix_document(matrix: Matrix) -> bytes:
    """The DOCX file."""
    document = FrenchDocument(matrix.title, is_wide=True)
    counts = [f"{label}{NBSP}: {matrix.count(gap)}" for gap, label in GAPS.items()
              if matrix.count(gap)]  # fmt: skip
    document.paragraph(" · ".join(counts) or "Aucune exigence relevée dans le dossier.")
    for category, rows in groupby(matrix.rows, key=_category_of):
        document.heading(category)
        document.table(HEADINGS, [_list_cells(row) for row in rows], WIDTHS_CM)
    return document.save()


def _category_of(row: MatrixRow) -> str:
    return "Conditions éliminatoires" if row.is_eliminatory else row.category


def _list_cells(row: MatrixRow) -> tuple[str, ...]:
    proofs = "\n".join(f"{proof.text} ({proof.label})" for proof in row.proofs)
    return (str(row.number), row.requirement, row.lots, row.places, row.answer_expected, proofs,
            row.gap_label, row.owner)  # fmt: skip
