"""Typed reads over a portfolio whose every figure is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import ValidationError

from core.context import Context, Identity
from core.database import Database, sign_identity
from core.errors import InvalidInput, NotFound
from core.words import fold
from crm.queries import MAX_ROWS, compose_list
from crm.query_parts import Bound, Filter, Grouping, Measure, RelatedFilter
from tests.conftest import SECRETS, make_identity, writing
from tests.integration.portfolio import (
    PRM,
    Portfolio,
    build_portfolio,
    insert,
    make_context,
)
from tools.outputs import Rows
from tools.reads import read_aggregate, read_list, read_record
from tools.registry import call_tool


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


async def read(
    context: Context,
    name: str,
    *filters: Filter,
    related: tuple[RelatedFilter, ...] = (),
    columns: tuple[str, ...] = (),
    order_by: str | None = None,
    descending: bool = False,
    limit: int = 20,
) -> Rows:
    return await read_list(context, name, filters, related, columns, order_by, descending, limit)


def where(field: str, operator: str = "eq", value: Any = None) -> Filter:
    return Filter.model_validate({"field": field, "operator": operator, "value": value})


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (where("energy", "eq", "gas"), {"c2", "c4"}),
        (where("energy", "ne", "gas"), {"c1", "c3", "c5"}),
        (where("status", "in", ["active", "ending"]), {"c1", "c2", "c3", "c5"}),
        (where("status", "not_in", ["active", "ending"]), {"c4"}),
        (where("end_on", "lt", "2026-12-31"), {"c4"}),
        (where("end_on", "lte", "2026-12-31"), {"c1", "c4"}),
        (where("end_on", "gt", "2027-03-31"), {"c5"}),
        (where("end_on", "gte", "2027-03-31"), {"c2", "c5"}),
        (where("end_on", "between", ["2026-12-31", "2027-01-31"]), {"c1", "c3"}),
        (where("annual_amount_eur", "gt", 12000.5), {"c2", "c3"}),
        (where("annual_amount_eur", "gte", "12000.50"), {"c1", "c2", "c3"}),
        (where("annual_amount_eur", "between", [8000, 12000.5]), {"c1", "c5"}),
        (where("annual_amount_eur", "is_empty"), {"c4"}),
        (where("annual_amount_eur", "is_not_empty"), {"c1", "c2", "c3", "c5"}),
        (where("annual_amount_eur", "ne", 8000), {"c1", "c2", "c3", "c4"}),
        (where("tacit_renewal", "eq", True), {"c1"}),
        (where("risk_factors", "in", ["prix", "autre"]), {"c3"}),
        (where("risk_factors", "eq", "volume"), {"c3"}),
        (where("risk_factors", "not_in", ["prix"]), {"c1", "c2", "c4", "c5"}),
        (where("supplier", "eq", "ÉLECTRICITE lumière"), {"c1", "c3"}),
        (where("supplier", "ne", "electricité Lumiere"), {"c2", "c4", "c5"}),
        (where("supplier", "in", ["gaz du SUD", "énergie 100% VERTE"]), {"c2", "c4", "c5"}),
        (where("supplier", "contains", "ELECTRICITE"), {"c1", "c3"}),
        (where("supplier", "contains", "100%"), {"c5"}),
        (where("supplier", "contains", "1_0%"), set[str]()),
        (where("supplier", "contains", "%"), {"c5"}),
        (where("reference", "contains", "_"), {"c5"}),
        (where("reference", "contains", "\\"), set[str]()),
        (where("account.name", "eq", "acieries du rhone"), {"c2", "c3"}),
        (where("account.segment", "eq", "health"), {"c4", "c5"}),
        (where("owner.full_name", "contains", "essai"), {"c1", "c2", "c3", "c4", "c5"}),
    ],
)
async def test_each_operator_keeps_exactly_the_records_it_describes(
    context: Context, portfolio: Portfolio, condition: Filter, found: set[str]
) -> None:
    rows = await read(context, "contracts", condition)
    assert set(portfolio.names(rows.record_ids)) == found
    assert rows.total_rows == len(found)


async def test_conditions_join_and_the_order_puts_absent_values_last(
    context: Context, portfolio: Portfolio
) -> None:
    for descending, expected in ((False, ["c5", "c1", "c2", "c3", "c4"]),
                                 (True, ["c3", "c2", "c1", "c5", "c4"])):  # fmt: skip
        rows = await read(context, "contracts", order_by="annual_amount_eur", descending=descending)
        assert portfolio.names(rows.record_ids) == expected
    rows = await read(
        context, "contracts", where("energy", "eq", "gas"), where("status", "eq", "active")
    )
    assert portfolio.names(rows.record_ids) == ["c2"]


async def test_an_id_is_matched_on_the_record_or_at_the_end_of_a_link(
    context: Context, portfolio: Portfolio
) -> None:
    acier = str(portfolio.ids["acier"])
    for name, field, expected in (
        ("accounts", "id", {"acier"}),
        ("contracts", "account.id", {"c2", "c3"}),
        ("delivery_points", "account.id", {"pce", "prm2"}),
        ("contracts", "owner.id", set[str]()),
    ):
        rows = await read(context, name, where(field, "eq", acier))
        assert set(portfolio.names(rows.record_ids)) == expected
    rows = await read(context, "accounts", where("id", "not_in", [acier]))
    assert set(portfolio.names(rows.record_ids)) == {"dijon", "clinique", "acier_sud"}


async def test_an_instant_compared_with_a_day_is_that_day_in_paris(
    context: Context, portfolio: Portfolio
) -> None:
    on_day = await read(
        context, "tenders", where("submission_deadline", "between", ["2026-12-15", "2026-12-15"])
    )
    assert portfolio.names(on_day.record_ids) == ["t1"]
    before = await read(context, "tenders", where("submission_deadline", "lt", "2026-12-15"))
    assert portfolio.names(before.record_ids) == ["t2"]
    exact = where("submission_deadline", "lte", "2026-12-14T23:30:00+00:00")
    assert set(portfolio.names((await read(context, "tenders", exact)).record_ids)) == {"t1", "t2"}


@pytest.mark.parametrize(
    ("name", "related", "found"),
    [
        ("accounts", RelatedFilter(object="contracts"), {"dijon", "acier", "clinique"}),
        ("accounts", RelatedFilter(object="contracts", exists=False), {"acier_sud"}),
        (
            "accounts",
            RelatedFilter(object="contracts", filters=[where("energy", "eq", "gas")]),
            {"acier", "clinique"},
        ),
        (
            "accounts",
            RelatedFilter(
                object="contracts", exists=False, filters=[where("status", "eq", "active")]
            ),
            {"acier_sud"},
        ),
        (
            "accounts",
            RelatedFilter(
                object="delivery_points", filters=[where("site.commune", "eq", "givors")]
            ),
            {"acier"},
        ),
        ("contracts", RelatedFilter(object="non_conformities"), {"c2"}),
        ("contracts", RelatedFilter(object="incidents", exists=False), {"c1", "c2", "c4", "c5"}),
    ],
)
async def test_records_are_kept_by_what_they_are_linked_to(
    context: Context, portfolio: Portfolio, name: str, related: RelatedFilter, found: set[str]
) -> None:
    rows = await read(context, name, related=(related,))
    assert set(portfolio.names(rows.record_ids)) == found


async def test_two_related_conditions_and_a_filter_hold_together(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await read(
        context, "accounts", where("segment", "eq", "industry"),
        related=(RelatedFilter(object="contracts"), RelatedFilter(object="sites")),
    )  # fmt: skip
    assert portfolio.names(rows.record_ids) == ["acier"]


async def test_totals_and_counts_go_beyond_the_rows_shown(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await read(context, "contracts", limit=2)
    assert (len(rows.rows), rows.total_rows) == (2, 5)
    assert rows.totals["annual_amount_eur"] == "569000.50"


async def test_an_empty_result_counts_zero_and_has_no_total(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await read(context, "contracts", where("supplier", "eq", "personne"))
    assert (rows.rows, rows.total_rows, rows.totals["annual_amount_eur"]) == ((), 0, None)


async def test_no_more_than_the_cap_ever_comes_back(
    context: Context, database: Database, identity: Identity
) -> None:
    async with writing(database, identity) as connection:
        for number in range(MAX_ROWS + 5):
            await insert(connection, identity, "accounts", id=uuid4(), name=f"Client {number}",
                         segment="industry", status="client")  # fmt: skip
    rows = await read(context, "accounts", limit=10_000)
    assert (len(rows.rows), rows.total_rows) == (MAX_ROWS, MAX_ROWS + 5)


async def aggregate(context: Context, name: str, *measures: Measure, **options: Any) -> Rows:
    return await read_aggregate(
        context, name, measures, options.get("group_by", ()), options.get("filters", ()),
        options.get("related", ()), options.get("having", ()), options.get("descending", True),
        options.get("limit", 50),
    )  # fmt: skip


def figures(rows: Rows) -> list[tuple[Any, ...]]:
    """The rows without the share of each group in the whole."""
    return [tuple(v for name, v in row.items() if name != "share") for row in rows.rows]


async def test_each_group_tells_its_share_of_the_whole(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await aggregate(context, "contracts", Measure(), group_by=[Grouping(field="energy")])
    assert {row["energy"]: row["share"] for row in rows.rows} == {
        "electricity": "60.00",
        "gas": "40.00",
    }


async def test_aggregates_compute_each_function_ignoring_absent_values(
    context: Context, portfolio: Portfolio
) -> None:
    field = "annual_amount_eur"
    measures = [
        Measure(),
        *(Measure(function=f, field=field) for f in ("sum", "avg", "min", "max")),
    ]
    rows = await aggregate(context, "contracts", *measures)
    assert rows.rows == ({
        "count": 5, "sum_annual_amount_eur": "569000.50", "avg_annual_amount_eur": "142250.13",
        "min_annual_amount_eur": "8000.00", "max_annual_amount_eur": "450000.00",
    },)  # fmt: skip


async def test_aggregates_of_nothing_are_zero_and_absent(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await aggregate(
        context, "contracts", Measure(), Measure(function="sum", field="annual_amount_eur"),
        filters=[where("supplier", "eq", "personne")],
    )  # fmt: skip
    assert rows.rows == ({"count": 0, "sum_annual_amount_eur": None},)


async def test_groups_follow_links_and_come_in_the_order_of_the_measure(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await aggregate(
        context, "contracts", Measure(function="sum", field="annual_amount_eur"),
        group_by=[Grouping(field="account.segment")],
    )  # fmt: skip
    assert figures(rows) == [
        ("industry", "549000.00"), ("local_authority", "12000.50"), ("health", "8000.00"),
    ]  # fmt: skip
    lowest = await aggregate(
        context, "contracts", Measure(function="sum", field="annual_amount_eur"),
        group_by=[Grouping(field="account.segment")], descending=False, limit=1,
    )  # fmt: skip
    assert [row["account.segment"] for row in lowest.rows] == ["health"]


@pytest.mark.parametrize("declared", ["delivery_points", "sites"])
async def test_sites_of_one_name_are_not_taken_for_one(
    context: Context, database: Database, portfolio: Portfolio, declared: str
) -> None:
    async with writing(database, portfolio.identity) as connection:
        await connection.execute("UPDATE sites SET name = 'Usine principale'")
    field = "site.name" if declared == "delivery_points" else "name"
    rows = await aggregate(context, declared, Measure(), group_by=[Grouping(field=field)])
    told = {(row[field], row["account.name"]) for row in rows.rows}
    assert ("Usine principale", "Aciéries du Rhône") in told
    assert len(told) == len(rows.rows) > 1


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        ("month", {"2025-12": 1, "2026-12": 1, "2027-01": 1, "2027-03": 1, "2028-12": 1}),
        ("quarter", {"2025-T4": 1, "2026-T4": 1, "2027-T1": 2, "2028-T4": 1}),
        ("year", {"2025": 1, "2026": 1, "2027": 2, "2028": 1}),
    ],
)
async def test_dates_are_grouped_by_period_in_calendar_order(
    context: Context, portfolio: Portfolio, bucket: str, expected: dict[str, int]
) -> None:
    group = Grouping.model_validate({"field": "end_on", "bucket": bucket})
    rows = await aggregate(context, "contracts", Measure(), group_by=[group])
    assert figures(rows) == list(expected.items())


async def test_instants_are_bucketed_by_their_day_in_paris(
    context: Context, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    async with writing(database, identity) as connection:
        await insert(
            connection, identity, "tenders", id=uuid4(), reference="AO-2027-001", title="Nuit",
            buyer="X", status="go",
            submission_deadline=dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC),
        )  # fmt: skip
    rows = await aggregate(
        context, "tenders", Measure(),
        group_by=[Grouping(field="submission_deadline", bucket="year")],
    )  # fmt: skip
    assert figures(rows) == [("2026", 2), ("2027", 1)]


async def test_groups_are_bounded_on_their_measure(context: Context, portfolio: Portfolio) -> None:
    found = await aggregate(
        context, "contracts", Measure(), group_by=[Grouping(field="account.name")],
        having=[Bound(operator="gte", value=2)],
    )  # fmt: skip
    assert {row["account.name"] for row in found.rows} == {
        "Aciéries du Rhône",
        "Clinique Saint-Éloi",
    }
    with pytest.raises(InvalidInput, match="n’est pas un nombre"):
        await aggregate(
            context, "contracts", Measure(), group_by=[Grouping(field="account.name")],
            having=[Bound(operator="gte", value="deux")],
        )  # fmt: skip


async def test_a_group_without_value_is_shown_as_absent(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await aggregate(context, "accounts", Measure(), group_by=[Grouping(field="city")])
    assert {row["city"]: row["count"] for row in rows.rows}[None] == 1


async def test_a_record_gives_all_its_fields_and_the_titles_of_its_links(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await read_record(context, "contracts", portfolio.ids["c3"])
    row = rows.rows[0]
    assert (row["account.name"], row["annual_amount_eur"]) == ("Aciéries du Rhône", "450000.00")
    assert (row["risk_factors"], row["notice_deadline_on"]) == (["volume", "prix"], "2026-11-02")
    with pytest.raises(NotFound, match="Aucun enregistrement « contrat »"):
        await read_record(context, "contracts", uuid4())


async def test_the_query_shown_as_proof_carries_its_values(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await read(context, "contracts", where("supplier", "eq", "L'Énergie"))
    assert "'L''Énergie'" in rows.query
    assert "%s" not in rows.query


@pytest.mark.parametrize(
    ("name", "condition", "said"),
    [
        ("clients", where("name", "eq", "x"), "n’existe pas"),
        ("contracts", where("couleur", "eq", "x"), "Le champ « couleur » n’existe pas"),
        ("contracts", where("tenant_id", "eq", "x"), "n’existe pas"),
        ("contracts", where("account.mot_de_passe", "eq", "x"), "n’existe pas"),
        ("contracts", where("compte.name", "eq", "x"), "pas de lien « compte »"),
        ("contracts", where("end_on", "eq", "hier"), "ne convient pas"),
        ("contracts", where("end_on", "between", ["2026-01-01"]), "deux bornes"),
        ("contracts", where("annual_amount_eur", "gt", "beaucoup"), "ne convient pas"),
        ("contracts", where("annual_amount_eur", "gt", "NaN"), "ne convient pas"),
        ("contracts", where("annual_amount_eur", "gt", True), "ne convient pas"),
        ("contracts", where("annual_amount_eur", "gt", None), "ne convient pas"),
        ("contracts", where("tacit_renewal", "eq", "oui"), "ne convient pas"),
        ("contracts", where("energy", "eq", "nucléaire"), "valeurs possibles electricity, gas"),
        ("contracts", where("account.id", "eq", "12"), "pas un identifiant"),
        ("tenders", where("submission_deadline", "gt", "2026-12-15T10:00:00"), "ne convient pas"),
        ("contracts", where("supplier", "eq", ["a", "b"]), "ne convient pas"),
        ("contracts", where("annual_amount_eur", "contains", "8"), "ne se cherche pas"),
        ("contracts", where("end_on", "contains", "2026"), "ne se cherche pas"),
        ("contracts", where("supplier", "contains", None), "ne se cherche pas"),
        ("contracts", where("supplier", "contains", "a\0b"), "ne se cherche pas"),
        ("contracts", where("supplier", "eq", "a\0b"), "ne convient pas"),
        ("contracts", where("risk_factors", "lt", "a"), "ne se compare pas"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_french(
    context: Context, name: str, condition: Filter, said: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await read(context, name, condition)
    assert said in refusal.value.message.replace("\u00a0", " ")


@pytest.mark.parametrize("field", ["supplier", "energy", "end_on"])
async def test_sums_of_what_is_no_number_are_refused(context: Context, field: str) -> None:
    with pytest.raises(InvalidInput, match="n’est pas un nombre"):
        await aggregate(context, "contracts", Measure(function="sum", field=field))


async def test_unlinked_objects_and_unknown_columns_are_refused(context: Context) -> None:
    with pytest.raises(InvalidInput, match="ne sont pas liés"):
        await read(context, "contracts", related=(RelatedFilter(object="kb_articles"),))
    with pytest.raises(InvalidInput, match="n’existe pas"):
        await read(context, "contracts", columns=("reference", "secret"))
    with pytest.raises(InvalidInput, match="n’existe pas"):
        await read(context, "contracts", order_by="1; DROP TABLE accounts")
    with pytest.raises(InvalidInput, match="n’est pas une date"):
        await aggregate(context, "contracts", group_by=[Grouping(field="supplier", bucket="year")])


@pytest.mark.parametrize(
    "part",
    [
        {"field": "status", "operator": "like", "value": "x"},
        {"field": "status", "value": "x", "sql": "1=1"},
        {"field": "status", "value": {"a": 1}},
    ],
)
def test_an_unknown_operator_key_or_shape_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Filter.model_validate(part)


@pytest.fixture
def witness(conninfo: str, identity: Identity) -> Iterator[Connection[TupleRow]]:
    """A transaction that sees three accounts, and is rolled back."""
    token = sign_identity(SECRETS, identity, 600)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT set_config('voltaire.identity', %s, true)", (token,))
        for name in ("Aciéries", "50%_\\ d’Énergie", "'; --"):
            connection.execute(
                "INSERT INTO accounts (id, tenant_id, name, segment, status)"
                " VALUES (%s, %s, %s, 'industry', 'client')",
                (uuid4(), identity.tenant_id, name),
            )
        connection.execute("SET LOCAL ROLE assistant_read")
        yield connection
        connection.rollback()


HOSTILE = st.one_of(
    st.sampled_from([
        "' OR '1'='1", "'; DROP TABLE accounts; --", "\\'; SELECT 1; --", "%s", "{}", "$1", "%(a)s",
        "x') OR true --", "/* */", "\\", "''", '"', "E'\\x27'", "||version()",
    ]),
    st.text(st.sampled_from("'\"\\%_;-() aeéçÉ=*/$1sX’\n"), max_size=12),
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=HOSTILE)
def test_a_value_is_data_and_equals_only_itself(witness: Connection[TupleRow], value: str) -> None:
    """Of the three witnesses, only those that equal or contain the value come back."""
    for operator, wanted in (("eq", value), ("in", [value])):
        statement = compose_list("accounts", [where("name", operator, wanted)], columns=["name"])
        rows = witness.execute(statement.text, statement.parameters).fetchall()
        assert {fold(row[2]) for row in rows} <= {fold(value)}
    statement = compose_list("accounts", [where("name", "contains", value)], columns=["name"])
    for row in witness.execute(statement.text, statement.parameters).fetchall():
        assert value == "" or fold(value) in fold(row[2])
    assert witness.execute("SELECT count(*) FROM accounts").fetchone() == (3,)


async def test_a_hostile_value_finds_nothing_and_breaks_nothing(
    context: Context, portfolio: Portfolio
) -> None:
    for value in ("' OR '1'='1", "'; DELETE FROM accounts; --", "%s", "x') OR true --", "\\"):
        for operator in ("eq", "contains", "in"):
            wanted = [value] if operator == "in" else value
            rows = await read(context, "accounts", where("name", operator, wanted))
            assert rows.total_rows == 0
    assert (await read(context, "accounts")).total_rows == 4


async def test_another_firm_sees_none_of_it(
    database: Database, conninfo: str, portfolio: Portfolio
) -> None:
    stranger = make_context(database, make_identity(conninfo, "reader", "director", "admin"))
    for name in ("accounts", "contracts", "delivery_points", "non_conformities", "tenders"):
        assert (await read(stranger, name)).total_rows == 0
        assert (await aggregate(stranger, name, Measure())).rows == ({"count": 0},)
    stolen = where("id", "eq", str(portfolio.ids["acier"]))
    assert (await read(stranger, "accounts", stolen)).total_rows == 0
    assert (await read(stranger, "delivery_points", where("code", "eq", PRM))).total_rows == 0
    with pytest.raises(NotFound):
        await read_record(stranger, "contracts", portfolio.ids["c1"])


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("\ud800", {}),
        ("list_records", {"object": "\ud800"}),
        ("list_records", {"object": "accounts", "\ud800": 1}),
        ("propose_task", {"operation": "create", "fields": {"\ud800": 1}, "reason": "x"}),
    ],
)
async def test_half_characters_are_refused_in_words_that_can_be_written(
    context: Context, name: str, arguments: dict[str, Any]
) -> None:
    output = await call_tool(context, name, arguments)
    assert output.kind == "failure"
    assert output.model_dump_json()
