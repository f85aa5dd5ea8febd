"""Market watch and competitors: what surrounds the tenders of the principal firm."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.book import Book, Row
from demo.content import load_content
from demo.french import space_text

URLS = {
    "boamp": "https://www.boamp.fr/pages/avis/?q=idweb:{reference}",
    "ted": "https://ted.europa.eu/fr/notice/{reference}",
    "cre": "https://www.cre.fr/",
    "press": None,
}


def write_competitors(book: Book) -> list[Row]:
    """Write the competitors the firm meets."""
    return [_write_competitor(book, entry) for entry in load_content("market")["competitors"]]


def _write_competitor(book: Book, entry: dict[str, Any]) -> Row:
    return book.add(
        "competitors",
        entry["key"],
        book.day(-900),
        name=entry["name"],
        kind=entry["kind"],
        strengths=space_text(entry["strengths"]),
        weaknesses=space_text(entry["weaknesses"]),
        typical_price_eur_per_mwh=Decimal(entry["price"]) if entry["price"] else None,
    )


@dataclass(frozen=True)
class Lead:
    """A watch item that became a tender: which client's, about what."""

    item: Row
    account: str
    subject: str


def write_watch(book: Book) -> list[Lead]:
    """Write the watch; return the items that were converted to tenders."""
    leads: list[Lead] = []
    for number, entry in enumerate(load_content("market")["market_watch"], 1):
        row = _write_item(book, entry, number)
        if entry["status"] == "converted":
            leads.append(Lead(row, entry["account"], entry["subject"]))
    return leads


def _write_item(book: Book, entry: dict[str, Any], number: int) -> Row:
    published = book.day(-entry["age"])
    reference = _source_reference(entry["source"], published.year, number)
    url = URLS[entry["source"]]
    return book.add(
        "market_watch",
        str(number),
        published,
        source=entry["source"],
        source_reference=reference,
        title=space_text(entry["title"]),
        url=url.format(reference=reference) if url else None,
        published_on=published,
        summary=space_text(entry["summary"]),
        relevance=entry["relevance"],
        status=entry["status"],
    )


def _source_reference(source: str, year: int, number: int) -> str | None:
    if source == "boamp":
        return f"{year % 100}-{100_000 + number * 1373}"
    if source == "ted":
        return f"{700_000 + number * 311}-{year}"
    return None
