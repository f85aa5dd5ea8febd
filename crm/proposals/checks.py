"""What a wished change must satisfy beyond the types of its values."""

from __future__ import annotations

from uuid import UUID

from core.context import Identity
from core.database import Connection
from core.formats import NBSP
from crm.objects import OBJECTS
from crm.proposals.addresses import find_lookalike
from crm.proposals.canonical import Change
from crm.proposals.declarations import Writable
from crm.proposals.errors import ChangeNotAllowed, InvalidChange
from crm.proposals.policy import Policy
from crm.proposals.records import exists, is_active_user, reference_targets
from crm.proposals.values import parse_value

KNOWN_ADDRESSES = """
SELECT unnest(ARRAY[e.from_address] || e.to_addresses) AS address
FROM emails e WHERE e.id = %(email)s
UNION
SELECT c.email FROM contacts c WHERE c.account_id = %(account)s AND c.email IS NOT NULL
UNION
SELECT email FROM users
"""
RECIPIENTS = ("to_addresses", "cc_addresses")


def check_policy(identity: Identity, declared: Writable, policy: Policy) -> None:
    """ChangeNotAllowed when the user's roles do not permit proposing."""
    if not identity.roles & policy.proposers_of(declared.object):
        raise ChangeNotAllowed(
            "Votre rôle ne permet pas de proposer ce changement. Demandez à la personne qui en a "
            "la charge."
        )


def check_taint(declared: Writable, change: Change, typed: frozenset[str]) -> None:
    """InvalidChange when untrusted text would fill a field it must never fill."""
    if not change.is_tainted:
        return
    for name in declared.guarded & change.fields.keys() - typed:
        column = declared.columns[name]
        default = declared.defaults.get(name)
        usual = None if default is None else parse_value(column, default)
        if change.operation != "create" or change.fields[name].after != usual:
            raise InvalidChange(
                f"«{NBSP}{column.label}{NBSP}» ne peut pas être rempli d’après un courriel, un "
                "document ou une réunion. Saisissez ce champ vous-même."
            )


async def check_links(connection: Connection, declared: Writable, change: Change) -> None:
    """InvalidChange when a field points at a record that the user does not see."""
    for target, ids in reference_targets(declared.columns, change).items():
        given = {str(c.after) for c in change.fields.values()}
        for record_id in ids:
            if str(record_id) not in given:
                continue
            is_known = (
                await is_active_user(connection, record_id)
                if target == "users"
                else await exists(connection, target, record_id)
            )
            if not is_known:
                raise InvalidChange(
                    f"«{NBSP}{OBJECTS[target].singular}{NBSP}»{NBSP}: aucune fiche à l’identifiant "
                    f"{record_id}."
                )


async def check_recipients(connection: Connection, declared: Writable, change: Change) -> None:
    """InvalidChange for a recipient that looks like a known one without being it."""
    if declared.object != "reply_drafts":
        return
    known = await read_known_addresses(connection, change)
    for address in list_recipients(change):
        resembled = find_lookalike(address, known)
        if resembled is not None:
            raise InvalidChange(
                f"Le destinataire «{NBSP}{address}{NBSP}» ressemble à «{NBSP}{resembled}{NBSP}» "
                "sans être lui. Vérifiez l’adresse avant de la retaper."
            )


def list_recipients(change: Change) -> list[str]:
    """The addresses that a draft would be sent to."""
    values = [change.fields[name].after for name in RECIPIENTS if name in change.fields]
    return [address for value in values if isinstance(value, list) for address in value]


async def read_known_addresses(connection: Connection, change: Change) -> frozenset[str]:
    """The addresses expected for an answer: its mail's, its client's contacts', colleagues'."""
    email = change.fields.get("email_id")
    parameters = {"email": _uuid(email.after if email else None), "account": change.account_id}
    cursor = await connection.execute(KNOWN_ADDRESSES, parameters)
    return frozenset(str(row["address"]).lower() for row in await cursor.fetchall())


def _uuid(value: object) -> UUID | None:
    return UUID(value) if isinstance(value, str) else None
