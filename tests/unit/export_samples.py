"""Writes every export of the invented analysis: `python -m tests.unit.export_samples FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from agents.tender_scoring.facts import Requirement
from agents.tender_scoring.outputs.matrix import Proof, make_matrix
from agents.tender_scoring.outputs.matrix_document import write_matrix_document
from agents.tender_scoring.outputs.memo import Template, make_memo, write_memo
from agents.tender_scoring.outputs.questions import make_questions, write_questions_document
from agents.tender_scoring.outputs.workbook import write_workbook
from tests.unit.tender_analysis import NOW, cite, make_analysis, make_requirements

COPIES = 30


def write_samples(folder: Path) -> None:
    """The matrix is long enough to span pages, so that repeated headers show."""
    more = tuple(
        Requirement(key=f"x{n}", text=f"Exigence de service n° {n} : délai, preuve, contact",
                    category="technical", evidence=cite(f"exigence {n}", n, "CCTP.pdf"))
        for n in range(1, COPIES + 1)
    )  # fmt: skip
    analysis = make_analysis(requirements=(*make_requirements(), *more))
    ours = Proof("Chaque facture est contrôlée chaque mois.", "MT-01", "Mémoire", "2.1", 3)
    proofs = {"r1": [ours], "r3": None}
    template = Template("Mémoire technique", "1.4", "1. Besoin de {{client.nom}}. 2. Équipe.")
    matrix = make_matrix(analysis, proofs)
    exports = {
        "matrice.xlsx": write_workbook(matrix),
        "matrice-texte.docx": write_matrix_document(matrix),
        "questions.docx": write_questions_document(make_questions(analysis, NOW)),
        "memoire.docx": write_memo(make_memo(analysis, proofs, template)),
    }
    for name, content in exports.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]))
