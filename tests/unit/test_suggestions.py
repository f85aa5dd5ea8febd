"""The questions offered as buttons: articles and elisions around a client's whole name."""

from __future__ import annotations

from uuid import UUID

import pytest

from agents.portfolio_assistant.suggestions import put_name, suggest_questions
from tools.outputs import MentionItem, NamedRecord


@pytest.mark.parametrize(
    ("question", "said", "name", "expected"),
    [
        ("Où en est Le Goff ?", "Goff", "Biscuiterie Le Goff", "Où en est Biscuiterie Le Goff ?"),
        ("Les contrats du Goff", "Goff", "Boulangerie Le Goff",
         "Les contrats de Boulangerie Le Goff"),
        ("Les contrats de le goff", "goff", "Armurerie Le Goff",
         "Les contrats d’Armurerie Le Goff"),
        ("Les sites d’Haxo", "Haxo", "Scierie vosgienne Haxo",
         "Les sites de Scierie vosgienne Haxo"),
        ("Les sites de la Haxo", "Haxo", "Aciéries Haxo", "Les sites d’Aciéries Haxo"),
        ("Une relance au Goff", "Goff", "Biscuiterie Le Goff", "Une relance à Biscuiterie Le Goff"),
        ("Où en est la biscuiterie ?", "biscuiterie", "Biscuiterie Le Goff",
         "Où en est la Biscuiterie Le Goff ?"),
        ("Le point sur les galeries", "galeries", "Galeries Bellerive",
         "Le point sur les Galeries Bellerive"),
        ("Contrats de Goff", "Goff", "Hôtel Goff", "Contrats d’Hôtel Goff"),
        ("contrats chez Goff", "Goff", "Hôtel Goff", "contrats chez Hôtel Goff"),
    ],
)  # fmt: skip
def test_the_whole_name_takes_the_article_that_suits_it(
    question: str, said: str, name: str, expected: str
) -> None:
    assert put_name(question, said, name) == expected


def mention(text: str, *names: str) -> MentionItem:
    candidates = tuple(NamedRecord(name=name, record_id=UUID(int=1)) for name in names)
    return MentionItem(kind="account", start=0, end=len(text), text=text, candidates=candidates)


def test_one_client_brings_what_follows_and_several_bring_the_choice() -> None:
    (first, second) = suggest_questions("Où en est Armor ?", [mention("Armor", "Armor Textiles")])
    assert first == "Faites le point sur Armor Textiles"
    assert second == "Quels contrats d’Armor Textiles sont en cours\u00a0?"
    both = suggest_questions("Où en est Le Goff ?", [mention("Goff", "Boulangerie Le Goff",
                                                             "Biscuiterie Le Goff")])  # fmt: skip
    assert both == ("Où en est Boulangerie Le Goff ?", "Où en est Biscuiterie Le Goff ?")
