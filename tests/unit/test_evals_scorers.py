"""The scorers, on answers written by hand: right, wrong number, invented name, no proof."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from agents.portfolio_assistant.models import (
    Answer,
    Column,
    DocumentCitation,
    RecordCitation,
    Table,
)
from evals.case_files import KnowledgeCase, Silence
from evals.portfolio.truths import Fact, Truth, count_fact, yes_or_no
from evals.scorers import (
    score_facts,
    score_knowledge,
    score_proofs,
    score_quotes,
    score_silence,
    score_versions,
)

ID = UUID(int=1)
SENTENCE = "L’efficacité est vérifiée 3 mois après la mise en œuvre de l’action."
ROWS = RecordCitation(
    number=1, label="Contrats", tool="list_records", tool_run_id=ID, record_ids=(ID,),
    total_rows=1, query="SELECT 1", executed_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)  # fmt: skip


def _quote(**fields: Any) -> DocumentCitation:
    whole: dict[str, Any] = {
        "number": 1, "document_id": ID, "version_id": ID, "code": "PR-08", "title": "Traitement",
        "version_label": "3.1", "status": "in_force", "valid_from": dt.date(2025, 3, 1),
        "valid_to": None, "section": "4.6", "page": 2, "quote": SENTENCE, "chunk_id": 7,
        "start": 0, "end": len(SENTENCE),
    }  # fmt: skip
    return DocumentCitation(**{**whole, **fields})


def _table(*rows: tuple[str, ...], total: int | None = None, totals: tuple[str, ...] = ()) -> Table:
    columns = tuple(
        Column(name=f"c{i}", label=f"C{i}", is_numeric=False) for i in range(len(rows[0]))
    )
    return Table(
        number=1,
        title="T",
        columns=columns,
        rows=rows,
        totals=totals,
        total_rows=total or len(rows),
    )


def _answer(text: str, *tables: Table, **fields: Any) -> Answer:
    whole: dict[str, Any] = {
        "turn_id": ID, "conversation_id": ID, "question": "q", "status": "answered",
        "text": text, "citations": (ROWS,), "tables": tables, "engine": "test",
        "is_model": False, "duration_ms": 1,
    }  # fmt: skip
    return Answer(**{**whole, **fields})


def _number(value: str) -> Truth:
    return Truth(((Fact("number", Decimal(value)),),))


def _names(*names: str, excluded: tuple[str, ...] = ()) -> Truth:
    return Truth(tuple((Fact("text", accepted=(name,)),) for name in names), excluded=excluded)


@pytest.mark.parametrize(
    "text",
    ["Prix : 83,96\u00a0€/MWh [1]", "83.96 €/MWh", "soit 84 €/MWh", "83,960 €/MWh"],
)
def test_a_number_is_right_in_any_french_writing(text: str):
    assert score_facts(_answer(text), [_number("83.96")]).is_right


def test_a_sum_in_the_totals_of_a_table_is_on_the_page():
    rows = (("Fonderie", "70 MWh"), ("Lycée", "20 MWh"))
    shown = score_facts(_answer("Voici.", _table(*rows, totals=("", "90 MWh"))), [_number("90")])
    absent = score_facts(_answer("Voici.", _table(*rows)), [_number("90")])
    assert (shown.is_right, absent.is_right) == (True, False)


@pytest.mark.parametrize("text", ["Prix : 83,69 €/MWh", "CT-83.96", "80 €/MWh", "aucun prix"])
def test_a_wrong_number_is_wrong(text: str):
    assert not score_facts(_answer(text), [_number("83.96")]).is_right


def test_thousands_and_scaled_units_are_read_as_values():
    truth = [_number("53493185.37")]
    assert score_facts(_answer("53\u202f493\u202f185,37\u00a0€"), truth).is_right
    assert score_facts(_answer("53,5\u00a0M€ par an"), truth).is_right
    assert not score_facts(_answer("53,9\u00a0M€ par an"), truth).is_right


@pytest.mark.parametrize("text", ["le 07/12/2026", "le 7 décembre 2026", "avant le 7 décembre"])
def test_a_date_is_right_in_any_writing(text: str):
    truth = Truth(((Fact("date", dt.date(2026, 12, 7)),),))
    assert score_facts(_answer(text), [truth]).is_right


def test_another_year_is_a_wrong_date():
    truth = Truth(((Fact("date", dt.date(2026, 12, 7)),),))
    assert not score_facts(_answer("le 7 décembre 2027"), [truth]).is_right


def test_a_count_is_not_found_in_a_reference_or_a_long_table():
    truth = [Truth(((count_fact(15),),))]
    assert score_facts(_answer("**15 contrats** [1]"), truth).is_right
    assert not score_facts(_answer("Le contrat CT-15-2 du 15/01/2027"), truth).is_right
    rows = _table(("CT-1", "15"), ("CT-2", "3"))
    assert not score_facts(_answer("Voici les contrats.", rows), truth).is_right


def test_none_is_said_in_words():
    assert score_facts(_answer("Aucun contrat."), [Truth(((count_fact(0),),))]).is_right


def test_a_list_is_wrong_when_a_line_is_missing_or_too_many():
    truth = [_names("CT-1", "CT-2", excluded=("CT-3",))]
    assert score_facts(_answer("Voici.", _table(("CT-1",), ("CT-2",))), truth).is_right
    assert "manque" in score_facts(_answer("CT-1"), truth).reason
    assert "en trop" in score_facts(_answer("CT-1, CT-2 et CT-3"), truth).reason


def test_a_name_inside_a_longer_expected_name_is_no_intruder():
    truth = [_names("EHPAD Les Tilleuls d’Argent", excluded=("EHPAD Les Tilleuls",))]
    assert score_facts(_answer("EHPAD Les Tilleuls d'Argent"), truth).is_right
    assert not score_facts(_answer("EHPAD Les Tilleuls"), truth).is_right


def test_facts_of_a_line_must_stand_together():
    lines = tuple(
        (Fact("text", accepted=(name,)), Fact("number", Decimal(value)))
        for name, value in (("Alpha", "150"), ("Bêta", "120"))
    )
    right = _table(("Alpha", "150 €"), ("Bêta", "120 €"))
    swapped = _table(("Alpha", "120 €"), ("Bêta", "150 €"))
    assert score_facts(_answer("Voici.", right), [Truth(lines)]).is_right
    assert not score_facts(_answer("Voici.", swapped), [Truth(lines)]).is_right


def test_the_extreme_must_lead_the_table():
    truth = [Truth(((Fact("text", accepted=("CT-9",)),),), is_leading=True)]
    assert score_facts(_answer("Voici.", _table(("CT-9",), ("CT-1",))), truth).is_right
    assert not score_facts(_answer("Voici.", _table(("CT-1",), ("CT-9",))), truth).is_right


def test_one_reading_is_enough_unless_all_are_needed():
    truths = [_number("12"), _number("15")]
    assert score_facts(_answer("15 MWh"), truths).is_right
    assert not score_facts(_answer("15 MWh"), truths, every=True).is_right


def test_a_fact_drowned_in_a_long_table_is_no_answer():
    truth = [Truth(((Fact("text", accepted=("CT-9",)),),), max_rows=2)]
    assert score_facts(_answer("Voici.", _table(("CT-9",), total=2)), truth).is_right
    assert not score_facts(_answer("Voici.", _table(("CT-9",), total=93)), truth).is_right


def test_yes_is_not_no():
    truth = [Truth(((yes_or_no(True),),))]
    assert score_facts(_answer("Oui, il l’est."), truth).is_right
    assert not score_facts(_answer("Non."), truth).is_right


def test_a_right_word_found_by_chance_in_a_document_is_not_an_answer():
    answer = _answer("Sarah Benali", citations=(_quote(),))
    assert not score_facts(answer, [_names("Sarah Benali")]).is_right
    assert score_facts(answer, [_names("Sarah Benali")], from_rows=False).is_right


def test_an_unanswered_question_is_never_right_when_a_fact_is_expected():
    assert not score_facts(_answer("12 MWh", status="unanswered"), [_number("12")]).is_right


def test_silence_asserts_no_figure_but_the_question_s():
    silence, asked = Silence(), ["prix du CT-2031-9999 ?"]
    quiet = _answer("Je ne trouve pas CT-2031-9999.", status="unanswered")
    assert score_silence(quiet, asked, silence).is_right
    talking = _answer("Introuvable, mais comptez 84,20 €/MWh.", status="unanswered")
    assert not score_silence(talking, asked, silence).is_right
    assert not score_silence(_answer("84,20 €/MWh"), asked, silence).is_right


def test_silence_says_no_forbidden_name():
    silence = Silence(forbid=["Minoterie"])
    answer = _answer("La Minoterie de Cordouan est chez un autre.", status="refused")
    assert not score_silence(answer, ["q"], silence).is_right


def test_an_ambiguous_name_is_asked_with_its_candidates():
    silence = Silence(
        statuses=["clarification"], mention=["Boulangerie Le Goff", "Biscuiterie Le Goff"]
    )
    whole = _answer("Boulangerie Le Goff ou Biscuiterie Le Goff ?", status="clarification")
    half = _answer("Boulangerie Le Goff ?", status="clarification")
    assert score_silence(whole, ["Le Goff"], silence).is_right
    assert not score_silence(half, ["Le Goff"], silence).is_right


def test_a_number_without_evidence_is_caught():
    evidence = ['{"rows": [{"price": "83.960", "end_on": "2027-02-05"}]}', "CT-2025-0114"]
    right = _answer("CT-2025-0114 : 83,96 €/MWh jusqu’au 5 février 2027. [1]")
    assert score_proofs(right, evidence).is_right
    assert not score_proofs(_answer("CT-2025-0114 : 91,20 €/MWh"), evidence).is_right
    assert not score_proofs(_answer("jusqu’au 06/02/2027"), evidence).is_right
    assert not score_proofs(_answer("CT-2025-0999"), evidence).is_right


def test_a_struck_out_number_is_a_failed_proof():
    assert not score_proofs(_answer("[À COMPLÉTER] €"), []).is_right
    assert not score_proofs(_answer("rien", unproved_numbers=1), []).is_right


def _case(**expect: Any) -> KnowledgeCase:
    return KnowledgeCase.model_validate(
        {"id": "x", "purpose": "p", "question": "q", "expect": expect}
    )


def test_the_expected_sentence_must_be_cited_from_its_document():
    case = _case(document="PR-08", sentence="vérifiée 3 mois après la mise en œuvre")
    assert score_knowledge(_answer("…", citations=(_quote(),)), case).is_right
    assert not score_knowledge(_answer("…", citations=(_quote(code="PR-07"),)), case).is_right
    assert not score_knowledge(_answer(SENTENCE, citations=()), case).is_right


def test_spaces_and_apostrophes_do_not_matter_in_a_fragment():
    case = _case(document="PR-08", sentence="L'efficacité est vérifiée 3\u00a0mois")
    assert score_knowledge(_answer("…", citations=(_quote(),)), case).is_right


def test_a_table_line_holds_all_its_fragments_in_one_quote():
    case = _case(document="PR-08", sentence="Estran Énergie", also=["59"])
    one = _quote(quote="Fournisseur : Estran Énergie ; Note globale : 59")
    two = (_quote(quote="Estran Énergie"), _quote(quote="Note globale : 59"))
    assert score_knowledge(_answer("…", citations=(one,)), case).is_right
    assert not score_knowledge(_answer("…", citations=two), case).is_right


def test_an_unanswerable_question_wants_an_abstention():
    case = _case(unanswerable=True)
    assert score_knowledge(_answer("Je ne sais pas.", status="unanswered"), case).is_right
    assert not score_knowledge(_answer("Voici.", citations=(_quote(),)), case).is_right


def test_a_restricted_document_may_not_even_be_cited():
    case = _case(unanswerable=True, forbid_documents=["EN-04"])
    leak = _answer("…", status="refused", citations=(_quote(code="EN-04"),))
    assert not score_knowledge(leak, case).is_right


def test_only_the_version_of_the_day_may_be_cited():
    now, then = _case(document="PR-08", sentence="x"), _case(
        document="PR-08", sentence="x", as_of=dt.date(2024, 6, 15)
    )  # fmt: skip
    old = _quote(status="superseded", valid_from=dt.date(2022, 4, 1), valid_to=dt.date(2025, 2, 28))
    assert score_versions(_answer("…", citations=(_quote(),)), now).is_right
    assert not score_versions(_answer("…", citations=(old,)), now).is_right
    assert score_versions(_answer("…", citations=(old,)), then).is_right
    assert not score_versions(_answer("…", citations=(_quote(),)), then).is_right
    draft = _quote(status="draft", valid_from=None)
    assert not score_versions(_answer("…", citations=(draft,)), then).is_right


def test_a_quote_is_exact_letter_for_letter():
    answer = _answer("…", citations=(_quote(),))
    assert score_quotes(answer, {7: SENTENCE}).is_right
    assert not score_quotes(answer, {7: SENTENCE.replace("’", "'")}).is_right
    assert not score_quotes(answer, {}).is_right
