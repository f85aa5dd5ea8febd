"""What an import says of records that share a key, in French that agrees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from core.formats import NBSP
from crm.proposals.columns import columns_of
from crm.proposals.errors import InvalidChange
from crm.proposals.values import parse_value
from tools.importing.records import Records

SIREN = "212102310"


def account(name: str, siret: str | None) -> dict[str, Any]:
    return {"id": uuid4(), "name": name, "siren": siret and siret[:9], "siret": siret}


@pytest.mark.parametrize(
    ("values", "remark"),
    [
        ({"name": "Autre nom", "siren": SIREN, "siret": f"{SIREN}00099"},
         "Une fiche porte déjà ce SIREN, avec un autre SIRET."),
        ({"name": "Ville de Dijon", "siren": SIREN, "siret": f"{SIREN}00099"},
         "Une fiche porte déjà ce SIREN, avec un autre SIRET."),
        ({"name": "Ville de Dijon", "siren": "552081317"},
         "Une fiche porte déjà ce nom, avec un autre SIREN."),
        ({"name": "Tout autre", "siren": "552081317"}, ""),
    ],
)  # fmt: skip
def test_what_two_records_share_is_named(values: dict[str, str], remark: str) -> None:
    records = Records("accounts", {"accounts": (account("Ville de Dijon", f"{SIREN}00018"),)})
    found = records.match(values)
    assert (found.row, found.remark) == (None, remark)


def test_several_records_of_one_name_ask_for_a_column_that_parts_them() -> None:
    rows = (account("Mairie", None), account("Mairie", None))
    with pytest.raises(InvalidChange) as refused:
        Records("accounts", {"accounts": rows}).match({"name": "Mairie"})
    assert refused.value.message == (
        f"plusieurs clients ont «{NBSP}Mairie{NBSP}» au champ «{NBSP}Nom{NBSP}». Ajoutez une "
        "colonne qui les distingue."
    )


def test_a_value_of_the_wrong_form_says_what_to_give_whatever_its_gender() -> None:
    with pytest.raises(InvalidChange) as refused:
        parse_value(columns_of("contracts")["end_on"], "demain")
    assert "donnez une date de la forme AAAA-MM-JJ." in refused.value.message
