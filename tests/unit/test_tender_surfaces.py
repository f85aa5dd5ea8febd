"""The numbered card, the delivery points told, the proposals in their order, the watch's chart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from agents.tender_scoring.facts import DeliveryPoint, EnergyBlock
from agents.tender_scoring.matching import describe_points
from agents.tender_scoring.outputs.places import describe_place, get_place, write_numbered_card
from agents.tender_scoring.outputs.planning import make_plan, propose_tasks
from agents.tender_scoring.outputs.records import propose_tender
from agents.tender_scoring.registering import Known, settle
from agents.tender_scoring.storage import StoredAnalysis
from chat.tender_cards import write_shown
from chat.watch import write_board
from core.context import Identity
from core.errors import NotFound
from ingest.watch.figure import draw_deadlines
from tests.unit.tender_analysis import NOW, make_analysis

ME = Identity(UUID(int=1), UUID(int=2), frozenset({"director"}))


def make_point(code: str, account: str | None) -> DeliveryPoint:
    return DeliveryPoint(
        code=code, energy="electricity", lot=1, site=None, segment=None, operator=None,
        is_eld=False, power_kva=None, volume_mwh=None, file="Annexe.xlsx", loc="A2",
        crm_id=uuid4() if account else None, crm_account=account,
    )  # fmt: skip


def test_each_number_of_the_card_opens_the_words_it_stands_for() -> None:
    analysis = make_analysis()
    text, places = write_numbered_card(analysis)
    assert places and all(place.mark in text and place.name in text for place in places)
    assert [place.number for place in places] == list(range(1, len(places) + 1))
    buyer = analysis.facts.buyer
    assert buyer is not None
    row = next(line for line in text.splitlines() if line.startswith("| Acheteur"))
    number = int(row.rsplit("[", 1)[1].split("]")[0])
    told = describe_place(get_place(analysis, number))
    assert buyer.evidence[0].quote in told
    with pytest.raises(NotFound):
        get_place(analysis, len(places) + 1)


def test_a_file_name_is_no_markup_in_the_list_of_sources() -> None:
    analysis = make_analysis()
    buyer = analysis.facts.buyer
    assert buyer is not None
    evidence = (buyer.evidence[0].model_copy(update={"file": "![x](http://mal.example).pdf"}),)
    facts = analysis.facts.model_copy(
        update={"buyer": buyer.model_copy(update={"evidence": evidence})}
    )
    text, _ = write_numbered_card(analysis.model_copy(update={"facts": facts}))
    assert "![" not in text and "](http" not in text


def test_delivery_points_are_counted_with_their_clients() -> None:
    assert describe_points(EnergyBlock()) == ""
    points = (make_point("1" * 14, "Ville"), make_point("2" * 14, None))
    known = EnergyBlock(points=points, known_points=1)
    told = describe_points(known).replace("\u00a0", " ")
    assert "dont 1 déjà dans le CRM (Ville : 1) et 1 nouveau." in told
    failed = EnergyBlock(points=points, crm_failure="La base ne répond pas.")
    assert "impossible" in describe_points(failed) and "aucun" not in describe_points(failed)


def test_parts_wait_for_the_record_then_the_criteria_of_a_lot_for_the_lot() -> None:
    analysis = make_analysis()
    tasks = propose_tasks(analysis, make_plan(analysis, NOW))
    drafts = [*propose_tender(analysis), *tasks]
    ready, waiting = settle(drafts, Known(), ME)
    assert [draft.object for draft in ready] == ["tenders"] and len(waiting) == 1
    assert settle(drafts, Known(is_awaited=True), ME)[0] == []

    record = uuid4()
    ready, waiting = settle(drafts, Known(record, is_ours=True), ME)
    assert {str(draft.fields["tender_id"]) for draft in ready} == {str(record)}
    assert not any("tender_reference" in draft.fields for draft in ready)
    assert any("concurrents" in line for line in waiting)
    owners = {str(draft.fields["owner_id"]) for draft in ready if draft.object == "tasks"}
    assert owners == {str(ME.user_id)}

    lots = {n: uuid4() for n in (1, 2)}
    again, _ = settle(drafts, Known(record, is_ours=True, lots=lots), ME)
    assert not [draft for draft in again if draft.object == "tender_lots"]
    tied = {str(draft.fields.get("lot_id")) for draft in again if draft.object == "tender_criteria"}
    assert tied <= {"None", *map(str, lots.values())}


def test_a_card_in_history_is_the_one_shown_live_or_says_where_it_stands() -> None:
    analysis = make_analysis()
    done = StoredAnalysis(uuid4(), uuid4(), "DCE", "done", None, None, analysis, NOW)
    shown = write_shown(done)
    assert shown.is_done and f"/api/v1/tenders/{done.id}/exports/matrix.xlsx" in shown.content
    assert {source.name for source in shown.sources} >= {"[1]"}
    running = StoredAnalysis(uuid4(), uuid4(), "DCE", "running", None, None, None, NOW)
    assert "en cours" in write_shown(running).content
    failed = StoredAnalysis(uuid4(), uuid4(), "DCE", "failed", None, "Illisible.", None, NOW)
    assert write_shown(failed).is_error and write_shown(failed).content == "Illisible."


def test_the_chart_adds_up_known_values_and_tells_the_missing_ones() -> None:
    first, second = dt.date(2026, 11, 30), dt.date(2026, 12, 7)
    rows = [
        {"week": first, "status": "new", "items": 2, "value_eur": Decimal(100), "without_value": 1},
        {"week": first, "status": "kept", "items": 1, "value_eur": None, "without_value": 1},
        {"week": second, "status": "new", "items": 1, "value_eur": Decimal(50), "without_value": 0},
    ]
    drawn = draw_deadlines(rows)
    line = drawn["data"][-1]
    assert (line["y"], line["customdata"]) == ([100.0, 50.0], [2, 0])
    assert [(bar["name"], bar["y"]) for bar in drawn["data"][:-1]] == [
        ("Nouveau", [2, 1]), ("Conservé", [1, 0])]  # fmt: skip


def test_the_board_has_a_column_per_status_and_no_markup_of_a_notice() -> None:
    item = {"id": uuid4(), "status": "kept", "title": "[Gaz](http://x) | lot", "relevance": 80,
            "buyer": "Ville", "deadline": None, "estimated_value_eur": None}  # fmt: skip
    board = write_board([item])
    assert "Nouveau (0) | Conservé (1)" in board
    assert r"\[Gaz\]" in board and r"\| lot" in board
