"""The demonstration firm: the same every time, coherent, and covering every kind of record."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from demo.book import TABLES
from demo.codes import is_luhn_valid
from demo.communes import communes_by_code
from demo.firm import Firm, generate_firm
from demo.people import demo_logins

TODAY = dt.date(2026, 11, 20)
SQL = Path(__file__).parents[2] / "crm" / "migrations" / "sql" / "0002_crm.sql"
TABLE = re.compile(r"CREATE TABLE (\w+) \((.*?)\n\);", re.S)
CHECK_LIST = re.compile(r"\n    (\w+) text[^\n,]* CHECK \((\w+) IN \(([^)]*)\)\)")
NATURAL_KEYS = {
    "contracts": "reference",
    "tenders": "reference",
    "non_conformities": "reference",
    "emails": "internet_message_id",
}


@pytest.fixture(scope="module")
def firm() -> Firm:
    return generate_firm(TODAY)


def list_checks() -> list[tuple[str, str, str]]:
    """Each (table, column, allowed value) of the schema's lists."""
    checks: list[tuple[str, str, str]] = []
    for table, body in TABLE.findall(SQL.read_text(encoding="utf-8")):
        for column, _, values in CHECK_LIST.findall(body):
            checks += [(table, column, value) for value in re.findall(r"'([^']+)'", values)]
    return checks


def rows_by_id(firm: Firm, table: str) -> dict[Any, Mapping[str, Any]]:
    return {row["id"]: row for row in firm.tables[table]}


def test_same_day_and_seed_give_the_same_firm(firm: Firm) -> None:
    assert generate_firm(TODAY).tables == firm.tables


def test_another_seed_changes_values_but_not_identities(firm: Firm) -> None:
    other = generate_firm(TODAY, seed=7)
    assert [a["id"] for a in other.tables["accounts"]] == [a["id"] for a in firm.tables["accounts"]]
    assert [p["annual_consumption_mwh"] for p in other.tables["delivery_points"]] != [
        p["annual_consumption_mwh"] for p in firm.tables["delivery_points"]
    ]


def test_every_table_of_the_schema_is_filled(firm: Firm) -> None:
    declared = {name for name, _ in TABLE.findall(SQL.read_text(encoding="utf-8"))}
    assert declared | {"tenants", "users"} == set(TABLES)
    assert [table for table in TABLES if not firm.tenant_rows(table)] == []


def test_the_schema_check_lists_are_found() -> None:
    assert len(list_checks()) > 100


@pytest.mark.parametrize(("table", "column", "value"), list_checks())
def test_every_allowed_value_occurs(firm: Firm, table: str, column: str, value: str) -> None:
    assert value in {row[column] for row in firm.tenant_rows(table)}


def test_counts_are_those_of_a_medium_broker(firm: Firm) -> None:
    counts = {table: len(firm.tenant_rows(table)) for table in TABLES}
    assert 40 <= counts["accounts"] <= 55
    assert 380 <= counts["delivery_points"] <= 450
    assert 55 <= counts["tenders"] <= 65
    assert 100 <= counts["contracts"] <= 180
    assert counts["email_threads"] >= 20
    assert min(counts["kb_articles"], counts["document_templates"]) >= 8


def test_local_grid_operators_serve_about_one_point_in_twenty(firm: Firm) -> None:
    points = firm.tenant_rows("delivery_points")
    local = [p for p in points if p["grid_operator"] not in ("Enedis", "GRDF")]
    assert 0.03 <= len(local) / len(points) <= 0.08


def test_every_role_is_held_by_two_active_people(firm: Firm) -> None:
    held = Counter(role for u in firm.tenant_rows("users") if u["is_active"] for role in u["roles"])
    assert all(held[role] >= 2 for role in ("reader", "sales", "quality", "director", "admin"))


def test_siren_and_siret_pass_the_luhn_check(firm: Firm) -> None:
    accounts = firm.tables["accounts"]
    assert all(is_luhn_valid(a["siren"]) and len(a["siren"]) == 9 for a in accounts)
    assert all(is_luhn_valid(a["siret"]) and len(a["siret"]) == 14 for a in accounts)
    assert all(a["siret"].startswith(a["siren"]) for a in accounts)
    assert len({a["siren"] for a in accounts}) == len(accounts)


def test_luhn_refuses_a_changed_digit() -> None:
    assert is_luhn_valid("732829320")
    assert not is_luhn_valid("732829321")


