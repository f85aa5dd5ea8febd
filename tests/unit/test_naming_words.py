"""Verbs told from the words of a question that name something."""

from __future__ import annotations

import pytest

from knowledge.naming_words import list_naming_words
from knowledge.terms import STOP_WORDS


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Que met le client dans son dossier\u00a0?", ["client", "dossier"]),
        ("Que dit la procédure de l’antivirus\u00a0?", ["procédure", "antivirus"]),
        ("Faut-il garder l’ancien logiciel\u00a0?", ["ancien", "logiciel"]),
        ("Quel antivirus équipe les postes de travail\u00a0?", ["antivirus", "postes", "travail"]),
        ("Les contrats respectent-ils l’article\u00a0?", ["contrats", "article"]),
        ("Quels sites sont concernés par le décret\u00a0?", ["sites", "décret"]),
        ("Quels contrats relèvent de l’article L224-11\u00a0?",
         ["contrats", "article", "L224", "11"]),
        ("La CRE a retenu quel taux\u00a0?", ["CRE", "taux"]),
        ("Une pénalité est-elle majeure\u00a0?", ["pénalité", "majeure"]),
        ("délai pour résilier, dossier client", ["délai", "dossier", "client"]),
        ("Quelle part du marché et quel accès\u00a0?", ["part", "marché", "accès"]),
        ("Avoir accès au raccordement", ["accès", "raccordement"]),
        ("antivirus 2025", ["antivirus", "2025"]),
    ],
)  # fmt: skip
def test_verbs_name_nothing(question: str, named: list[str]) -> None:
    found = [word for word in list_naming_words(question) if word.lower() not in STOP_WORDS]
    assert found == named
