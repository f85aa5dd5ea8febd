"""Outputs of a tender's analysis: what they say, what they never say, and that they open."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import BytesIO
from uuid import UUID

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from agents.tender_scoring.facts import Facts
from agents.tender_scoring.outputs.calibration import (
    LARGEST_DRIFT,
    LARGEST_STEP,
    PastTender,
    calibrate,
    revert,
)
from agents.tender_scoring.outputs.card import make_card, write_card
from agents.tender_scoring.outputs.matrix import Proof, make_matrix
from agents.tender_scoring.outputs.matrix_document import write_matrix_document
from agents.tender_scoring.outputs.memo import Template, cut_template, make_memo, write_memo
from agents.tender_scoring.outputs.planning import PAST, UNKNOWN, make_plan, propose_tasks
from agents.tender_scoring.outputs.questions import (
    make_questions,
    write_questions,
    write_questions_document,
)
from agents.tender_scoring.outputs.records import (
    propose_decision,
    propose_outcome,
    propose_tender,
)
from agents.tender_scoring.outputs.workbook import write_workbook
from core.errors import InvalidInput
from core.formats import PARIS
from core.workdays import add_working_days, count_working_days, find_easter, is_working_day
from tests.unit.tender_analysis import NOW, make_analysis, state

OURS = Proof("Chaque facture est contrôlée chaque mois.", "MT-01", "Mémoire collectivité", "2.1", 3)
PROOFS = {"r1": [OURS], "r2": [], "r3": None, "r4": []}
TEMPLATE = Template("Mémoire technique", "1.4", "1. Besoin de {{client.nom}}. 2. Équipe. "
                    "3. Références : {{references}}.")  # fmt: skip


def test_the_card_gives_verdict_pages_and_origin() -> None:
    card = write_card(make_analysis())
    assert card.startswith("## Go sous réserve (lot\u00a01)")
    assert "64/100 (entre 58 et 70)" in card
    assert "| Remise des offres | 11/01/2027 à 12 h | RC.pdf, p.\u00a04 |" in card
    assert "Une consigne cachée" in card
    assert card.endswith("*Analyse\u00a0: moteur déterministe*")


def test_the_card_gives_the_criteria_of_the_offers_with_their_weights() -> None:
    analysis = make_analysis()
    card = write_card(analysis)
    weighed = [one for one in analysis.criteria if one.stage == "offer"]
    assert weighed
    for one in weighed:
        row = next(line for line in card.splitlines() if line.startswith(f"| {one.name} |"))
        assert one.weight is None or f"| {one.weight:g} |" in row.replace(",", ".")
    assert "| Critère | Poids |" not in write_card(analysis.model_copy(update={"criteria": ()}))


def test_words_of_the_file_are_never_markup_in_the_card() -> None:
    card = write_card(make_analysis())
    assert r"\*important\* \<b\>" in card
    assert "<b>" not in card.replace(r"\<b\>", "")


def test_the_card_as_data_is_json_and_keeps_every_place() -> None:
    data = json.loads(json.dumps(make_card(make_analysis())))
    assert data["reasons"][0]["places"][0]["label"] == "RC.pdf, p.\u00a05"
    assert data["lots"][1]["score"] is None


def test_an_incomplete_file_has_no_score_on_its_card() -> None:
    card = write_card(make_analysis(verdict="INCOMPLETE", score=None, low=None, high=None,
                                    lot_verdicts=(), go_lots=()))  # fmt: skip
    assert card.startswith("## Dossier incomplet")
    assert "sans note" in card
    assert "/100" not in card


def test_gaps_are_told_apart_and_nothing_is_covered_without_proof() -> None:
    matrix = make_matrix(make_analysis(), PROOFS)
    gaps = {row.requirement: row.gap for row in matrix.rows}
    assert list(gaps.values()) == ["blocking", "covered", "to_produce", "unknown"]
    assert matrix.rows[0].is_eliminatory
    assert matrix.rows[0].owner == "Juriste commande publique"


def test_the_workbook_holds_the_matrix_and_no_formula_from_the_file() -> None:
    book = load_workbook(BytesIO(write_workbook(make_matrix(make_analysis(), PROOFS))))
    sheet = book["Matrice de conformité"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("N°", "Catégorie", "Exigence")
    assert len(rows) == 5
    cell = next(c for row in sheet.iter_rows() for c in row if str(c.value).startswith("=Bord"))
    assert cell.data_type == "s"
    assert sheet.print_title_rows == "$1:$1"
    assert book.properties.language == "fr-FR"
    assert book["Synthèse"]["B7"].value == 4


def test_word_documents_are_french_with_outline_and_header_rows() -> None:
    word = Document(BytesIO(write_matrix_document(make_matrix(make_analysis(), PROOFS))))
    assert word.core_properties.language == "fr-FR"
    assert 'w:lang w:val="fr-FR"' in word.styles.element.xml
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in word.tables)
    headings = [p.text for p in word.paragraphs if p.style.name.startswith("Heading")]
    assert headings[0] == "Conditions éliminatoires"


def test_questions_are_those_for_the_buyer_with_their_deadline() -> None:
    questions = make_questions(make_analysis(), NOW)
    text = write_questions(questions)
    assert [one.subject for one in questions.items] == ["CCAP absent"]
    assert "À envoyer avant le 28/12/2026 à 17\u00a0h" in text
    assert "Marge" not in text
    assert Document(BytesIO(write_questions_document(questions))).paragraphs


def test_questions_after_their_deadline_say_so() -> None:
    late = make_questions(make_analysis(), NOW.replace(year=2027))
    assert late.is_late
    assert "est passée" in write_questions(late)


def test_the_plan_goes_back_from_the_deadline_on_working_days() -> None:
    plan = make_plan(make_analysis(), NOW)
    days = {step.key: step.due_on for step in plan.steps}
    assert days["deposit"] == dt.date(2027, 1, 8)
    assert days["questions"] == dt.date(2026, 12, 24)
    assert days["visit:1"] == dt.date(2026, 12, 1)
    assert all(is_working_day(day) for key, day in days.items() if key != "deadline")
    assert [step.due_on for step in plan.steps] == sorted(days.values())
    assert plan.remark is None


def test_a_short_delay_draws_the_steps_closer() -> None:
    near = state("deadline", "Remise", "2/12", instant=dt.datetime(2026, 12, 2, 12, tzinfo=PARIS))
    plan = make_plan(make_analysis(facts=Facts(deadline=near)), NOW)
    assert plan.remark and "resserrées" in plan.remark
    assert all(NOW.date() <= step.due_on <= dt.date(2026, 12, 2) for step in plan.steps)


def test_no_plan_without_a_deadline_ahead() -> None:
    past = state("deadline", "Remise", "1/11", instant=dt.datetime(2026, 11, 1, 12, tzinfo=PARIS))
    assert make_plan(make_analysis(facts=Facts(deadline=past)), NOW).remark == PAST
    unsure = make_plan(make_analysis(facts=Facts()), NOW)
    assert (unsure.steps, unsure.remark) == ((), UNKNOWN)


def test_tasks_are_wished_once_each_with_their_evidence() -> None:
    analysis = make_analysis()
    drafts = propose_tasks(analysis, make_plan(analysis, NOW))
    assert len({draft.key for draft in drafts}) == len(drafts)
    assert {draft.fields["tender_reference"] for draft in drafts} == {"2026-AMO-12"}
    assert any(draft.evidence for draft in drafts)


def test_the_memo_follows_template_then_criteria_and_cites_us() -> None:
    memo = make_memo(make_analysis(), PROOFS, TEMPLATE)
    titles = [chapter.title for chapter in memo.chapters]
    assert titles[:3] == ["Besoin du Syndicat d’énergie du Haut-Plateau", "Équipe", "Références"]
    assert titles[3] == "Valeur technique"
    assert "Prix" not in " ".join(titles)
    assert memo.chapters[2].lead == "[À COMPLÉTER]"
    parts = {part.title: part.proofs for part in memo.chapters[3].parts}
    assert parts == {"Suivi et contrôle des factures": (OURS,), "Équipe dédiée": ()}
    assert titles[-1] == "Autres exigences à traiter"
    text = "\n".join(p.text for p in Document(BytesIO(write_memo(memo))).paragraphs)
    assert "« Chaque facture est contrôlée chaque mois.\u00a0»".replace("« ", "«\u00a0") in text
    assert "Mémoire collectivité (MT-01 v2.1, p.\u00a03)" in text


def test_a_template_with_headings_is_cut_at_them() -> None:
    assert cut_template("# Besoin\nTexte\n## Équipe\nGens") == [
        ("Besoin", "Texte"),
        ("Équipe", "Gens"),
    ]


def test_records_leave_out_what_the_file_does_not_say() -> None:
    drafts = propose_tender(make_analysis())
    tender = drafts[0].fields
    assert tender["submission_deadline"] == "2027-01-11T12:00:00+01:00"
    assert "estimated_value_eur" not in tender
    assert (tender["energy"], tender["procedure"]) == ("both", "open")
    assert [(d.object, d.operation) for d in drafts[1:]] == [
        ("tender_lots", "create"), ("tender_lots", "create"), ("tender_criteria", "create"),
        ("tender_criteria", "create"), ("tender_competitors", "link")]  # fmt: skip
    assert not any(isinstance(v, float) for d in drafts for v in d.fields.values())


def test_an_incomplete_file_gives_a_record_without_verdict() -> None:
    [tender, *_] = propose_tender(make_analysis(verdict="INCOMPLETE", score=None))
    assert not {"verdict", "score"} & set(tender.fields)


def test_a_decision_needs_a_reason_and_says_when_it_goes_against_the_verdict() -> None:
    with pytest.raises(InvalidInput):
        propose_decision(UUID(int=1), "go", "  ", make_analysis())
    draft = propose_decision(UUID(int=1), "go", "Client clé", make_analysis(verdict="NO_GO"))
    assert draft.fields == {"status": "go",
                            "verdict_reason": "Client clé (contre le verdict calculé)"}  # fmt: skip
    assert draft.is_tainted is False


def test_an_outcome_may_name_the_winner_and_its_price() -> None:
    drafts = propose_outcome(UUID(int=1), "lost", winner_id=UUID(int=2),
                             price_eur_per_mwh=Decimal("61.250"))  # fmt: skip
    assert drafts[0].fields == {"status": "lost"}
    assert drafts[1].fields["price_eur_per_mwh"] == "61.250"


WEIGHTS = {"fit": Decimal(40), "relation": Decimal(30), "price": Decimal(30)}


def case(number: int, *, won: bool, fit: int, relation: int = 3) -> PastTender:
    notes = {"fit": Decimal(fit), "relation": Decimal(relation), "price": Decimal(3)}
    return PastTender(f"AO-{number}", notes, won)


def test_too_few_outcomes_leave_the_grid_alone() -> None:
    result = calibrate(WEIGHTS, WEIGHTS, [case(1, won=True, fit=5)])
    assert not result.is_change
    assert result.remark and "Pas assez d’issues" in result.remark


def test_a_criterion_that_told_won_from_lost_weighs_more_and_can_be_undone() -> None:
    past = [case(n, won=n < 4, fit=5 if n < 4 else 1) for n in range(9)]
    result = calibrate(WEIGHTS, WEIGHTS, past)
    assert result.after["fit"] > 40
    assert sum(result.after.values()) == 100
    assert all(shift.reason for shift in result.shifts)
    assert revert(result) == WEIGHTS


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 5)), min_size=8,
                max_size=30), st.integers(1, 12))  # fmt: skip
def test_the_grid_stays_whole_and_within_bounds_however_often(
    drawn: list[tuple[bool, int, int]], rounds: int
) -> None:
    past = [case(n, won=won, fit=fit, relation=rel) for n, (won, fit, rel) in enumerate(drawn)]
    weights = dict(WEIGHTS)
    for _ in range(rounds):
        after = dict(calibrate(weights, WEIGHTS, past).after)
        assert sum(after.values()) == 100
        for key, value in after.items():
            assert abs(value - weights[key]) <= weights[key] * LARGEST_STEP
            assert abs(value - WEIGHTS[key]) <= WEIGHTS[key] * LARGEST_DRIFT
        weights = after


def test_holidays_of_france_are_not_worked() -> None:
    assert find_easter(2027) == dt.date(2027, 3, 28)
    holidays = [dt.date(2027, 3, 29), dt.date(2027, 5, 6), dt.date(2027, 5, 17),
                dt.date(2026, 11, 11), dt.date(2026, 12, 25)]  # fmt: skip
    assert not any(is_working_day(day) for day in holidays)
    assert add_working_days(dt.date(2026, 12, 24), 1) == dt.date(2026, 12, 28)
    assert count_working_days(dt.date(2026, 12, 24), dt.date(2027, 1, 4)) == 5


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 60))
def test_working_days_forth_and_counted_agree(day: dt.date, count: int) -> None:
    assert count_working_days(day, add_working_days(day, count)) == count
