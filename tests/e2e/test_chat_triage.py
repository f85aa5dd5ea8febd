"""The triage page of the chat, in a real browser, on the demonstration firm's mails."""

from __future__ import annotations

import json
import time
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_chat import (  # noqa: F401 - fixtures
    EMAIL,
    Running,
    browser,
    instance,
    page,
    pytestmark,
)

QUESTION = "Que s’est-il passé depuis hier ?"


FEWEST = 10
"""The demonstration firm received more threads than that."""


def wait_for_triage(instance: Running) -> None:  # noqa: F811
    """Wait until the first start has triaged every thread."""
    note = json.loads((instance.data_dir / "run" / "instance.json").read_text())
    request = urllib.request.Request(  # noqa: S310 - ours
        f"{instance.address}/api/v1/mail/threads?since=2020-01-01T00:00:00Z&limit=500",
        headers={"authorization": f"Bearer {note['token']}", "x-voltaire-user": EMAIL},
    )
    deadline, before = time.monotonic() + 90, 0
    while time.monotonic() < deadline:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - ours
            rows = json.load(answer)
        if len(rows) > FEWEST and len(rows) == before and all(row["is_done"] for row in rows):
            return
        before = len(rows)
        time.sleep(3)
    raise AssertionError("Les courriels de démonstration ne sont pas triés")


def test_the_first_start_triages_the_mails_and_the_chat_tells_them(
    page: Page,  # noqa: F811
    instance: Running,  # noqa: F811
    request: pytest.FixtureRequest,
) -> None:
    wait_for_triage(instance)
    page.wait_for_timeout(2000)  # the page's session opens after its first display
    page.click("#chat-input")
    page.keyboard.insert_text(QUESTION)
    page.locator("#chat-submit").click()
    answer = page.locator(".message-content").last
    expect(page.get_by_text("Courriels reçus depuis le vendredi")).to_be_visible(timeout=30_000)
    shot = request.config.rootpath / ".voltaire" / "tests" / "triage.png"
    page.screenshot(path=str(shot), full_page=True)
    headings = answer.locator("th").all_inner_texts()
    # Each heading carries its sort mark on a line of its own.
    assert [heading.splitlines()[0] for heading in headings[:2]] == ["À traiter", "Objet"]
    assert answer.locator("tbody tr").count() >= 1
