"""A small hand-made portfolio: few enough records for every expected figure to be read here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql

from core.context import PARIS, Context, Identity, frozen_clock
from core.database import Connection, Database
from core.engine.protocol import Engine
from core.engine.scripted import ScriptedEngine
from tests.conftest import writing

TODAY = dt.date(2026, 11, 22)
PRM = "30001234567890"
PCE = "GI123456"


@dataclass(frozen=True)
class Portfolio:
    """The records by the short names they are given below."""

    identity: Identity
    ids: dict[str, UUID]

    def names(self, record_ids: tuple[UUID, ...]) -> list[str]:
        """The short names of records, in order."""
        by_id = {value: key for key, value in self.ids.items()}
        return [by_id[record_id] for record_id in record_ids]


def make_context(database: Database, identity: Identity, engine: Engine | None = None) -> Context:
    """A context on the portfolio's day; an engine with an empty script by default."""
    return Context(identity, database, engine or ScriptedEngine([]), frozen_clock(TODAY))


async def insert(connection: Connection, identity: Identity, table: str, **values: Any) -> None:
    """Insert one row of the identity's firm."""
    row = {"tenant_id": identity.tenant_id, **values}
    await connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


async def build_portfolio(database: Database, identity: Identity) -> Portfolio:
    """Four accounts, three sites, three points, five contracts, tenders, non-conformities."""
    ids = {name: uuid4() for name in (
        "dijon", "acier", "clinique", "acier_sud", "mairie", "usine", "bloc", "prm", "pce", "prm2",
        "c1", "c2", "c3", "c4", "c5", "t1", "t2", "nc1", "nc2", "nc3", "zoe", "task", "thread",
        "meeting", "flex", "ee", "ppa", "incident", "rival",
    )}  # fmt: skip
    portfolio = Portfolio(identity, ids)
    async with writing(database, identity) as connection:
        await _insert_accounts(connection, portfolio)
        await _insert_sites(connection, portfolio)
        await _insert_contracts(connection, portfolio)
        await _insert_tenders(connection, portfolio)
        await _insert_quality(connection, portfolio)
        await _insert_around(connection, portfolio)
    return portfolio


async def _insert_accounts(connection: Connection, p: Portfolio) -> None:
    owner = p.identity.user_id
    for name, values in {
        "dijon": {"name": "Métropole de Dijon", "segment": "local_authority", "status": "client",
                  "city": "Dijon", "region": "Bourgogne-Franche-Comté", "owner_id": owner,
                  "annual_revenue_eur": "1200000.00", "siret": "21210231000018"},
        "acier": {"name": "Aciéries du Rhône", "segment": "industry", "status": "at_risk",
                  "city": "Givors", "region": "Auvergne-Rhône-Alpes",
                  "annual_revenue_eur": "5000000.00", "cac_eur": "1500.00"},
        "clinique": {"name": "Clinique Saint-Éloi", "segment": "health", "status": "client",
                     "city": "Nîmes", "region": "Occitanie"},
        "acier_sud": {"name": "Aciéries du Midi", "segment": "industry", "status": "prospect",
                      "city": None, "region": "Occitanie", "annual_revenue_eur": "300000.00"},
    }.items():  # fmt: skip
        await insert(connection, p.identity, "accounts", id=p.ids[name], **values)
    await insert(connection, p.identity, "contacts", id=p.ids["zoe"], account_id=p.ids["clinique"],
                 name="Zoé Lefèvre", role="Directrice technique", email="zoe@saint-eloi.example",
                 consent=True)  # fmt: skip


async def _insert_sites(connection: Connection, p: Portfolio) -> None:
    for name, account, label, commune in (
        ("mairie", "dijon", "Hôtel de ville", "Dijon"),
        ("usine", "acier", "Laminoir 100% élec", "Givors"),
        ("bloc", "clinique", "Bloc opératoire", "Nîmes"),
    ):
        await insert(connection, p.identity, "sites", id=p.ids[name], account_id=p.ids[account],
                     name=label, commune=commune)  # fmt: skip
    for name, site, energy, code, segment, operator, mwh in (
        ("prm", "mairie", "electricity", PRM, "C4", "Enedis", "120.5"),
        ("prm2", "usine", "electricity", "30009999999999", "C2", "Enedis", "9000"),
        ("pce", "usine", "gas", PCE, "T3", "GRDF", "2500.25"),
    ):
        await insert(connection, p.identity, "delivery_points", id=p.ids[name],
                     site_id=p.ids[site], energy=energy, code=code, segment=segment,
                     grid_operator=operator, annual_consumption_mwh=mwh)  # fmt: skip


