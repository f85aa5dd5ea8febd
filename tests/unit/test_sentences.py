"""French sentence borders."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sentences import split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Selon l’art. L. 332-2 du code de l’énergie, le client peut résilier.",
        "Voir C. trav., art. R. 4412-1.",
        "M. Durand et Mme Roux signent le contrat n° 12.",
        "Le Dr. Martin a écrit à J. Dupont.",
        "J.-P. Martin signe pour la S.A. Dupont.",
        "La consommation est de 3.5 MWh, soit 1 234,56 € HT.",
        "Il livre, p. ex. Nantes ou Rennes.",
        "Les pièces (plans, photos, etc.) sont jointes.",
        "« Attention ! » dit-il au client.",
        "Le montant… reste à fixer.",
        "Le texte […] Suite est cité en partie.",
        "4. Déroulement de l’audit",
        "Les pièces ; le prix ; le délai.",
        "La puissance max. 36 kVA est atteinte.",
        "Tél. 02 40 00 00 00.",
        "Le contrat court du 1er janv. 2026 au 31 déc. 2028.",
    ],
)
def test_an_abbreviation_does_not_end_the_sentence(sentence: str) -> None:
    assert split(f"{sentence} Le reste suit.")[0].startswith(sentence.rstrip(".…"))
    assert split(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Le site consomme 36 kWh. Il est fermé.", ["Le site consomme 36 kWh.", "Il est fermé."]),
        ("Signé en 2026. 3 jours suffisent.", ["Signé en 2026.", "3 jours suffisent."]),
        ("Voir l’annexe B. Le titulaire signe.", ["Voir l’annexe B.", "Le titulaire signe."]),
        ("Vraiment ?! Oui.", ["Vraiment ?!", "Oui."]),
        ("Il dit : « Je pars. » Le client reste.", ["Il dit : « Je pars. »", "Le client reste."]),
        ("Des plans, etc. Le client paie.", ["Des plans, etc.", "Le client paie."]),
        ("Il attend… Puis il part.", ["Il attend…", "Puis il part."]),
        ("Il cite (voir p. 3). La suite vient.", ["Il cite (voir p. 3).", "La suite vient."]),
        ("Segment C4. Puissance 36 kVA.", ["Segment C4.", "Puissance 36 kVA."]),
        ("Fournir : a) un acte ; b) un prix.", ["Fournir : a) un acte ;", "b) un prix."]),
        ("- un acte ;\n- un prix.", ["- un acte ;", "- un prix."]),
        ("Une ligne coupée\nau milieu. Fin.", ["Une ligne coupée\nau milieu.", "Fin."]),
        ("Objet\n\nle contrat", ["Objet", "le contrat"]),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(st.text(alphabet="aÉ.!?…;:« »()\n \u00a0M1L-•’", max_size=200))
def test_no_character_is_lost_and_spans_never_overlap(text: str) -> None:
    spans = split_sentences(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() and a < b for a, b in spans)
