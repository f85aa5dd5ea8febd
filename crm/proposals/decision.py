"""The one decision: may this change be carried out, given who approved it? Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.formats import NBSP
from crm.proposals.canonical import Change
from crm.proposals.declarations import WRITABLES
from crm.proposals.policy import Policy
from crm.proposals.values import Canonical

NO_ROLE = (
    "Votre rôle ne permet pas d’approuver ce changement. Demandez à une personne dont c’est le rôle"
    f"{NBSP}: {{roles}}."
)
NOT_OWNER = (
    "Vous n’approuvez que pour les clients dont vous êtes responsable. Demandez au responsable du "
    "client ou à la direction."
)
OWN_OPENING = (
    "Qui a ouvert une non-conformité ne la clôt pas. Demandez à une autre personne habilitée."
)
ROLE_LABELS = {"sales": "commercial", "quality": "qualité", "director": "direction"}


@dataclass(frozen=True)
class Person:
    """Someone who approves, with the roles held now."""

    id: UUID
    roles: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """What the records say of a change, read when it is decided: owners, author, amount."""

    account_owner_id: UUID | None = None
    record_owner_id: UUID | None = None
    author_id: UUID | None = None
    stake_cents: int = 0


@dataclass(frozen=True)
class Decision:
    """`execute`, or `wait` for what `reason` says."""

    verdict: Literal["execute", "wait"]
    needed: int
    reason: str = ""


def find_refusal(policy: Policy, change: Change, facts: Facts, person: Person) -> str | None:
    """Why `person` may not approve `change`, in French; None when they may."""
    allowed = policy.approvers_of(change.object)
    roles = person.roles & allowed
    if not roles:
        known = ", ".join(ROLE_LABELS[role] for role in sorted(allowed))
        return NO_ROLE.format(roles=known)
    owners = {facts.account_owner_id, facts.record_owner_id} - {None}
    if roles <= frozenset(policy.own_only) and owners and person.id not in owners:
        return NOT_OWNER
    return OWN_OPENING if _is_own_opening(change, facts, person) else None


def count_needed(policy: Policy, change: Change, facts: Facts) -> int:
    """How many persons must approve: two from the amount threshold on."""
    if policy.always_two(change.object):
        return 2
    return 2 if amount_of(change, facts) >= policy.threshold_cents(change.object) else 1


def amount_of(change: Change, facts: Facts) -> int:
    """The largest amount that the change writes, replaces or puts at stake, in cents."""
    values = [v for c in change.fields.values() for v in (c.before, c.after)]
    amounts = [abs(v["eur_cents"]) for v in values if isinstance(v, dict)]
    if WRITABLES[change.object].weighty & change.fields.keys():
        amounts.append(abs(facts.stake_cents))
    return max(amounts, default=0)


def may_auto_approve(policy: Policy, change: Change, facts: Facts) -> bool:
    """Tell whether the policy itself approves: listed, untainted, below the threshold."""
    if change.is_tainted or change.undoes or count_needed(policy, change, facts) > 1:
        return False
    return any(
        rule.object == change.object
        and rule.operation == change.operation
        and (not rule.fields or change.fields.keys() <= frozenset(rule.fields))
        for rule in policy.auto
    )


def decide(
    policy: Policy, change: Change, facts: Facts, approvers: Sequence[Person], *, by_policy: bool
) -> Decision:
    """Whether the approvals given are enough now. Approvals not permitted do not count."""
    needed = count_needed(policy, change, facts)
    if by_policy and may_auto_approve(policy, change, facts):
        return Decision("execute", needed)
    valid = {p.id: p for p in approvers if find_refusal(policy, change, facts, p) is None}
    if len(valid) < needed:
        return Decision("wait", needed, _missing(needed, len(valid)))
    seconds = frozenset(policy.second_roles)
    if needed > 1 and not any(p.roles & seconds for p in valid.values()):
        labels = ", ".join(ROLE_LABELS[role] for role in sorted(seconds))
        return Decision("wait", needed, f"Il manque l’accord d’un second approbateur ({labels}).")
    return Decision("execute", needed)


def _is_own_opening(change: Change, facts: Facts, person: Person) -> bool:
    separated = WRITABLES[change.object].separated
    if separated is None:
        return False
    column, value, author_column = separated
    touched = change.fields.get(column)
    if touched is None or touched.after != value:
        return False
    given = change.fields.get(author_column)
    authors: set[Canonical] = {str(facts.author_id)}
    if given is not None:
        authors |= {str(given.before), str(given.after)}
    if change.operation == "create":
        authors.add(str(change.proposer_id))
    return str(person.id) in authors


def _missing(needed: int, given: int) -> str:
    if needed == 1:
        return "Aucune personne habilitée n’a encore approuvé."
    return f"Deux accords sont nécessaires{NBSP}: il en manque {needed - given}."
