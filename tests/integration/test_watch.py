"""The watch against the BOAMP's double and a real database."""

from __future__ import annotations

import datetime as dt

import pytest

from core.context import Identity, frozen_clock
from core.database import Database
from crm.watch import (
    RunCounts,
    get_item,
    list_items,
    list_requests,
    list_runs,
    mark_arrived,
    request_scoring,
    set_filters,
)
from ingest.clients.boamp import BoampClient, BoampUnavailable, compose_where, quote
from ingest.watch.watching import watch
from tests.conftest import make_identity
from tests.doubles.boamp import BoampDouble, records
from tests.doubles.boamp.server import BASE_URL

CLOCK = frozen_clock(dt.date(2026, 11, 26))
PLAIN = [records.make_fnsimple(), records.make_mapa(), records.make_eforms()]


def client_of(double: BoampDouble) -> BoampClient:
    return BoampClient(double.client(), BASE_URL, double.sleep)


async def run(database: Database, identity: Identity, *found: dict) -> RunCounts:
    return await watch(database, identity, client_of(BoampDouble(list(found))), CLOCK)


async def test_a_run_keeps_the_notices_of_the_trade_with_their_prescore(
    database: Database, identity: Identity
) -> None:
    other = records.make_record("26-1", objet="Travaux de voirie")
    counts = await run(database, identity, *PLAIN, other)
    assert (counts.seen, counts.added, counts.failure) == (3, 3, None)
    items = await list_items(database, identity)
    assert items[0]["source_reference"] == "26-140001"
    assert {item["status"] for item in items} == {"new"}
    assert "Remise avant le 21/12/2026 à 12" in items[0]["summary"]
    assert items[0]["prescore"]["warning"].startswith("Pré-évaluation sur l’avis seul")
    assert sum(part["most"] for part in items[0]["prescore"]["parts"]) == 100


async def test_a_second_run_adds_nothing(database: Database, identity: Identity) -> None:
    await run(database, identity, *PLAIN)
    counts = await run(database, identity, *PLAIN)
    assert (counts.added, counts.updated) == (0, 0)
    assert len(await list_items(database, identity)) == 3


async def test_a_correction_moves_the_deadline_of_the_first_notice(
    database: Database, identity: Identity
) -> None:
    await run(database, identity, *PLAIN)
    later = records.make_correction("26-141000", "26-140001", "2027-01-06T12:00:00+01:00")
    counts = await run(database, identity, *PLAIN, later)
    assert (counts.added, counts.updated) == (0, 1)
    items = await list_items(database, identity, words="assistance")
    assert len(items) == 1
    assert items[0]["deadline"].date() == dt.date(2027, 1, 6)
    _, notices = await get_item(database, identity, items[0]["id"])
    assert [notice["kind"] for notice in notices] == ["correction", "contract"]


async def test_a_cancelled_notice_falls_to_zero_and_keeps_its_status(
    database: Database, identity: Identity
) -> None:
    await run(database, identity, *PLAIN)
    await run(database, identity, *PLAIN, records.make_cancellation("26-149000", "26-140002"))
    [item] = await list_items(database, identity, words="gaz")
    assert (item["relevance"], item["status"]) == (0, "new")
    assert item["prescore"]["blocked"] == "La consultation est annulée."


async def test_the_same_consultation_in_two_notices_is_one_item(
    database: Database, identity: Identity
) -> None:
    again = records.make_eforms("26-140999")
    await run(database, identity, records.make_eforms(), again)
    assert len(await list_items(database, identity)) == 1


async def test_days_that_go_by_lower_the_prescore_of_what_is_open(
    database: Database, identity: Identity
) -> None:
    await run(database, identity, records.make_fnsimple())
    [before] = await list_items(database, identity)
    later = frozen_clock(dt.date(2026, 12, 19))
    await watch(database, identity, client_of(BoampDouble([])), later)
    [near] = await list_items(database, identity)
    assert near["relevance"] < before["relevance"]
    past = frozen_clock(dt.date(2026, 12, 23))
    await watch(database, identity, client_of(BoampDouble([])), past)
    [after] = await list_items(database, identity)
    assert after["relevance"] == 0
    assert "est passée" in after["prescore"]["blocked"]


