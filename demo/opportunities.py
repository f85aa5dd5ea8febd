"""Flexibility, power purchase and energy efficiency opportunities."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from demo.accounts import Client
from demo.book import Book
from demo.content import load_content
from demo.pricing import reference_price, round_cents

CUMAC_PER_MWH = Decimal("8.4")
TENTH = Decimal("0.1")


def write_opportunities(book: Book, clients: Sequence[Client]) -> None:
    """Write the three kinds of opportunities of the listed clients."""
    by_key = {client.profile.key: client for client in clients}
    content = load_content("opportunities")
    writers = {
        "flexibility": _write_flexibility,
        "ppa": _write_ppa,
        "efficiency": _write_efficiency,
    }
    for kind, write in writers.items():
        for number, entry in enumerate(content[kind], 1):
            if entry["account"] in by_key:
                write(book, by_key[entry["account"]], entry, number)


def _write_flexibility(book: Book, client: Client, entry: dict[str, Any], number: int) -> None:
    book.add(
        "flexibility_opportunities",
        str(number),
        book.day(-20 - number * 11),
        owner_id=client.account["owner_id"],
        account_id=client.account["id"],
        site_id=book.of("sites", client.account)[0]["id"],
        mechanism=entry["mechanism"],
        power_kw=Decimal(entry["power"]),
        yearly_value_eur=Decimal(entry["value"]),
        status=entry["status"],
    )


def _write_ppa(book: Book, client: Client, entry: dict[str, Any], number: int) -> None:
    book.add(
        "ppa_projects",
        str(number),
        book.day(-30 - number * 23),
        owner_id=client.account["owner_id"],
        account_id=client.account["id"],
        name=entry["name"],
        kind=entry["kind"],
        technology=entry["technology"],
        capacity_mw=Decimal(entry["capacity"]),
        volume_mwh=Decimal(entry["volume"]),
        price_eur_per_mwh=Decimal(entry["price"]),
        duration_years=entry["years"],
        producer=entry["producer"],
        status=entry["status"],
    )


def _write_efficiency(book: Book, client: Client, entry: dict[str, Any], number: int) -> None:
    savings = Decimal(entry["savings"])
    worth = round_cents(savings * reference_price("electricity", book.today))
    investment = Decimal(entry["investment"])
    book.add(
        "efficiency_opportunities",
        str(number),
        book.day(-15 - number * 9),
        owner_id=client.account["owner_id"],
        account_id=client.account["id"],
        site_id=book.of("sites", client.account)[0]["id"],
        action=entry["action"],
        cee_sheet_code=entry["sheet"],
        investment_eur=investment,
        savings_mwh=savings,
        savings_eur=worth,
        payback_years=(investment / worth).quantize(TENTH),
        cee_mwhcumac=(savings * CUMAC_PER_MWH).quantize(TENTH) if entry["sheet"] else None,
        status=entry["status"],
    )
