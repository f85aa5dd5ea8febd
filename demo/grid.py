"""Incidents at delivery points and requests sent to grid operators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from demo.accounts import Client
from demo.book import Book, Row
from demo.content import load_content
from demo.french import space_text
from demo.slots import find_contract, get_point


def write_incidents(book: Book, clients: Sequence[Client]) -> None:
    """Write the incidents of the listed clients."""
    by_key = {client.profile.key: client for client in clients}
    for number, entry in enumerate(load_content("quality")["incidents"], 1):
        client = by_key.get(entry["account"])
        if client is not None:
            _write_incident(book, client, entry, number)


def _write_incident(book: Book, client: Client, entry: dict[str, Any], number: int) -> Row:
    energy = entry.get("energy", "electricity")
    point, contract = get_point(book, client, energy), find_contract(book, client, energy)
    started = book.at(book.day(-entry["age"]), 1 + number % 6, 20)
    ended = None if entry["hours"] is None else started + dt.timedelta(hours=entry["hours"])
    return book.add(
        "incidents",
        str(number),
        started.date(),
        delivery_point_id=point["id"],
        contract_id=contract["id"] if contract else None,
        kind=entry["kind"],
        started_at=started,
        ended_at=ended,
        impact=space_text(entry["impact"]),
        status=entry["status"],
    )


def write_grid_requests(book: Book, clients: Sequence[Client]) -> None:
    """Write the requests of the listed clients; some answers are overdue."""
    by_key = {client.profile.key: client for client in clients}
    for number, entry in enumerate(load_content("quality")["grid_requests"], 1):
        client = by_key.get(entry["account"])
        if client is not None:
            _write_request(book, client, entry, number)


def _write_request(book: Book, client: Client, entry: dict[str, Any], number: int) -> Row:
    point = get_point(book, client, entry.get("energy", "electricity"))
    sent = None if entry["sent"] is None else book.day(-entry["sent"])
    prefix = "".join(c for c in point["grid_operator"].upper() if c.isalpha())[:3]
    return book.add(
        "grid_requests",
        str(number),
        sent or book.day(-2),
        owner_id=client.account["owner_id"],
        delivery_point_id=point["id"],
        kind=entry["kind"],
        operator_reference=f"{prefix}-{sent:%y%m}-{4000 + number * 37}" if sent else None,
        sent_on=sent,
        due_on=None if entry["due"] is None else book.day(entry["due"]),
        status=entry["status"],
    )
