"""Cells as people write them, and headings as they name their columns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from crm.proposals.columns import columns_of
from crm.proposals.errors import InvalidChange
from ingest.spreadsheets.cells import parse_cell
from ingest.spreadsheets.grid import read_grid
from tools.importing.headings import lay_out

CELLS: list[tuple[str, str, Any, str, Any]] = [
    ("contracts", "annual_amount_eur", "1 234,56 €", "", "1234.56"),
    ("contracts", "annual_amount_eur", "1.234,56", "", "1234.56"),
    ("contracts", "annual_amount_eur", "1,234.56", "", "1234.56"),
    ("contracts", "annual_amount_eur", "12 k€", "", "12000"),
    ("contracts", "annual_amount_eur", 85.5, "k€", "85500"),
    ("contracts", "annual_amount_eur", "(1 200)", "", "-1200"),
    ("contracts", "annual_amount_eur", "1\u202f200\u202f000", "", "1200000"),
    ("contracts", "price_eur_per_mwh", "8,55 c€/kWh", "", "85.5"),
    ("contracts", "price_eur_per_mwh", "85,25", "€/mwh", "85.25"),
    ("contracts", "annual_volume_mwh", "1 500 000", "kwh", "1500"),
    ("contracts", "annual_volume_mwh", "2,5 GWh", "", "2500"),
    ("contracts", "green_share_pct", "25 %", "", "25"),
    ("contracts", "notice_days", "90 jours", "", 90),
    ("contracts", "notice_days", "3 mois", "", 90),
    ("contracts", "end_on", "31/12/2026", "", "2026-12-31"),
    ("contracts", "end_on", "1er janvier 2027", "", "2027-01-01"),
    ("contracts", "end_on", "31-12-26", "", "2026-12-31"),
    ("contracts", "end_on", "2026-12-31 00:00:00", "", "2026-12-31"),
    ("contracts", "end_on", dt.datetime(2026, 12, 31), "", "2026-12-31"),  # noqa: DTZ001 - a cell
    ("contracts", "end_on", 46387, "", "2026-12-31"),
    ("contracts", "tacit_renewal", "Oui", "", True),
    ("contracts", "tacit_renewal", "x", "", True),
    ("contracts", "tacit_renewal", "n", "", False),
    ("contracts", "energy", "ELEC", "", "electricity"),
    ("contracts", "energy", "Gaz naturel", "", "gas"),
    ("contracts", "price_type", "Fixe", "", "fixed"),
    ("contracts", "risk_factors", "volume ; prix", "", ["volume", "prix"]),
    ("accounts", "siret", "212 102 310 00018", "", "21210231000018"),
    ("accounts", "siret", 21210231000018.0, "", "21210231000018"),
    ("accounts", "siren", 5520326, "", "5520326"),
    ("accounts", "siren", 5_520_135, "", "005520135"),
    ("accounts", "postal_code", 1000, "", "01000"),
    ("accounts", "naf", "8411Z", "", "84.11Z"),
    ("accounts", "segment", "collectivité locale", "", "local_authority"),
    ("accounts", "name", "'=Dupont", "", "=Dupont"),
    ("contacts", "phone", 612345678, "", "0612345678"),
    ("tenders", "submission_deadline", "30/11/2026 à 12h30", "", "2026-11-30T12:30:00+01:00"),
    ("tenders", "submission_deadline", "30/11/2026 12:30", "", "2026-11-30T12:30:00+01:00"),
    ("accounts", "city", "N/A", "", None),
    ("accounts", "city", "–", "", None),
]
WRONG: list[tuple[str, str, Any, str, str]] = [
    ("accounts", "siret", "2,12102E+13", "", "a abrégé ce numéro"),
    ("accounts", "city", "#REF!", "", "formule de cette cellule est en erreur"),
    ("contracts", "annual_amount_eur", "à voir", "", "n’est pas un nombre"),
    ("contracts", "annual_amount_eur", "100 à 200", "", "n’est pas un seul nombre"),
    ("contracts", "annual_volume_mwh", "12", "m³", "n’est pas celle du champ"),
    ("contracts", "end_on", "31/02/2027", "", "n’est pas une date"),
    ("contracts", "end_on", "fin 2027", "", "n’est pas une date"),
    ("contracts", "energy", "fioul", "", "n’est pas dans la liste"),
    ("contracts", "tacit_renewal", "peut-être", "", "ni oui ni non"),
    ("contracts", "notice_days", "2,5", "", "nombre entier"),
]
SHEETS: list[tuple[str, str, list[str | None]]] = [
    ("Raison sociale;N° SIRET;Secteur;CP;Ville;CA annuel (k€);Responsable;Commentaire", "accounts",
     ["name", "siret", "segment", "postal_code", "city", "annual_revenue_eur", "owner.full_name",
      None]),
    ("Société;Nom;Prénom;Fonction;E-mail;Tél", "contacts",
     ["account.name", "name", "given_name", "role", "email", "phone"]),
    ("Nom du site;Client;Adresse;Code postal;Ville;Surface (m²)", "sites",
     ["name", "account.name", "address", "postal_code", "commune", "surface_m2"]),
    ("N° de PDL / PCE;SIRET;Nom du site;Type d'énergie;Segment tarifaire;Distributeur;CAR",
     "delivery_points", ["code", "account.siret", "site.name", "energy", "segment",
                         "grid_operator", "car_kwh"]),
    ("PRM;Client;Site;Segment;GRD;Conso annuelle (kWh)", "delivery_points",
     ["code", "account.name", "site.name", "segment", "grid_operator", "annual_consumption_mwh"]),
    ("Réf. contrat;Client;Fin", "contracts", ["reference", "account.name", "end_on"]),
    ("REF. CONTRAT;Nom du client;Fournisseur;Energie;Type de prix;Prix (€/MWh);Volume annuel (MWh);"
     "Date de début;Date de fin;Préavis (jours)", "contracts",
     ["reference", "account.name", "supplier", "energy", "price_type", "price_eur_per_mwh",
      "annual_volume_mwh", "start_on", "end_on", "notice_days"]),
    ("Référence;Objet;Acheteur;Date limite;Montant estimé", "tenders",
     ["reference", "title", "buyer", "submission_deadline", "estimated_value_eur"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "field", "cell", "unit", "expected"), CELLS)
def test_a_cell_is_read_as_it_was_meant(
    name: str, field: str, cell: Any, unit: str, expected: Any
) -> None:
    assert parse_cell(columns_of(name)[field], cell, unit) == expected


@pytest.mark.parametrize(("name", "field", "cell", "unit", "told"), WRONG)
def test_what_cannot_be_read_says_why(
    name: str, field: str, cell: Any, unit: str, told: str
) -> None:
    with pytest.raises(InvalidChange, match=told):
        parse_cell(columns_of(name)[field], cell, unit)


@pytest.mark.parametrize(("headings", "name", "fields"), SHEETS)
def test_headings_name_the_fields(headings: str, name: str, fields: list[str | None]) -> None:
    row = ";".join("x" for _ in fields)
    layout = lay_out(read_grid("essai.csv", f"{headings}\n{row}".encode()))
    assert layout.object == name
    found = [one.target.name if one.target else None for one in layout.headings]
    assert found == fields


def test_groups_of_headings_stand_over_their_columns() -> None:
    sheet = (
        "Portefeuille 2026;;;;\nClient;;;Contrat;\nNom;SIRET;Ville;Référence;Échéance\na;b;c;d;e"
    )
    grid = read_grid("essai.csv", sheet.encode())
    layout = lay_out(grid, "contracts")
    assert [one.target.name for one in layout.filled if one.target] == [
        "account.name", "account.siret", "reference", "end_on",
    ]  # fmt: skip
    assert grid.lines[layout.first] == 4


def test_a_column_is_imposed_or_left_out() -> None:
    grid = read_grid("essai.csv", b"Nom;Truc;Ville\na;b;c")
    layout = lay_out(grid, "accounts", {"truc": "siret", "Ville": ""})
    assert [one.target.name if one.target else None for one in layout.headings] == [
        "name", "siret", None,
    ]  # fmt: skip
