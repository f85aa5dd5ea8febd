"""The 360° view of a client: each of its figures."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.context import Identity
from core.database import Database
from core.errors import NotFound
from crm.overview import OVERVIEW_COLUMNS
from tests.conftest import make_identity
from tests.integration.portfolio import Portfolio, build_portfolio, make_context
from tools.outputs import show_cell
from tools.reads import read_overview


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


async def test_every_figure_of_a_client_is_counted_on_its_own_records(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    view = await read_overview(make_context(database, identity), portfolio.ids["acier"])
    assert view.rows == ({
        "name": "Aciéries du Rhône", "segment": "industry", "status": "at_risk", "city": "Givors",
        "region": "Auvergne-Rhône-Alpes", "owner": None,
        "active_contracts": 2, "active_revenue_eur": "549000.00",
        "next_end_on": "2027-01-31", "next_notice_on": "2026-12-31",
        "sites": 1, "electricity_points": 1, "electricity_mwh": "9000.000",
        "gas_points": 1, "gas_mwh": "2500.250", "open_tenders": 0, "pipeline_eur": None,
        "open_non_conformities": 2, "major_non_conformities": 1, "open_opportunities": 2,
        "open_tasks": 1, "last_email_at": "2026-11-20T16:05:00+01:00",
        "last_meeting_at": "2026-11-10T10:00:00+01:00",
    },)  # fmt: skip
    assert (view.label, view.record_ids) == (
        "Vue d’ensemble de Aciéries du Rhône", (portfolio.ids["acier"],),
    )  # fmt: skip


async def test_the_pipeline_holds_the_tenders_still_running(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    view = await read_overview(make_context(database, identity), portfolio.ids["dijon"])
    row = view.rows[0]
    assert (row["open_tenders"], row["pipeline_eur"]) == (1, "640000.00")
    assert (row["open_non_conformities"], row["owner"]) == (0, identity.full_name)


async def test_a_client_with_nothing_shows_zeros_and_dashes(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    view = await read_overview(make_context(database, identity), portfolio.ids["acier_sud"])
    shown = [show_cell(view.rows[0][c.name], c) for c in view.columns]
    assert shown[:6] == ["Aciéries du Midi", "Industrie", "Prospect", "–", "Occitanie", "–"]
    assert set(shown[6:]) == {"0", "–"}


async def test_figures_are_shown_in_french_under_their_labels(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    view = await read_overview(make_context(database, identity), portfolio.ids["acier"])
    shown = {c.label: show_cell(view.rows[0][c.name], c) for c in view.columns}
    assert shown["Montant annuel des contrats actifs"] == "549\u202f000\u00a0€"
    assert shown["Volume gaz"] == "2\u202f500,25\u00a0MWh"
    assert shown["Prochaine échéance de contrat"] == "31/01/2027"
    assert shown["Dernier courriel"] == "20/11/2026 à 16\u00a0h\u00a005"
    assert list(shown) == [label for _, label, _, _ in OVERVIEW_COLUMNS]


async def test_the_query_shown_as_proof_names_the_client(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    view = await read_overview(make_context(database, identity), portfolio.ids["acier"])
    assert portfolio.ids["acier"].hex in view.query
    assert "%(" not in view.query


async def test_an_unknown_client_and_another_firm_s_look_the_same(
    database: Database, identity: Identity, conninfo: str, portfolio: Portfolio
) -> None:
    stranger = make_context(database, make_identity(conninfo, "director"))
    for context, account in (
        (make_context(database, identity), uuid4()),
        (stranger, portfolio.ids["acier"]),
    ):
        with pytest.raises(NotFound, match="Aucun client à cet identifiant"):
            await read_overview(context, account)
