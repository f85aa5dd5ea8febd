"""The case files: valid, balanced, and true of the demonstration firm."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pydantic import ValidationError

from demo.documents.source import list_sources
from demo.firm import NEIGHBOUR, generate_firm
from demo.people import PEOPLE
from evals.case_files import (
    TODAY,
    KnowledgeCase,
    PortfolioCase,
    load_abstention_cases,
    load_energy_cases,
    load_everyday_cases,
    load_knowledge_cases,
    load_nearby_cases,
    load_portfolio_cases,
)
from evals.energy import is_held_out
from evals.portfolio.rows import Portfolio, UnknownColumn
from evals.portfolio.truths import evaluate
from evals.scorers import normalise_quote

PORTFOLIO = load_portfolio_cases()
ENERGY = load_energy_cases()
NEARBY = load_nearby_cases()
EVERYDAY = load_everyday_cases()
KNOWLEDGE = [*load_knowledge_cases(), *ENERGY, *load_abstention_cases(), *NEARBY, *EVERYDAY]


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return Portfolio(generate_firm(TODAY))


def _case(**fields: object) -> PortfolioCase:
    whole = {"id": "x", "purpose": "p", "question": "q", "phrasing": "free", "tags": ["t"]}
    return PortfolioCase.model_validate({**whole, **fields})


def test_ids_and_questions_are_unique():
    ids = Counter(case.id for case in (*PORTFOLIO, *KNOWLEDGE))
    questions = Counter(
        [" / ".join(case.questions) for case in PORTFOLIO] + [c.question for c in KNOWLEDGE]
    )
    assert [key for key, number in (ids + questions).items() if number > 1] == []


def test_every_case_is_asked_by_an_active_person_of_the_firm():
    active = {person.key for person in PEOPLE if person.tenant == "alize" and person.is_active}
    assert {case.user for case in (*PORTFOLIO, *KNOWLEDGE)} <= active


def test_half_of_the_portfolio_questions_are_free_and_a_fifth_must_not_be_answered():
    assert len(PORTFOLIO) >= 140
    assert sum(case.phrasing == "free" for case in PORTFOLIO) >= len(PORTFOLIO) / 2
    silent = [case for case in PORTFOLIO if case.silence]
    assert len(silent) >= 0.2 * len(PORTFOLIO)


def test_knowledge_holds_enough_sentences_dates_and_silences():
    assert len(KNOWLEDGE) >= 150
    assert sum(case.expect.unanswerable for case in KNOWLEDGE) >= 15
    assert sum(case.expect.as_of is not None for case in KNOWLEDGE) >= 15


def test_the_energy_set_is_large_varied_and_falls_in_two_halves():
    tags = Counter(tag for case in ENERGY for tag in case.tags)
    assert len(ENERGY) >= 200
    assert tags["dated"] >= 100
    assert tags["unanswerable"] >= 60
    assert all(tags[tag] >= 15 for tag in ("identifier", "table", "synonym", "typo", "paraphrase"))
    held = sum(is_held_out(case.id) for case in ENERGY)
    assert 0.4 * len(ENERGY) <= held <= 0.6 * len(ENERGY)


@pytest.mark.parametrize("cases", [NEARBY, EVERYDAY], ids=["nearby", "everyday"])
def test_a_set_of_two_halves_is_balanced_in_both(cases: list[KnowledgeCase]):
    for held in (True, False):
        half = [case for case in cases if is_held_out(case.id) == held]
        silent = sum(case.expect.unanswerable for case in half)
        assert len(half) >= 100
        assert 0.35 * len(half) <= silent <= 0.6 * len(half)


@pytest.mark.parametrize("case", [c for c in PORTFOLIO if c.truth], ids=lambda c: c.id)
def test_each_truth_holds_facts_on_the_firm(case: PortfolioCase, portfolio: Portfolio):
    for spec in case.truth:
        truth = evaluate(portfolio, spec)
        assert truth.lines
        assert all(line and all(str(fact) for fact in line) for line in truth.lines)


def test_no_truth_names_the_neighbour(portfolio: Portfolio):
    names = {row["name"] for row in generate_firm(TODAY).tenant_rows("accounts", NEIGHBOUR)}
    told = " ".join(
        evaluate(portfolio, spec).describe() for case in PORTFOLIO for spec in case.truth
    )
    assert names
    assert not [name for name in names if name in told]


def _lines_of_documents() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source in list_sources():
        lines = [normalise_quote(re.sub(r"[*|]", " ", line)) for line in source.body.splitlines()]
        found.setdefault(source.properties.code, []).extend(lines)
    return found


def test_each_expected_sentence_stands_in_its_document():
    documents = _lines_of_documents()
    absent = [
        case.id
        for case in KNOWLEDGE
        for expected in case.expect.sentences
        if not any(
            all(normalise_quote(part) in line for part in (expected.sentence, *expected.also))
            for line in documents.get(expected.document, [])
        )
    ]
    assert absent == []


def test_forbidden_documents_exist():
    codes = {code for case in KNOWLEDGE for code in case.expect.forbid_documents}
    assert codes
    assert codes <= set(_lines_of_documents())


def test_a_case_needs_a_truth_or_a_silence():
    with pytest.raises(ValidationError, match="une vérité ou un silence"):
        _case()


def test_a_second_reading_gives_its_reason():
    count = {"function": "count", "table": "contracts"}
    with pytest.raises(ValidationError, match="raison"):
        _case(truth=[count, count])


def test_an_unknown_field_of_a_case_is_refused():
    with pytest.raises(ValidationError):
        _case(truth=[{"function": "count", "table": "contracts"}], answer="93")


def test_an_expected_sentence_and_an_abstention_exclude_each_other():
    expect = {"document": "PR-01", "sentence": "x", "unanswerable": True}
    with pytest.raises(ValidationError, match="pas les deux"):
        KnowledgeCase.model_validate({"id": "x", "purpose": "p", "question": "q", "expect": expect})


def test_a_truth_about_an_unknown_column_fails(portfolio: Portfolio):
    case = _case(
        truth=[{"function": "count", "table": "contracts", "where": [["colour", "eq", 1]]}]
    )
    with pytest.raises(UnknownColumn):
        evaluate(portfolio, case.truth[0])
