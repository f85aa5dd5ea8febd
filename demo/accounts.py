"""Clients and their contacts: those of the list, and as many more as a larger scale asks."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random

from demo.book import Book, Row, make_id
from demo.codes import make_phone, make_siren, make_siret
from demo.communes import Commune, communes_by_code, list_communes
from demo.content import CONTENT
from demo.french import fold
from demo.names import (
    FIRST_NAMES,
    FURTHER_KINDS,
    LAST_NAMES,
    PATRONS,
    RIVERS,
    ROLES,
    STREETS,
    TOWNS,
)

CONSENT_ORIGINS = ("formulaire du site", "mandat signé", "salon professionnel", "courriel")


@dataclass(frozen=True)
class Profile:
    """What a client is made from; consumptions in MWh per year."""

    key: str
    name: str
    segment: str
    status: str
    naf: str
    insee_code: str
    owner: str
    parent: str
    kind: str
    spread: str
    sites: int
    electricity_points: int
    electricity_mwh: int
    gas_points: int
    gas_mwh: int
    client_years: int

    @property
    def commune(self) -> Commune:
        """Where the head office stands."""
        return communes_by_code()[self.insee_code]

    @property
    def domain(self) -> str:
        """The client's e-mail domain."""
        return f"{fold(self.name)[:40].rstrip('-')}.example"


@dataclass(frozen=True)
class Client:
    """An account with what it was made from."""

    profile: Profile
    account: Row


