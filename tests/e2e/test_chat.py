"""The chat page of a running instance, driven in a real browser as a broker would."""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from core.settings import PROJECT_ROOT, Settings, default_data_dir
from crm.firms import find_leader
from crm.installation import open_installation

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
TESTS = default_data_dir() / "tests"
START_S = 90
TODAY = "2026-11-16"
SOURCES = ("interne/in-03-controle-facture.md", "qualite/pr-08-nc-v3-1.md")
EMAIL, PASSWORD = "camille.ferrand@alize-energie.example", "voltaire-camille"
DOCUMENT_QUESTION = (
    "À partir de quel coût annuel de dépassement déclenche-t-on une étude de puissance ?"
)
PORTFOLIO_QUESTION = "Quels contrats arrivent à échéance dans les 90 jours ?"
ANSWERED = re.compile("Réponse du moteur déterministe, sans modèle")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="Chromium est absent : les essais du navigateur sont passés."
    ),
]


@dataclass(frozen=True)
class Running:
    """A started instance."""

    address: str
    data_dir: Path
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def instance() -> Iterator[Running]:
    """The product on a free port, with the demonstration firm and two of its documents."""
    data_dir = TESTS / f"e2e-{uuid4().hex[:8]}"
    prepare(data_dir)
    environment = {**os.environ, "VOLTAIRE_DATA_DIR": str(data_dir), "VOLTAIRE_TODAY": TODAY}
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--no-demo", "--port", "0"],
        cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield Running(wait_for_address(process, data_dir), data_dir, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        shutil.rmtree(data_dir, ignore_errors=True)


def prepare(data_dir: Path) -> None:
    """A data folder with the demonstration firm, made once for all the files of a run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    made = TESTS / f"prepared-{run}"
    TESTS.mkdir(parents=True, exist_ok=True)
    with (TESTS / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in TESTS.glob("prepared-*"):
                shutil.rmtree(old, ignore_errors=True)
            make(made)
    # The database's files keep their owner, who is not always the one that runs the tests.
    subprocess.run(["/bin/cp", "-a", str(made), str(data_dir)], check=True)  # noqa: S603 - our own


def make(data_dir: Path) -> None:
    from demo.documents.builder import build_documents
    from demo.firm import generate_firm
    from demo.seed import seed
    from ingest.folder import ingest_folder

    settings = Settings(data_dir=data_dir)
    chosen = data_dir / "sources"
    for source in SOURCES:
        target = chosen / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PROJECT_ROOT / "demo/documents/sources" / source, target)
    with open_installation(settings) as installation:
        seed(installation, generate_firm(dt.date.fromisoformat(TODAY)))
        settings.documents_dir.mkdir(parents=True)
        build_documents(settings.documents_dir, folder=chosen)
        leader = find_leader(installation.admin_conninfo)
        assert leader is not None

        async def read() -> None:
            report = await ingest_folder(
                installation.database, leader, settings.documents_dir, workers=1
            )
            await installation.database.close()
            assert not report.failures

        asyncio.run(read())


def wait_for_address(process: subprocess.Popen[str], data_dir: Path) -> str:
    deadline = time.monotonic() + START_S
    note = data_dir / "run" / "instance.json"
    while time.monotonic() < deadline:
        assert process.poll() is None, "voltaire serve s’est arrêté"
        if note.exists():
            return str(json.loads(note.read_text())["address"])
        time.sleep(0.1)
    raise AssertionError("voltaire serve ne démarre pas")


@pytest.fixture
def browser(instance: Running, tmp_path: Path) -> Iterator[BrowserContext]:
    """A fresh browser whose language is not French; it may reach nothing but the instance."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=str(CHROMIUM), args=FLAGS, headless=True,
            locale="en-US", viewport={"width": 1400, "height": 900},
        )  # fmt: skip
        context.set_default_timeout(30_000)
        yield context
        context.close()


@pytest.fixture
def page(browser: BrowserContext, instance: Running) -> Page:
    """The chat page, signed in."""
    opened = browser.pages[0]
    opened.goto(instance.address)
    opened.fill("#email", EMAIL)
    opened.fill("#password", PASSWORD)
    opened.keyboard.press("Enter")
    opened.wait_for_selector("#chat-input")
    return opened


def press(page: Page, label: str) -> None:
    """Press the last button so named; it goes once its act is done."""
    page.get_by_role("button", name=label, exact=True).last.click()


def say(page: Page, words: str) -> None:
    page.click("#chat-input")
    page.keyboard.insert_text(words)
    page.locator("#chat-submit").click()


def ask(page: Page, question: str) -> None:
    answers = page.get_by_text(ANSWERED)
    before = answers.count()
    say(page, question)
    expect(answers).to_have_count(before + 1, timeout=30_000)


def test_a_wrong_password_is_told_in_french(browser: BrowserContext, instance: Running) -> None:
    page = browser.pages[0]
    page.goto(instance.address)
    page.fill("#email", EMAIL)
    page.fill("#password", "faux")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Adresse ou mot de passe incorrect")).to_be_visible()
    expect(page.get_by_text("incorrect")).to_have_count(1)
    expect(page.locator("[data-sonner-toast]")).to_have_count(0)
    assert page.evaluate("document.documentElement.lang") == "fr"


