"""Non-conformities at each step of their life-cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from demo.accounts import Client
from demo.book import Book, Row
from demo.content import load_content
from demo.slots import Casting, cast_entries, fill_text, find_contract, make_slots

ACTION_DAYS = {"major": 30, "minor": 60}
CHECK_DAYS = 91
"""Procedure PR-08: the corrective action's delay, then three months before the check."""
CHECKED = ("acting", "checking", "closed")


def write_non_conformities(book: Book, clients: Sequence[Client], share: float) -> None:
    """Write the non-conformities, numbered by date, and a `share` of further clients' own."""
    entries = load_content("quality")["non_conformities"]
    castings = list(cast_entries(book, clients, entries, "non-conformity", share))
    castings.sort(key=lambda casting: -casting.entry["age"])
    for number, casting in enumerate(castings, 1):
        _write_non_conformity(book, casting, number)


def _write_non_conformity(book: Book, casting: Casting, number: int) -> Row:
    entry, client = casting.entry, casting.client
    owner_id = casting.person_id(book, "owner")
    detected = book.day(-entry["age"])
    energy = _energy(book, casting)
    contract = find_contract(book, client, energy)
    slots = make_slots(book, client, energy, owner_id)
    texts = {
        name: fill_text(entry.get(name), slots)
        for name in ("requirement", "evidence", "containment", "root_cause", "corrective_action")
    }
    return book.add(
        "non_conformities",
        casting.key,
        detected,
        owner_id=owner_id,
        opened_by_id=casting.person_id(book, "opened_by"),
        account_id=client.account["id"],
        contract_id=contract["id"] if contract else None,
        reference=f"NC-{detected.year}-{number:03d}",
        detected_on=detected,
        source=entry["source"],
        family=entry["family"],
        severity=entry["severity"],
        **texts,
        effectiveness_criterion=fill_text(entry.get("criterion"), slots),
        status=entry["status"],
        **_dates(book, entry, detected),
    )


def _energy(book: Book, casting: Casting) -> str:
    wanted = casting.entry["energy"]
    if casting.borrowed and find_contract(book, casting.client, wanted) is None:
        return "gas" if wanted == "electricity" else "electricity"
    return wanted


def _dates(book: Book, entry: dict[str, Any], detected: dt.date) -> dict[str, dt.date | None]:
    due = detected + dt.timedelta(days=ACTION_DAYS[entry["severity"]])
    closed = book.day(-entry["closed"]) if "closed" in entry else None
    check = due + dt.timedelta(days=CHECK_DAYS) if entry["status"] in CHECKED else None
    return {
        "due_on": None if entry["status"] == "draft" else due,
        "effectiveness_check_on": closed or check,
        "closed_on": closed,
    }
