"""Sites of clients and their delivery points: segment, tariff and power follow consumption."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from demo.accounts import Client, Profile, make_address, pick_commune
from demo.book import Book, Row
from demo.codes import make_pce, make_prm
from demo.communes import NO_GAS_REGION, Commune, communes_by_code, list_communes
from demo.names import SITES

SKEWED_COUNT = 8
"""From this number of points on, a few large ones draw most of a client's energy."""
TIME_CLASSES = ("HPH", "HCH", "HPE", "HCE")
KWH = Decimal(1000)
KITCHEN_RANK = 3
"""From this rank on, a client's last gas point serves a kitchen or a caretaker's lodge only."""
SURFACE_PER_MWH = {"town": 9, "residence": 14, "school": 12, "factory": 2, "datacentre": 1}


@dataclass(frozen=True)
class Supply:
    """The tariff position of an electricity point; powers in kVA by time class."""

    segment: str
    fta: str
    powers: dict[str, int]

    @property
    def highest_kva(self) -> int:
        """The highest subscribed power."""
        return max(self.powers.values())


def write_sites(book: Book, client: Client) -> None:
    """Write the sites of `client` with their delivery points."""
    profile = client.profile
    sites = [_write_site(book, client, rank) for rank in range(profile.sites)]
    _spread_points(book, client, sites, "electricity")
    with_gas = [site for site in sites if _commune_of(site).region != NO_GAS_REGION]
    if with_gas:
        _spread_points(book, client, with_gas, "gas")


