"""What the CRM already holds of a tender: its delivery points, its buyer, its record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from agents.tender_scoring.facts import EnergyBlock
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.rules.notes import Relationship
from core.context import Identity
from core.database import Database
from core.errors import VoltaireError
from core.formats import NBSP, count_noun, join_words

FIND_BUYER = """
SELECT name, status FROM accounts
WHERE tenant_id = %s AND lower(name) = lower(%s) LIMIT 1
"""
FIND_POINTS = """
SELECT p.id, p.code, a.name AS account
FROM delivery_points p
JOIN sites s ON s.tenant_id = p.tenant_id AND s.id = p.site_id
JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE p.tenant_id = %s AND p.code = ANY(%s)
"""
CLIENTS_SHOWN = 3
NO_BUYER = "L’acheteur n’est pas nommé."


@dataclass(frozen=True)
class KnownPoint:
    """A delivery point of the CRM and the client it belongs to."""

    id: UUID
    account: str


async def find_relationship(
    database: Database, identity: Identity, buyer: str | None
) -> Relationship:
    """What the CRM holds of the buyer."""
    if not buyer:
        return Relationship(failed=NO_BUYER)
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(FIND_BUYER, (identity.tenant_id, buyer))
        row = await cursor.fetchone()
    if row is None:
        return Relationship(was_asked=True)
    return Relationship(row["name"], row["status"], was_asked=True)


async def find_points(
    database: Database, identity: Identity, codes: list[str]
) -> dict[str, KnownPoint]:
    """Delivery points of the CRM by code, as the user may see them."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(FIND_POINTS, (identity.tenant_id, codes))).fetchall()
    return {row["code"]: KnownPoint(row["id"], row["account"]) for row in rows}


async def match_points(
    database: Database, identity: Identity, analysis: TenderAnalysis
) -> TenderAnalysis:
    """The analysis with its delivery points tied to those of the CRM.

    The digest stays that of the file: the CRM changes from day to day. A search that failed is
    told in `energy.crm_failure`, and counts no point as unknown.
    """
    codes = sorted({point.code for point in analysis.energy.points})
    if not codes:
        return analysis
    try:
        known = await find_points(database, identity, codes)
    except VoltaireError as error:
        block = analysis.energy.model_copy(update={"crm_failure": error.message})
        return analysis.model_copy(update={"energy": block})
    points = tuple(
        point.model_copy(update={"crm_id": found.id, "crm_account": found.account})
        if (found := known.get(point.code))
        else point
        for point in analysis.energy.points
    )
    block = analysis.energy.model_copy(
        update={"points": points, "known_points": sum(point.crm_id is not None for point in points)}
    )
    return analysis.model_copy(update={"energy": block})


def count_clients(block: EnergyBlock) -> list[tuple[str, int]]:
    """The clients whose delivery points are in the file, and how many, the most first."""
    counts = Counter(point.crm_account for point in block.points if point.crm_account)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def describe_points(block: EnergyBlock) -> str:
    """How many delivery points there are, how many we know and whose; empty without any."""
    if not block.points:
        return ""
    told = count_noun(len(block.points), "point de livraison", "points de livraison")
    if block.crm_failure:
        return f"{told}. Rapprochement avec le CRM impossible{NBSP}: {block.crm_failure}"
    new = len(block.points) - block.known_points
    if not block.known_points:
        return f"{told}, aucun n’est dans le CRM."
    clients = count_clients(block)
    named = [f"{name}{NBSP}: {count}" for name, count in clients[:CLIENTS_SHOWN]]
    if len(clients) > CLIENTS_SHOWN:
        named.append("…")
    known = f"{block.known_points} déjà dans le CRM ({join_words(named)})"
    return f"{told}, dont {known} et {count_noun(new, 'nouveau', 'nouveaux')}."