async def _insert_contracts(connection: Connection, p: Portfolio) -> None:
    for name, account, reference, supplier, energy, amount, start, end, status, tacit in (
        ("c1", "dijon", "CT-2025-0001", "Électricité Lumière", "electricity", "12000.50",
         "2025-01-01", "2026-12-31", "active", True),
        ("c2", "acier", "CT-2025-0002", "Gaz du Sud", "gas", "99000.00",
         "2025-01-01", "2027-03-31", "active", False),
        ("c3", "acier", "CT-2024-0003", "electricite lumiere", "electricity", "450000.00",
         "2024-01-01", "2027-01-31", "ending", False),
        ("c4", "clinique", "CT-2023-0004", "Gaz du Sud", "gas", None,
         "2023-01-01", "2025-12-31", "ended", False),
        ("c5", "clinique", "CT_2026_0005", "Énergie 100% verte", "electricity", "8000.00",
         "2026-01-01", "2028-12-31", "active", False),
    ):  # fmt: skip
        await insert(
            connection, p.identity, "contracts", id=p.ids[name], account_id=p.ids[account],
            reference=reference, supplier=supplier, energy=energy, price_type="fixed",
            annual_amount_eur=amount, start_on=start, end_on=end, status=status,
            tacit_renewal=tacit, notice_days=90, owner_id=p.identity.user_id,
            risk_factors=["volume", "prix"] if name == "c3" else [],
        )  # fmt: skip
    for contract, point in (("c1", "prm"), ("c2", "pce"), ("c3", "prm2")):
        await insert(connection, p.identity, "contract_delivery_points",
                     contract_id=p.ids[contract], delivery_point_id=p.ids[point],
                     from_on="2025-01-01")  # fmt: skip
    await insert(connection, p.identity, "incidents", id=p.ids["incident"],
                 delivery_point_id=p.ids["prm2"], contract_id=p.ids["c3"], kind="outage",
                 started_at=dt.datetime(2026, 11, 1, 8, tzinfo=PARIS), status="open")  # fmt: skip


async def _insert_tenders(connection: Connection, p: Portfolio) -> None:
    for name, account, reference, value, status, deadline in (
        ("t1", "dijon", "AO-2026-014", "640000.00", "go",
         dt.datetime(2026, 12, 15, 0, 30, tzinfo=PARIS)),
        ("t2", None, "AO-2026-015", "80000.00", "lost",
         dt.datetime(2026, 6, 30, 12, 0, tzinfo=PARIS)),
    ):  # fmt: skip
        await insert(
            connection, p.identity, "tenders", id=p.ids[name], reference=reference,
            account_id=p.ids[account] if account else None, title=f"Fourniture {reference}",
            buyer="Métropole", estimated_value_eur=value, status=status, energy="electricity",
            submission_deadline=deadline,
        )  # fmt: skip
    await insert(connection, p.identity, "competitors", id=p.ids["rival"], name="Courtage Rival",
                 kind="broker")  # fmt: skip


async def _insert_quality(connection: Connection, p: Portfolio) -> None:
    for name, account, reference, severity, status in (
        ("nc1", "acier", "NC-2026-001", "major", "open"),
        ("nc2", "acier", "NC-2026-002", "minor", "acting"),
        ("nc3", "dijon", "NC-2026-003", "major", "closed"),
    ):
        await insert(
            connection, p.identity, "non_conformities", id=p.ids[name], reference=reference,
            account_id=p.ids[account], detected_on="2026-10-01", source="email",
            family="billing", severity=severity, requirement="Facture exacte", status=status,
            contract_id=p.ids["c2"] if name == "nc1" else None,
        )  # fmt: skip


async def _insert_around(connection: Connection, p: Portfolio) -> None:
    acier = p.ids["acier"]
    await insert(connection, p.identity, "tasks", id=p.ids["task"], account_id=acier,
                 title="Rappeler", source="manual", status="open", due_on="2026-11-30")  # fmt: skip
    await insert(
        connection,
        p.identity,
        "email_threads",
        id=p.ids["thread"],
        account_id=acier,
        subject="Facture",
        last_message_at=dt.datetime(2026, 11, 20, 16, 5, tzinfo=PARIS),
    )
    for name, day in (("meeting", 10), ("future", 30)):
        await insert(connection, p.identity, "meetings", id=p.ids.get(name) or uuid4(),
                     account_id=acier, title="Point annuel",
                     starts_at=dt.datetime(2026, 11, day, 10, tzinfo=PARIS))  # fmt: skip
    await insert(connection, p.identity, "flexibility_opportunities", id=p.ids["flex"],
                 account_id=acier, mechanism="nebef", status="studying")  # fmt: skip
    await insert(connection, p.identity, "efficiency_opportunities", id=p.ids["ee"],
                 account_id=acier, action="Variateurs", status="done")  # fmt: skip
    await insert(connection, p.identity, "ppa_projects", id=p.ids["ppa"], account_id=acier,
                 name="Toiture", kind="on_site", technology="solar",
                 status="identified")  # fmt: skip
