"""What a sentence is worth for a question, and a template's, whose blanks state nothing."""

from __future__ import annotations

from typing import Any

import pytest

from agents.portfolio_assistant.rules.quoting import choose_sentences
from knowledge.passage_texts import hash_prefixed
from knowledge.sentence_scores import Question, SentenceContext, has_blanks, score_sentence
from knowledge.terms import list_terms

QUESTION = Question(
    "Quel préavis dénonce le contrat ?", {"préav": 3.0, "preav": 3.0, "contrat": 1.0}, {}
)
TEMPLATE = "Le contrat {reference} prévoit un préavis de [À COMPLÉTER] avant son terme."


def score(text: str) -> float:
    terms = frozenset(map(hash_prefixed, list_terms(text)))
    context = SentenceContext.of(QUESTION, "Contrats", 1.0)
    return score_sentence(QUESTION, text, terms, context)


@pytest.mark.parametrize(
    "text",
    [
        "Le préavis est de [À COMPLÉTER] jours.",
        "Le préavis est de ____ jours.",
        "Le contrat de {nom} prend fin le {{date_fin}}.",
        "Fait à [ville à compléter].",
        "Fait le [date de signature].",
        "Le préavis (à préciser) court du terme.",
        "Signature : ........................",
        "Le titulaire, [NOM DU CLIENT], accepte.",
    ],
)
def test_a_blank_is_told_whatever_its_form(text: str) -> None:
    assert has_blanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Le préavis est de trente jours [1].",
        "Le texte […] est cité en partie.",
        "La formule [A1] (voir p. 3) compte 36 kVA...",
        "La fiche (à jour) est à compléter par le client.",
        'Le point {"prm": 3} est relevé.',
        "Le nom_de_champ est lu.",
        "La date [voir annexe B] est ferme.",
    ],
)
def test_a_sentence_that_states_something_has_no_blank(text: str) -> None:
    assert not has_blanks(text)


def test_a_sentence_with_blanks_comes_after_one_that_states_something() -> None:
    stating = "La lettre part trente jours avant le terme du contrat."
    assert score(TEMPLATE) < score(stating)
    filled = TEMPLATE.replace("{reference}", "CT-1").replace("[À COMPLÉTER]", "30 jours")
    assert score(filled) > score(stating), "only its blanks put it behind"


def quote(text: str, score: float, document: str = "D") -> dict[str, Any]:
    return {"texte": text, "pertinence": score, "document": document, "section": ""}


def test_a_template_is_cited_only_where_nothing_is_stated() -> None:
    template = quote(TEMPLATE, 0.9)
    stating = [quote(f"Le préavis {n} est de trente jours.", 0.7 - n / 100) for n in range(3)]
    blanks = [quote(f"{TEMPLATE} {n}", 0.89) for n in range(8)]
    assert choose_sentences([template, *blanks, *stating]) == stating
    assert choose_sentences([template]) == [template]
