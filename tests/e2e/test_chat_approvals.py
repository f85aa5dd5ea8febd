"""Approving in the page: a client's list ticked line by line, a refusal, a correction, an undo."""

from __future__ import annotations

import asyncio
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from core.context import Context, system_clock
from core.engine.offline import OfflineEngine
from core.settings import PROJECT_ROOT, Settings
from crm.changes import ChangeDraft
from crm.firms import find_leader
from crm.installation import open_installation
from crm.proposals.canonical import Origin
from crm.proposals.submission import propose_one
from tests.e2e.test_chat import CHROMIUM, Running, browser, instance, page  # noqa: F401

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="Chromium est absent : les essais du navigateur sont passés."
    ),
]
IMAGES = PROJECT_ROOT / ".voltaire" / "images"
TWO_CONTRACTS = """
SELECT account_id, array_agg(id ORDER BY reference) AS ids,
       array_agg(reference ORDER BY reference) AS names
FROM contracts GROUP BY account_id HAVING count(*) >= 2 ORDER BY account_id LIMIT 2
"""


@dataclass(frozen=True)
class Client:
    """A client with two contracts at least."""

    ids: tuple[UUID, ...]
    names: tuple[str, ...]


@dataclass
class Desk:
    """The records behind the page."""

    instance: Running

    def propose(self, contract: UUID, days: int) -> None:
        draft = ChangeDraft(
            "update", "contracts", {"notice_days": days}, "Avenant reçu ce matin",
            key=f"{contract}:{days}:{time.monotonic()}", record_id=contract, is_tainted=False,
        )  # fmt: skip

        async def work(context: Context) -> None:
            await propose_one(context, draft, Origin("test"))

        self._run(work)

    def notice_days(self, contract: UUID) -> int:
        async def work(context: Context) -> int:
            async with context.database.transaction(context.identity) as connection:
                cursor = await connection.execute(
                    "SELECT notice_days FROM contracts WHERE id = %s", (contract,)
                )
                row = await cursor.fetchone()
            assert row is not None
            return int(row["notice_days"])

        return self._run(work)

    def clients(self) -> list[Client]:
        async def work(context: Context) -> list[Client]:
            async with context.database.transaction(context.identity) as connection:
                rows = await (await connection.execute(TWO_CONTRACTS)).fetchall()
            return [Client(tuple(row["ids"]), tuple(row["names"])) for row in rows]

        return self._run(work)

    def wait_for(self, contract: UUID, days: int) -> None:
        deadline = time.monotonic() + 20
        while self.notice_days(contract) != days:
            assert time.monotonic() < deadline, "la modification approuvée n’a pas été effectuée"
            time.sleep(0.3)

    def _run(self, work):  # type: ignore[no-untyped-def]
        with open_installation(Settings(data_dir=self.instance.data_dir)) as installation:
            leader = find_leader(installation.admin_conninfo)
            assert leader is not None
            context = Context(leader, installation.database, OfflineEngine({}), system_clock)

            async def go():  # type: ignore[no-untyped-def]
                try:
                    return await work(context)
                finally:
                    await installation.database.close()

            # The browser's driver holds this thread's event loop.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, go()).result()


@pytest.fixture
def desk(instance: Running) -> Desk:  # noqa: F811 - the fixture imported above
    return Desk(instance)


def show_pending(page: Page) -> None:  # noqa: F811
    page.get_by_text("À approuver").first.click()


def send(page: Page, text: str) -> None:  # noqa: F811
    page.click("#chat-input")
    page.keyboard.insert_text(text)
    page.locator("#chat-submit").click()


def test_only_the_ticked_line_of_a_list_is_carried_out(page: Page, desk: Desk) -> None:  # noqa: F811
    client = desk.clients()[0]
    before = desk.notice_days(client.ids[1])
    desk.propose(client.ids[0], 41)
    desk.propose(client.ids[1], 42)
    show_pending(page)
    box = page.get_by_role("button", name=re.compile(f"☐.*{client.names[0]}"))
    box.click()
    page.get_by_role("button", name=re.compile("Approuver 1")).click()
    # An executor that is still starting is said to be at work; the record tells the rest.
    told = re.compile("La modification est faite|approuvée, en cours d’exécution")
    expect(page.get_by_text(told).first).to_be_visible(timeout=30_000)
    desk.wait_for(client.ids[0], 41)
    assert desk.notice_days(client.ids[1]) == before


def test_a_card_is_refused_corrected_approved_and_undone(page: Page, desk: Desk) -> None:  # noqa: F811
    client = desk.clients()[1]
    contract, before = client.ids[0], desk.notice_days(client.ids[0])
    desk.propose(contract, 61)
    show_pending(page)
    title = page.get_by_text(re.compile(f"Modifier le contrat {client.names[0]}"))
    expect(title.last).to_be_visible()  # the morning, drawn late, may name it in a button too
    page.screenshot(path=str(IMAGES / "approbation.png"))
    # Mails sorted meanwhile may have proposals of their own, drawn before this one.
    title.last.locator("xpath=following::button[normalize-space()='Corriger'][1]").click()
    expect(page.get_by_text("une ligne par champ")).to_be_visible()
    send(page, "Préavis : bientôt")
    expect(page.get_by_text("écrivez un nombre")).to_be_visible()
    send(page, "Préavis : 62")
    expect(page.get_by_text("Voici la proposition corrigée")).to_be_visible()
    page.get_by_role("button", name="Approuver").last.click()
    expect(page.get_by_text("La modification est faite.").first).to_be_visible(timeout=30_000)
    desk.wait_for(contract, 62)
    page.get_by_role("button", name="Annuler cette modification").last.click()
    expect(page.get_by_text("L’annulation attend un accord")).to_be_visible()
    page.get_by_role("button", name="Approuver").last.click()
    desk.wait_for(contract, before)


@pytest.mark.parametrize("width", [1280, 390])
def test_no_button_stays_under_the_composer_or_past_the_edge(
    page: Page,  # noqa: F811
    desk: Desk,
    width: int,
) -> None:
    for client in desk.clients():
        for rank, contract in enumerate(client.ids[:2]):
            desk.propose(contract, 51 + rank)
    page.set_viewport_size({"width": width, "height": 700})
    show_pending(page)
    last = page.get_by_role("button", name="Voir chaque modification").last
    expect(last).to_be_visible()
    deadline = time.monotonic() + 10
    page.mouse.move(width / 2, 300)
    while True:
        page.mouse.wheel(0, 3000)  # at the end of the page, where a reader goes
        # A card that is drawn again has no box for an instant: the deadline judges, not one look.
        box, composer = last.bounding_box(), page.locator("#message-composer").bounding_box()
        if box and composer and box["y"] + box["height"] <= composer["y"]:
            break
        assert time.monotonic() < deadline, (box, composer)
        page.wait_for_timeout(200)
    ticks = page.get_by_role("button", name=re.compile("☐")).all()
    edges = [box["x"] + box["width"] for tick in ticks if (box := tick.bounding_box())]
    assert edges
    assert max(edges) <= width - 8
