"""An article of the knowledge base, from the question it answers to the answer that cites it."""

from __future__ import annotations

import pytest

from agents.portfolio_assistant.articles import tell_in_force, tell_text
from agents.portfolio_assistant.assistant import offline_engine
from agents.portfolio_assistant.gaps import tell_gaps
from api.knowledge_command import describe_gap
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.errors import InvalidInput
from crm.articles import Article
from crm.gaps import Gap, list_gaps, record_gap
from evals.passages import store_passages
from ingest.articles import ingest_articles
from tests.conftest import make_identity
from tests.integration.changes import executing, submit, wish
from tests.integration.test_knowledge_upkeep import TODAY, ask, rule
from tools import approvals
from tools.approvals import Line
from tools.articles import find_article, propose_in_force
from tools.cards import Card, batch_digest
from tools.gaps import WaitingGap, list_waiting, propose_article
from tools.library import list_versions, propose_status

QUESTION = "Quel antivirus équipe les postes de travail ?"
ANSWER = "L’antivirus Orchidée équipe tous les postes de travail. Il est mis à jour chaque nuit."
PUT = f"Mettez en vigueur l’article «\u00a0{QUESTION}\u00a0»"


@pytest.fixture
async def quality(identity: Identity, conninfo: str) -> Identity:
    return make_identity(conninfo, "quality", tenant_id=identity.tenant_id)


@pytest.fixture
async def context(database: Database, quality: Identity) -> Context:
    await store_passages(database, quality, rule("PR-A", "La lettre part avant la date limite."))
    return Context(quality, database, offline_engine(), frozen_clock(TODAY))


async def approve(context: Context, card: Card) -> Card:
    """The card once approved as it was shown, and carried out."""
    await approvals.approve(context, [Line(card.id, card.digest)], batch_digest((card,)))
    async with executing(context.database) as executor:
        await executor.run_once()
    return await approvals.get_card(context, card.id)


async def approve_waiting(context: Context) -> Card:
    [card] = await approvals.list_pending(context)
    return await approve(context, card)


async def read_gap(context: Context) -> Gap:
    [gap] = await list_gaps(context.database, context.identity)
    return gap


def told(gap: Gap) -> str:
    return "\n".join(describe_gap(WaitingGap(gap, None)))


async def draft(context: Context) -> Article:
    await submit(context, wish("kb_articles", title=QUESTION, kind="guide", body=ANSWER))
    await approve_waiting(context)
    return await find_article(context, QUESTION)


async def read_articles(context: Context) -> None:
    await ingest_articles(context.database, context.identity, today=context.today)


async def test_a_question_is_answered_by_the_article_written_for_it(context: Context) -> None:
    database, identity = context.database, context.identity
    assert (await ask(database, identity, QUESTION)).status == "unanswered"
    drafted = await propose_article(context, (await read_gap(context)).id)
    assert drafted.proposal_id is not None and "article proposé" in told(drafted)
    card = await approvals.get_card(context, drafted.proposal_id)
    corrected = await approvals.edit(context, card.id, card.digest, {"body": ANSWER})

    done = await approve(context, corrected)
    assert done.outcome.startswith("La modification est faite. L’article est en brouillon")
    assert PUT in done.outcome
    assert "article en brouillon, à mettre en vigueur" in told(await read_gap(context))
    assert (await propose_article(context, drafted.id)).proposal_id == drafted.proposal_id
    await read_articles(context)
    assert (await ask(database, identity, QUESTION)).status == "unanswered"
    listed = (await ask(database, identity, "Quels articles sont en brouillon ?")).text
    assert "1\u00a0article en brouillon" in listed and QUESTION in listed

    asked = (await ask(database, identity, PUT)).text
    assert "est proposée" in asked and "22/11/2026" in asked
    done = await approve_waiting(context)
    assert "cité à la prochaine lecture des documents" in done.outcome
    assert "article en vigueur" in told(await read_gap(context))
    assert "cité à la prochaine lecture" in await tell_gaps(context)
    await read_articles(context)

    answer = await ask(database, identity, QUESTION)
    assert answer.status == "answered" and "Orchidée" in answer.text, answer.text
    assert answer.citations and answer.text.count(QUESTION) == 1
    gap = await read_gap(context)
    assert (gap.status, await list_waiting(context)) == ("closed", [])


async def test_an_article_whose_answer_is_to_be_written_does_not_come_into_force(
    context: Context,
) -> None:
    await ask(context.database, context.identity, QUESTION)
    await propose_article(context, (await read_gap(context)).id)
    done = await approve_waiting(context)
    assert "reste à rédiger" in done.outcome
    with pytest.raises(InvalidInput, match="reste à rédiger"):
        await tell_in_force(context, PUT, "chat")
    await tell_text(
        context, f"Remplacez le texte de l’article «\u00a0{QUESTION}\u00a0» par : {ANSWER}", "chat"
    )
    await approve_waiting(context)
    assert (await find_article(context, QUESTION)).body == ANSWER
    assert "est proposée" in await tell_in_force(context, PUT, "chat")


async def test_a_refused_article_may_be_proposed_again(context: Context) -> None:
    await ask(context.database, context.identity, QUESTION)
    first = await propose_article(context, (await read_gap(context)).id)
    [card] = await approvals.list_pending(context)
    await approvals.reject(context, card.id, card.digest, "À revoir")
    assert "article refusé" in told(await read_gap(context))
    again = await propose_article(context, first.id)
    assert again.proposal_id != first.proposal_id
    assert (await propose_article(context, first.id)).proposal_id == again.proposal_id


async def test_a_withdrawn_article_no_longer_answers(context: Context) -> None:
    article = await draft(context)
    await propose_in_force(context, article, reason="Prêt")
    await approve_waiting(context)
    await read_articles(context)
    [version] = await list_versions(context, code=QUESTION)
    assert (version.label, version.standing) == ("1.0", "in_force")
    await propose_status(context, version.id, "withdrawn", reason="Périmé")
    await approve_waiting(context)
    assert (await find_article(context, QUESTION)).status == "withdrawn"
    await read_articles(context)
    assert [one.standing for one in await list_versions(context, code=QUESTION)] == ["withdrawn"]


async def test_a_question_on_a_code_is_answered_by_that_very_document_alone(
    context: Context,
) -> None:
    database, identity = context.database, context.identity
    await store_passages(database, identity, rule("EN-01", f"Code : E-04. {ANSWER}"))
    async with database.transaction(identity) as connection:
        await record_gap(
            connection, "Quel antivirus équipe les postes, selon EN-04 ?", ["x"], [], []
        )
    assert [one.answer for one in await list_waiting(context)] == [None]
    await store_passages(database, identity, rule("EN-04", ANSWER))
    [waiting] = await list_waiting(context)
    assert waiting.answer is None or waiting.answer.document.startswith("EN-04")
