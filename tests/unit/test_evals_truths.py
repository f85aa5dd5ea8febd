"""The functions that compute truths, on a few rows written by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from demo.book import make_id
from demo.firm import Firm
from evals.case_files import TruthSpec
from evals.portfolio.rows import Portfolio
from evals.portfolio.truths import evaluate

TODAY = dt.date(2026, 11, 22)
TENANT = make_id("tenant", "alize")
OTHER = make_id("tenant", "mistral")


def _row(**fields: Any) -> dict[str, Any]:
    return {"tenant_id": TENANT, **fields}


def _contract(key: int, account: int, days: int, amount: str, **fields: Any) -> dict[str, Any]:
    return _row(
        id=key,
        reference=f"CT-{key}",
        account_id=account,
        end_on=TODAY + dt.timedelta(days=days),
        notice_days=60,
        annual_amount_eur=Decimal(amount),
        annual_volume_mwh=Decimal(10 * key),
        energy="gas",
        tacit_renewal=False,
        status="active",
    ) | dict(fields)


@pytest.fixture
def portfolio() -> Portfolio:
    tables = {
        "accounts": [_row(id=1, name="Alpha"), _row(id=2, name="Bêta"), _row(id=3, name="Gamma")],
        "contracts": [
            _contract(1, 1, 30, "100.00"),
            _contract(2, 1, 90, "50.00"),
            _contract(3, 2, 91, "120.00", status="ended"),
            _contract(4, 2, 10, "999.00", tenant_id=OTHER),
        ],
    }
    return Portfolio(Firm(TODAY, 1, tables))


def _told(portfolio: Portfolio, **fields: Any) -> str:
    return evaluate(
        portfolio, TruthSpec.model_validate({"table": "contracts", **fields})
    ).describe()


def test_count_reads_the_tenant_s_rows_only(portfolio: Portfolio):
    assert _told(portfolio, function="count") == "3"


def test_a_relative_day_is_counted_from_today(portfolio: Portfolio):
    near = [["end_on", "ge", "today"], ["end_on", "le", "today+90"]]
    assert _told(portfolio, function="list", where=near, show=["reference"]) == "CT-1 ; CT-2"


def test_the_notice_deadline_is_the_end_less_the_notice(portfolio: Portfolio):
    shown = _told(
        portfolio, function="values", where=[["reference", "eq", "CT-2"]],
        show=["notice_deadline_on"],
    )  # fmt: skip
    assert shown == "2026-12-22"


def test_an_exact_list_excludes_the_other_keys(portfolio: Portfolio):
    spec = TruthSpec.model_validate(
        {"function": "list", "table": "contracts", "where": [["status", "eq", "active"]],
         "show": ["reference"]}
    )  # fmt: skip
    assert evaluate(portfolio, spec).excluded == ("CT-3",)


def test_groups_sum_a_field_by_a_linked_name(portfolio: Portfolio):
    told = _told(
        portfolio, function="groups", by="account.name", field="annual_amount_eur", measure="sum"
    )
    assert told == "Alpha = 150.00 ; Bêta = 120.00"


def test_a_weighted_mean_follows_the_volumes(portfolio: Portfolio):
    told = _told(
        portfolio, function="aggregate", field="annual_amount_eur", weight="annual_volume_mwh",
        measure="weighted_mean", where=[["account_id", "eq", 1]],
    )  # fmt: skip
    assert Decimal(told) == (100 * 10 + 50 * 20) / Decimal(30)


def test_extremes_lead_by_the_field(portfolio: Portfolio):
    assert (
        _told(portfolio, function="extremes", field="annual_amount_eur", limit=1,
              show=["reference"]) == "CT-3"
    )  # fmt: skip


def test_rows_without_related_rows_are_found(portfolio: Portfolio):
    active = {"table": "contracts", "link": "account_id", "where": [["status", "eq", "active"]]}
    told = _told(portfolio, table="accounts", function="list", absent=active, show=["name"])
    assert told == "Bêta ; Gamma"


def test_a_share_is_a_percentage_of_the_whole(portfolio: Portfolio):
    told = _told(portfolio, function="share", where=[["status", "eq", "ended"]])
    assert round(Decimal(told), 2) == Decimal("33.33")
