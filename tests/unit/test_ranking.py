"""Ranking of texts all at once gives what its definition gives for each text and term."""

from __future__ import annotations

import random
import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest

from knowledge.embeddings import get_embedder
from knowledge.models import DraftChunk, DraftSentence
from knowledge.passage_texts import PassageText, analyse_chunk, read_passage_text
from knowledge.ranking import analyse, score_texts
from knowledge.terms import list_terms
from knowledge.words import TextWords, WordVectors, hash_words

WORDS = (
    "préavis résiliation résilier fournisseur fourniture puissance compteur facture facturation "
    "délai contrat le de pour site gaz"
).split()


def make_chunk(*sentences: str) -> DraftChunk:
    placed: list[DraftSentence] = []
    start = 0
    for number, sentence in enumerate(sentences):
        box = (1.25, 2.0, 3.0, 4.0) if number == 1 else None
        placed.append(DraftSentence(start, start + len(sentence), number + 1, box))
        start += len(sentence) + 1
    return DraftChunk("text", " ".join(sentences), 10, tuple(placed))


def make_texts(seed: int, count: int = 12) -> list[tuple[str, ...]]:
    chance = random.Random(seed)  # noqa: S311 - a reproducible text
    return [
        tuple(
            " ".join(chance.choices(WORDS, k=chance.randint(1, 30)))
            for _ in range(chance.randint(1, 4))
        )
        for _ in range(count)
    ]


def score(
    question: str, weights: Mapping[str, float], texts: Sequence[PassageText], store: WordVectors
) -> list[float]:
    words = store.place(TextWords.of([text.words for text in texts]))
    return score_texts(analyse(question), weights, texts, words, store).tolist()


def score_by_hand(weights: Mapping[str, float], terms: Sequence[str]) -> float:
    """Window, pairs and beginnings, text by text, as their definitions say."""
    windows = [
        sum(weights[term] for term in set(terms[first : first + 20]) & weights.keys())
        for first in range(len(terms))
    ]
    pairs = 0.0
    for left, right in pairwise(weights):
        gaps = {b - a for a, one in enumerate(terms) if one == left
                for b, other in enumerate(terms) if other == right}  # fmt: skip
        share = 0.5 if 1 in gaps else 0.25 if gaps & {-1, 2} else 0.0
        pairs += share * (weights[left] + weights[right])
    begun = {term[:5] for term in terms}
    alike = sum(
        weight for term, weight in weights.items()
        if term not in terms and len(term) >= 4 and term[:5] in begun
    )  # fmt: skip
    return 0.3 * max(windows, default=0.0) + 0.3 * pairs + 0.15 * alike


@pytest.mark.parametrize("seed", range(8))
def test_every_text_scores_what_its_definition_gives(seed: int) -> None:
    texts = make_texts(seed)
    analysed = [analyse_chunk(make_chunk(*sentences)).text for sentences in texts]
    question = "préavis de résiliation du contrat de fourniture et facturation du gaz"
    weights = {term: 1.0 + place / 7 for place, term in enumerate(list_terms(question))}
    wanted = [score_by_hand(weights, list_terms(" ".join(sentences))) for sentences in texts]
    assert score(question, weights, analysed, WordVectors()) == pytest.approx(wanted)


def test_a_text_without_words_or_a_question_without_terms_adds_nothing() -> None:
    empty, said = make_chunk("le de la"), make_chunk("le préavis")
    texts = [analyse_chunk(chunk).text for chunk in (empty, said, empty)]
    store = WordVectors()
    assert score("préavis", {"preav": 2.0}, texts, store) == pytest.approx([0.0, 0.6, 0.0])
    assert score("le", {}, texts, store) == [0.0] * 3
    assert score("préavis", {"preav": 2.0}, [], store) == []


def hold(signatures: Mapping[str, Sequence[int]]) -> WordVectors:
    """A store of words by the places, of 512, where their signs are set."""
    store = WordVectors()
    bits = np.zeros((len(signatures), 512), np.uint8)
    for row, places in zip(bits, signatures.values(), strict=True):
        row[list(places)] = 1
    packed = np.packbits(bits, axis=1).view(np.uint64)
    store.add(hash_words(list(signatures)), packed)
    return store


