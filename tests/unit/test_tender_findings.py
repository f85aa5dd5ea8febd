"""What rules find in tender files written by hand: each finding reads as a sentence."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import write_card
from agents.tender_scoring.profile import load_profile
from core.formats import PARIS

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=PARIS)
Judge = Callable[..., TenderAnalysis]
HEAD = """Règlement de la consultation
Marché n° MV-2026-07
1. Acheteur
Acheteur : Ville de Montreval, 2 place du Marché, 12000 Montreval
2. Objet
Le marché a pour objet une mission de conseil pour l'achat de gaz naturel.
Le marché n'est pas alloti.
3. Remise des offres
Les offres doivent parvenir avant le 11/01/2027 à 17h30.
"""
CRITERIA = """4. Critères de jugement
- Prix : 40 %
- Valeur technique : 60 %
"""
CCTP = """Cahier des clauses techniques particulières
Marché n° MV-2026-07
Le titulaire accompagne la Ville de Montreval dans ses achats de gaz.
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def run(**texts: str) -> TenderAnalysis:
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return analyse_files([tmp_path], Means(load_profile(), load_grid(), NOW))

    return run


def flatten(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\\", "")


def test_without_a_notice_the_score_stands_with_a_reserve_and_a_question(judge: Judge) -> None:
    found = judge(**{"RC.txt": HEAD + CRITERIA, "CCTP.txt": CCTP})
    assert found.verdict == "GO_SOUS_RESERVE" and found.score is not None
    assert [(p.kind, p.blocks_score) for p in found.missing_pieces] == [("notice", False)]
    assert "Obtenir l’avis de marché, qui manque au dossier" in found.reserves
    assert any("référence de publication" in (c.question or "") for c in found.to_clarify)


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ({"CCTP.txt": CCTP}, "l’avis de marché et le règlement de la consultation"),
        ({"RC.txt": HEAD + CRITERIA}, "le CCTP"),
        ({"RC.txt": HEAD + "4. Critères de jugement\nLes critères figurent dans l'avis.\n",
          "CCTP.txt": CCTP}, "l’avis de marché"),
    ],
    ids=["rules", "specifications", "criteria left to the notice"],
)  # fmt: skip
def test_a_file_is_incomplete_when_what_a_score_needs_stands_nowhere(
    texts: dict[str, str], names: str, judge: Judge
) -> None:
    found = judge(**texts)
    assert (found.verdict, found.score) == ("INCOMPLETE", None)
    assert f"il manque {names}. " in flatten(found.reasons[0].text)


def test_rules_within_another_piece_stand_for_the_rules(judge: Judge) -> None:
    whole = HEAD.replace("Règlement de la consultation", "Lettre de consultation") + CRITERIA
    found = judge(**{"lettre.txt": whole, "CCTP.txt": CCTP})
    assert found.verdict != "INCOMPLETE" and found.facts.deadline is not None


def test_each_contradiction_is_a_sentence_with_both_values_and_both_places(judge: Judge) -> None:
    notice = {"idweb": "1", "nomacheteur": "Ville de Montreval",
              "datelimitereponse": "2027-01-08T12:00:00+01:00"}  # fmt: skip
    found = judge(**{
        "RC.txt": HEAD + CRITERIA + "5. Offres\nLes offres sont valables 90 jours.\n",
        "CCAP.txt": "Cahier des clauses administratives particulières\nMarché n° MV-2026-07\n"
                    "Le délai de validité des offres est de 120 jours.\n",
        "CCTP.txt": CCTP, "avis.json": json.dumps(notice),
    })  # fmt: skip
    told = {c.field: flatten(c.text) for c in found.contradictions}
    assert told == {
        "deadline": "Date limite de remise : le règlement de la consultation (ligne 9) la fixe au "
                    "11/01/2027 à 17 h 30, l’avis de marché au 08/01/2027 à 12 h.",
        "offer_validity": "Validité des offres : le règlement de la consultation (ligne 14) la "
                          "fixe à 90 jours, le CCAP (ligne 3) la fixe à 120 jours.",
    }  # fmt: skip
    assert all(len(c.sides) == 2 for c in found.contradictions)
    card = flatten(write_card(found))
    assert all(text in card for text in told.values())
    assert "avis de marché, date limite de remise" in card
    assert not {"datelimitereponse", "avis.json"} & set(card.split())


