"""The files a surface offers for an analysis, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import write_card
from agents.tender_scoring.outputs.matrix import Proofs, make_matrix
from agents.tender_scoring.outputs.matrix_document import write_matrix_document
from agents.tender_scoring.outputs.memo import Template, make_memo, write_memo
from agents.tender_scoring.outputs.proofs import find_proofs
from agents.tender_scoring.outputs.questions import make_questions, write_questions_document
from agents.tender_scoring.outputs.workbook import write_workbook
from core.context import Context
from core.errors import NotFound
from core.office import SHEET_TYPE, WORD_TYPE
from crm.templates import find_template

ExportName = Literal["card.md", "matrix.xlsx", "matrix.docx", "questions.docx", "memo.docx"]
UNKNOWN = "Cet export n’existe pas. Choisissez parmi\u00a0: {names}."
FILE_NAMES: Mapping[str, str] = {
    "card.md": "verdict.md", "matrix.xlsx": "matrice-de-conformite.xlsx",
    "matrix.docx": "matrice-de-conformite.docx", "questions.docx": "questions-a-l-acheteur.docx",
    "memo.docx": "memoire-technique.docx",
}  # fmt: skip


@dataclass(frozen=True)
class Export:
    """A file to download."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Means:
    """What an export may need beside the analysis."""

    analysis: TenderAnalysis
    proofs: Proofs
    template: Template | None
    context: Context


def _matrix(means: Means) -> bytes:
    return write_workbook(make_matrix(means.analysis, means.proofs))


WRITERS: Mapping[str, tuple[str, Callable[[Means], bytes]]] = {
    "card.md": ("text/markdown; charset=utf-8", lambda m: write_card(m.analysis).encode()),
    "matrix.xlsx": (SHEET_TYPE, _matrix),
    "matrix.docx": (WORD_TYPE, lambda m: write_matrix_document(make_matrix(m.analysis, m.proofs))),
    "questions.docx": (
        WORD_TYPE, lambda m: write_questions_document(make_questions(m.analysis, m.context.clock()))
    ),
    "memo.docx": (WORD_TYPE, lambda m: write_memo(make_memo(m.analysis, m.proofs, m.template))),
}  # fmt: skip
LIGHT = frozenset({"card.md", "questions.docx"})
"""Exports that need neither the knowledge base nor a template."""


async def make_export(
    context: Context,
    analysis: TenderAnalysis,
    name: str,
    *,
    segment: str | None = None,
    proofs: Proofs | None = None,
) -> Export:
    """The export called `name`; `segment` is the client's, for the template. Raises NotFound.

    `proofs` are what `find_proofs` found, for who makes several exports.
    """
    if name not in WRITERS:
        raise NotFound(UNKNOWN.format(names=", ".join(get_args(ExportName))))
    template: Template | None = None
    if proofs is None and name not in LIGHT:
        proofs = await find_proofs(context, analysis.requirements)
    if name == "memo.docx":
        row = await find_template(context.database, context.identity, "technical_memo", segment)
        template = Template(row.name, row.version, row.body) if row else None
    media_type, write = WRITERS[name]
    content = write(Means(analysis, proofs or {}, template, context))
    return Export(FILE_NAMES[name], media_type, content)
