"""Meetings and tasks around the day of the demonstration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from demo.accounts import Client
from demo.book import Book, Row
from demo.content import load_content
from demo.slots import fill_text, find_contract, first_contact, make_slots

FURTHER_TASKS = (
    "Mettre à jour les interlocuteurs du client",
    "Vérifier les puissances souscrites avant l’hiver",
    "Préparer le bilan annuel",
    "Proposer un rendez-vous de suivi",
)


def write_meetings(book: Book, clients: Sequence[Client]) -> None:
    """Write past and coming meetings of the listed clients."""
    by_key = {client.profile.key: client for client in clients}
    for number, entry in enumerate(load_content("articles")["meetings"], 1):
        if entry["account"] in by_key:
            _write_meeting(book, by_key[entry["account"]], entry, number)


def _write_meeting(book: Book, client: Client, entry: dict[str, Any], number: int) -> Row:
    owner = book.people[entry["owner"]]
    slots = make_slots(book, client, "electricity", owner["id"])
    starts = book.at(book.day(-entry["age"]), entry["hour"])
    return book.add(
        "meetings",
        str(number),
        starts.date() - dt.timedelta(days=6),
        owner_id=owner["id"],
        account_id=client.account["id"],
        title=entry["title"],
        starts_at=starts,
        ends_at=starts + dt.timedelta(minutes=entry["minutes"]),
        location=entry["location"],
        attendees=[owner["full_name"], first_contact(book, client)["name"]],
        summary=fill_text(entry["summary"], slots),
    )


def write_tasks(book: Book, clients: Sequence[Client]) -> None:
    """Write the firm's tasks, overdue, due today and to come, and one per further client."""
    by_key = {client.profile.key: client for client in clients}
    entries = load_content("articles")["tasks"]
    named = {entry["account"] for entry in entries}
    for number, entry in enumerate(entries, 1):
        client = by_key.get(entry["account"] or "")
        if entry["owner"] in book.people and (client or entry["account"] is None):
            _write_task(book, client, entry, number)
    for client in clients:
        if client.profile.key not in named and client.profile.status == "client":
            _write_further_task(book, client)


def _write_task(book: Book, client: Client | None, entry: dict[str, Any], number: int) -> None:
    due = None if entry["due"] is None else book.day(entry["due"])
    book.add(
        "tasks",
        str(number),
        min(due or book.today, book.today) - dt.timedelta(days=9),
        owner_id=book.person_id(entry["owner"]),
        account_id=client.account["id"] if client else None,
        **_subjects(book, client, entry.get("about")),
        title=entry["title"],
        due_on=due,
        source=entry["source"],
        status=entry["status"],
    )


def _subjects(book: Book, client: Client | None, about: str | None) -> dict[str, UUID | None]:
    links: dict[str, UUID | None] = {
        "contract_id": None,
        "tender_id": None,
        "non_conformity_id": None,
    }
    if client is not None and about == "contract":
        contract = find_contract(book, client, "electricity")
        links["contract_id"] = contract["id"] if contract else None
    elif client is not None and about is not None:
        table = {"tender": "tenders", "non_conformity": "non_conformities"}[about]
        found = book.of(table, client.account)
        links[f"{about}_id"] = found[-1]["id"] if found else None
    return links


def _write_further_task(book: Book, client: Client) -> None:
    random = book.random("task", client.profile.key)
    book.add(
        "tasks",
        client.profile.key,
        book.day(-20),
        owner_id=client.account["owner_id"],
        account_id=client.account["id"],
        **_subjects(book, None, None),
        title=random.choice(FURTHER_TASKS),
        due_on=book.day(random.randint(-10, 60)),
        source="system",
        status=random.choice(("open", "open", "done")),
    )
