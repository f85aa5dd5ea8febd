"""Requests about articles of the knowledge base, told from other questions."""

from __future__ import annotations

import pytest

from agents.portfolio_assistant.articles import (
    Tell,
    find_article_request,
    tell_articles,
    tell_in_force,
    tell_text,
    tell_withdrawal,
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Mettez en vigueur l’article «\u00a0Que dit EN-04 ?\u00a0»", tell_in_force),
        ("Mettez en vigueur l’article « Quel préavis ? » à compter du 1er mars", tell_in_force),
        ("Mets en vigueur l'article Quel préavis ?", tell_in_force),
        ("Passe l’article « Quel préavis ? » en vigueur", tell_in_force),
        ("Peux-tu passer le brouillon « Quel préavis ? » en vigueur ?", tell_in_force),
        ("Publiez l’article « Quel préavis ? »", tell_in_force),
        ("Retirez l’article « Quel préavis ? »", tell_withdrawal),
        ("Remplacez le texte de l’article « Quel préavis ? » par : trois mois.", tell_text),
        ("Quels articles sont en brouillon ?", tell_articles),
        ("Liste des articles en vigueur", tell_articles),
        ("Combien d’articles sont en relecture ?", tell_articles),
        ("Mettez en vigueur la version 3.1 de PR-08", None),
        ("Quels documents sont en vigueur ?", None),
        ("Quels contrats relèvent de l’article L224-11 ?", None),
        ("Que dit l’article 5 du contrat en vigueur ?", None),
        ("Passe le contrat CT-2026-014 en résilié", None),
    ],
)
def test_a_request_on_an_article_is_told_from_any_other(
    question: str, expected: Tell | None
) -> None:
    assert find_article_request(question) is expected
