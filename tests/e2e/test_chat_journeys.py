"""A day in the chat for each role, in a real browser; nothing serious to axe on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Error, Page, expect

from core.settings import PROJECT_ROOT
from tests.e2e.addin import is_too_wide, list_serious, opened, picture
from tests.e2e.test_chat import (  # noqa: F401 - fixtures
    ANSWERED,
    DOCUMENT_QUESTION,
    Running,
    ask,
    instance,
    pytestmark,
)
from tests.e2e.test_chat_approvals import Desk, desk  # noqa: F401 - fixtures
from tests.e2e.test_chat_tenders import drop, pieces  # noqa: F401 - fixtures
from tests.e2e.test_chat_triage import QUESTION, wait_for_triage
from tests.integration.tender_files import zip_pieces

# ruff: noqa: F811 - fixtures imported above
LARGE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
PEOPLE = {
    "camille.ferrand": ("director", ("À approuver", "Coût du modèle")),
    "sarah.benali": ("sales", ("Contrats à renouveler", "Veille des marchés")),
    "hugo.lemaitre": ("quality", ("Non-conformités", "Écarts par famille")),
    "paul.nguyen": ("admin", ("Coût du modèle",)),
    "elodie.perrin": ("reader", ("Volumes par fournisseur",)),
}
DARK = "localStorage.setItem('vite-ui-theme', 'dark')"
TRANSCRIPT = PROJECT_ROOT / "demo/content/meetings/revue-fonderie-chavanne"
TO_CONFIRM = "Non-conformités à confirmer"
CHART = ".js-plotly-plot"


@contextmanager
def signed_in(
    instance: Running, person: str, size: dict[str, int] = LARGE, *, dark: bool = False
) -> Iterator[Page]:
    """The page of the morning of `person`; the sign-in page is judged for the director alone."""
    with opened(size=size) as page:
        if dark:
            page.context.add_init_script(DARK)
        page.goto(instance.address)
        expect(page.locator("#email")).to_be_visible()
        if person == "camille.ferrand":
            page.wait_for_timeout(1000)  # its names come just after its display
            assert list_serious(page) == []
        page.fill("#email", f"{person}@alize-energie.example")
        page.fill("#password", f"voltaire-{person.split('.', maxsplit=1)[0]}")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Votre journée du 16 novembre 2026")).to_be_visible()
        page.wait_for_timeout(1500)  # the lines of the day come one by one
        yield page


def check(page: Page) -> None:
    """Neither a serious finding of axe nor a page that scrolls sideways."""
    expect(page.locator("[data-sonner-toast]")).to_have_count(0)  # a notice that passes
    page.wait_for_timeout(1500)  # an answer fades in; contrasts are judged once it is there
    assert list_serious(page) == []
    assert not is_too_wide(page)


def press_until(page: Page, name: str, shown: str) -> None:
    """Press a button until what it opens is there, as one does: a click may fall while the page
    draws the line of buttons again."""
    for _ in range(3):
        page.get_by_role("button", name=name).last.click()
        with suppress(Error):
            page.locator(shown).first.wait_for(timeout=20_000)
            return
    expect(page.locator(shown).first).to_be_visible()


@pytest.mark.parametrize("person", PEOPLE)
def test_each_role_has_its_morning_and_its_starters(instance: Running, person: str) -> None:
    wait_for_triage(instance)
    role, starters = PEOPLE[person]
    with signed_in(instance, person) as page:
        picture(page, f"matin-{role}")
        for label in starters:
            expect(page.locator("#starters").get_by_role("button", name=label)).to_be_visible()
        check(page)
        question = page.locator("[data-step-type=system_message] button").first
        label = question.inner_text()
        question.click()
        reference = re.search(r"\b(?:CT|AO)-\d{4}-\d+", label)
        shown = page.locator("[data-step-type=assistant_message] .message-content").last
        expect(shown).to_contain_text(reference.group() if reference else re.compile(r"\w+"))


def test_a_director_opens_a_source_approves_a_batch_draws_and_sorts(
    instance: Running, desk: Desk, tmp_path: Path
) -> None:
    client = desk.clients()[0]
    for rank, contract in enumerate(client.ids[:2]):
        desk.propose(contract, 71 + rank)
    with signed_in(instance, "camille.ferrand") as page:
        ask(page, DOCUMENT_QUESTION)
        page.locator("a.element-link", has_text=re.compile(r"\[1\] IN-03")).click()
        expect(page.locator("#side-view-content .react-pdf__Page canvas")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Fermer la source").click()

        page.get_by_role("button", name="Réponse utile").last.click()
        page.locator("#submit-feedback").click()
        expect(page.locator(".positive-feedback-on")).to_have_count(1)

        ask(page, "Quels contrats arrivent à échéance dans les 90 jours ?")
        table = page.locator(".message-content table").last
        amounts = table.locator("tbody tr:not(.is-total) td:nth-child(8)")
        table.get_by_role("button", name="Trier par Montant annuel").click()
        shown = [read_amount(text) for text in amounts.all_inner_texts()]
        assert len(shown) > 15
        assert shown == sorted(shown)
        expect(table.locator("tbody tr").last).to_have_class(re.compile("is-total"))
        assert table.evaluate("t => t.scrollWidth <= t.parentElement.clientWidth")
        with page.expect_download() as download:
            page.get_by_role("link", name="Tableau Excel").last.click()
        path = tmp_path / "tableau.xlsx"
        download.value.save_as(path)
        sheet = load_workbook(path).active
        assert sheet is not None
        assert sheet.max_row == len(shown) + 2
        check(page)
        table.evaluate("t => t.parentElement.scrollIntoView({ block: 'center' })")
        picture(page, "tableau-trie")

        press_until(page, "Voir le graphique", CHART)
        check(page)
        picture(page, "graphique")
        page.reload()
        expect(page.locator(CHART)).to_be_visible()
        expect(page.locator(".positive-feedback-on")).to_have_count(1)

        page.goto(instance.address)
        page.get_by_role("button", name="Tout voir et approuver").click()
        for name in client.names[:2]:
            page.get_by_role("button", name=re.compile(f"☐.*{name}")).click()
        check(page)
        page.get_by_role("button", name=re.compile("Approuver 2")).click()
        expect(page.get_by_text("La modification est faite.").first).to_be_visible()
        # Nothing here is an answer: there is nothing to give an opinion of.
        expect(page.locator(".positive-feedback-off")).to_have_count(0)
        for rank, contract in enumerate(client.ids[:2]):
            desk.wait_for(contract, 71 + rank)

        page.get_by_role("button", name="Chercher une conversation").click()
        page.keyboard.insert_text("dépassement")
        expect(page.locator("[cmdk-list]")).to_contain_text("dépassement")
        check(page)


def read_amount(text: str) -> float:
    return float(re.sub(r"[^\d,]", "", text).replace(",", "."))


def test_who_sells_drops_a_tender_then_a_transcript(
    instance: Running, pieces: list[Path], tmp_path: Path
) -> None:
    with signed_in(instance, "sarah.benali") as page:
        drop(page, "Faut-il répondre ?", zip_pieces(pieces, tmp_path / "CH de la Baie.zip"))
        expect(page.get_by_text("À télécharger")).to_be_visible(timeout=120_000)
        check(page)
        # A verdict card is not an answer, and takes no opinion.
        expect(page.locator(".positive-feedback-off")).to_have_count(0)
        page.goto(instance.address)
        expect(page.get_by_text("Votre journée du")).to_be_visible()
        drop(page, "Fais le compte rendu", TRANSCRIPT / "revue-fonderie-chavanne.vtt")
        expect(page.get_by_text("Relancer Armor Électricité").first).to_be_visible()
        check(page)


def test_quality_reads_the_triage_and_settles_an_uncertain_non_conformity(
    instance: Running,
) -> None:
    wait_for_triage(instance)
    with signed_in(instance, "hugo.lemaitre") as page:
        reviews = page.locator("[data-step-type=system_message]", has_text=TO_CONFIRM)
        reviews.get_by_role("button").first.click()
        expect(page.get_by_text("Non-conformité à confirmer").last).to_be_visible()
        check(page)
        picture(page, "examen")
        page.get_by_role("button", name="Écarter").last.click()
        expect(page.get_by_text("rien n’est inscrit au registre")).to_be_visible()
        ask(page, QUESTION)
        check(page)


def test_the_morning_and_its_answers_hold_in_a_narrow_dark_page(instance: Running) -> None:
    with signed_in(instance, "camille.ferrand", NARROW, dark=True) as page:
        picture(page, "matin-etroit")
        check(page)
        ask(page, "Que dois-je faire aujourd’hui ?")
        told = page.locator("[data-step-type=assistant_message] .message-content").last
        expect(told).to_contain_text("Appels d’offres à décider")
        check(page)
        ask(page, "Graphique des non-conformités par famille")
        expect(page.locator(CHART)).to_be_visible()
        colour = page.locator(f"{CHART} .xtick text").first.evaluate(
            "t => getComputedStyle(t).fill"
        )
        assert max(int(part) for part in re.findall(r"\d+", colour)) > 200
        check(page)
        picture(page, "graphique-etroit")
        ask(page, DOCUMENT_QUESTION)
        page.locator("a.element-link", has_text=re.compile(r"\[1\] IN-03")).click()
        expect(page.locator("#side-view-content .react-pdf__Page canvas")).to_be_visible()
        check(page)