def test_delivery_point_codes_are_valid_and_distinct(firm: Firm) -> None:
    points = firm.tables["delivery_points"]
    shapes = {"electricity": r"\d{14}", "gas": r"\d{14}|GI\d{6}"}
    assert all(re.fullmatch(shapes[p["energy"]], p["code"]) for p in points)
    assert len({p["code"] for p in points}) == len(points)
    assert any(p["code"].startswith("GI") for p in points)


def test_segment_agrees_with_power_tariff_and_volume(firm: Firm) -> None:
    for point in firm.tables["delivery_points"]:
        volume = point["annual_consumption_mwh"]
        if point["energy"] == "gas":
            limits = {"T1": (0, 6), "T2": (6, 300), "T3": (300, 5000), "T4": (5000, 10**6)}
            low, high = limits[point["segment"]]
            assert low <= volume < high
            assert point["car_kwh"] == volume * 1000
            continue
        powers = list(point["subscribed_power_kva"].values())
        spans = {"C5": (0, 36), "C4": (37, 250), "C3": (150, 250), "C2": (240, 10**5)}
        low, high = spans.get(point["segment"], (2000, 10**6))
        assert low <= max(powers) <= high
        assert powers == sorted(powers)
        prefix = {"C5": "BTINF", "C4": "BTSUP"}.get(point["segment"], "HTA")
        assert point["fta"].startswith(prefix)
        assert volume * 1000 <= max(powers) * 8760


def test_sites_stand_in_their_commune(firm: Firm) -> None:
    for site in firm.tables["sites"]:
        commune = communes_by_code()[site["insee_code"]]
        assert (site["commune"], site["postal_code"]) == (commune.name, commune.postal_code)
        assert abs(site["latitude"] - commune.latitude) < Decimal("0.01")


def test_criteria_weights_sum_to_one_hundred(firm: Firm) -> None:
    sums: dict[tuple[Any, Any], Decimal] = defaultdict(Decimal)
    for criterion in firm.tables["tender_criteria"]:
        sums[criterion["tender_id"], criterion["lot_id"]] += criterion["weight_pct"]
    assert set(sums.values()) == {Decimal(100)}
    assert {tender for tender, _ in sums} == set(rows_by_id(firm, "tenders"))


def test_annual_amount_is_price_times_volume(firm: Firm) -> None:
    priced = [c for c in firm.tables["contracts"] if c["price_eur_per_mwh"] is not None]
    assert len(priced) > 100
    for contract in priced:
        product = contract["price_eur_per_mwh"] * contract["annual_volume_mwh"]
        assert contract["annual_amount_eur"] == product.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_volume_is_the_sum_of_points_save_where_out_of_tolerance(firm: Firm) -> None:
    points = rows_by_id(firm, "delivery_points")
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for link in firm.tables["contract_delivery_points"]:
        sums[link["contract_id"]] += points[link["delivery_point_id"]]["annual_consumption_mwh"]
    differing = [c for c in firm.tables["contracts"] if sums[c["id"]] != c["annual_volume_mwh"]]
    assert len(differing) == 2
    assert all("Volume réel hors bande de tolérance" in c["risk_factors"] for c in differing)


def test_contract_status_follows_its_dates(firm: Firm) -> None:
    for contract in firm.tables["contracts"]:
        in_force = contract["start_on"] <= TODAY <= contract["end_on"]
        assert in_force == (contract["status"] in ("active", "ending"))
        if in_force:
            is_ending = (contract["end_on"] - TODAY).days <= 90
            assert is_ending == (contract["status"] == "ending")


@pytest.mark.parametrize(("after", "within"), [(0, 30), (30, 60), (60, 90), (90, 180), (180, 900)])
def test_contracts_end_in_every_window_a_broker_watches(
    firm: Firm, after: int, within: int
) -> None:
    days = [(c["end_on"] - TODAY).days for c in firm.tenant_rows("contracts")]
    assert any(after < d <= within for d in days)


