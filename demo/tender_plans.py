"""Which tenders the firm knows: won before a contract, found by the watch, or in the pipeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from demo.accounts import Client
from demo.book import Book, Row, make_id
from demo.content import load_content
from demo.watch import Lead


@dataclass(frozen=True)
class Stage:
    """How many tenders stand at a status, and when they are due, in days from today."""

    status: str
    count: int
    first: int
    last: int


PIPELINE = (
    Stage("detected", 8, 27, 46),
    Stage("qualifying", 2, 12, 35),
    Stage("go", 8, 3, 28),
    Stage("no_go", 7, -15, 24),
    Stage("submitted", 7, -32, -3),
    Stage("lost", 8, -420, -60),
    Stage("cancelled", 3, -200, -40),
)
LEAD_STAGE = Stage("qualifying", 0, 10, 30)
ADVERTISED_DAYS = (28, 48)
HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
WON_COUNT = 12
SUBJECTS = ("electricity", "electricity", "gas", "both", "advice", "advice")


@dataclass(frozen=True)
class Plan:
    """What a tender is written from; `subject` is an energy, both, or advice."""

    key: str
    client: Client
    subject: str
    status: str
    published_on: dt.date
    deadline: dt.datetime
    volume_mwh: Decimal
    lead: Row | None = None

    @property
    def is_public(self) -> bool:
        """Whether the buyer is bound by public procurement."""
        return self.client.profile.segment in ("local_authority", "health")


def plan_tenders(book: Book, clients: Sequence[Client], leads: Sequence[Lead]) -> Iterator[Plan]:
    """Every tender to write; the contracts that won ones beget are given their tender."""
    yield from _plan_won(book, clients)
    known = {entry["account"] for entry in load_content("market")["known_tenders"]}
    known |= {lead.account for lead in leads}
    others = [client for client in clients if client.profile.key not in known]
    by_key = {client.profile.key: client for client in clients}
    for number, lead in enumerate(leads, 1):
        yield _plan_one(
            book,
            by_key[lead.account],
            f"lead-{number}",
            lead.subject,
            stage=LEAD_STAGE,
            lead=lead.item,
        )
    for stage in PIPELINE:
        for number in range(stage.count * max(1, len(clients) // 100)):
            key = f"{stage.status}-{number}"
            random = book.random("tender-client", key)
            yield _plan_one(book, random.choice(others), key, random.choice(SUBJECTS), stage=stage)


def _plan_one(
    book: Book, client: Client, key: str, subject: str, *, stage: Stage, lead: Row | None = None
) -> Plan:
    random = book.random("tender-dates", key)
    due = to_working_day(book.day(random.randint(stage.first, stage.last)))
    advertised = due - dt.timedelta(days=random.randint(*ADVERTISED_DAYS))
    published = to_working_day(min(advertised, book.day(-1)))
    return Plan(
        key,
        client,
        _possible_subject(client, subject),
        stage.status,
        lead["published_on"] if lead else published,
        book.at(due, random.choice((10, 12, 12, 16, 17))),
        _volume(client, _possible_subject(client, subject)),
        lead,
    )


def to_working_day(day: dt.date) -> dt.date:
    """`day`, or the last day before it that is neither of a week-end nor a fixed holiday."""
    while day.weekday() > 4 or (day.month, day.day) in HOLIDAYS:
        day -= dt.timedelta(days=1)
    return day


def _possible_subject(client: Client, subject: str) -> str:
    """A client without gas buys electricity only."""
    buys_gas = subject in ("gas", "both")
    return "electricity" if buys_gas and not client.profile.gas_mwh else subject


def _volume(client: Client, subject: str) -> Decimal:
    electricity, gas = client.profile.electricity_mwh, client.profile.gas_mwh
    return Decimal({"electricity": electricity, "gas": gas}.get(subject, electricity + gas))


def _plan_won(book: Book, clients: Sequence[Client]) -> Iterator[Plan]:
    """A won tender before one recent contract in a few; the contract then names its tender."""
    owners = {client.account["id"]: client for client in clients}
    contracts = [c for c in book.tables["contracts"] if c["status"] in ("active", "ending")]
    contracts.sort(key=lambda c: (-c["start_on"].toordinal(), c["reference"]))
    wanted = max(WON_COUNT, len(clients) // 40)
    for number, contract in enumerate(contracts[: wanted * 2 : 2], 1):
        due = to_working_day(contract["start_on"] - dt.timedelta(days=75 + number % 9))
        key = f"won-{number}"
        contract["tender_id"] = make_id(book.tenant, "tenders", key)
        yield Plan(
            key,
            owners[contract["account_id"]],
            contract["energy"],
            "won",
            to_working_day(due - dt.timedelta(days=38)),
            book.at(due, 12),
            contract["annual_volume_mwh"],
        )