def test_a_near_word_counts_only_where_the_term_is_lacking() -> None:
    # A third of the signs apart is an angle of 60°: .655 with what all words share, which is
    # .31 of the way from one half to one.
    store = hold({"litige": (), "contentieux": range(171), "prix": range(512)})
    texts = [analyse_chunk(make_chunk(text)).text for text in
             ("un contentieux", "un litige, un contentieux", "un prix", "un inconnu")]  # fmt: skip
    near = score("litige", {"litig": 1.0}, texts, store)
    assert near == pytest.approx([0.31, 0.3, 0.0, 0.0], abs=0.01)


def test_a_word_is_at_one_from_itself_and_an_unknown_one_at_nought() -> None:
    store = hold({"prix": (3, 70, 511), "coût": (3, 70, 500)})
    texts = TextWords.of([hash_words(["prix"]), hash_words(["coût", "inconnu"])])
    near = store.compare(["prix", "absent"], store.place(texts))
    assert near[:, 1].tolist() == [0, 0]
    assert near[0, 0] == pytest.approx(1)
    assert 0.99 < near[1, 0] < 1


def test_a_full_store_starts_again_with_the_newest_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.words.CAPACITY", 3)
    store = hold({"un": (1,), "deux": (2,)})
    store.add(hash_words(["trois", "quatre"]), np.ones((2, 8), np.uint64))
    assert store.list_unknown(["un", "deux", "trois", "quatre"]) == ["un", "deux"]


def test_rows_of_a_store_that_started_again_are_looked_up_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("knowledge.words.CAPACITY", 3)
    store = hold({"un": (1,), "deux": (2,)})
    placed = store.place(TextWords.of([hash_words(["un"]), hash_words(["quatre"])]))
    store.add(hash_words(["trois", "quatre"]), np.ones((2, 8), np.uint64))
    assert store.compare(["quatre"], placed) == pytest.approx(np.array([[0.0], [1.0]]))


def test_words_come_from_the_database_as_they_were_learnt() -> None:
    learnt, read = WordVectors(), WordVectors()
    words = ["préavis", "résiliation", "compteur"]
    signatures = learnt.learn(words, get_embedder())
    rows = b"".join(
        struct.pack(">q", int(hashed)) + signature.tobytes()
        for hashed, signature in zip(hash_words(words).view(np.int64), signatures, strict=True)
    )
    read.add_rows(rows)
    asked, texts = ["dénonciation"], TextWords.of([hash_words(words)])
    for store in (learnt, read):
        store.learn(asked, get_embedder())
    assert np.array_equal(
        read.compare(asked, read.place(texts)), learnt.compare(asked, learnt.place(texts))
    )
    assert np.array_equal(read.learn(words, get_embedder()), signatures)


def test_unknown_words_are_told_with_where_they_stand() -> None:
    store = hold({"prix": (1,)})
    chunks = [make_chunk("un prix ferme"), make_chunk("le de"), make_chunk("prix révisable")]
    words = TextWords.of([analyse_chunk(chunk).text.words for chunk in chunks])
    unmet = store.place(words).rows < 0
    assert unmet.sum() == 2
    told = [(text, places.tolist()) for text, places in words.list_holders(unmet)]
    assert told == [(0, [1]), (2, [1])]


def test_a_passage_comes_back_from_its_bytes() -> None:
    analysed = analyse_chunk(make_chunk("Le préavis est de deux mois.", "Il court.", "Oui."))
    back = read_passage_text(analysed.text.to_bytes())
    for name in ("spans", "sizes", "terms", "words"):
        assert np.array_equal(getattr(back, name), getattr(analysed.text, name)), name
    assert back.list_boxes() == [None, (1.25, 2.0, 3.0, 4.0), None]
    assert [len(terms) for terms in back.sentence_terms] == [3, 1, 1]
    assert back.spans.tolist() == [[0, 29, 39], [28, 38, 43], [1, 2, 3]]
    plain = analyse_chunk(DraftChunk("text", "Sans phrase.", 3, ()))
    back = read_passage_text(plain.text.to_bytes())
    assert back.list_boxes() == [] and (len(back.terms), len(back.words)) == (1, 1)
