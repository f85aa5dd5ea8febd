"""The facts of a thread, read by rules from its messages' own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from zoneinfo import ZoneInfo

from core.spans import Span
from ingest.mail.addresses import domain_of
from ingest.mail.amounts import find_quantities
from ingest.mail.anomalies import is_dictated, list_anomalies
from ingest.mail.asks import iterate_sentences, list_asks
from ingest.mail.attachments import read_attachments
from ingest.mail.classification import classify, rate_urgency, tell_kind
from ingest.mail.codes import find_codes
from ingest.mail.deadlines import find_deadlines
from ingest.mail.facts import Amount, Anomaly, Code, Deadline, MailFacts, Place
from ingest.mail.holding import is_holding
from ingest.mail.people import list_people
from ingest.mail.quote_headers import find_header
from ingest.mail.thread import UNDATED, CleanMessage, CleanThread
from ingest.mail.units import find_unit_conflicts

PARIS = ZoneInfo("Europe/Paris")
Texts = Mapping[str, tuple[tuple[str, str], ...]]
SUBJECT, ATTACHMENT = "#objet", "#piece:"


def read_facts(thread: CleanThread, own_domains: Collection[str] = ()) -> MailFacts:
    """The facts of `thread`; messages from `own_domains` are the firm's and ask for nothing.

    A span's source is the message's id, followed by `#objet` for its subject and by
    `#piece:<name>` for an attachment.
    """
    texts = {m.source_id: read_attachments(m.message) for m in thread.messages}
    incoming = list_incoming(thread, own_domains)
    last = incoming[-1] if incoming else thread.last
    notice = "\n".join(part.span.quote for part in last.list_parts("disclaimer"))
    kind = tell_kind(last.message, last.new_text or last.text, notice)
    asks = tuple(ask for m in list_unanswered(thread, own_domains) for ask in list_asks(m))
    asks = asks if kind == "person" else ()
    anomalies = tuple(_anomalies(incoming, own_domains, texts))
    asks = tuple(a for a in asks if not _is_suspect(a.span, anomalies))
    deadlines = tuple(_deadlines(thread))
    words = "\n".join(m.new_text for m in (incoming or thread.messages))
    conflicts = find_unit_conflicts(amounts := tuple(_amounts(thread, texts)))
    subject = thread.messages[0].message.subject
    return MailFacts(
        category=classify(kind, subject, words, asks, anomalies),
        urgency=rate_urgency(last.message, last.new_text, deadlines, kind, anomalies, asks),
        kind=kind,
        language=last.language,
        asks=asks,
        deadlines=deadlines,
        amounts=amounts,
        codes=tuple(_codes(thread, texts)),
        people=list_people(thread),
        unit_conflicts=conflicts,
        anomalies=anomalies,
    )


def list_incoming(thread: CleanThread, own_domains: Collection[str]) -> list[CleanMessage]:
    """The messages of the other side."""
    return [m for m in thread.messages if domain_of(m.message.sender.email) not in own_domains]


def list_unanswered(thread: CleanThread, own_domains: Collection[str]) -> list[CleanMessage]:
    """The other side's messages since the firm last answered; none when it spoke last.

    A reply that only promises an answer leaves open what it was asked.
    """
    waiting: list[CleanMessage] = []
    promised: list[CleanMessage] = []
    for message in thread.messages:
        if domain_of(message.message.sender.email) in own_domains:
            promised = [*promised, *waiting] if is_holding(message) else []
            waiting = []
        else:
            waiting, promised = [*promised, *waiting, message], []
    return waiting


def _is_suspect(span: Span, anomalies: tuple[Anomaly, ...]) -> bool:
    """Within an order to a machine, or dictated beside one."""
    orders = [a.span for a in anomalies if a.kind == "instruction" and a.span is not None
              and a.span.source_id == span.source_id]  # fmt: skip
    is_within = any(o.start < span.end and span.start < o.end for o in orders)
    return is_within or (bool(orders) and is_dictated(span.quote))


def _anomalies(
    incoming: list[CleanMessage], own_domains: Collection[str], texts: Texts
) -> Iterator[Anomaly]:
    seen: set[tuple[str, str]] = set()
    for message in incoming:
        for anomaly in list_anomalies(message, own_domains, texts[message.source_id]):
            if (anomaly.kind, anomaly.quote) not in seen:
                seen.add((anomaly.kind, anomaly.quote))
                yield anomaly


def _views(message: CleanMessage) -> Iterator[tuple[str, str, Place]]:
    """The texts a message brings: its words, its subject, what it forwards or newly quotes."""
    yield message.source_id, message.mask("new"), "new"
    yield f"{message.source_id}{SUBJECT}", message.message.subject, "subject"
    yield message.source_id, message.mask("signature"), "signature"
    quoted = [p for p in message.list_parts("forwarded", "quoted") if not p.is_known]
    if quoted:
        text = message.mask("forwarded", "quoted")
        for part in message.list_parts("quoted"):
            if part.is_known:
                blank = " " * (part.span.end - part.span.start)
                text = text[: part.span.start] + blank + text[part.span.end :]
        yield message.source_id, _without_headers(text), "quoted"


def _without_headers(text: str) -> str:
    """Blanks for the lines that introduce quotations: their dates are no limits."""
    lines = text.split("\n")
    for rank in range(len(lines)):
        if (header := find_header(lines, rank)) is not None:
            for position in range(header.start, header.end):
                lines[position] = " " * len(lines[position])
    return "\n".join(lines)


def _deadlines(thread: CleanThread) -> Iterator[Deadline]:
    seen: set[dt.date] = set()
    for message in reversed(thread.messages):
        if message.message.sent_at == UNDATED:
            continue
        sent_on = message.message.sent_at.astimezone(PARIS).date()
        for source_id, text, place in _views(message):
            if place == "signature":
                continue
            for found in find_deadlines(text, sent_on):
                if found.on not in seen and not (place == "quoted" and found.is_relative):
                    seen.add(found.on)
                    span = Span(source_id, found.start, found.end, text[found.start : found.end])
                    yield Deadline(
                        found.raw, found.on, span, place, found.at, found.is_relative, found.nature
                    )


def _amounts(thread: CleanThread, texts: Texts) -> Iterator[Amount]:
    seen: set[tuple[object, str]] = set()
    for message in thread.messages:
        for source_id, text, place in (*_views(message), *_attached(message, texts)):
            sentences = iterate_sentences(message) if place == "new" else None
            for found in find_quantities(text, sentences):
                if (found.value, found.unit) not in seen:
                    seen.add((found.value, found.unit))
                    span = Span(source_id, found.start, found.end, text[found.start : found.end])
                    yield Amount(found.raw, found.value, found.unit, span, place)


def _codes(thread: CleanThread, texts: Texts) -> Iterator[Code]:
    seen: set[str] = set()
    for message in thread.messages:
        for source_id, text, place in (*_views(message), *_attached(message, texts)):
            for found in find_codes(text):
                if found.value not in seen:
                    seen.add(found.value)
                    span = Span(source_id, found.start, found.end, text[found.start : found.end])
                    yield Code(found.kind, found.value, span, place, found.is_valid)


def _attached(message: CleanMessage, texts: Texts) -> Iterator[tuple[str, str, Place]]:
    for name, text in texts[message.source_id]:
        yield f"{message.source_id}{ATTACHMENT}{name}", text, "attachment"
