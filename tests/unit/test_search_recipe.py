"""The parts of the search recipe that need no database: contexts, whole passages, slots."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.errors import ConfigurationError
from evals.passages import PassageFile, draft_passages
from knowledge.embeddings import get_embedder
from knowledge.indexing import WHOLE, prepare_index
from knowledge.slots import load_slot

TEXT = "Le délai est de dix jours. La preuve est gardée cinq ans."


class Longest:
    """A reranker that prefers long passages."""

    def score(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        assert question
        return [float(len(passage)) for passage in passages]


def _vectors(heading: str) -> np.ndarray:
    draft = draft_passages(PassageFile("PR-01", "Manuel", ((heading, TEXT),)))
    [chunk] = prepare_index(draft, "PR-01", get_embedder()).chunks
    return chunk.vectors.astype(np.float32)


def test_the_passage_stands_halved_after_its_sentences() -> None:
    vectors = _vectors("Archives")
    assert len(vectors) == 3
    whole = get_embedder().encode([TEXT])[0]
    assert vectors[-1] == pytest.approx(WHOLE * whole, abs=2e-3)


def test_a_sentence_is_read_under_its_section() -> None:
    asked = get_embedder().encode(["délai de réponse à une réclamation"])[0]
    right, wrong = _vectors("Réponse aux réclamations"), _vectors("Entretien des véhicules")
    assert (right[:2] @ asked).max() > (wrong[:2] @ asked).max()
    assert right[-1] == pytest.approx(wrong[-1], abs=1e-6)  # the batches differ


def test_a_slot_is_loaded_by_name_or_refused_with_what_to_do() -> None:
    assert load_slot(f"{__name__}:Longest").score("q", ["a", "abc"]) == [1.0, 3.0]
    for path in ("sans_deux_points", "module_absent:X", f"{__name__}:Absent"):
        with pytest.raises(ConfigurationError, match="module:nom"):
            load_slot(path)
