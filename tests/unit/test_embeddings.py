import numpy as np
import pytest

from knowledge.embeddings import DIMENSIONS, MAX_CHARS, get_embedder

SENTENCES = [
    "Le contrat prend fin le 31 décembre 2026.",
    "TURPE 7 – Segment : C4 ; Puissance : 250 kVA ; Échéance : 01/08/2026",
    "Ok",
    "La puissance souscrite est révisée chaque année, après accord écrit du client ! " * 12,
]


def test_related_texts_get_the_vectors_the_model_gives_each_of_them() -> None:
    texts = [" ".join(SENTENCES), *SENTENCES, *(f"Procédure d’offre. {s}" for s in SENTENCES)]
    together = get_embedder().encode_related(texts)
    alone = np.concatenate([get_embedder().encode([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-5)


def test_many_related_texts_keep_their_order() -> None:
    texts = [f"Avenant n° {number} au contrat de gaz" for number in range(400)]
    together = get_embedder().encode_related(texts)
    assert together[[0, 57, 399]] == pytest.approx(
        get_embedder().encode([texts[0], texts[57], texts[399]]), abs=1e-5
    )


@pytest.mark.parametrize("texts", [[], ["", "  "]])
def test_blank_texts_have_no_direction(texts: list[str]) -> None:
    for encode in (get_embedder().encode, get_embedder().encode_related):
        vectors = encode(texts)
        assert vectors.shape == (len(texts), DIMENSIONS)
        assert not vectors.any()


def test_a_text_is_read_up_to_its_limit() -> None:
    long = "énergie " * MAX_CHARS
    assert get_embedder().encode_related([long]) == pytest.approx(
        get_embedder().encode([long[:MAX_CHARS]]), abs=1e-5
    )