@lru_cache(maxsize=4)
def list_profiles(tenant: str) -> Sequence[Profile]:
    """The written clients of `tenant`."""
    with (CONTENT / "accounts.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(_read_profile(row) for row in csv.DictReader(lines) if row["tenant"] == tenant)


def _read_profile(row: dict[str, str]) -> Profile:
    return Profile(
        key=row["key"],
        name=row["name"],
        segment=row["segment"],
        status=row["status"],
        naf=row["naf"],
        insee_code=row["insee_code"],
        owner=row["owner"],
        parent=row["parent"],
        kind=row["profile"],
        spread=row["spread"],
        sites=int(row["sites"]),
        electricity_points=int(row["electricity_points"]),
        electricity_mwh=int(row["electricity_mwh"]),
        gas_points=int(row["gas_points"]),
        gas_mwh=int(row["gas_mwh"]),
        client_years=int(row["client_years"]),
    )


def invent_profiles(book: Book, count: int) -> Iterator[Profile]:
    """`count` further clients with distinct names, about ten delivery points each."""
    taken: set[str] = set()
    owners = [key for key, row in book.people.items() if row["roles"] == ["reader", "sales"]]
    for number in range(1, count + 1):
        random = book.random("further", number)
        pattern, segment, naf, kind = random.choice(FURTHER_KINDS)
        name = _distinct(_invent_name(random, pattern), taken, number)
        mwh = round(10 ** random.uniform(2.2, 4.2))
        points = random.randint(3, 14)
        yield Profile(
            key=f"further-{number}",
            name=name,
            segment=segment,
            status=random.choices(("client", "prospect", "at_risk", "former"), (80, 9, 6, 5))[0],
            naf=naf,
            insee_code=pick_commune(random).insee_code,
            owner=random.choice(owners),
            parent="",
            kind=kind,
            spread=random.choice(("commune", "commune", "region")),
            sites=max(1, points * 2 // 3),
            electricity_points=points,
            electricity_mwh=mwh,
            gas_points=random.randint(0, 4),
            gas_mwh=round(mwh * random.uniform(0.3, 1.5)),
            client_years=random.randint(1, 9),
        )


def _invent_name(random: Random, pattern: str) -> str:
    name = pattern.format(
        place=f"{random.choice(TOWNS)}-sur-{random.choice(RIVERS)}",
        family=random.choice(LAST_NAMES),
        patron=random.choice(PATRONS),
    )
    return name.replace(" de A", " d’A")


def _distinct(name: str, taken: set[str], number: int) -> str:
    if name in taken:
        name = f"{name} – {list_communes()[number % len(list_communes())].name}"
    if name in taken:
        name = f"{name} {number}"
    taken.add(name)
    return name


def pick_commune(random: Random) -> Commune:
    """A commune of the list, one in twenty being served by a local company."""
    local = random.random() < 0.05
    return random.choice([c for c in list_communes() if c.has_local_operator == local])


def write_accounts(book: Book, profiles: Sequence[Profile]) -> list[Client]:
    """Write `profiles` as accounts with their contacts; a parent comes before its subsidiaries."""
    return [
        Client(profile, _write_account(book, profile, number))
        for number, profile in enumerate(profiles, 1)
    ]


def _write_account(book: Book, profile: Profile, number: int) -> Row:
    random = book.random("account", profile.key)
    siren = make_siren(book.ranks.next("siren"))
    since = _client_since(book, profile, random)
    account = book.add(
        "accounts",
        profile.key,
        since or book.day(-random.randint(20, 200)),
        owner_id=book.person_id(profile.owner),
        parent_account_id=(
            make_id(book.tenant, "accounts", profile.parent) if profile.parent else None
        ),
        name=profile.name,
        siren=siren,
        siret=make_siret(siren),
        naf=profile.naf,
        segment=profile.segment,
        status=profile.status,
        address=make_address(random),
        postal_code=profile.commune.postal_code,
        city=profile.commune.name,
        region=profile.commune.region,
        client_since_on=since,
        **_economics(random, profile),
    )
    account["external_id"] = f"CRM-{book.tenant[:2].upper()}-{number:05d}"
    for rank in range(1, 2 + (profile.electricity_mwh > 1500) + (profile.electricity_mwh > 15000)):
        _write_contact(book, profile, account, rank)
    return account


def _client_since(book: Book, profile: Profile, random: Random) -> dt.date | None:
    if profile.status == "prospect":
        return None
    return book.day(-365 * profile.client_years - random.randint(0, 300))


def _economics(random: Random, profile: Profile) -> dict[str, Decimal | None]:
    energy = profile.electricity_mwh + profile.gas_mwh
    margin = Decimal(round(energy * random.uniform(0.9, 1.6)) + 900)
    cost = Decimal(round(float(margin) * random.uniform(0.18, 0.45)))
    is_prospect = profile.status == "prospect"
    public = profile.segment == "local_authority"
    return {
        "annual_revenue_eur": None if public else Decimal(energy) * random.randint(700, 2600),
        "cac_eur": Decimal(random.randint(12, 90) * 100),
        "cost_to_serve_eur": None if is_prospect else cost,
        "lifetime_value_eur": None if is_prospect else (margin - cost) * random.randint(4, 8),
    }


def make_address(random: Random) -> str:
    """A number and a street."""
    return f"{random.randint(1, 120)} {random.choice(STREETS)}"


def _write_contact(book: Book, profile: Profile, account: Row, rank: int) -> Row:
    random = book.random("contact", profile.key, rank)
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    roles = ROLES[profile.segment]
    consents = random.random() < 0.8
    since = account["created_at"].date()
    contact = book.add(
        "contacts",
        f"{profile.key}/{rank}",
        since,
        account_id=account["id"],
        name=f"{first} {last}",
        role=roles[(rank + len(profile.key)) % len(roles)],
        email=f"{fold(first)}.{fold(last)}@{profile.domain}",
        phone=make_phone(book.ranks.next("phone"), is_mobile=rank % 2 == 0),
        language="fr",
        consent=consents,
        consent_on=since if consents else None,
        consent_origin=random.choice(CONSENT_ORIGINS) if consents else None,
        preferred_channel=random.choice(("email", "email", "phone", "teams", "letter")),
    )
    contact["external_id"] = f"{account['external_id']}-{rank}"
    return contact
