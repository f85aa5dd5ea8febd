"""The sources of an answer as elements opened beside it, alike live and in history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

import chainlit as cl
from chainlit.element import Element, ElementDict

from agents.portfolio_assistant.models import Answer, Citation, DocumentCitation
from chat.citations import mark_citation, name_citation
from core.addresses import API


@dataclass(frozen=True)
class Source:
    """An element to be: `page` is set for a PDF."""

    id: str
    name: str
    kind: Literal["pdf", "text"]
    url: str
    page: int | None


@dataclass(frozen=True)
class Chart:
    """A chart to be, drawn by the page from an address that gives its figure."""

    id: str
    name: str
    url: str


class Plot(Element):
    """A chart as the page receives it."""

    type = "plotly"


def list_sources(answer: Answer, pdf_versions: frozenset[str]) -> list[Source]:
    """Two names for each citation: its marker in the text, and its full name in the list.

    `pdf_versions` holds the document versions whose file is a PDF.
    """
    return [
        _make_source(answer.turn_id, citation, name, pdf_versions)
        for citation in answer.citations
        for name in (mark_citation(citation), name_citation(citation))
    ]


def make_element(source: Source) -> cl.Element:
    """The element to send with a live answer."""
    if source.kind == "pdf":
        return cl.Pdf(
            id=source.id, name=source.name, url=source.url, page=source.page, display="side"
        )
    return cl.Text(
        id=source.id, name=source.name, url=source.url, display="side", mime="text/markdown"
    )


def write_element(source: Source, thread_id: str, message_id: str) -> ElementDict:
    """The same element within a stored thread."""
    return ElementDict(
        id=source.id,
        threadId=thread_id,
        type=source.kind,
        name=source.name,
        url=source.url,
        display="side",
        page=source.page,
        forId=message_id,
        mime="application/pdf" if source.kind == "pdf" else "text/markdown",
    )


def _make_source(
    turn_id: UUID, citation: Citation, name: str, pdf_versions: frozenset[str]
) -> Source:
    identifier = str(uuid5(NAMESPACE_URL, f"{turn_id}/{name}"))
    if isinstance(citation, DocumentCitation) and str(citation.version_id) in pdf_versions:
        url = f"{API}/documents/{citation.version_id}"
        return Source(identifier, name, "pdf", url, citation.page)
    url = f"{API}/turns/{turn_id}/citations/{citation.number}"
    return Source(identifier, name, "text", url, None)


def make_chart(chart: Chart) -> cl.Element:
    """The chart to send with a live message."""
    return Plot(
        id=chart.id, name=chart.name, url=chart.url, display="inline", mime="application/json"
    )


def write_chart(chart: Chart, thread_id: str, message_id: str) -> ElementDict:
    """The same chart within a stored thread."""
    return ElementDict(
        id=chart.id,
        threadId=thread_id,
        type="plotly",
        name=chart.name,
        url=chart.url,
        display="inline",
        forId=message_id,
        mime="application/json",
    )
