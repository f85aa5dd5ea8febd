"""What written texts are filled with: the client's contract, delivery point, contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from demo.accounts import Client
from demo.book import Book, Row
from demo.french import Day, space_text, word_day, word_number

STANDINGS = ("ending", "active", "ended", "terminated", "draft")


@dataclass(frozen=True)
class Casting:
    """A written entry and the client it is about; `borrowed` when it was written for another."""

    key: str
    entry: dict[str, Any]
    client: Client
    borrowed: bool

    def person_id(self, book: Book, role: str) -> UUID:
        """Who plays `role` (« owner », « opened_by »); a borrowed entry goes to the firm's own."""
        if not self.borrowed:
            return book.person_id(self.entry[role])
        if role == "owner":
            return self.client.account["owner_id"]
        return next(p["id"] for p in book.people.values() if "quality" in p["roles"])


def cast_entries(
    book: Book, clients: Iterable[Client], entries: list[dict[str, Any]], topic: str, share: float
) -> Iterator[Casting]:
    """Each entry with its own client, then reusable ones for a `share` of the other clients."""
    written = {entry["account"] for entry in entries}
    reusable = [entry for entry in entries if entry.get("reusable")]
    by_key = {client.profile.key: client for client in clients}
    for number, entry in enumerate(entries, 1):
        if entry["account"] in by_key:
            yield Casting(f"{topic}/{number}", entry, by_key[entry["account"]], borrowed=False)
    for key, client in by_key.items():
        random = book.random("cast", topic, key)
        is_free = key not in written and random.random() < share
        if is_free and book.of("contracts", client.account):
            yield Casting(f"{topic}/{key}", random.choice(reusable), client, borrowed=True)


def find_contract(book: Book, client: Client, energy: str) -> Row | None:
    """The client's contract for `energy` one would talk of first; None for a prospect."""
    found = [c for c in book.of("contracts", client.account) if c["energy"] == energy]
    return min(found, key=lambda c: STANDINGS.index(c["status"]), default=None)


def find_point(book: Book, client: Client, energy: str) -> Row | None:
    """The client's largest delivery point for `energy`."""
    found = [p for p in book.of("delivery_points", client.account) if p["energy"] == energy]
    return found[0] if found else None


def get_point(book: Book, client: Client, energy: str) -> Row:
    """As `find_point`; LookupError when the client has no such point."""
    point = find_point(book, client, energy)
    if point is None:
        raise LookupError(f"{client.profile.key} : aucun point de livraison ({energy})")
    return point


def first_contact(book: Book, client: Client) -> Row:
    """The client's principal contact."""
    return book.of("contacts", client.account)[0]


def fill_text(text: str | None, slots: dict[str, Any]) -> str | None:
    """`text` with its slots filled and French spacing; None stays None."""
    return None if text is None else space_text(text.format_map(slots))


def make_slots(book: Book, client: Client, energy: str, owner_id: UUID) -> dict[str, Any]:
    """The slots of a text about `client` written or received by `owner_id`."""
    contract, point = find_contract(book, client, energy), find_point(book, client, energy)
    contact = first_contact(book, client)
    owner = next(person for person in book.people.values() if person["id"] == owner_id)
    slots: dict[str, Any] = {
        "day": Day(book.today),
        "contact": contact["name"],
        "role": contact["role"],
        "owner": owner["full_name"],
        "code": point["code"] if point else "",
    }
    if contract is not None:
        price = contract["price_eur_per_mwh"]
        slots |= {
            "contract": contract["reference"],
            "supplier": contract["supplier"],
            "price": "" if price is None else word_number(price, 2),
            "end": word_day(contract["end_on"]),
            "tolerance": word_number(contract["tolerance_band_pct"]),
        }
    return slots