def test_the_page_asks_nothing_of_other_sites(browser: BrowserContext, instance: Running) -> None:
    foreign: list[str] = []
    page = browser.pages[0]
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(instance.address)
    page.wait_for_selector("#password")
    assert [url for url in foreign if url.startswith("http") and instance.address not in url] == []


def test_an_answer_shows_its_steps_and_opens_the_cited_page_beside_it(page: Page) -> None:
    ask(page, DOCUMENT_QUESTION)
    expect(page.get_by_text("Étape").first).to_be_visible()
    source = page.locator("a.element-link", has_text=re.compile(r"\[1\] IN-03 v2\.0, p\."))
    source.click()
    panel = page.locator("#side-view-content")
    expect(panel.locator(".react-pdf__Page canvas")).to_be_visible()
    expect(panel.get_by_text("300 € HT").first).to_be_attached()


def test_a_portfolio_answer_shows_a_table_and_when_it_was_read(page: Page) -> None:
    ask(page, PORTFOLIO_QUESTION)
    expect(page.locator("table").last).to_be_visible()
    page.locator("a.element-link").last.click()
    panel = page.locator("#side-view-content")
    expect(panel.get_by_text("fiches de votre CRM").first).to_be_visible()
    expect(panel.get_by_role("listitem").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tableau CSV").last.click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_question_without_answer_is_taken_drafted_and_settled_by_buttons(page: Page) -> None:
    ask(page, "Quel antivirus équipe les postes de travail ?")
    say(page, "lacunes")
    expect(page.get_by_text("1 question sans réponse")).to_be_visible()
    press(page, "Je m’en charge")
    expect(page.get_by_text("Camille Ferrand ; ouverte")).to_be_visible()
    press(page, "Proposer un article")
    expect(page.get_by_text("Le brouillon de l’article est proposé ci-dessous")).to_be_visible()
    expect(page.get_by_role("button", name="Approuver").last).to_be_visible()
    press(page, "Réglée")
    expect(page.get_by_text(re.compile(r"; réglée"))).to_be_visible()
    say(page, "Quelles questions sont restées sans réponse ?")
    expect(page.get_by_text("Aucune question n’est restée sans réponse.").last).to_be_visible()


def test_a_conversation_is_found_again_with_its_answer_and_its_sources(
    page: Page, instance: Running
) -> None:
    ask(page, PORTFOLIO_QUESTION)
    expect(page).to_have_url(re.compile("/thread/"))
    thread = page.url.split("#")[0]
    page.goto(instance.address)
    page.locator(f'a[href*="{thread.rsplit("/", 1)[1]}"]').first.click()
    expect(page.get_by_text(ANSWERED)).to_have_count(1)
    expect(page.get_by_text(PORTFOLIO_QUESTION).last).to_be_visible()
    expect(page.locator("#side-view-content")).to_have_count(0)
    page.locator("a.element-link").last.click()
    expect(
        page.locator("#side-view-content").get_by_text("fiches de votre CRM").first
    ).to_be_visible()
    ask(page, "Et pour le gaz ?")


def test_a_conversation_is_not_shown_to_a_colleague(page: Page, instance: Running) -> None:
    ask(page, PORTFOLIO_QUESTION)
    expect(page).to_have_url(re.compile("/thread/"))
    identifier = page.url.split("#")[0].rsplit("/", 1)[1]
    page.context.clear_cookies()
    page.goto(instance.address)
    page.fill("#email", "hugo.lemaitre@alize-energie.example")
    page.fill("#password", "voltaire-hugo")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat-input")
    answer = page.request.get(f"{instance.address}/project/thread/{identifier}")
    assert answer.status == 404


def test_the_command_line_asks_the_running_instance(instance: Running) -> None:
    environment = {**os.environ, "VOLTAIRE_DATA_DIR": str(instance.data_dir)}
    command = [sys.executable, "-m", "api.cli", "ask", PORTFOLIO_QUESTION]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "CT-20" in done.stdout
    assert ANSWERED.search(done.stdout)


def test_the_instance_note_is_readable_by_its_owner_only(instance: Running) -> None:
    note = instance.data_dir / "run" / "instance.json"
    assert note.stat().st_mode & 0o077 == 0
    with urllib.request.urlopen(f"{instance.address}/ready") as answer:  # noqa: S310 - ours
        assert json.load(answer) == {"status": "ready"}


def test_a_transcript_dropped_in_the_chat_gives_its_minutes(page: Page) -> None:
    case = PROJECT_ROOT / "demo/content/meetings/revue-fonderie-chavanne"
    page.wait_for_timeout(3000)  # the page's session opens after its first display
    page.set_input_files("input[type=file]", str(case / "revue-fonderie-chavanne.vtt"))
    expect(page.get_by_text("revue-fonderie-chavanne.vtt").first).to_be_visible()
    page.click("#chat-input")
    page.keyboard.insert_text("Fais le compte rendu")
    page.locator("#chat-submit").click()
    expect(page.get_by_text("Décisions", exact=True).last).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Relancer Armor Électricité")).to_be_visible()
    link = page.get_by_role("link", name=re.compile(r"^\d\d:\d\d:\d\d$")).first
    assert "/api/v1/minutes/" in (link.get_attribute("href") or "")
