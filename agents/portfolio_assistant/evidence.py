"""What a turn has gathered, under the marks an answer may cite: [R1] rows, [S2-3] a sentence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from knowledge.answerability import Level, grade
from tools.contradictions import STATUSES
from tools.outputs import (
    Failure,
    MentionList,
    Passage,
    Passages,
    Proposed,
    Rows,
    Sentence,
    ToolOutput,
    show_cell,
)

OUTPUTS: TypeAdapter[ToolOutput] = TypeAdapter(ToolOutput)
SHOWN_TO_ENGINE = 60
# How far an answer may go from what a search found, as an engine reads it.
LEVELS: Mapping[Level, str] = {
    "sure": "sur", "unsure": "a_verifier", "weak": "insuffisant",
}  # fmt: skip


@dataclass(frozen=True)
class ToolRun:
    """One executed tool of the turn; `ordinal` starts at 1 and makes the marks."""

    id: UUID
    ordinal: int
    tool: str
    tool_use_id: str
    output: ToolOutput


@dataclass(frozen=True)
class Evidence:
    """All the runs of a turn, by mark."""

    runs: tuple[ToolRun, ...]
    rows: Mapping[str, ToolRun] = field(init=False)
    sentences: Mapping[str, tuple[ToolRun, Passage, Sentence]] = field(init=False)

    def __post_init__(self) -> None:
        rows: dict[str, ToolRun] = {}
        sentences: dict[str, tuple[ToolRun, Passage, Sentence]] = {}
        for run in self.runs:
            if isinstance(run.output, Rows):
                rows[f"R{run.ordinal}"] = run
            if isinstance(run.output, Passages):
                for rank, (passage, sentence) in enumerate(list_sentences(run.output), 1):
                    sentences[f"S{run.ordinal}-{rank}"] = (run, passage, sentence)
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "sentences", sentences)


def list_sentences(output: Passages) -> list[tuple[Passage, Sentence]]:
    """Every sentence of the passages, in order: their rank makes their mark."""
    return [(passage, sentence) for passage in output.passages for sentence in passage.sentences]


def present(ordinal: int, output: ToolOutput) -> str:
    """A tool's result as an engine reads it: JSON, each item under the mark to cite it with."""
    return json.dumps(_present(ordinal, output), ensure_ascii=False)


def _present(ordinal: int, output: ToolOutput) -> dict[str, Any]:
    match output:
        case Rows():
            return {
                "repere": f"R{ordinal}",
                "intitule": output.label,
                "total": output.total_rows,
                "sommes": _shown_totals(output),
                "colonnes": {c.name: c.label for c in output.columns},
                "lignes": [
                    {**_shown(row, output), **({"id": str(rid)} if rid else {})}
                    for row, rid in _with_ids(output)[:SHOWN_TO_ENGINE]
                ],
            }
        case Passages():
            return {
                "intitule": output.label,
                "assurance": round(output.assurance, 3),
                "niveau": LEVELS[grade(output.assurance)],
                "mots_absents": list(output.missing),
                "phrases": _present_sentences(ordinal, output),
                "contradictions_relues": _present_reviewed(ordinal, output),
                **({"remarque": output.note} if output.note else {}),
            }
        case MentionList():
            return output.model_dump(mode="json", exclude={"kind", "label"})
        case Proposed():
            return _present_proposal(output)
        case Failure():
            return {"echec": output.message}


def _present_proposal(output: Proposed) -> dict[str, Any]:
    state = "approuvée par les règles du cabinet" if output.is_approved else "en attente d’accord"
    return {
        "proposition": output.label,
        "id": str(output.proposal_id),
        "client": output.account,
        "etat": state,
        "accords_necessaires": output.needed,
        "champs": [line.model_dump() for line in output.lines],
        "avertissements": list(output.warnings),
    }


def _present_reviewed(ordinal: int, output: Passages) -> list[dict[str, Any]]:
    """Each pair of sentences that a person reviewed, by the marks of each, several at times."""
    marks: defaultdict[tuple[UUID, str], list[str]] = defaultdict(list)
    for rank, (passage, sentence) in enumerate(list_sentences(output), 1):
        marks[passage.version_id, sentence.text].append(f"S{ordinal}-{rank}")
    return [
        {"reperes": list(pair), "etat": STATUSES[one.status]}
        for one in output.reviewed
        for pair in product(
            marks[one.left_version_id, one.left_sentence],
            marks[one.right_version_id, one.right_sentence],
        )
    ]


def _present_sentences(ordinal: int, output: Passages) -> list[dict[str, Any]]:
    return [
        {
            "repere": f"S{ordinal}-{rank}",
            "document": _name_document(passage),
            "section": passage.section,
            "statut": passage.status,
            "nature": passage.kind,
            "page": sentence.page,
            "texte": sentence.text,
            "pertinence": round(sentence.score, 3),
        }
        for rank, (passage, sentence) in enumerate(list_sentences(output), 1)
    ]


def _name_document(passage: Passage) -> str:
    """Code, version and title; a document without a code has its title in its place."""
    title = f" – {passage.title}" if passage.title != passage.code else ""
    return f"{passage.code} v{passage.version_label}{title}"


def _with_ids(output: Rows) -> Sequence[tuple[dict[str, Any], UUID | None]]:
    ids = list(output.record_ids) + [None] * (len(output.rows) - len(output.record_ids))
    return list(zip(output.rows, ids, strict=True))


def _shown(row: Mapping[str, Any], output: Rows) -> dict[str, str]:
    return {c.name: show_cell(row[c.name], c) for c in output.columns}


def _shown_totals(output: Rows) -> dict[str, str]:
    return {c.name: show_cell(output.totals[c.name], c) for c in output.columns
            if c.name in output.totals}  # fmt: skip
