"""Requests about what the register says, told from questions on the matter of documents."""

import pytest

from agents.portfolio_assistant.library import find_library_request


@pytest.mark.parametrize(
    ("question", "teller"),
    [
        ("Quel est l’historique de PR-33 ?", "tell_versions"),
        ("Combien de versions de PR-33 ?", "tell_versions"),
        ("Combien PR-33 a-t-elle eu de versions ?", "tell_versions"),
        ("Quelles sont les versions de PR-33 ?", "tell_versions"),
        ("Historique de PR-08", "tell_versions"),
        ("Que disent les versions de PR-33 sur les délais ?", None),
        ("Qui est responsable de PR-08 ?", "tell_owner"),
        ("Qui est le responsable de la procédure PR-08 ?", "tell_owner"),
        ("À qui appartient PR-08 ?", "tell_owner"),
        ("Selon PR-08, qui est responsable du traitement ?", None),
        ("Qui est responsable du contrat CT-2024-0001 ?", None),
        ("Quelle clause de l’ISO 9001 couvre PR-08 ?", "tell_standards"),
        ("À quelle norme répond PR-08 ?", "tell_standards"),
        ("Quelle clause de PR-08 parle des délais ?", None),
        ("Quelles sont les exigences de PR-08 ?", None),
        ("Exporte la table des documents en vigueur en Excel", "tell_table"),
        ("Exportez le registre documentaire", "tell_table"),
        ("La liste des documents en vigueur au 1er mars 2025 au format Excel", "tell_table"),
        ("Pouvez-vous me donner les documents en vigueur en Excel ?", "tell_table"),
        ("Table pour l’auditeur", "tell_table"),
        ("Exporte les contrats en Excel", None),
        ("Exporte le document PR-08", None),
        ("Quels documents sont en vigueur ?", "tell_in_force"),
        ("Quelles procédures ont changé depuis septembre ?", "tell_changed"),
        ("Quels documents sont entrés en vigueur ce mois-ci ?", "tell_changed"),
        ("Liste des documents modifiés depuis le 1er mars", "tell_changed"),
        ("Qu’est-ce qui a changé dans la base documentaire depuis octobre ?", "tell_changed"),
        ("Quels documents modifiés faut-il renvoyer au client ?", None),
        ("Quels contrats ont changé depuis septembre ?", None),
        ("Qu’est-ce qui a changé dans PR-08 ?", "tell_revision"),
    ],
)
def test_requests_about_the_register_are_told_from_other_questions(
    question: str, teller: str | None
) -> None:
    found = find_library_request(question)
    assert getattr(found, "__name__", None) == teller
