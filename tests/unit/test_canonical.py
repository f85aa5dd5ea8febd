"""Canonical JSON: one writing per change, and types that are never taken for one another."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import Span
from crm.proposals.addresses import check_address, find_lookalike
from crm.proposals.canonical import (
    Change,
    FieldChange,
    Origin,
    digest_batch,
    digest_of,
    encode,
    read_canonical,
    write_canonical,
)
from crm.proposals.columns import columns_of
from crm.proposals.errors import InvalidChange
from crm.proposals.values import parse_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
SCALARS = st.one_of(
    TEXTS, st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.none(), st.lists(TEXTS),
    st.fixed_dictionaries({"eur_cents": st.integers(-(10**14), 10**14)}),
)  # fmt: skip
INSTANTS = st.integers(1_577_836_800, 4_102_444_800).map(
    lambda second: dt.datetime.fromtimestamp(second, dt.UTC)
)
CHANGES = st.builds(
    Change,
    id=st.uuids(), tenant_id=st.uuids(), nonce=st.uuids(), proposer_id=st.uuids(),
    operation=st.sampled_from(["create", "update", "link", "remove"]),
    object=st.sampled_from(["contracts", "tasks"]), record_id=st.none() | st.uuids(),
    version=st.none() | st.integers(1, 1000), account_id=st.none() | st.uuids(),
    fields=st.dictionaries(TEXTS, st.builds(FieldChange, SCALARS, SCALARS), max_size=4),
    reason=TEXTS,
    origin=st.builds(Origin, TEXTS, TEXTS, st.booleans(), st.none() | TEXTS),
    is_tainted=st.booleans(), created_at=INSTANTS, expires_at=INSTANTS,
    evidence=st.lists(
        st.builds(Span, TEXTS, st.integers(0, 9), st.integers(0, 9), TEXTS), max_size=2
    ).map(tuple),
    undoes=st.none() | st.uuids(), effect=st.none() | st.just("mail_draft"),
)  # fmt: skip


@given(CHANGES)
def test_a_change_reads_back_as_itself_and_writes_again_the_same(change: Change) -> None:
    text = write_canonical(change)
    assert read_canonical(text) == change
    assert write_canonical(read_canonical(text)) == text


@given(SCALARS, SCALARS)
def test_values_that_differ_never_share_a_writing(left: Any, right: Any) -> None:
    same = type(left) is type(right) and left == right
    assert (encode(left) == encode(right)) is same


@given(CHANGES, st.data())
def test_any_other_writing_of_the_same_change_is_refused(change: Change, data: Any) -> None:
    text = write_canonical(change)
    body = json.loads(text)
    other = data.draw(st.sampled_from([
        json.dumps(body, sort_keys=True, ensure_ascii=False),
        json.dumps(dict(reversed(body.items())), separators=(",", ":"), ensure_ascii=False),
        text + " ", text.replace('"tainted":true', '"tainted":1').replace(
            '"tainted":false', '"tainted":0'),
    ]))  # fmt: skip
    with pytest.raises(InvalidChange):
        read_canonical(other)


@pytest.mark.parametrize("value", [1.0, 0.1, float("nan"), 2**53, "\ud800", "a\0b", object(), {1}])
def test_what_json_does_not_hold_faithfully_is_refused(value: Any) -> None:
    with pytest.raises(InvalidChange):
        encode({"a": [value]})


def test_true_is_not_one() -> None:
    assert encode(True) != encode(1)


@given(st.lists(st.tuples(st.uuids(), TEXTS.map(digest_of)), min_size=1, max_size=6,
                unique_by=lambda line: line[0]))  # fmt: skip
def test_a_batch_has_one_digest_whatever_the_order_and_another_for_any_other_list(
    lines: list[tuple[UUID, str]],
) -> None:
    assert digest_batch(lines) == digest_batch(list(reversed(lines)))
    assert digest_batch(lines) != digest_batch([*lines, (uuid4(), lines[0][1])])
    assert digest_batch(lines) != digest_batch([(lines[0][0], "0" * 64), *lines[1:]])


@pytest.mark.parametrize(
    ("object_name", "field", "value"),
    [
        ("contracts", "notice_days", True), ("contracts", "notice_days", 1.0),
        ("contracts", "notice_days", "60"), ("contracts", "notice_days", 2**40),
        ("contracts", "annual_amount_eur", 12.5), ("contracts", "annual_amount_eur", 12),
        ("contracts", "annual_amount_eur", "12.345"), ("contracts", "annual_amount_eur", "1e3"),
        ("contracts", "annual_amount_eur", "12,50"), ("contracts", "price_eur_per_mwh", 85.2),
        ("contracts", "tacit_renewal", 1), ("contracts", "tacit_renewal", "oui"),
        ("contracts", "end_on", "31/12/2027"), ("contracts", "end_on", "2027-02-30"),
        ("contracts", "status", "résilié"), ("contracts", "status", None.__class__),
        ("contracts", "risk_score", 101), ("contracts", "risk_factors", "un"),
        ("contracts", "account_id", "1 OR 1=1"), ("tenders", "submission_deadline", "2027-03-01"),
        ("notes", "body", "x" * 2_000_000), ("notes", "body", "   "),
        ("notes", "body", "a\u202eb"), ("notes", "body", "a\u200bb"),
        ("accounts", "siret", "123"), ("contacts", "email", "jean@m\u0430irie.fr"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_french(object_name: str, field: str, value: Any) -> None:
    column = columns_of(object_name)[field]
    with pytest.raises(InvalidChange) as caught:
        parse_value(column, value)
    assert column.label in caught.value.message


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("jean@rnairie-dijon.fr", "jean@mairie-dijon.fr"),
        ("jean@mairie-d1jon.fr", "jean@mairie-dijon.fr"),
        ("jean@mairiedijon.fr", "jean@mairie-dijon.fr"),
        ("jean@xn--mairi-fsa.fr", "jean@mairie.fr"),
    ],
)
def test_a_lookalike_of_a_known_recipient_is_seen(address: str, known: str) -> None:
    assert find_lookalike(check_address("À", address), [known]) == known
    assert find_lookalike(known, [known]) is None