def test_an_annexe_by_time_class_is_added_up_and_told_beside_the_stated_volume(
    judge: Judge, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["Lot", "PRM", "Site", "Segment", "HPH (MWh)", "HCH (MWh)", "Total annuel (MWh)"])
    for rank in range(4):
        sheet.append([1, f"1450000000000{rank}", f"École {rank}", "C4", 60, 40, 103.125])
    book.save(tmp_path / "PDL.xlsx")
    lots = ("5. Lots\nLe marché est divisé en 2 lots.\n- Lot 1 : Bâtiments, électricité\n"
            "- Lot 2 : Voirie\n")  # fmt: skip
    stated = "Le lot 1 représente 400 MWh par an et compte 6 points de livraison.\n"
    rules = HEAD.replace("Le marché n'est pas alloti.\n", "")
    found = judge(**{"RC.txt": rules + lots + CRITERIA, "CCTP.txt": CCTP + stated})
    told = {c.field: flatten(c.text) for c in found.contradictions}
    assert told["volume"] == ("Lot 1 : le CCTP (ligne 4) annonce 400 MWh par an, la somme des "
                              "lignes de l’annexe donne 412,5 MWh par an.")  # fmt: skip
    assert told["point_count"] == ("Lot 1 : le CCTP (ligne 4) annonce 6 points de livraison, "
                                   "l’annexe en compte 4.")  # fmt: skip


def test_a_sentence_that_only_excludes_makes_what_it_follows_eliminatory(judge: Judge) -> None:
    asked = """5. Candidature
Les candidats remettent une attestation d'assurance de responsabilité civile.
À défaut, la candidature est éliminée.
6. Capacités minimales
Le chiffre d'affaires annuel est d'au moins 100 000 € HT.
Le candidat présente au moins deux références d'achat d'énergie.
Les candidatures qui ne satisfont pas ces niveaux ne sont pas analysées.
"""
    found = judge(**{"RC.txt": HEAD + CRITERIA + asked, "CCTP.txt": CCTP})
    lines = {line.text: line for line in found.requirements}
    assert not any("À défaut" in text or "ces niveaux" in text for text in lines)
    insured = next(line for text, line in lines.items() if "attestation d'assurance" in text)
    assert insured.is_eliminatory
    assert [e.quote for e in insured.evidence][-1] == "À défaut, la candidature est éliminée."
    levels = [line for text, line in lines.items() if "au moins" in text]
    assert len(levels) == 2 and all(line.is_eliminatory for line in levels)


def test_criteria_keep_the_words_of_the_file(judge: Judge) -> None:
    weighed = """4. Critères de jugement
- Prix : 40 %
- Valeur technique : 60 %
La valeur technique comprend les sous-critères suivants : Équipe 35 points, Méthode GWh 25 points.
Une offre dont la valeur technique est inférieure à 30 points sur 60 est écartée.
"""
    found = judge(**{"RC.txt": HEAD + weighed, "CCTP.txt": CCTP})
    assert [(c.name, int(c.weight or 0)) for c in found.criteria] == [
        ("Prix", 40), ("Valeur technique", 60),
    ]  # fmt: skip
    assert [s.name for s in found.criteria[1].subcriteria] == ["Équipe", "Méthode GWh"]


def test_the_verdict_and_what_would_change_it_are_told_in_french(judge: Judge) -> None:
    supply = HEAD.replace("une mission de conseil pour l'achat de gaz", "la fourniture de gaz")
    card = flatten(write_card(judge(**{"RC.txt": supply + CRITERIA, "CCTP.txt": CCTP})))
    assert card.startswith("## No-Go")
    assert "No-Go deviendrait Go sous réserve si" in card
    assert "NO_GO" not in card and "GO_SOUS" not in card
