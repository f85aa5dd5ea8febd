"""A tender file dropped in the page: its reading, its verdict beside its pages, what follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import PROJECT_ROOT
from tests.e2e.test_chat import CHROMIUM, Running, browser, instance, page  # noqa: F401
from tests.integration.tender_files import build_pieces, zip_pieces

# ruff: noqa: F811 - fixtures imported above
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="Chromium est absent : les essais du navigateur sont passés."
    ),
]
IMAGES = PROJECT_ROOT / ".voltaire" / "images"


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return build_pieces("ch-baie", tmp_path_factory.mktemp("ch-baie"))


def drop(page: Page, text: str, *paths: Path) -> None:
    page.wait_for_timeout(3000)  # the page's session opens after its first display
    page.set_input_files("input[type=file]", [str(path) for path in paths])
    for path in paths:
        expect(page.get_by_text(path.name).first).to_be_visible()
    page.wait_for_timeout(1000)
    page.click("#chat-input")
    page.keyboard.insert_text(text)
    page.locator("#chat-submit").click()


def test_a_dropped_tender_is_judged_recorded_decided_and_found_again(
    page: Page,
    instance: Running,
    pieces: list[Path],
    tmp_path: Path,
) -> None:
    archive = zip_pieces(pieces, tmp_path / "CH de la Baie.zip")
    drop(page, "Faut-il répondre ?", archive)
    verdict = page.get_by_role("heading", name=re.compile("Go sous réserve"))
    expect(verdict).to_be_visible(timeout=120_000)
    expect(page.get_by_text("À télécharger")).to_be_visible()
    expect(page.get_by_text("Lecture du dossier").first).to_be_attached()

    page.locator("a.element-link", has_text=re.compile(r"^\[\d+\] \d\d RC\.pdf, p\.")).first.click()
    panel = page.locator("#side-view-content")
    expect(panel.locator(".react-pdf__Page canvas").first).to_be_visible()
    IMAGES.mkdir(parents=True, exist_ok=True)
    verdict.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    page.screenshot(path=str(IMAGES / "appel-d-offres.png"))

    with page.expect_download() as download:
        page.get_by_role("link", name="Matrice de conformité (Excel)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    page.get_by_role("button", name="Proposer l’enregistrement").click()
    expect(page.get_by_text("Créer une tâche", exact=False).first).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=re.compile("☐.*CHB-2026-AMO-ENE")).last.click()
    page.get_by_role("button", name=re.compile("Approuver 1")).click(timeout=90_000)
    outcome = page.get_by_text(re.compile("La modification est faite|seconde personne"))
    expect(outcome.first).to_be_visible(timeout=60_000)

    page.get_by_role("button", name="Décider de répondre").click()
    expect(page.get_by_text("Dites en une phrase pourquoi")).to_be_visible()
    page.click("#chat-input")
    page.keyboard.insert_text("L’hôpital est un client visé")
    page.locator("#chat-submit").click()
    expect(
        page.get_by_text("Motif : L’hôpital".replace(" :", "\u00a0:"), exact=False)
    ).to_be_visible()

    thread = page.url.split("#")[0].rsplit("/", 1)[1]
    page.goto(instance.address)
    page.locator(f'a[href*="{thread}"]').first.click()
    expect(page.get_by_role("heading", name=re.compile("Go sous réserve"))).to_be_visible()
    expect(page.get_by_role("button", name="Décider de répondre")).to_be_visible()
    page.locator("a.element-link", has_text=re.compile(r"^\[1\]")).first.click()
    expect(page.locator("#side-view-content")).to_be_visible()


def test_pieces_dropped_together_are_one_tender_and_a_transcript_stays_one(
    page: Page,
    pieces: list[Path],
) -> None:
    word = [p for p in pieces if p.suffix == ".docx"] + [p for p in pieces if "RC" in p.name]
    drop(page, "Voici les pièces", *word)
    expect(page.get_by_text("Analyse", exact=False).last).to_be_visible(timeout=120_000)
    expect(page.get_by_role("heading", level=2)).to_have_count(1, timeout=120_000)


def test_an_empty_or_unknown_file_is_answered_in_french(
    page: Page,
    tmp_path: Path,
) -> None:
    empty, unknown = tmp_path / "rien.pdf", tmp_path / "mesures.bin"
    empty.write_bytes(b"")
    unknown.write_bytes(bytes(range(256)) * 20)
    drop(page, "Regarde", empty, unknown)
    expect(page.get_by_text("est vide (0 octet)")).to_be_visible()
    expect(page.get_by_text("Je ne sais pas lire « mesures.bin »".replace("« ", "«\u00a0")
                            .replace(" »", "\u00a0»"), exact=False)).to_be_visible()  # fmt: skip


def test_a_document_that_speaks_of_no_tender_is_asked_about(
    page: Page, instance: Running, tmp_path: Path
) -> None:
    note = tmp_path / "PR-21 Achats v1.0.md"
    note.write_text("# Achats\n\nUne demande d’achat est validée sous 5 jours.\n")
    drop(page, "Voici", note)
    expect(page.get_by_text("Qu’en faire")).to_be_visible(timeout=60_000)
    assert page.get_by_text("Lecture du dossier").count() == 0
    for label in ("Analyser comme appel d’offres", "Annuler"):
        expect(page.get_by_role("button", name=label)).to_be_visible()
    page.get_by_role("button", name="Ajouter aux documents").click()
    expect(page.get_by_text("gardé en brouillon")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("button", name="Annuler")).to_have_count(0)
