"""A thread linked to the CRM: sender → contact → client, codes → records. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.database import Connection
from core.formats import format_quantity, join_words
from crm.mail_directory import DirectoryRows, read_directory
from ingest.mail.addresses import canonical_address, domain_of
from ingest.mail.facts import Code, MailFacts
from ingest.mail.links import Certainty, CodeLink, ContractRow, MailLinks, Record
from ingest.mail.reading import list_incoming
from ingest.mail.thread import CleanThread

PUBLIC_DOMAINS = frozenset(
    """
    gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr live.fr live.com msn.com
    yahoo.com yahoo.fr orange.fr wanadoo.fr free.fr sfr.fr neuf.fr laposte.net bbox.fr icloud.com
    me.com mac.com proton.me protonmail.com aol.com gmx.fr gmx.com numericable.fr
    """.split()
)
POINT_KINDS = ("prm", "pce", "delivery_point")
PRICE_GAP = Decimal(10)


async def find_links(
    connection: Connection, thread: CleanThread, facts: MailFacts, own_domains: Collection[str] = ()
) -> MailLinks:
    """Read what the CRM holds on the thread's addresses and codes, and link."""
    emails = sorted(list_participants(thread, own_domains))
    domains = sorted({domain_of(email) for email in emails} - PUBLIC_DOMAINS - {""})
    codes = sorted({normal_code(code.value) for code in facts.codes})
    rows = await read_directory(connection, emails, domains, codes)
    return link(thread, facts, rows, own_domains)


def list_participants(thread: CleanThread, own_domains: Collection[str]) -> set[str]:
    """The canonical addresses of the other side, senders and recipients."""
    found: set[str] = set()
    for message in thread.messages:
        mail = message.message
        for address in (mail.sender, *mail.to, *mail.cc):
            if address.email and domain_of(address.email) not in own_domains:
                found.add(canonical_address(address.email))
    return found


def link(
    thread: CleanThread, facts: MailFacts, rows: DirectoryRows, own_domains: Collection[str] = ()
) -> MailLinks:
    """The links of a thread, from rows already read. Pure.

    The account is that of the sender's contact; else the one that every certain code names;
    else, for a domain of its own, the one whose contacts write from it. Several: asked.
    """
    codes = tuple(link_code(code, rows) for code in facts.codes)
    contacts = [_contact(row) for row in rows.contacts]
    incoming = list_incoming(thread, own_domains)
    sender = canonical_address(incoming[-1].message.sender.email) if incoming else ""
    mine = [c for c in contacts if canonical_address(c.email) == sender]
    candidates = (
        _accounts(mine) or _accounts_of_codes(codes) or _accounts_of_domain(contacts, sender)
    )
    account = candidates[0] if len(candidates) == 1 else None
    own_contact = [c for c in mine if account is not None and c.account_id == account.id]
    return MailLinks(
        account=account,
        contact=own_contact[0] if len(own_contact) == 1 else None,
        account_candidates=candidates,
        codes=codes,
        contacts=tuple(c for c in contacts if account is not None and c.account_id == account.id),
        contracts=_contracts(rows.contracts, account),
        questions=tuple(_questions(candidates, codes, sender)),
        conflicts=tuple(_conflicts(facts, codes, account, _contracts(rows.contracts, account))),
        own_domains=frozenset(own_domains),
    )


def normal_code(code: str) -> str:
    """A code as the CRM is searched for it."""
    return re.sub(r"[^A-Za-z0-9]", "", code).upper()


def link_code(code: Code, rows: DirectoryRows) -> CodeLink:
    """The records that bear a code, of the kinds it may name."""
    if not code.is_valid:
        return CodeLink(code, "invalid")
    wanted = normal_code(code.value)
    found = tuple(
        Record(row["object"], row["id"], row["name"], row["account_id"], row["code"] or "",
               account_name=row["account_name"] or "")
        for row in rows.codes
        if _bears(row, wanted, code)
    )  # fmt: skip
    certainty: Certainty = "certain" if len(found) == 1 else "ambiguous" if found else "unknown"
    return CodeLink(code, certainty, found)


