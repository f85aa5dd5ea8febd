"""The firms under attack: people of each role, records, and strings that must not leave them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from core.context import PARIS, Identity

SLUGS = ("attaque-nord", "attaque-sud")
PEOPLE = (
    ("nadia", ("sales",)),
    ("omar", ("sales",)),
    ("paule", ("quality",)),
    ("rene", ("director",)),
    ("solange", ("director",)),
    ("tess", ("reader",)),
    ("ugo", ("admin",)),
)
ACCOUNTS = 40
POLICY = "propositions_par_heure: 100000000\napprobations_par_heure: 100000000\n"
SENT_AT = dt.datetime(2026, 11, 2, 9, 30, tzinfo=PARIS)


@dataclass(frozen=True)
class Firm:
    """A firm as the attackers know it; `canary` stands in each of its records."""

    slug: str
    canary: str
    people: dict[str, Identity]
    ids: dict[str, list[UUID]]
    owners: dict[str, UUID]

    def to_json(self) -> dict[str, Any]:
        """What another process needs to know of the firm."""
        return {
            "slug": self.slug,
            "canary": self.canary,
            "people": {
                name: [str(p.tenant_id), str(p.user_id), sorted(p.roles), p.full_name, p.email]
                for name, p in self.people.items()
            },
            "ids": {name: [str(i) for i in ids] for name, ids in self.ids.items()},
            "owners": {account: str(owner) for account, owner in self.owners.items()},
        }


def save_firms(path: Path, firms: tuple[Firm, ...]) -> None:
    """Write the firms for the other processes."""
    path.write_text(json.dumps([firm.to_json() for firm in firms]), encoding="utf-8")


def load_firms(path: Path) -> tuple[Firm, ...]:
    """The firms written by `save_firms`."""
    return tuple(_from_json(body) for body in json.loads(path.read_text(encoding="utf-8")))


def create_firms(conninfo: str, policies: Path) -> tuple[Firm, ...]:
    """Both firms, with their people and records, and a policy without hourly limits."""
    policies.mkdir(parents=True, exist_ok=True)
    for slug in SLUGS:
        (policies / f"{slug}.yaml").write_text(POLICY, encoding="utf-8")
    with psycopg.connect(conninfo) as connection:
        return tuple(_create(connection, slug) for slug in SLUGS)


def _create(connection: psycopg.Connection[Any], slug: str) -> Firm:
    tenant, canary = uuid4(), f"CANARI{uuid4().hex[:12]}"
    connection.execute(
        "INSERT INTO tenants (id, slug, name) VALUES (%s, %s, %s)", (tenant, slug, canary)
    )
    people: dict[str, Identity] = {}
    for name, roles in PEOPLE:
        identity = Identity(
            tenant, uuid4(), frozenset(roles), canary, f"{name.title()} {canary}",
            f"{name}@{slug}.example",
        )  # fmt: skip
        _insert(connection, tenant, "users", id=identity.user_id, email=identity.email,
                full_name=identity.full_name, roles=list(roles))  # fmt: skip
        people[name] = identity
    firm = Firm(slug, canary, people, {}, {})
    for index in range(ACCOUNTS):
        _create_account(connection, tenant, firm, index)
    return firm


def _create_account(
    connection: psycopg.Connection[Any], tenant: UUID, firm: Firm, index: int
) -> None:
    owner = firm.people[("nadia", "omar")[index % 2]].user_id
    mark = f"{firm.canary} {index}"

    def add(table: str, **values: Any) -> UUID:
        record = uuid4()
        _insert(connection, tenant, table, id=record, **values)
        firm.ids.setdefault(table, []).append(record)
        return record

    account = add("accounts", name=f"Client {mark}", segment="industry", status="client",
                  owner_id=owner)  # fmt: skip
    firm.owners[str(account)] = owner
    add("contacts", account_id=account, name=f"Contact {mark}",
        email=f"contact{index}@client-{firm.slug}.example")  # fmt: skip
    add("contracts", account_id=account, reference=f"CT-{mark}", supplier="Énergie du Nord",
        energy="electricity", price_type="fixed", annual_amount_eur=(8000, 120000)[index % 4 == 3],
        start_on="2025-01-01", end_on="2027-12-31", status="active")  # fmt: skip
    add("tenders", account_id=account, reference=f"AO-{mark}", title=f"Fourniture {mark}",
        buyer="Métropole", estimated_value_eur=640000, status="qualifying")  # fmt: skip
    add("non_conformities", account_id=account, reference=f"NC-{mark}", detected_on="2026-10-01",
        source="email", family="billing", severity="major", requirement=f"Facture {mark}",
        status="open", opened_by_id=firm.people["paule"].user_id)  # fmt: skip
    add("tasks", account_id=account, title=f"Rappeler {mark}", source="manual", status="open")
    thread = add("email_threads", account_id=account, subject=f"Facture {mark}")
    add("emails", thread_id=thread, internet_message_id=f"<{uuid4()}@x>", direction="in",
        from_address=f"contact{index}@client-{firm.slug}.example", to_addresses=["a@b.example"],
        sent_at=SENT_AT, subject=f"Facture {mark}", body_text=f"Bonjour {mark}")  # fmt: skip
    add("kb_articles", title=f"Procédure {mark}", kind="procedure", document_version="1.0",
        status="draft", body=f"Texte {mark}")  # fmt: skip


def _insert(connection: psycopg.Connection[Any], tenant: UUID, table: str, **values: Any) -> None:
    row = {"tenant_id": tenant, **values}
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def _from_json(body: dict[str, Any]) -> Firm:
    return Firm(
        body["slug"],
        body["canary"],
        {
            name: Identity(UUID(t), UUID(u), frozenset(roles), body["canary"], full, email)
            for name, (t, u, roles, full, email) in body["people"].items()
        },
        {name: [UUID(i) for i in ids] for name, ids in body["ids"].items()},
        {account: UUID(owner) for account, owner in body["owners"].items()},
    )
