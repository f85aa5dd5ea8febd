"""What a person reads of a controlled document before they approve a change of it."""

from __future__ import annotations

import datetime as dt

import pytest

from chat.cards import write_card, write_list
from core.context import Identity
from core.database import Database
from crm.proposals.submission import Submission
from tests.conftest import make_identity
from tests.integration.changes import TODAY, make_context
from tests.integration.test_document_control import add, carry_out
from tools.approvals import get_card
from tools.cards import Card
from tools.library import propose_custody, propose_review, propose_status


@pytest.fixture
def quality(conninfo: str, identity: Identity) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=identity.tenant_id)


async def show(database: Database, person: Identity, made: Submission) -> Card:
    assert made.proposal_id is not None
    return await get_card(make_context(database, person), made.proposal_id)


async def test_a_card_tells_the_document_the_version_ended_and_where_the_text_is(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    made = await propose_status(context, draft, "in_force", reason="Relue")
    card = await show(database, quality, made)
    assert card.about == (
        "PR-08 – Réclamations, version 2 (en relecture). Elle mettra fin à la version 1, en "
        "vigueur depuis le 01/01/2025. 1\u00a0phrase change («\u00a0Comparez les versions 1 et "
        "2 de PR-08\u00a0»)."
    )
    for written in (write_card(card), write_list((card,), frozenset())):
        assert f"/documents/{draft}" in written and "mettra fin à la version 1" in written
    assert card.version_id == draft
    other = await propose_status(make_context(database, quality), draft, "in_force", reason="Vu")
    assert "1\u00a0autre décision attend" in (await show(database, quality, other)).about
    await carry_out(database, quality, made)
    done = await show(database, quality, made)
    assert not done.can_undo, "no button for what is refused"
    assert done.about == "PR-08 – Réclamations, version 2 (en vigueur)."
    withdrawn = await propose_status(context, draft, "withdrawn", reason="Abrogée")
    told = (await show(database, quality, withdrawn)).about
    assert "Le document n’aura plus de version en vigueur." in told


async def test_the_title_of_a_card_says_what_is_done_to_which_version_and_from_when(
    database: Database, identity: Identity, quality: Identity
) -> None:
    held = await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    draft = await add(database, identity, "2", "deux", status="draft")
    context = make_context(database, identity)
    later = (dt.date(2026, 12, 1), dt.date(2026, 12, 15))
    made = [await propose_status(context, draft, "in_force", reason="Vu", on=on) for on in later]
    made += [
        await propose_status(context, draft, "in_review", reason="À relire"),
        await propose_status(context, draft, "withdrawn", reason="Inutile"),
        await propose_status(context, held, "withdrawn", reason="Abrogée", on=later[0]),
        await propose_review(context, held, later[1], reason="Prévue"),
    ]
    cards = [await show(database, quality, each) for each in made]
    assert [card.title for card in cards] == [
        "Mettre en vigueur PR-08, version 2, à compter du 01/12/2026",
        "Mettre en vigueur PR-08, version 2, à compter du 15/12/2026",
        "Mettre en relecture PR-08, version 2",
        "Retirer PR-08, version 2",
        "Retirer PR-08, version 1, à compter du 01/12/2026",
        "Relire PR-08, version 1, avant le 15/12/2026",
    ]
    assert write_list(cards, frozenset()).startswith("**Documents** – 6\u00a0modifications")


async def test_a_version_whose_days_alone_change_is_put_in_force_from_that_day(
    database: Database, identity: Identity, quality: Identity
) -> None:
    bounds = {"valid_from": dt.date(2025, 1, 1), "valid_to": dt.date(2025, 2, 1)}
    held = await add(database, identity, "1", "cinq", **bounds)
    context = make_context(database, identity)
    made = await propose_status(context, held, "in_force", reason="Encore utile", on=TODAY)
    card = await show(database, quality, made)
    assert "status" not in {line.field for line in card.lines}
    assert card.title == "Mettre en vigueur PR-08, version 1, à compter du 16/11/2026"


async def test_a_card_on_who_must_read_a_document_speaks_of_its_version_in_force(
    database: Database, identity: Identity, quality: Identity
) -> None:
    held = await add(database, identity, "1", "cinq", valid_from=dt.date(2025, 1, 1))
    await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    made = await propose_custody(context, held, must_read=["sales"], reason="Nouveaux venus")
    card = await show(database, quality, made)
    assert card.about == "PR-08 – Réclamations, version 1 (en vigueur)." and card.version_id == held
