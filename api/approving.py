"""Approvals on the command line, in the name of a person who gives their password."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from api.auth import Gatekeeper
from api.offline import run_closing
from api.services import build_services
from core.context import Context
from core.errors import InvalidInput, NotFound
from core.formats import NBSP, count_noun, end_sentence, format_instant
from core.settings import Settings
from crm.installation import Installation
from crm.proposals.approving import Line
from tools import approvals
from tools.cards import Card, batch_digest

SHORT = 8
Work = Callable[[Context], Awaitable[list[str]]]
Confirm = Callable[[list[str]], bool]


@dataclass(frozen=True)
class Credentials:
    """Who acts; the password is checked, and kept nowhere."""

    email: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.email!r})"


def list_here(settings: Settings, who: Credentials) -> list[str]:
    """The waiting proposals, client by client."""

    async def work(context: Context) -> list[str]:
        cards = await approvals.list_pending(context)
        if not cards:
            return ["Aucune proposition en attente."]
        return [*(_write_line(card) for card in _by_account(cards)), "",
                f"{count_noun(len(cards), 'proposition', 'propositions')} en attente. "
                "Détail : voltaire approvals show NUMÉRO"]  # fmt: skip

    return _run(settings, who, work)


def show_here(settings: Settings, who: Credentials, number: str) -> list[str]:
    """One proposal: before and after, evidence, warnings."""

    async def work(context: Context) -> list[str]:
        return write_list([await _find(context, number)])

    return _run(settings, who, work)


def approve_here(
    settings: Settings, who: Credentials, numbers: Sequence[str], digest: str | None,
    confirm: Confirm | None,
) -> list[str]:  # fmt: skip
    """Approve these proposals as one list, all of them or none, as `approve_shown` does."""

    async def work(context: Context) -> list[str]:
        return await approve_shown(context, numbers, digest, confirm)

    return _run(settings, who, work)


async def approve_shown(
    context: Context, numbers: Sequence[str], digest: str | None, confirm: Confirm | None
) -> list[str]:
    """Approve the list that was read, under the digest it was read with.

    `digest` is the one an earlier reading displayed. Without it the list is shown to `confirm`,
    which says whether the person approves; without either, it is only shown. Raises
    StaleProposal when the list has changed since it was read.
    """
    cards = tuple([await _find(context, number) for number in numbers])
    lines = [Line(card.id, card.digest) for card in cards]
    if digest is None:
        digest, shown = batch_digest(cards), write_list(cards)
        if confirm is None:
            command = " ".join(["voltaire approvals approve", *numbers, "--digest", digest])
            return [*shown, f"Rien n’est approuvé. Pour approuver ce qui est écrit ici{NBSP}:",
                    command]  # fmt: skip
        if not confirm(shown):
            return ["Rien n’est approuvé."]
    done = await approvals.approve(context, lines, digest)
    return [_tell(card, result.status) for card, result in zip(cards, done, strict=True)]


def write_list(cards: Sequence[Card]) -> list[str]:
    """Cards for a terminal, then the digest that stands for all that was written."""
    lines = [line for card in cards for line in [*write_card(card), ""]]
    return [*lines, f"Empreinte de ce qui est montré{NBSP}: {batch_digest(tuple(cards))}"]


def reject_here(settings: Settings, who: Credentials, number: str, reason: str) -> list[str]:
    """Turn a proposal down."""

    async def work(context: Context) -> list[str]:
        card = await _find(context, number)
        await approvals.reject(context, card.id, card.digest, reason)
        return [f"Refusée{NBSP}: {end_sentence(card.title)}"]

    return _run(settings, who, work)


def undo_here(settings: Settings, who: Credentials, number: str) -> list[str]:
    """Propose the inverse of a change that was made."""

    async def work(context: Context) -> list[str]:
        made = await approvals.undo(context, _read_id(number))
        return ["L’annulation attend un accord, comme toute modification :", *write_card(made)]

    return _run(settings, who, work)


def retry_here(settings: Settings, who: Credentials, number: str) -> list[str]:
    """Try an effect outside the CRM again."""

    async def work(context: Context) -> list[str]:
        return write_card(await approvals.retry_effect(context, _read_id(number)))

    return _run(settings, who, work)


def write_card(card: Card) -> list[str]:
    """A card for a terminal."""
    lines = [card.title, f"  {card.status_label} – n° {card.id}"]
    if card.account_name:
        lines.append(f"  Client{NBSP}: {card.account_name}")
    if card.about:
        lines.append(f"  {card.about}")
    for line in card.lines:
        mark = f"  ← {line.note}" if line.note else ""
        change = line.after if line.before == "–" else f"{line.before} → {line.after}"
        lines.append(f"  {line.label}{NBSP}: {change}{mark}")
    lines.append(f"  Motif{NBSP}: {card.reason}")
    lines += [
        f"  Preuve{NBSP}: «{NBSP}{e.quote}{NBSP}»{f' – {e.source_name}' if e.source_name else ''}"
        for e in card.evidence
    ]
    lines += [f"  Attention{NBSP}: {warning}" for warning in card.warnings]
    lines += [f"  {card.effect}"] if card.effect else []
    lines.append(
        f"  Proposée par {card.proposer_name}, expire le {format_instant(card.expires_at)}"
    )
    lines += [f"  {card.refusal}"] if card.refusal else []
    return [*lines, *([f"  {card.outcome}"] if card.outcome else [])]


def _write_line(card: Card) -> str:
    account = f" – {card.account_name}" if card.account_name else ""
    mark = "" if card.may_approve else " (accord d’une autre personne)"
    return f"{str(card.id)[:SHORT]}  {card.title}{account}{mark}"


def _by_account(cards: Sequence[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: (card.account_name, card.created_at))


def _tell(card: Card, status: str) -> str:
    if status == "pending":
        return f"Accord noté{NBSP}: {end_sentence(card.title)} Une seconde personne doit approuver."
    return (
        f"Approuvée{NBSP}: {end_sentence(card.title)} Elle est effectuée dès que Voltaire tourne."
    )


async def _find(context: Context, number: str) -> Card:
    """A waiting card by its whole number or its first characters. Raises NotFound, InvalidInput."""
    if len(number) == 36:
        return await approvals.get_card(context, _read_id(number))
    cards = await approvals.list_pending(context, limit=200)
    found = [card for card in cards if str(card.id).startswith(number.lower())]
    if not found:
        raise NotFound(f"Aucune proposition en attente ne commence par «{NBSP}{number}{NBSP}».")
    if len(found) > 1:
        raise InvalidInput(
            f"Plusieurs propositions commencent par «{NBSP}{number}{NBSP}»{NBSP}: donnez-en plus."
        )
    return found[0]


def _read_id(number: str) -> UUID:
    try:
        return UUID(number)
    except ValueError as error:
        raise InvalidInput("Donnez le numéro entier de la proposition (36 caractères).") from error


def _run(settings: Settings, who: Credentials, work: Work) -> list[str]:
    async def act(installation: Installation) -> list[str]:
        return await work(await sign_in(installation, who))

    return run_closing(settings, act)


async def sign_in(installation: Installation, who: Credentials) -> Context:
    """The context of who gives their password. Raises VoltaireError."""
    gatekeeper = Gatekeeper(installation.database, installation.secrets)
    identity = await gatekeeper.sign_in(who.email, who.password)
    return build_services(installation).make_context(identity)
