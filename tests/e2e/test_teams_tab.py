"""The tab of Teams on a running instance, framed by a page of Teams, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, expect

from demo.content import CONTENT
from tests.doubles.office import TEAMS_PAGE, install_teams
from tests.e2e.addin import NARROW, WIDE, is_too_wide, list_serious, opened, picture
from tests.e2e.test_chat import EMAIL, PASSWORD, Running, instance, pytestmark  # noqa: F401

TRANSCRIPT = CONTENT / "meetings" / "revue-fonderie-chavanne" / "revue-fonderie-chavanne.vtt"

# The browser asks before a public site frames a page of this machine.
LOCAL = "local-network-access"


@contextmanager
def framed(
    instance: Running,  # noqa: F811
    *,
    place: str = "content",
    theme: str = "default",
    size: dict[str, int] = WIDE,
) -> Iterator[tuple[Page, Frame]]:
    """The tab inside Teams, signed in by the form."""
    address = f"{instance.address}/addin/tab.html"

    def prepare(context: BrowserContext) -> None:
        context.grant_permissions([LOCAL])
        install_teams(context, address, place=place, theme=theme)

    with opened(size=size, prepare=prepare) as page:
        page.goto(TEAMS_PAGE)
        page.frame_locator("iframe").get_by_label("Adresse").wait_for()
        frame = page.frames[1]
        frame.get_by_label("Adresse").fill(EMAIL)
        frame.get_by_label("Mot de passe").fill(PASSWORD)
        frame.get_by_role("button", name="Se connecter").click()
        expect(frame.get_by_role("tablist")).to_be_visible()
        yield page, frame


def test_the_morning_the_minutes_and_the_actions_in_a_personal_tab(
    instance: Running,  # noqa: F811
) -> None:
    with framed(instance) as (page, frame):
        expect(frame.get_by_role("heading", name="Préavis à envoyer sous 30 jours")).to_be_visible()
        expect(frame.get_by_text(re.compile(r"CT-\d{4}-\d{4}")).first).to_be_visible()
        picture(page, "teams-matin")
        frame.get_by_role("tab", name="Ce matin").press("ArrowRight")
        expect(frame.get_by_role("tab", name="Comptes rendus")).to_be_focused()
        frame.get_by_label("Choisir une transcription").set_input_files(str(TRANSCRIPT))
        frame.get_by_role("button", name="Établir le compte rendu").click()
        expect(frame.get_by_role("heading", name="Décisions")).to_be_visible()
        frame.get_by_text("Ce qui a été dit").first.click()
        words = frame.locator("details[open] q").first.inner_text()
        assert words in TRANSCRIPT.read_text(encoding="utf-8")
        picture(page, "teams-compte-rendu")
        frame.get_by_role("button", name="Proposer les tâches").click()
        expect(frame.get_by_role("button", name="Approuver").first).to_be_visible()
        frame.get_by_role("tab", name="Actions").click()
        expect(frame.locator("ul.rows li").first).to_be_visible()
        picture(page, "teams-actions")


def test_the_side_panel_of_a_meeting_opens_on_the_minutes_in_the_theme_of_teams(
    instance: Running,  # noqa: F811
) -> None:
    with framed(instance, place="sidePanel", theme="dark", size=NARROW) as (page, frame):
        assert frame.get_by_role("tab").all_inner_texts() == ["Comptes rendus", "Actions"]
        expect(frame.get_by_role("heading", name="Comptes rendus")).to_be_visible()
        assert frame.evaluate("document.documentElement.dataset.theme") == "dark"
        picture(page, "teams-reunion")
        frame.evaluate("window.changeTheme('default')")
        assert frame.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("dark", [False, True])
def test_the_tab_works_in_a_plain_browser_without_serious_findings(
    instance: Running,  # noqa: F811
    dark: bool,
) -> None:
    with opened(size=NARROW, dark=dark) as page:
        page.goto(f"{instance.address}/addin/tab.html")
        page.get_by_label("Adresse").fill(EMAIL)
        page.get_by_label("Mot de passe").fill(PASSWORD)
        page.get_by_role("button", name="Se connecter").click()
        for name in ("Ce matin", "Comptes rendus", "Actions"):
            page.get_by_role("tab", name=name).click()
            expect(page.get_by_text("Chargement…")).to_have_count(0)
            assert list_serious(page) == []
            assert not is_too_wide(page)


def test_a_site_that_is_not_microsofts_cannot_frame_the_tab(
    instance: Running,  # noqa: F811
) -> None:
    def prepare(context: BrowserContext) -> None:
        context.grant_permissions([LOCAL])
        page = f'<iframe src="{instance.address}/addin/tab.html"></iframe>'
        context.route("https://ailleurs.example/**", lambda route: route.fulfill(
            body=page, content_type="text/html"))  # fmt: skip

    with opened(prepare=prepare) as page:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto("https://ailleurs.example/")
        page.wait_for_timeout(3000)
        assert any("frame-ancestors" in text for text in refused)
