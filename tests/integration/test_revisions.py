"""What a version changes, and who approved it, from every surface."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.portfolio_assistant.revisions import tell_approval, tell_revision
from core.context import Identity
from core.database import Database
from core.errors import InvalidInput, NotFound
from tests.conftest import make_identity
from tests.integration.changes import make_context
from tests.integration.test_document_control import add, carry_out
from tools.library import propose_status
from tools.revisions import find_revision

START = dt.date(2025, 1, 1)
CHANGED = (
    "- Avant\u00a0: «\u00a0Une réclamation reçoit sa réponse sous **cinq** jours ouvrés, sans "
    "exception.\u00a0»\n- Désormais\u00a0: «\u00a0Une réclamation reçoit sa réponse sous **deux** "
    "jours ouvrés, sans exception.\u00a0»"
)


@pytest.fixture
def quality(conninfo: str, identity: Identity) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=identity.tenant_id)


async def test_a_draft_is_compared_with_the_version_in_force_and_that_one_with_the_former(
    database: Database, identity: Identity, quality: Identity
) -> None:
    first = await add(database, identity, "1", "cinq", valid_from=START)
    second = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    told = await tell_revision(context, "Que change la version 2 de PR-08 ?", "chat")
    assert told.startswith("**Ce qui change dans PR-08, de la version 1 à la 2**")
    assert "1\u00a0phrase modifiée." in told and CHANGED in told
    assert f"/documents/{first}" in told and f"/documents/{second}" in told
    named = await tell_revision(context, "Différences entre les versions 2 et 1 de PR-08 ?", "cli")
    assert "de la version 1 à la 2" in named and "[cinq]" in named, "what waits comes last"
    made = await propose_status(context, second, "in_force", reason="Relue")
    await carry_out(database, quality, made)
    assert CHANGED in await tell_revision(context, "Qu’est-ce qui a changé dans PR-08 ?", "api")
    both = await tell_revision(context, "Comparez les versions 2 et 1 de PR-08", "cli")
    assert "de la version 1 à la 2" in both and "Lire la version" not in both


async def test_a_version_with_nothing_before_it_or_the_same_words_says_so(
    database: Database, identity: Identity
) -> None:
    only = await add(database, identity, "1", "cinq", valid_from=START)
    context = make_context(database, identity)
    with pytest.raises(InvalidInput, match="rien à comparer"):
        await find_revision(context, only)
    await add(database, identity, "2", "cinq", status="draft")
    told = await tell_revision(context, "Que change PR-08 version 2 ?", "cli")
    assert "disent la même chose" in told
    with pytest.raises(InvalidInput, match="deux versions différentes"):
        await tell_revision(context, "Différences entre les versions 2 et 2.0 de PR-08", "cli")


async def test_a_version_without_date_follows_those_that_ended_and_what_is_withdrawn_its_own(
    database: Database, identity: Identity
) -> None:
    eve = dt.date(2026, 1, 1)
    past = {"status": "superseded", "valid_from": START, "valid_to": eve}
    old = await add(database, identity, "1", "dix", **past)
    held = await add(database, identity, "2", "cinq")
    gone = await add(database, identity, "1.5", "huit", status="withdrawn", valid_from=eve)
    context = make_context(database, identity)
    assert (await find_revision(context, held)).before.id == old
    assert (await find_revision(context, gone)).before.id == old
    since = await tell_revision(
        context, "Qu’est-ce qui a changé depuis la version 1 de PR-08 ?", "cli"
    )
    assert "de la version 1 à la 2" in since
    with pytest.raises(InvalidInput, match="deux versions à la fois"):
        await tell_revision(context, "Comparez les versions 1, 1.5 et 2 de PR-08", "cli")
    with pytest.raises(InvalidInput, match="deux versions différentes"):
        await find_revision(context, held, held)


async def test_who_may_not_read_a_version_is_told_nothing_of_it(
    database: Database, identity: Identity
) -> None:
    access = {"access": ("quality",)}
    await add(database, identity, "1", "cinq", valid_from=START, **access)
    hidden = await add(database, identity, "2", "deux", status="in_review", **access)
    context = make_context(database, identity)
    with pytest.raises(NotFound):
        await find_revision(context, hidden)
    with pytest.raises(NotFound):
        await tell_revision(context, "Que change la version 2 de PR-08 ?", "chat")


async def test_an_approval_is_told_with_its_author_and_the_lack_of_one_too(
    database: Database, identity: Identity, quality: Identity
) -> None:
    await add(database, identity, "1", "cinq", valid_from=START)
    draft = await add(database, identity, "2", "deux", status="in_review")
    context = make_context(database, identity)
    asked = "Qui a approuvé la version {} de PR-08 ?"
    read = await tell_approval(context, asked.format(1), "chat")
    assert "aucune approbation n’est enregistrée" in read and "depuis le 01/01/2025" in read
    waiting = await tell_approval(context, asked.format(2), "chat")
    assert waiting.endswith("aucune approbation n’est enregistrée dans Voltaire.")
    made = await propose_status(context, draft, "in_force", reason="Relue")
    await carry_out(database, quality, made)
    done = await tell_approval(context, asked.format(2), "chat")
    assert "version 2 (en vigueur)\u00a0: mise en vigueur approuvée par Essai le " in done
    gone = await propose_status(context, draft, "withdrawn", reason="Abrogée")
    await carry_out(database, quality, gone)
    kept = await tell_approval(context, asked.format(2), "chat")
    assert "version 2 (retirée)\u00a0: mise en vigueur approuvée par Essai le " in kept
