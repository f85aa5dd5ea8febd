"""What a person types to correct a proposal, field by field."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

import pytest

from crm.proposals.errors import InvalidChange
from tools.cards import Card, CardLine
from tools.corrections import describe_correction, parse_corrections


def make_card(*lines: CardLine, object_name: str = "contracts") -> Card:
    now = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    return Card(
        id=uuid4(), digest="0" * 64, title="Modifier le contrat CT-1", status="pending",
        status_label="En attente", outcome="", operation="update", object=object_name,
        record_id=uuid4(), account_id=None, account_name="", lines=lines, reason="Essai",
        evidence=(), warnings=(), effect="", proposer_name="Essai", origin="test",
        is_tainted=False, is_model=False, created_at=now, expires_at=now, needed=1, approvals=(),
        may_approve=True, refusal="", successor_id=None, can_undo=False,
    )  # fmt: skip


def line(field: str, label: str, after: str = "x") -> CardLine:
    return CardLine(field=field, label=label, before="–", after=after)


CARD = make_card(
    line("end_on", "Échéance"), line("notice_days", "Préavis"), line("status", "Statut"),
    line("annual_amount_eur", "Montant annuel"), line("tacit_renewal", "Tacite reconduction"),
    line("supplier", "Fournisseur"), line("owner_id", "Responsable"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("Échéance : 15/12/2026", "end_on", "2026-12-15"),
        ("echeance: 5.1.2027", "end_on", "2027-01-05"),
        ("Préavis : 45 jours", "notice_days", 45),
        ("Statut : Résilié", "status", "terminated"),
        ("Montant annuel : 1\u202f234,56\u00a0€", "annual_amount_eur", "1234.56"),
        ("- Tacite reconduction : non", "tacit_renewal", False),
        ("Fournisseur : Gaz de Bordeaux : lot 2", "supplier", "Gaz de Bordeaux : lot 2"),
        ("Préavis : aucun", "notice_days", None),
    ],
)
def test_a_line_gives_a_field_its_wire_value(typed: str, field: str, value: object) -> None:
    parsed = parse_corrections(CARD, typed)
    assert parsed == {field: value}
    assert type(parsed[field]) is type(value)


def test_several_lines_correct_several_fields() -> None:
    assert parse_corrections(CARD, "Préavis : 30\nStatut : Actif") == {
        "notice_days": 30, "status": "active"}  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    ["", "mets plutôt 45", "Prix : 80", "Statut : en vacances", "Échéance : bientôt",
     "Tacite reconduction : peut-être", "Responsable : Sarah", "Préavis : beaucoup"],
)  # fmt: skip
def test_what_is_not_understood_changes_nothing_and_says_how_to_write(typed: str) -> None:
    with pytest.raises(InvalidChange) as caught:
        parse_corrections(CARD, typed)
    assert "«" in caught.value.message


def test_the_help_names_the_fields_of_the_card() -> None:
    told = describe_correction(CARD)
    assert "Échéance" in told
    assert "Fournisseur" in told


@pytest.mark.parametrize("typed", ["Montant annuel : 12 k€", "Préavis : 2 mois"])
def test_a_number_in_another_unit_is_refused_not_taken_as_it_stands(typed: str) -> None:
    with pytest.raises(InvalidChange, match="écrivez un nombre en"):
        parse_corrections(CARD, typed)