async def test_works_weigh_less_than_advice_under_the_same_code(
    database: Database, identity: Identity
) -> None:
    tree = {"X": {"CPV": {"PRINCIPAL": "71314000", "SECONDAIRES": ["45321000"]}}}
    works = records.make_record("26-3", objet="Marché de performance énergétique", donnees=tree)
    await run(database, identity, records.make_fnsimple(), works)
    advice, other = await list_items(database, identity)
    assert advice["source_reference"] == "26-140001"
    assert other["prescore"]["parts"][0]["high"] == 15


async def test_another_firm_sees_nothing_of_it(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await run(database, identity, *PLAIN)
    stranger = make_identity(conninfo, "director")
    assert await list_items(database, stranger) == []
    assert await list_runs(database, stranger) == []


async def test_the_regions_of_the_firm_narrow_the_search(
    database: Database, identity: Identity
) -> None:
    await set_filters(database, identity, {
        "cpv_prefixes": ["71314"], "keywords": ["gaz naturel", "achat d'énergie"],
        "excluded_words": [], "regions": ["Bretagne"], "remote_regions": []})  # fmt: skip
    await run(database, identity, *PLAIN)
    [item] = await list_items(database, identity)
    assert item["source_reference"] == "26-140002"


async def test_an_unreadable_form_keeps_what_the_record_says(
    database: Database, identity: Identity
) -> None:
    broken = records.make_mapa("26-140777", donnees=None) | {"donnees": "{"}
    counts = await run(database, identity, broken)
    assert (counts.unreadable, counts.added) == (1, 1)
    [item] = await list_items(database, identity)
    assert item["title"] == "Fourniture de gaz naturel"


async def test_a_service_that_fails_is_told_and_nothing_is_lost(
    database: Database, identity: Identity
) -> None:
    await run(database, identity, *PLAIN)
    double = BoampDouble(PLAIN, failures=[(503, {})] * 4)
    counts = await watch(database, identity, client_of(double), CLOCK)
    assert counts.failure is not None and "reprendra" in counts.failure
    assert len(await list_items(database, identity)) == 3
    assert sorted(run["failure"] is None for run in await list_runs(database, identity)) == [
        False, True]  # fmt: skip


async def test_a_wanted_file_is_awaited_until_it_arrives(
    database: Database, identity: Identity
) -> None:
    await run(database, identity, *PLAIN)
    item = (await list_items(database, identity))[0]["id"]
    await request_scoring(database, identity, item)
    await request_scoring(database, identity, item)
    [wanted] = await list_requests(database, identity)
    assert wanted["notice_ids"] == ["26-140001"]
    await mark_arrived(database, identity, item, "ab" * 32)
    assert await list_requests(database, identity) == []


async def test_pages_are_read_to_the_end_within_the_limit_of_the_service() -> None:
    double = BoampDouble([records.make_record(f"26-{n:06d}") for n in range(230)])
    found = [r async for r in client_of(double).list_records("dateparution >= date'2026-11-01'")]
    assert len({record["idweb"] for record in found}) == 230
    assert [request.url.params["limit"] for request in double.requests] == ["100", "100", "100"]


async def test_too_many_requests_are_waited_for_as_told() -> None:
    double = BoampDouble(PLAIN, failures=[(429, {"retry-after": "7"}), (500, {})])
    found = [r async for r in client_of(double).list_records('idweb = "26-140001"')]
    assert len(found) == 1
    assert double.waits[:2] == [7.0, 2.0]


@pytest.mark.parametrize("where", [
    'inconnu = "x"', "dateparution >=", 'search(objet "x")', "objet = 3", ") or (", 'objet = "a" x',
])  # fmt: skip
async def test_the_double_refuses_what_the_service_refuses(where: str) -> None:
    double = BoampDouble(PLAIN)
    with pytest.raises(BoampUnavailable):
        [r async for r in client_of(double).list_records(where)]
    assert len(double.requests) == 1


async def test_more_than_a_hundred_rows_at_once_are_refused() -> None:
    double = BoampDouble(PLAIN)
    async with double.client() as http:
        path = "/api/explore/v2.1/catalog/datasets/boamp/records"
        answer = await http.get(BASE_URL + path, params={"limit": "101"})
    assert answer.status_code == 400


async def test_words_of_a_filter_cannot_change_the_query() -> None:
    where = compose_where(dt.date(2026, 11, 1), words=['gaz") or (objet = "a'], codes=(),
                          departments=())  # fmt: skip
    double = BoampDouble([records.make_record("26-1", objet="autre")])
    assert [r async for r in client_of(double).list_records(where)] == []
    assert quote('a"b\\c') == '"a b c"'
