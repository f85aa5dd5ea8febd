"""The policy decides: for any policy and proposal, what executes was allowed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.proposals.canonical import Change, FieldChange, Origin
from crm.proposals.decision import Facts, Person, amount_of, decide, find_refusal
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidPolicy
from crm.proposals.policy import Policy, default_policy, parse_policy

PEOPLE = [UUID(int=n) for n in range(1, 5)]
ROLES = ["reader", "sales", "quality", "director", "admin"]
BUSINESS = ["sales", "quality", "director"]
OBJECTS = ["contracts", "tasks", "non_conformities", "kb_articles"]
PERSONS = st.builds(Person, st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(ROLES)))
FACTS = st.builds(
    Facts,
    st.none() | st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE),
    st.none() | st.sampled_from(PEOPLE), st.integers(0, 10**8),
)  # fmt: skip
MONEY = st.fixed_dictionaries({"eur_cents": st.integers(-(10**8), 10**8)})
FIELDS = st.dictionaries(
    st.sampled_from(["status", "annual_amount_eur", "title"]),
    st.builds(FieldChange, st.none(), st.sampled_from(["closed", "open"]) | MONEY),
    min_size=1,
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    rule = st.fixed_dictionaries(
        {},
        optional={
            "approuvent": st.lists(st.sampled_from(BUSINESS), min_size=1, unique=True),
            "proposent": st.lists(st.sampled_from(BUSINESS), unique=True),
            "seuil_eur": st.integers(0, 10**6).map(str),
            "toujours_deux": st.booleans(),
        },
    )
    auto = st.fixed_dictionaries(
        {"objet": st.sampled_from(OBJECTS), "operation": st.sampled_from(["create", "update"])}
    )
    return Policy.model_validate({
        "validite_jours": 14, "propositions_par_heure": 10, "approbations_par_heure": 10,
        "seuil_second_approbateur_eur": str(draw(st.integers(0, 10**6))),
        "seconds_approbateurs": draw(st.lists(st.sampled_from(BUSINESS), min_size=1)),
        "limites_a_leurs_clients": draw(st.lists(st.sampled_from(BUSINESS))),
        "brouillons_deposes_d_office": True,
        "approbation_automatique": draw(st.lists(auto, max_size=2)),
        "objets": draw(st.dictionaries(st.sampled_from(OBJECTS), rule)),
    })  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> Change:
    now = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)
    return Change(
        id=UUID(int=90), tenant_id=UUID(int=91), nonce=UUID(int=92),
        proposer_id=draw(st.sampled_from(PEOPLE)),
        operation=draw(st.sampled_from(["create", "update"])),
        object=draw(st.sampled_from(OBJECTS)), record_id=UUID(int=93), version=1,
        account_id=None, fields=draw(FIELDS), reason="r", origin=Origin("test"),
        is_tainted=draw(st.booleans()), created_at=now, expires_at=now,
    )  # fmt: skip


@given(policies(), changes(), FACTS, st.lists(PERSONS, max_size=4), st.booleans())
def test_whatever_executes_was_allowed(
    policy: Policy, change: Change, facts: Facts, approvers: list[Person], by_policy: bool
) -> None:
    decision = decide(policy, change, facts, approvers, by_policy=by_policy)
    if decision.verdict != "execute":
        assert decision.reason
        return
    entitled = [p for p in approvers if _is_entitled(policy, change, facts, p)]
    is_large = amount_of(change, facts) >= policy.threshold_cents(change.object)
    is_listed = any(
        (a.object, a.operation) == (change.object, change.operation) for a in policy.auto
    )
    wants_two = is_large or policy.always_two(change.object)
    if by_policy and is_listed and not change.is_tainted and not wants_two:
        return
    assert len({p.id for p in entitled}) >= (2 if is_large else 1)
    if is_large or policy.always_two(change.object):
        assert any(p.roles & set(policy.second_roles) for p in entitled)


def _is_entitled(policy: Policy, change: Change, facts: Facts, person: Person) -> bool:
    """The rule written again, independently of the code that applies it."""
    rule = policy.objects.get(change.object)
    allowed = set((rule and rule.approvers) or WRITABLES[change.object].approvers)
    roles = allowed & person.roles
    owners = {o for o in (facts.account_owner_id, facts.record_owner_id) if o}
    if not roles:
        return False
    if owners and person.id not in owners and not roles - set(policy.own_only):
        return False
    closes = change.object == "non_conformities" and "status" in change.fields
    if closes and change.fields["status"].after == "closed":
        opened_here = change.operation == "create" and change.proposer_id == person.id
        return facts.author_id != person.id and not opened_here
    return True


@given(policies(), changes(), FACTS, st.lists(PERSONS, min_size=2, max_size=4))
def test_one_person_never_counts_twice(
    policy: Policy, change: Change, facts: Facts, approvers: list[Person]
) -> None:
    one = approvers[0]
    decision = decide(policy, change, facts, [one, one, one], by_policy=False)
    assert decision.verdict == "wait" or decision.needed == 1


@given(policies(), changes(), FACTS, PERSONS)
def test_readers_and_administrators_approve_nothing(
    policy: Policy, change: Change, facts: Facts, person: Person
) -> None:
    bare = Person(person.id, person.roles & {"reader", "admin"})
    assert find_refusal(policy, change, facts, bare) is not None


def test_by_default_nothing_is_approved_without_a_person() -> None:
    assert default_policy().auto == []
    assert default_policy().lifetime_days >= 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("validite_jours: 3", "au moins 7"), ("validite: 8", "réglage inconnu"),
        ("validite_jours: '8'", "nombre entier"), ("propositions_par_heure: 1.5", "entier"),
        ("seuil_second_approbateur_eur: 5", "guillemets"), ("objets: {truc: {}}", "truc"),
        ("seconds_approbateurs: []", "non vide"), ("seconds_approbateurs: [admin]", "director"),
        ("objets: {contracts: {approuvent: []}}", "non vide"), ("- a", "liste de réglages"),
        ("a: [", "YAML"), ("approbation_automatique: [{objet: users, operation: create}]", "users"),
    ],
)  # fmt: skip
def test_a_wrong_policy_file_says_what_to_correct(text: str, told: str) -> None:
    with pytest.raises(InvalidPolicy, match=told):
        parse_policy(text)


def test_a_firm_writes_only_what_differs() -> None:
    policy = parse_policy('objets: {contracts: {approuvent: [director], seuil_eur: "20000"}}')
    assert policy.approvers_of("contracts") == {"director"}
    assert policy.threshold_cents("contracts") == 2_000_000
    assert policy.threshold_cents("tasks") == default_policy().threshold_cents("tasks")


@pytest.mark.parametrize("name", list(WRITABLES))
def test_a_write_declaration_names_columns_that_exist(name: str) -> None:
    declared: Any = WRITABLES[name]
    columns = set(declared.columns)
    named = {*declared.required, *declared.defaults, *declared.guarded, *declared.weighty}
    assert named | declared.computed <= columns
    assert declared.approvers <= set(BUSINESS)
