"""The parts of the search recipe that need no database: contexts, whole passages, slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import ConfigurationError
from evals.passages import PassageFile, draft_passages
from knowledge.indexing import prepare_index
from knowledge.passage_embedder import get_passage_embedder
from knowledge.slots import load_slot

TEXT = "Le délai est de dix jours. La preuve est gardée cinq ans."


class Longest:
    """A reranker that prefers long passages."""

    def score(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        assert question
        return [float(len(passage)) for passage in passages]


def _vector(heading: str) -> np.ndarray:
    draft = draft_passages(PassageFile("PR-01", "Manuel", ((heading, TEXT),)))
    prepared = prepare_index(draft, "PR-01", get_passage_embedder())
    assert len(prepared.chunks) == len(prepared.vectors) == 1
    return prepared.vectors[0].astype(np.float32)


def test_a_passage_is_read_under_its_section() -> None:
    asked = get_passage_embedder().encode_question("délai de réponse à une réclamation")
    right, wrong = _vector("Réponse aux réclamations"), _vector("Entretien des véhicules")
    assert right @ asked > wrong @ asked
    expected = get_passage_embedder().encode([f"Manuel. Entretien des véhicules. {TEXT}"])[0]
    assert wrong == pytest.approx(expected, abs=1e-3)


def test_a_slot_is_loaded_by_name_or_refused_with_what_to_do() -> None:
    assert load_slot(f"{__name__}:Longest").score("q", ["a", "abc"]) == [1.0, 3.0]
    for path in ("sans_deux_points", "module_absent:X", f"{__name__}:Absent"):
        with pytest.raises(ConfigurationError, match="module:nom"):
            load_slot(path)
