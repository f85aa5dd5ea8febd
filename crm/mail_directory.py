"""The rows of the CRM that a mail thread may speak of, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from core.database import Connection

CONTACTS = """
SELECT c.id, c.name, lower(c.email) AS email, c.account_id, a.name AS account_name
FROM contacts c JOIN accounts a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
WHERE lower(c.email) = ANY(%(emails)s)
   OR split_part(lower(c.email), '@', 2) = ANY(%(domains)s)
   OR c.account_id = ANY(%(accounts)s)
"""
CODES = """
SELECT 'contracts' AS object, c.id, c.reference AS name, c.account_id, c.reference AS code,
       a.name AS account_name
FROM contracts c JOIN accounts a ON a.tenant_id = c.tenant_id AND a.id = c.account_id
WHERE upper(regexp_replace(c.reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL
SELECT 'tenders', t.id, t.reference, t.account_id, t.reference, a.name
FROM tenders t LEFT JOIN accounts a ON a.tenant_id = t.tenant_id AND a.id = t.account_id
WHERE upper(regexp_replace(t.reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
   OR upper(regexp_replace(t.boamp_id, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL
SELECT 'delivery_points', d.id, d.code, s.account_id, d.code, a.name
FROM delivery_points d
JOIN sites s ON s.tenant_id = d.tenant_id AND s.id = d.site_id
JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE d.code = ANY(%(codes)s)
UNION ALL
SELECT 'non_conformities', n.id, n.reference, n.account_id, n.reference, a.name
FROM non_conformities n JOIN accounts a ON a.tenant_id = n.tenant_id AND a.id = n.account_id
WHERE upper(regexp_replace(n.reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL
SELECT 'accounts', a.id, a.name, a.id, a.siret, a.name
FROM accounts a WHERE a.siret = ANY(%(codes)s) OR a.siren = ANY(%(sirens)s)
"""
CONTRACTS = """
SELECT c.id, c.reference, c.supplier, c.energy, c.price_eur_per_mwh, c.end_on, c.notice_days,
       c.status, c.tacit_renewal, c.account_id
FROM contracts c WHERE c.account_id = ANY(%(accounts)s) AND c.status IN ('active', 'ending')
ORDER BY c.end_on
"""


@dataclass(frozen=True)
class DirectoryRows:
    """Rows as the database gives them, those the identity of the transaction may see."""

    contacts: tuple[dict[str, Any], ...] = ()
    codes: tuple[dict[str, Any], ...] = ()
    contracts: tuple[dict[str, Any], ...] = ()


async def read_directory(
    connection: Connection,
    emails: Sequence[str],
    domains: Sequence[str],
    codes: Sequence[str],
) -> DirectoryRows:
    """The contacts of these addresses, of these firm domains and of the accounts met, the
    records that bear these codes (no blanks, upper case), the running contracts of the accounts.

    Runs under the identity of the connection: its tenant's rows and no others.
    """
    sirens = [code[:9] for code in codes if len(code) == 14]
    found = await _rows(connection, CODES, codes=list(codes), sirens=sirens)
    wanted: dict[str, Any] = {"emails": list(emails), "domains": list(domains)}
    first = await _rows(connection, CONTACTS, **wanted, accounts=[])
    accounts = list({row["account_id"] for row in (*found, *first) if row["account_id"]})
    contacts = await _rows(connection, CONTACTS, **wanted, accounts=accounts)
    contracts = await _rows(connection, CONTRACTS, accounts=accounts)
    return DirectoryRows(contacts, found, contracts)


async def _rows(
    connection: Connection, statement: LiteralString, **parameters: object
) -> tuple[dict[str, Any], ...]:
    cursor = await connection.execute(statement, parameters)
    return tuple(await cursor.fetchall())
