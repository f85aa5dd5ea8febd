"""The demonstration firm: two tenants with their whole CRM, the same for the same day and seed.

Rows are plain Python values (Decimal, date, aware datetime in Paris, UUID, list, dict), so that
the truth of an evaluation question is computed from them without SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InvalidInput
from demo.accounts import Client, invent_profiles, list_profiles, write_accounts
from demo.agenda import write_meetings, write_tasks
from demo.articles import write_articles, write_templates
from demo.book import TABLES, Book, Ranks, Row, make_id
from demo.content import load_content
from demo.contracts import write_contracts
from demo.grid import write_grid_requests, write_incidents
from demo.mail import write_threads
from demo.opportunities import write_opportunities
from demo.people import PEOPLE, TENANTS
from demo.quality import write_non_conformities
from demo.sites import write_sites
from demo.tenders import write_tenders
from demo.watch import write_competitors, write_watch

FOUNDED_DAYS_AGO = 3650
PRINCIPAL = "alize"
NEIGHBOUR = "mistral"


@dataclass(frozen=True)
class Firm:
    """Every row of the demonstration, by table, in an order in which they can be loaded."""

    today: dt.date
    seed: int
    tables: Mapping[str, Sequence[Mapping[str, Any]]]

    def tenant_rows(self, table: str, tenant: str = PRINCIPAL) -> list[Mapping[str, Any]]:
        """The rows of `table` that belong to the tenant of this slug."""
        tenant_id = make_id("tenant", tenant)
        key = "id" if table == "tenants" else "tenant_id"
        return [row for row in self.tables[table] if row[key] == tenant_id]


def generate_firm(today: dt.date, *, seed: int = 2026, accounts: int | None = None) -> Firm:
    """The firm as it stands on `today`.

    `accounts`: how many clients the principal firm has; those beyond the written ones are
    invented, about ten delivery points each. Raises InvalidInput below the written number.
    """
    ranks = Ranks()
    books = [_write_principal(today, seed, ranks, accounts), _write_neighbour(today, seed, ranks)]
    return Firm(
        today,
        seed,
        {table: [row for book in books for row in book.tables[table]] for table in TABLES},
    )


def _write_principal(today: dt.date, seed: int, ranks: Ranks, accounts: int | None) -> Book:
    book = _open_book(PRINCIPAL, today, seed, ranks)
    written = list_profiles(PRINCIPAL)
    further = _count_further(len(written), accounts)
    clients = write_accounts(book, [*written, *invent_profiles(book, further)])
    _write_portfolio(book, clients)
    competitors, leads = write_competitors(book), write_watch(book)
    write_tenders(book, clients, competitors, leads)
    write_articles(book)
    write_templates(book)
    _write_exchanges(book, clients, share=0.2 if further else 0.0)
    return book


def _count_further(written: int, accounts: int | None) -> int:
    if accounts is None:
        return 0
    if accounts < written:
        raise InvalidInput(
            f"La démonstration compte au moins {written} clients : demandez-en {written} ou plus."
        )
    return accounts - written


def _write_neighbour(today: dt.date, seed: int, ranks: Ranks) -> Book:
    book = _open_book(NEIGHBOUR, today, seed, ranks)
    clients = write_accounts(book, list_profiles(NEIGHBOUR))
    _write_portfolio(book, clients)
    _write_exchanges(book, clients, share=1.0)
    return book


def _open_book(slug: str, today: dt.date, seed: int, ranks: Ranks) -> Book:
    people: dict[str, Row] = {}
    book = Book(slug, today, seed, ranks, people)
    founded = book.at(book.day(-FOUNDED_DAYS_AGO), 9)
    book.tables["tenants"].append(
        {"id": book.tenant_id, "slug": slug, "name": TENANTS[slug].name, "created_at": founded}
    )
    for person in PEOPLE:
        if person.tenant == slug:
            people[person.key] = {
                "id": make_id(slug, "users", person.email),
                "tenant_id": book.tenant_id,
                "email": person.email,
                "full_name": person.full_name,
                "job_title": person.job_title,
                "roles": list(person.roles),
                "is_active": person.is_active,
                "created_at": founded,
                "updated_at": founded,
            }
    book.tables["users"].extend(people.values())
    return book


def _write_portfolio(book: Book, clients: Sequence[Client]) -> None:
    disputed = {entry["account"] for entry in load_content("quality")["non_conformities"]}
    for client in clients:
        write_sites(book, client)
    for client in clients:
        write_contracts(book, client, disputed=client.profile.key in disputed)


def _write_exchanges(book: Book, clients: Sequence[Client], share: float) -> None:
    write_non_conformities(book, clients, share)
    write_incidents(book, clients)
    write_grid_requests(book, clients)
    write_opportunities(book, clients)
    write_threads(book, clients, share)
    write_meetings(book, clients)
    write_tasks(book, clients)