def _write_site(book: Book, client: Client, rank: int) -> Row:
    profile = client.profile
    random = book.random("site", profile.key, rank)
    commune = _pick_site_commune(random, profile, rank)
    pool = SITES[profile.kind]
    name, activity = pool[rank % len(pool)]
    if commune.insee_code != profile.insee_code or rank >= len(pool):
        name = f"{name} de {commune.name}" if rank < len(pool) else f"{name} n° {rank + 1}"
    volume = max(1, (profile.electricity_mwh + profile.gas_mwh) // profile.sites)
    surface = volume * SURFACE_PER_MWH.get(profile.kind, 5) * random.randint(60, 140) // 100
    return book.add(
        "sites",
        f"{profile.key}/{rank}",
        client.account["created_at"].date(),
        account_id=client.account["id"],
        name=name,
        address=make_address(random),
        postal_code=commune.postal_code,
        commune=commune.name,
        insee_code=commune.insee_code,
        latitude=commune.latitude + Decimal(random.randint(-9000, 9000)) / 1_000_000,
        longitude=commune.longitude + Decimal(random.randint(-9000, 9000)) / 1_000_000,
        surface_m2=max(40, min(surface, 120_000)),
        activity=activity,
    )


def _pick_site_commune(random: Random, profile: Profile, rank: int) -> Commune:
    if rank == 0 or profile.spread == "commune":
        return profile.commune
    if profile.spread == "country":
        return pick_commune(random)
    near = [c for c in list_communes() if c.region == profile.commune.region]
    return random.choice([c for c in near if not c.has_local_operator] or near)


def _commune_of(site: Row) -> Commune:
    return communes_by_code()[site["insee_code"]]


def _spread_points(book: Book, client: Client, sites: Sequence[Row], energy: str) -> None:
    profile = client.profile
    is_gas = energy == "gas"
    count = profile.gas_points if is_gas else profile.electricity_points
    total = profile.gas_mwh if is_gas else profile.electricity_mwh
    random = book.random("points", profile.key, energy)
    power = 2 if count >= SKEWED_COUNT else 1
    weights = sorted((random.expovariate(1) ** power + 0.03 for _ in range(count)), reverse=True)
    for rank, weight in enumerate(weights):
        site = sites[rank % len(sites)]
        mwh = Decimal(round(total * weight / sum(weights) * 1000)) / KWH
        if is_gas and rank == count - 1 >= KITCHEN_RANK:
            mwh = Decimal(random.randint(1800, 5900)) / KWH
        write = _write_gas_point if is_gas else _write_electricity_point
        write(book, site, f"{profile.key}/{energy}/{rank}", max(mwh, Decimal("1.2")), random)


def _write_electricity_point(book: Book, site: Row, key: str, mwh: Decimal, random: Random) -> None:
    supply = choose_supply(float(mwh), random)
    department = site["insee_code"][:2]
    _write_point(
        book,
        site,
        key,
        random,
        energy="electricity",
        code=make_prm(book.ranks.next("point"), department),
        segment=supply.segment,
        fta=supply.fta,
        subscribed_power_kva=supply.powers,
        max_power_kva=Decimal(round(supply.highest_kva * random.uniform(0.55, 1.12), 1)).quantize(
            Decimal("0.1")
        ),
        annual_consumption_mwh=mwh,
        car_kwh=None,
    )


def _write_gas_point(book: Book, site: Row, key: str, mwh: Decimal, random: Random) -> None:
    _write_point(
        book,
        site,
        key,
        random,
        energy="gas",
        code=make_pce(book.ranks.next("point"), float(mwh)),
        segment=gas_segment(mwh),
        fta=None,
        subscribed_power_kva=None,
        max_power_kva=None,
        annual_consumption_mwh=mwh,
        car_kwh=mwh * KWH,
    )


def _write_point(
    book: Book, site: Row, key: str, random: Random, /, energy: str, **columns: object
) -> None:
    expiry = _consent_expiry(book, random)
    row = book.add(
        "delivery_points",
        key,
        site["created_at"].date(),
        site_id=site["id"],
        energy=energy,
        grid_operator=_commune_of(site).grid_operator(energy),
        data_consent=expiry is not None and expiry > book.today,
        data_consent_expires_on=expiry,
        **columns,
    )
    book.by_account["delivery_points", site["account_id"]].append(row)


def _consent_expiry(book: Book, random: Random) -> dt.date | None:
    if random.random() < 0.25:
        return None
    return book.day(random.randint(-60, 700))


def gas_segment(mwh: Decimal) -> str:
    """The gas tariff option by yearly volume: below 6, 300 and 5,000 MWh, then T4."""
    for limit, segment in ((6, "T1"), (300, "T2"), (5000, "T3")):
        if mwh < limit:
            return segment
    return "T4"


def choose_supply(mwh: float, random: Random) -> Supply:
    """A position consistent with a yearly consumption in MWh.

    Up to 36 kVA is C5; low voltage above is C4; medium voltage is C3 up to 250 kVA, C2 above,
    and C1 when the site has its own grid access contract (here from 20 GWh).
    """
    hours = random.choice((1700, 2200, 2700, 3300, 4200, 5200))
    length = "LU" if hours > 3000 else "CU"
    needed = mwh * 1000 / hours
    if needed <= 36:
        return Supply("C5", _small_tariff(hours), _flat(_round_up(needed, 3, 6)))
    if needed <= 150 or (needed <= 240 and random.random() < 0.6):
        return Supply("C4", f"BTSUP{length}", _flat(_round_up(needed, 6, 42)))
    segment = "C3" if needed <= 240 else "C1" if mwh >= 20_000 else "C2"
    return Supply(segment, f"HTA{length}5", _rising(_round_up(needed, 10, 160)))


def _small_tariff(hours: int) -> str:
    if hours > 5000:
        return "BTINFLU"
    return "BTINFMU4" if hours > 3000 else "BTINFCU4"


def _round_up(value: float, step: int, least: int) -> int:
    return max(least, int(-(-value // step)) * step)


def _flat(power: int) -> dict[str, int]:
    return dict.fromkeys(TIME_CLASSES, power)


def _rising(power: int) -> dict[str, int]:
    """Medium voltage: five classes whose powers never decrease from peak to summer nights."""
    low = power * 19 // 20
    return {"P": low, "HPH": low, "HCH": power, "HPE": power, "HCE": power}
