"""Who a reply may go to: participants of the thread and the client's contacts, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.mail.addresses import canonical_address, domain_of, find_look_alikes, is_no_reply
from ingest.mail.links import MailLinks
from ingest.mail.message import MailMessage
from ingest.mail.thread import CleanThread


@dataclass(frozen=True)
class Recipients:
    """`to` and `cc` are canonical addresses; `refused` says in French what was left out."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    refused: tuple[str, ...]


def choose_recipients(thread: CleanThread, answered: MailMessage, links: MailLinks) -> Recipients:
    """The sender of the answered message, its other correspondents in copy.

    A reply address that is not the sender's is used only when it is a contact of the client or
    wrote earlier in the thread. An address that could be taken for a known one is refused.
    """
    contacts = {canonical_address(contact.email) for contact in links.contacts if contact.email}
    known = contacts | {f"x@{domain}" for domain in links.own_domains}
    refused: list[str] = []
    sender = canonical_address(answered.sender.email) if answered.sender.email else ""
    trusted = contacts | _earlier_senders(thread, answered)
    to = [] if not sender or is_no_reply(sender) else [sender]
    for address in answered.reply_to:
        wanted = canonical_address(address.email)
        if wanted == sender:
            continue
        if wanted in trusted and not is_no_reply(wanted):
            to = [wanted]
        else:
            refused.append(f"{wanted}\u00a0: adresse de réponse nouvelle, non utilisée.")
    kept_to = _without_look_alikes(to, known, refused)
    others = [a.email for a in (*answered.to, *answered.cc)]
    cc = [a for a in map(canonical_address, others) if _is_copy(a, kept_to, links)]
    kept_cc = _without_look_alikes(list(dict.fromkeys(cc)), known | set(kept_to), refused)
    return Recipients(tuple(kept_to), tuple(kept_cc), tuple(refused))


def list_allowed(thread: CleanThread, links: MailLinks) -> frozenset[str]:
    """Every address a reply may go to: participants and contacts, as compared."""
    participants = {
        canonical_address(address.email)
        for message in thread.messages
        for address in (message.message.sender, *message.message.to, *message.message.cc)
        if address.email
    }
    return frozenset(participants | {canonical_address(c.email) for c in links.contacts if c.email})


def _earlier_senders(thread: CleanThread, answered: MailMessage) -> set[str]:
    return {
        canonical_address(message.message.sender.email)
        for message in thread.messages
        if message.message.sent_at < answered.sent_at and message.message.sender.email
    }


def _is_copy(address: str, to: Sequence[str], links: MailLinks) -> bool:
    is_ours = domain_of(address) in links.own_domains
    return bool(address) and address not in to and not is_ours and not is_no_reply(address)


def _without_look_alikes(
    addresses: Sequence[str], known: set[str], refused: list[str]
) -> list[str]:
    kept: list[str] = []
    for address in addresses:
        domains = {f"x@{domain_of(other)}" for other in known}
        similar = list(_imitated(address, known, domains))
        if similar:
            refused.append(f"{address}\u00a0: imite {similar[0]}, refusée.")
        else:
            kept.append(address)
    return kept


def _imitated(address: str, known: set[str], domains: set[str]) -> Iterator[str]:
    """The known addresses or domains that `address` looks like without being of them."""
    if address in known:
        return
    yield from (d.removeprefix("x@") for d in find_look_alikes(f"x@{domain_of(address)}", domains))
