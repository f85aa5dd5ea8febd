"""What the CRM says around a meeting: its client, the client's figures, people, open tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.meeting_synthesis.output.drafts import OpenTask, Whereabouts
from agents.meeting_synthesis.rules.figures import KnownFigure
from agents.meeting_synthesis.rules.lines import content_words
from agents.meeting_synthesis.rules.minutes import Records
from core.context import Identity
from core.database import Connection, Database
from core.words import fold
from ingest.meetings.invitation import Invitation

LIST_ACCOUNTS = "SELECT id, name FROM accounts WHERE tenant_id = %(tenant)s"
LIST_USERS = "SELECT id, full_name, email FROM users WHERE tenant_id = %(tenant)s AND is_active"
LIST_CONTRACTS = """
SELECT reference, supplier, price_eur_per_mwh, annual_volume_mwh, tolerance_band_pct
FROM contracts
WHERE tenant_id = %(tenant)s AND account_id = %(account)s AND status IN ('active', 'ending')
"""
LIST_POWERS = """
SELECT s.name, d.highest_subscribed_kva FROM delivery_points d
JOIN sites s ON s.tenant_id = d.tenant_id AND s.id = d.site_id
WHERE d.tenant_id = %(tenant)s AND s.account_id = %(account)s
  AND d.highest_subscribed_kva IS NOT NULL
"""
LIST_REFERENCES = """
SELECT d.code AS reference FROM delivery_points d
JOIN sites s ON s.tenant_id = d.tenant_id AND s.id = d.site_id
WHERE d.tenant_id = %(tenant)s AND s.account_id = %(account)s
UNION SELECT reference FROM contracts
WHERE tenant_id = %(tenant)s AND account_id = %(account)s AND reference IS NOT NULL
"""
LIST_NAMES = """
SELECT name FROM contacts WHERE tenant_id = %(tenant)s AND account_id = %(account)s
UNION SELECT supplier FROM contracts WHERE tenant_id = %(tenant)s
UNION SELECT name FROM sites WHERE tenant_id = %(tenant)s AND account_id = %(account)s
UNION SELECT full_name FROM users WHERE tenant_id = %(tenant)s
"""
LIST_TASKS = """
SELECT id, title, due_on FROM tasks
WHERE tenant_id = %(tenant)s AND status = 'open'
  AND (account_id = %(account)s OR (%(account)s::uuid IS NULL AND account_id IS NULL))
"""
ALIKE = 0.6


@dataclass(frozen=True)
class Background:
    """What the rules check against, and where the drafts belong."""

    records: Records
    whereabouts: Whereabouts


async def load_background(
    database: Database, identity: Identity, invitation: Invitation, source_id: str
) -> Background:
    """Read it all in one transaction on behalf of the user."""
    async with database.transaction(identity) as connection:
        tenant = {"tenant": identity.tenant_id}
        accounts = await _fetch(connection, LIST_ACCOUNTS, tenant)
        account_id = find_account(accounts, invitation)
        key = {**tenant, "account": account_id}
        contracts = await _fetch(connection, LIST_CONTRACTS, key)
        powers = await _fetch(connection, LIST_POWERS, key)
        names = [row["name"] for row in await _fetch(connection, LIST_NAMES, key) if row["name"]]
        references = await _fetch(connection, LIST_REFERENCES, key)
        users = await _fetch(connection, LIST_USERS, tenant)
        tasks = await _fetch(connection, LIST_TASKS, key)
    where = Whereabouts(
        source_id, account_id, match_users(users, invitation),
        _find_organizer(users, invitation) or identity.user_id,
        [OpenTask(row["id"], row["title"], row["due_on"]) for row in tasks],
    )  # fmt: skip
    figures = [*_contract_figures(contracts), *_power_figures(powers)]
    known = Records(tuple(names), tuple(figures), tuple(row["reference"] for row in references))
    return Background(known, where)


def find_account(accounts: Sequence[dict[str, Any]], invitation: Invitation) -> UUID | None:
    """The one client that the invitation names; None when several fit or none."""
    said = set(content_words(fold(f"{invitation.client} {invitation.title}")))
    scores: list[tuple[float, UUID]] = []
    for row in accounts:
        words = set(content_words(fold(row["name"])))
        if words:
            scores.append((len(words & said) / len(words), row["id"]))
    scores.sort(reverse=True, key=lambda each: each[0])
    if not scores or scores[0][0] < ALIKE:
        return None
    is_alone = len(scores) == 1 or scores[1][0] < scores[0][0]
    return scores[0][1] if is_alone else None


def match_users(users: Sequence[dict[str, Any]], invitation: Invitation) -> dict[str, UUID]:
    """The firm's people among the attendees: by address, else by the words of the name."""
    found: dict[str, UUID] = {}
    for attendee in invitation.attendees:
        for row in users:
            same_mail = attendee.email and attendee.email == row["email"]
            if same_mail or (
                not attendee.email and _words(attendee.name) == _words(row["full_name"])
            ):
                found[attendee.name] = row["id"]
    return found


def _find_organizer(users: Sequence[dict[str, Any]], invitation: Invitation) -> UUID | None:
    return match_users(users, invitation).get(invitation.organizer)


def _words(name: str) -> frozenset[str]:
    return frozenset(fold(name).replace("-", " ").split())


def _contract_figures(rows: Sequence[dict[str, Any]]) -> list[KnownFigure]:
    figures: list[KnownFigure] = []
    for row in rows:
        label = f"contrat {row['reference']}"
        for column, unit, kind in (
            ("price_eur_per_mwh", "€/MWh", "price"),
            ("annual_volume_mwh", "MWh", "energy"),
        ):
            if row[column] is not None:
                figures.append(KnownFigure(label, row[column], unit, kind))
    return figures


def _power_figures(rows: Sequence[dict[str, Any]]) -> list[KnownFigure]:
    return [
        KnownFigure(f"puissance souscrite, {row['name']}", row["highest_subscribed_kva"], "kVA",
                    "apparent")
        for row in rows
    ]  # fmt: skip


async def _fetch(
    connection: Connection, query: str, values: dict[str, Any]
) -> list[dict[str, Any]]:
    return await (await connection.execute(query.encode(), values)).fetchall()
