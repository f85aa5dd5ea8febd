"""A spreadsheet dropped in the page: its preview, its proposals, a refusal in French."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.e2e.test_chat import CHROMIUM, Running, browser, instance, page  # noqa: F401
from tests.e2e.test_chat_tenders import IMAGES, drop

# ruff: noqa: F811 - fixtures imported above
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="Chromium est absent : les essais du navigateur sont passés."
    ),
]
ROWS = (
    ("Raison sociale", "SIRET", "Segment", "Ville"),
    ("Scierie du Haut-Jura", "55208131700015", "Industrie", "Morez"),
    ("Menuiserie Perrin", "", "Industrie", "Dole"),
    ("Mauvaise ligne", "123", "Fonderie", "Brest"),
)


def write_book(path: Path) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Clients"
    for row in ROWS:
        sheet.append(row)
    book.create_sheet("Contacts").append(["Nom", "Client", "Courriel"])
    book.save(path)
    return path


def test_a_dropped_sheet_is_previewed_then_proposed_and_waits_for_approval(
    page: Page, instance: Running, tmp_path: Path
) -> None:
    drop(page, "Importe ces clients", write_book(tmp_path / "clients.xlsx"))
    expect(page.get_by_text("2 à créer, 1 refusée")).to_be_visible(timeout=60_000)
    table = page.get_by_role("table").last
    expect(table).to_contain_text("Scierie du Haut-Jura")
    expect(table).to_contain_text("refusée")
    expect(page.get_by_role("button", name="Feuille « Contacts »")).to_be_visible()
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(IMAGES / "tableur.png"))
    page.get_by_role("button", name=re.compile("Proposer 2.modifications")).click()
    expect(page.get_by_text(re.compile("2.propositions faites"))).to_be_visible(timeout=60_000)
    line = page.get_by_role("button", name=re.compile("☐.*Scierie du Haut-Jura"))
    expect(line).to_be_visible(timeout=60_000)
    line.click()
    page.get_by_role("button", name=re.compile("Approuver 1")).click()
    outcome = page.get_by_text(re.compile("La modification est faite|seconde personne"))
    expect(outcome.first).to_be_visible(timeout=60_000)

    thread = page.url.split("#")[0].rsplit("/", 1)[1]
    page.goto(instance.address)
    page.locator(f'a[href*="{thread}"]').first.click()
    expect(page.get_by_text("Redéposez le fichier pour revoir chaque ligne.")).to_be_visible()


def test_a_sheet_without_headings_says_what_to_do(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "mesures.csv"
    path.write_text("alpha;beta\n1;2\n", encoding="utf-8")
    drop(page, "Regarde", path)
    expect(page.get_by_text("Aucune ligne de titres n’a été reconnue")).to_be_visible(
        timeout=60_000
    )