@pytest.mark.parametrize(
    "today", [dt.date(2026, 11, 20), dt.date(2027, 2, 28), dt.date(2028, 2, 29)]
)
def test_a_point_has_one_supplier_at_a_time(today: dt.date) -> None:
    firm = generate_firm(today)
    contracts = rows_by_id(firm, "contracts")
    periods: dict[Any, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for link in firm.tables["contract_delivery_points"]:
        contract = contracts[link["contract_id"]]
        periods[link["delivery_point_id"]].append((contract["start_on"], contract["end_on"]))
    for spans in periods.values():
        spans.sort()
        assert all(spans[i][1] < spans[i + 1][0] for i in range(len(spans) - 1))


def test_won_tenders_and_only_they_beget_contracts(firm: Firm) -> None:
    tenders = rows_by_id(firm, "tenders")
    begotten = {c["tender_id"]: c for c in firm.tables["contracts"] if c["tender_id"]}
    won = {key for key, tender in tenders.items() if tender["status"] == "won"}
    assert set(begotten) == won
    for key, contract in begotten.items():
        assert contract["account_id"] == tenders[key]["account_id"]
        assert tenders[key]["submission_deadline"].date() < contract["start_on"]


def test_one_competitor_won_each_tender_the_firm_lost(firm: Firm) -> None:
    outcomes: dict[Any, list[str]] = defaultdict(list)
    for link in firm.tables["tender_competitors"]:
        outcomes[link["tender_id"]].append(link["outcome"])
    lost = [t["id"] for t in firm.tables["tenders"] if t["status"] == "lost"]
    assert lost
    assert all(outcomes[tender].count("won") == 1 for tender in lost)


def test_verdict_follows_the_score(firm: Firm) -> None:
    for tender in firm.tables["tenders"]:
        score = tender["score"]
        expected = (
            None
            if score is None
            else "GO"
            if score >= 65
            else "GO_SOUS_RESERVE"
            if score >= 50
            else "NO_GO"
        )
        assert tender["verdict"] == expected


def test_tasks_are_overdue_due_today_and_to_come(firm: Firm) -> None:
    due = [t["due_on"] for t in firm.tenant_rows("tasks") if t["status"] == "open" and t["due_on"]]
    assert min(due) < TODAY < max(due)
    assert TODAY in due


def test_nothing_written_is_left_unfilled(firm: Firm) -> None:
    for table in ("emails", "non_conformities", "meetings", "amendments"):
        for row in firm.tables[table]:
            texts = [value for value in row.values() if isinstance(value, str)]
            assert not any("{" in text or "  " in text for text in texts)


def test_nothing_is_recorded_after_today(firm: Firm) -> None:
    for table, rows in firm.tables.items():
        assert all(row["created_at"].date() <= TODAY for row in rows if "created_at" in row), table
    assert all(email["sent_at"].date() <= TODAY for email in firm.tables["emails"])


def test_instants_are_aware(firm: Firm) -> None:
    for rows in firm.tables.values():
        for row in rows:
            instants = [value for value in row.values() if isinstance(value, dt.datetime)]
            assert all(instant.tzinfo is not None for instant in instants)


def test_ambiguous_names_and_a_group_exist(firm: Firm) -> None:
    accounts = firm.tenant_rows("accounts")
    names = [account["name"] for account in accounts]
    assert sum("Le Goff" in name for name in names) == 2
    assert sum("EHPAD Les Tilleuls" in name for name in names) == 2
    parents = Counter(a["parent_account_id"] for a in accounts if a["parent_account_id"])
    assert list(parents.values()) == [3]


def test_the_neighbour_firm_shares_no_client_name(firm: Firm) -> None:
    theirs = {a["name"] for a in firm.tenant_rows("accounts", "mistral")}
    assert len(theirs) == 4
    everything_ours = repr([firm.tenant_rows(table) for table in TABLES])
    assert [name for name in theirs if name in everything_ours] == []


def test_references_are_unique_within_a_tenant(firm: Firm) -> None:
    for table, column in NATURAL_KEYS.items():
        keys = [(row["tenant_id"], row[column]) for row in firm.tables[table]]
        assert len(keys) == len(set(keys)), table


def test_logins_are_those_of_active_users(firm: Firm) -> None:
    active = {u["email"]: u["roles"] for u in firm.tables["users"] if u["is_active"]}
    logins = demo_logins()
    assert {login.email: list(login.roles) for login in logins} == active
    assert "voltaire-camille" in {login.password for login in logins}


def test_a_larger_firm_keeps_the_written_clients(firm: Firm) -> None:
    larger = generate_firm(TODAY, accounts=120)
    accounts = larger.tenant_rows("accounts")
    assert len(accounts) == 120
    assert len({account["name"] for account in accounts}) == 120
    written = firm.tenant_rows("accounts")
    assert [a["name"] for a in accounts[: len(written)]] == [a["name"] for a in written]


def test_a_firm_smaller_than_the_written_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="au moins"):
        generate_firm(TODAY, accounts=3)
