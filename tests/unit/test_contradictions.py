"""Which pairs of sentences disagree, and which only look as if they did."""

from __future__ import annotations

import pytest

from evals.contradictions import load_pairs, measure_contradictions
from knowledge.chunking import build_draft
from knowledge.contradictions import disagree, find_disagreements, list_said, oppose
from knowledge.embeddings import get_embedder
from knowledge.models import Block, ParsedDocument
from knowledge.statements import Statement


def say(side: str, text: str) -> Statement:
    return Statement(side, side, "firm", "", text)


@pytest.mark.parametrize(
    ("left", "right", "kind"),
    [
        ("Le préavis du contrat est de trois mois.", "Le préavis du contrat est de 6 mois.",
         "duration"),
        ("Le cadeau accepté vaut au plus 50 €.", "Le cadeau accepté vaut au plus 100 euros.",
         "amount"),
        ("Le dépôt du dossier ferme le 31 mars.", "Le dépôt du dossier ferme le 15/04/2026.",
         "date"),
        ("La visite du site est obligatoire.", "La visite du site est facultative.", "duty"),
    ],
)  # fmt: skip
def test_opposed_values_are_told_by_kind(left: str, right: str, kind: str) -> None:
    found = oppose(say("a", left), say("b", right))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    ("left", "right", "written"),
    [
        ("La visite a lieu sous 10 jours ouvrés.", "La visite a lieu sous 20 jours ouvrés.",
         ("10 jours ouvrés", "20 jours ouvrés")),
        ("Le dépôt du dossier ferme le 1er août 2026.", "Le dépôt du dossier ferme le 3 août 2026.",
         ("1er août 2026", "3 août 2026")),
        ("La revue du contrat dure un mois.", "La revue du contrat dure trois mois.",
         ("1 mois", "trois mois")),
        ("La visite du site n’est pas nécessaire.", "La visite du site est obligatoire.",
         ("n’est pas nécessaire", "obligatoire")),
    ],
)  # fmt: skip
def test_opposed_values_are_shown_as_they_are_written(
    left: str, right: str, written: tuple[str, str]
) -> None:
    found = oppose(say("a", left), say("b", right))
    assert found is not None
    assert (found.left_value, found.right_value) == written


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("La conservation du dossier dure deux ans.", "La conservation du dossier dure 24 mois."),
        ("Le lot 1 compte 52 points de livraison.", "Le lot 2 compte 22 points de livraison."),
        ("Une majeure se corrige en 10 jours ouvrés chez nous.",
         "Une mineure se corrige en 20 jours ouvrés chez nous."),
        ("La date limite de réception des offres est le 14 décembre 2026.",
         "La date limite de réception des questions est le 4 décembre 2026."),
        ("Le ruban cotait 57 €/MWh le 30 septembre 2026.",
         "Le ruban cotait 60 €/MWh le 30 octobre 2026."),
    ],
)  # fmt: skip
def test_equal_values_and_other_subjects_do_not_disagree(left: str, right: str) -> None:
    assert oppose(say("a", left), say("b", right)) is None


GRID = (
    ("Durée du contrat", "Marge du fournisseur", "Volume garanti"),
    ("12 mois", "1,20 €/MWh", "90 %"),
    ("24 mois", "1,10 €/MWh", "85 %"),
    ("36 mois", "0,95 €/MWh", "80 %"),
)


def read_table(side: str, rows: tuple[tuple[str, ...], ...]) -> list[Statement]:
    table = Block("table", "", 1, rows=rows)
    draft = build_draft(ParsedDocument(None, "text/plain", 1, (table,)), "Grille")
    return [
        say(side, chunk.text[sentence.start : sentence.end])
        for section in draft.sections
        for chunk in section.chunks
        for sentence in chunk.sentences
    ]


def test_rows_that_their_first_cell_tells_apart_do_not_disagree() -> None:
    header, year, *_ = GRID
    other = (header, ("24 mois", "1,15 €/MWh", "85 %"), ("12 mois", "1,30 €/MWh", "90 %"))
    statements = [*read_table("a", (header, year)), *read_table("b", other)]
    [found] = find_disagreements(statements, get_embedder())
    assert (found.left_value, found.right_value) == ("1,20 €/MWh", "1,30 €/MWh")


@pytest.mark.parametrize(
    "texts",
    [
        [one.text for one in read_table("a", GRID)],
        ["Le préavis du contrat est de trois mois.", "Le préavis du contrat est de 6 mois."],
    ],
)
def test_a_copy_does_not_disagree_with_its_original(texts: list[str]) -> None:
    statements = [say(side, text) for side in ("a", "b") for text in texts]
    assert find_disagreements(statements, get_embedder()) == []
    said = list_said(statements)
    assert not disagree(say("a", texts[0]), say("b", texts[1]), said)
    assert not disagree(say("a", texts[0]), say("b", f"{texts[1]}\n"), said)


def test_a_document_that_says_otherwise_alone_disagrees() -> None:
    one = say("a", "Le préavis du contrat est de trois mois.")
    other = say("b", "Le préavis du contrat est de 6 mois.")
    assert disagree(one, other, list_said([one, other]))


def test_planted_contradictions_are_found_and_agreeing_pairs_left_alone() -> None:
    measured = measure_contradictions()
    assert measured.planted + measured.agreeing == len(load_pairs())
    assert measured.found >= 0.9, measured.missed
    assert measured.left_alone >= 0.9, measured.alarms
