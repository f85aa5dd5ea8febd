"""Values of a change that no record may take."""

from __future__ import annotations

import pytest

from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidChange
from crm.proposals.values import parse_value


@pytest.mark.parametrize(
    ("name", "column", "value", "why"),
    [
        ("contracts", "annual_amount_eur", "-5", "négative"),
        ("contracts", "price_eur_per_mwh", "-5", "négative"),
        ("contracts", "annual_volume_mwh", "-0.5", "négative"),
        ("contacts", "phone", "abc", "téléphone"),
    ],
)
def test_a_value_that_means_nothing_is_refused_in_french(
    name: str, column: str, value: str, why: str
) -> None:
    with pytest.raises(InvalidChange, match=why):
        parse_value(WRITABLES[name].columns[column], value)


@pytest.mark.parametrize("phone", ["06 39 98 66 26", "+33 (0)2 61 91 61 37", "02.61.91.71.15"])
def test_telephones_are_taken_as_people_write_them(phone: str) -> None:
    assert parse_value(WRITABLES["contacts"].columns["phone"], phone) == phone