def _bears(row: dict[str, Any], wanted: str, code: Code) -> bool:
    if row["object"] == "accounts":
        return code.kind in ("siret", "delivery_point") and normal_code(row["code"] or "") == wanted
    if row["object"] == "delivery_points" and code.kind not in POINT_KINDS:
        return False
    return normal_code(row["code"] or "") == wanted


def _contact(row: dict[str, Any]) -> Record:
    return Record("contacts", row["id"], row["name"], row["account_id"], email=row["email"] or "",
                  account_name=row["account_name"])  # fmt: skip


def _accounts(records: Sequence[Record]) -> tuple[Record, ...]:
    found: dict[UUID, Record] = {}
    for record in records:
        if record.account_id is not None:
            found[record.account_id] = Record("accounts", record.account_id, record.account_name)
    return tuple(sorted(found.values(), key=lambda account: account.name))


def _accounts_of_codes(codes: Sequence[CodeLink]) -> tuple[Record, ...]:
    return _accounts([c.records[0] for c in codes if c.certainty == "certain"])


def _accounts_of_domain(contacts: Sequence[Record], sender: str) -> tuple[Record, ...]:
    domain = domain_of(sender)
    if domain in PUBLIC_DOMAINS:
        return ()
    return _accounts([c for c in contacts if c.email and domain_of(c.email) == domain])


def _contracts(rows: Sequence[dict[str, Any]], account: Record | None) -> tuple[ContractRow, ...]:
    return tuple(
        ContractRow(row["id"], row["reference"], row["supplier"], row["energy"],
                    row["price_eur_per_mwh"], row["end_on"], row["notice_days"], row["status"],
                    row["tacit_renewal"])
        for row in rows
        if account is not None and row["account_id"] == account.id
    )  # fmt: skip


def _questions(
    candidates: Sequence[Record], codes: Sequence[CodeLink], sender: str
) -> Iterator[str]:
    if len(candidates) > 1:
        names = join_words(
            [f"«\u00a0{candidate.name}\u00a0»" for candidate in candidates[:6]], "ou"
        )
        yield f"À quel client rattacher ce courriel de {sender}\u00a0: {names}\u00a0?"
    elif not candidates and sender:
        yield f"Quel client écrit depuis {sender}\u00a0? Aucun contact ne porte cette adresse."
    for found in codes:
        if found.certainty == "ambiguous":
            records = [f"«\u00a0{r.account_name or r.name}\u00a0»" for r in found.records[:6]]
            names = join_words(records, "ou")
            yield f"La référence {found.code.value} désigne plusieurs dossiers\u00a0: {names}\u00a0?"


def _conflicts(
    facts: MailFacts, codes: Sequence[CodeLink], account: Record | None,
    contracts: Sequence[ContractRow],
) -> Iterator[str]:  # fmt: skip
    yield from facts.unit_conflicts
    for found in codes:
        if found.certainty == "invalid":
            yield f"Le SIRET {found.code.value} a une clé fausse\u00a0: à vérifier."
        if found.certainty != "certain" or account is None:
            continue
        record = found.records[0]
        if record.account_id is not None and record.account_id != account.id:
            yield (
                f"La référence {found.code.value} est celle de «\u00a0{record.account_name}\u00a0», "
                f"non de «\u00a0{account.name}\u00a0»\u00a0: à vérifier."
            )
    yield from _price_conflicts(facts, contracts)


def _price_conflicts(facts: MailFacts, contracts: Sequence[ContractRow]) -> Iterator[str]:
    """A price ten times off every running contract's is in another unit."""
    prices = [c.price_eur_per_mwh for c in contracts if c.price_eur_per_mwh]
    for amount in facts.amounts:
        if (
            amount.unit == "EUR/MWh"
            and prices
            and not any(price / PRICE_GAP < amount.value < price * PRICE_GAP for price in prices)
        ):
            yield (
                f"«\u00a0{amount.raw}\u00a0» est sans rapport avec les prix des contrats en cours "
                f"({format_quantity(prices[0], '€/MWh')})\u00a0: unité à vérifier."
            )  # fmt: skip
