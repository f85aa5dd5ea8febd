"""What the browser trials of the add-in share: the instance, a browser, mails, axe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from core.settings import PROJECT_ROOT
from tests.doubles.office import OutlookHost
from tests.e2e.test_chat import CHROMIUM, EMAIL, FLAGS, PASSWORD, Running

IMAGES = PROJECT_ROOT / ".voltaire" / "images"
PANE = {"width": 380, "height": 900}
NARROW = {"width": 320, "height": 900}
WIDE = {"width": 1000, "height": 900}
PATIENCE_MS = 90_000
MAIL = """From: {sender}
To: {to}
Subject: {subject}
Date: Fri, 13 Nov 2026 09:00:00 +0100
Message-ID: <{name}@client.example>
{more}Content-Type: {kind}; charset=utf-8
Content-Transfer-Encoding: 8bit

{body}
"""


def write_mail(
    name: str,
    body: str,
    *,
    subject: str = "Facture",
    sender: str = "Léa Roux <lea.roux@client.example>",
    kind: str = "text/plain",
    answers: str = "",
) -> bytes:
    """A mail to the broker who is signed in."""
    more = f"In-Reply-To: <{answers}@client.example>\n" if answers else ""
    return MAIL.format(name=name, body=body, subject=subject, sender=sender, kind=kind, to=EMAIL,
                       more=more).encode()  # fmt: skip


@contextmanager
def opened(
    host: OutlookHost | None = None,
    *,
    size: dict[str, int] = PANE,
    prepare: Callable[[BrowserContext], None] | None = None,
    dark: bool = False,
) -> Iterator[Page]:
    """A page of a fresh browser inside `host`; `prepare` is given its context first."""
    with TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=str(CHROMIUM), args=FLAGS, headless=True, locale="en-US",
            timezone_id="America/New_York", viewport=size,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        if host is not None:
            host.install(context)
        if prepare is not None:
            prepare(context)
        page = context.pages[0]
        try:
            yield page
        finally:
            context.close()


def sign_in(page: Page, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Fill the form in, as a person does."""
    page.get_by_label("Adresse").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def open_pane(page: Page, instance: Running) -> None:
    """The pane, signed in."""
    page.goto(f"{instance.address}/addin/pane.html")
    sign_in(page)


def analyse(page: Page) -> None:
    """Ask for the analysis of the mail that is shown, unless it is known, and wait for it."""
    ask = page.get_by_role("button", name="Analyser ce courriel")
    summary = page.get_by_role("heading", name="En bref")
    expect(ask.or_(summary)).to_be_visible()
    if ask.is_visible():
        ask.click()
    expect(summary).to_be_visible()


def picture(page: Page, name: str) -> Path:
    """What is in sight, where the documentation's pictures are chosen from."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=str(path))
    return path


def list_serious(page: Page) -> list[str]:
    """The serious and critical findings of axe on the page."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


def is_too_wide(page: Page) -> bool:
    """Tell whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
