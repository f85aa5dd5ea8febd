"""The CRM's knowledge articles and document templates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from demo.book import Book
from demo.content import load_content
from demo.french import space_text


def write_articles(book: Book) -> None:
    """Write the knowledge articles in each state of their life."""
    for number, entry in enumerate(load_content("articles")["kb_articles"], 1):
        book.add(
            "kb_articles",
            str(number),
            _offset(book, entry["from"]) or book.day(-20),
            owner_id=book.person_id(entry["owner"]),
            title=entry["title"],
            standard=entry["standard"],
            clause=entry["clause"],
            kind=entry["kind"],
            document_version=entry["version"],
            status=entry["status"],
            valid_from=_offset(book, entry["from"]),
            valid_to=_offset(book, entry["to"]),
            review_due_on=_offset(book, entry["review"]),
            body=space_text(entry["body"]),
        )


def write_templates(book: Book) -> None:
    """Write the document templates; placeholders read « {{client.nom}} »."""
    entries: list[dict[str, Any]] = load_content("articles")["document_templates"]
    for number, entry in enumerate(entries, 1):
        book.add(
            "document_templates",
            str(number),
            book.day(-400 + number * 25),
            owner_id=book.person_id(entry["owner"]),
            name=entry["name"],
            kind=entry["kind"],
            target_segment=entry["segment"],
            language="fr",
            document_version=entry["version"],
            status=entry["status"],
            body=space_text(entry["body"]),
        )


def _offset(book: Book, days: int | None) -> dt.date | None:
    return None if days is None else book.day(days)
