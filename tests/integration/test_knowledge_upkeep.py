"""Questions without answer, opinions and contradictions, on a real database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.contradictions import are_contradictions_asked, find_review
from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.gaps import are_gaps_asked, tell_gaps
from agents.portfolio_assistant.models import Answer, AnswerReady
from api.knowledge_command import describe_contradictions
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.errors import InvalidInput, NotAllowed, NotFound
from crm.contradictions import list_contradictions, review_contradiction
from crm.feedback import give_feedback, list_feedback, review_feedback
from crm.gaps import list_gaps, update_gap
from evals.passages import PassageFile, store_passages
from ingest.contradictions import keep_register, register_contradictions
from knowledge.search import SearchFilters
from tests.conftest import make_identity
from tools.contradictions import NO_CONTRADICTION
from tools.gaps import NO_GAP, list_waiting, propose_article
from tools.knowledge import look_up

TODAY = dt.date(2026, 11, 22)
QUESTION = "Quel antivirus équipe les postes de travail ?"


def rule(code: str, text: str, **fields: object) -> PassageFile:
    return PassageFile(code, f"Procédure {code}", (("Délais", text),), "procedure", **fields)  # type: ignore[arg-type]


async def ask(
    database: Database, identity: Identity, question: str, surface: Surface = "api"
) -> Answer:
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    answers = [
        event.answer
        async for event in assistant.ask(identity, question, surface=surface)
        if isinstance(event, AnswerReady)
    ]
    return answers[-1]


@pytest.fixture
async def library(database: Database, identity: Identity) -> Identity:
    await store_passages(
        database,
        identity,
        rule("PR-A", "La lettre de dénonciation part au plus tard 30 jours calendaires avant la "
             "date limite. Les preuves de dépôt sont classées par le commercial."),
    )  # fmt: skip
    return identity


async def test_a_question_without_answer_is_queued_and_counted(
    database: Database, library: Identity
) -> None:
    first = await ask(database, library, QUESTION)
    assert first.status == "unanswered"
    assert not first.citations
    await ask(database, library, "les postes de travail, quel antivirus les équipe")
    [gap] = await list_gaps(database, library)
    assert (gap.question, gap.repeats, gap.status, gap.owner_id) == (QUESTION, 2, "open", None)
    assert gap.asked_by == library.user_id
    assert "antivirus" in gap.missing


async def test_an_answered_question_is_not_queued(database: Database, library: Identity) -> None:
    answer = await ask(
        database, library, "Au plus tard combien de jours avant la date limite part la lettre de "
        "dénonciation ?",
    )  # fmt: skip
    assert answer.status == "answered"
    assert await list_gaps(database, library) == []


async def test_an_asker_sees_their_own_questions_alone(
    database: Database, library: Identity, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=library.tenant_id)
    stranger = make_identity(conninfo, "reader", "director")
    await ask(database, library, QUESTION)
    assert await list_gaps(database, reader) == []
    assert await list_gaps(database, stranger) == []
    await ask(database, reader, QUESTION)
    assert await list_gaps(database, reader) == []
    assert (await list_gaps(database, library))[0].repeats == 2
    with pytest.raises(NotAllowed):
        await update_gap(database, reader, UUID(int=1), status="closed")


async def test_a_gap_becomes_a_proposal_of_an_article_and_writes_nothing(
    database: Database, library: Identity, conninfo: str
) -> None:
    await ask(database, library, QUESTION)
    [gap] = await list_gaps(database, library)
    context = Context(library, database, offline_engine(), frozen_clock(TODAY))
    drafted = await propose_article(context, gap.id)
    again = await propose_article(context, gap.id)
    assert (drafted.status, drafted.owner_id) == ("drafted", library.user_id)
    assert drafted.proposal_id is not None
    assert drafted.proposal_id == again.proposal_id
    with psycopg.connect(conninfo) as connection:
        count = connection.execute(
            "SELECT count(*) FROM kb_articles WHERE tenant_id = %s", (library.tenant_id,)
        ).fetchone()
    assert count == (0,)


async def test_a_document_that_comes_to_answer_is_shown_to_who_may_read_it(
    database: Database, library: Identity, conninfo: str
) -> None:
    await ask(database, library, QUESTION)
    context = Context(library, database, offline_engine(), frozen_clock(TODAY))
    [waiting] = await list_waiting(context)
    assert waiting.answer is None
    told = "L’antivirus Orchidée équipe tous les postes de travail. Il est mis à jour chaque nuit."
    await store_passages(database, library, rule("PR-S", told, access=("director",)))
    quality = make_identity(conninfo, "quality", tenant_id=library.tenant_id)
    unseen = await list_waiting(replace(context, identity=quality))
    assert [one.answer for one in unseen] == [None], "not theirs to read"
    shown = await list_waiting(context)
    answer = shown[0].answer
    assert answer is not None and answer.document == "PR-S – Procédure PR-S"
    assert answer.text.startswith("L’antivirus Orchidée équipe")
    text = await tell_gaps(context)
    assert "semble désormais y répondre" in text and "PR-S" in text
    await update_gap(database, library, waiting.gap.id, status="closed")
    assert await list_waiting(context) == []


@pytest.mark.parametrize(("name", "is_known"), [("Hugo Lemaître", True), ("Claire Petit", False)])
async def test_a_colleagues_name_stands_for_what_they_do_unless_it_is_a_word(
    database: Database, library: Identity, conninfo: str, name: str, is_known: bool
) -> None:
    colleague = make_identity(conninfo, "quality", tenant_id=library.tenant_id)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE users SET full_name = %s, job_title = 'Responsable qualité' WHERE id = %s",
            (name, colleague.user_id),
        )
    context = Context(library, database, offline_engine(), frozen_clock(TODAY))
    asked = f"{name.split(maxsplit=1)[0]} approuve-t-il la lettre ?"
    found = await look_up(context, asked, SearchFilters())
    others = {term for terms in found.question.equivalents.values() for term in terms}
    assert ("respons" in " ".join(others)) is is_known


async def test_an_opinion_waits_for_a_review_by_another_role(
    database: Database, library: Identity, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=library.tenant_id)
    answer = await ask(database, reader, "Combien de jours avant la date limite part la lettre ?")
    await give_feedback(database, reader, answer.turn_id, -1, "Trop long")
    await give_feedback(database, reader, answer.turn_id, 1, None)
    [given] = await list_feedback(database, library, "pending")
    assert (given.value, given.comment, given.user_id) == (1, None, reader.user_id)
    with pytest.raises(NotAllowed):
        await review_feedback(database, reader, answer.turn_id, reader.user_id, "kept")
    await review_feedback(database, library, answer.turn_id, reader.user_id, "kept")
    assert [one.review for one in await list_feedback(database, library)] == ["kept"]
    with pytest.raises(NotFound):
        await give_feedback(database, library, answer.turn_id, 1, None)
    with pytest.raises(InvalidInput):
        await give_feedback(database, reader, answer.turn_id, 3, None)


async def test_a_contradiction_is_registered_reviewed_and_shown_on_both_sides(
    database: Database, library: Identity, conninfo: str
) -> None:
    other = rule("PR-B", "La lettre de dénonciation part au plus tard 15 jours calendaires avant "
                 "la date limite. Le client garde une copie du courrier.")  # fmt: skip
    past = rule("PR-C", "La lettre de dénonciation part au plus tard 60 jours calendaires avant la "
                "date limite.", status="superseded")  # fmt: skip
    hidden = rule("PR-D", "La lettre de dénonciation part au plus tard 45 jours calendaires avant "
                  "la date limite.", access=("director",))  # fmt: skip
    for file in (other, past, hidden):
        await store_passages(database, library, file)
    await register_contradictions(database, library, today=TODAY)
    pairs = {(c.left_code, c.right_code) for c in await list_contradictions(database, library)}
    assert {frozenset(pair) for pair in pairs} == {
        frozenset({"PR-A", "PR-B"}), frozenset({"PR-A", "PR-D"}), frozenset({"PR-B", "PR-D"}),
    }  # fmt: skip
    quality = make_identity(conninfo, "reader", "quality", tenant_id=library.tenant_id)
    [seen] = await list_contradictions(database, quality)
    delay = "Au plus tard combien de jours avant la date limite part la lettre de dénonciation ?"
    opposed = await ask(database, quality, delay)
    assert "se contredisent" in opposed.text
    assert "30 jours" in opposed.text
    assert "15 jours" in opposed.text
    await review_contradiction(database, quality, seen.id, "dismissed")
    await register_contradictions(database, library, today=TODAY)
    [kept] = await list_contradictions(database, quality)
    assert kept.status == "dismissed"
    assert describe_contradictions([kept]) == [NO_CONTRADICTION]
    described = describe_contradictions([seen])[0]
    assert described.startswith(str(seen.id)[:8]) and described.endswith("(à relire)")
    assert "Aucune contradiction" in (await ask(database, quality, "Les contradictions ?")).text
    shown = (await ask(database, library, "Montrez les contradictions entre documents")).text
    assert "**2\u00a0contradictions possibles entre documents**" in shown
    assert "45 jours calendaires" in shown
    settled = await ask(database, quality, delay)
    assert "se contredisent" not in settled.text
    assert "30 jours" in settled.text
    await review_contradiction(database, quality, seen.id, "confirmed")
    assert "se contredisent" in (await ask(database, quality, delay)).text


async def test_a_contradiction_is_reviewed_in_the_conversation_by_who_may(
    database: Database, library: Identity, conninfo: str
) -> None:
    await store_passages(database, library, rule(
        "PR-B", "La lettre de dénonciation part au plus tard 15 jours calendaires avant la date "
        "limite. Le client garde une copie du courrier."))  # fmt: skip
    await register_contradictions(database, library, today=TODAY)
    [held] = await list_contradictions(database, library)
    order = "Écartez la contradiction entre PR-A et PR-B"
    reader = make_identity(conninfo, "reader", tenant_id=library.tenant_id)
    assert (await ask(database, reader, order, "chat")).status == "refused"
    assert (await ask(database, library, order, "api")).status == "refused"
    assert await list_contradictions(database, library, "proposed") == [held]
    told = (await ask(database, library, order, "chat")).text
    assert told.startswith("**1\u00a0contradiction écartée**")
    assert "15 jours calendaires" in told
    assert await list_contradictions(database, library, "proposed") == []
    again = f"Confirmez la contradiction n° {str(held.id)[:8]}"
    assert "confirmée" in (await ask(database, library, again, "chat")).text
    unknown = await ask(database, library, "Écartez la contradiction entre PR-A et PR-Z", "chat")
    assert unknown.status == "refused"


async def test_several_contradictions_of_two_documents_are_told_before_one_is_reviewed(
    database: Database, library: Identity
) -> None:
    for code, days, years in (("PR-B", 15, "six"), ("PR-C", 30, "dix")):
        await store_passages(database, library, rule(
            code, f"Le client reçoit sa facture {days} jours ouvrés après le relevé du compteur. "
            f"La facture du fournisseur est conservée {years} ans par le cabinet."))  # fmt: skip
    await register_contradictions(database, library, today=TODAY)
    one = await ask(database, library, "Écartez la contradiction entre PR-B et PR-C", "chat")
    assert one.text.startswith("**2\u00a0contradictions possibles")
    assert "Pour trancher" in one.text
    both = await ask(database, library, "Écartez les contradictions entre PR-B et PR-C", "chat")
    assert both.text.startswith("**2\u00a0contradictions écartées**")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("Écartez la contradiction entre NS-08 et PR-31", "dismissed"),
        ("Confirme la contradiction entre NS-08 et PR-31.", "confirmed"),
        ("Pouvez-vous écarter les contradictions entre la procédure NS-08 et l’instruction PR-31, "
         "s’il vous plaît ?", "dismissed"),
        ("Je confirme la contradiction NS-08 / PR-31", "confirmed"),
    ],
)  # fmt: skip
def test_a_review_is_read_from_its_words(request_: str, status: str) -> None:
    asked = find_review(request_)
    assert asked is not None
    assert asked.status == status
    assert asked.codes == {"ns-08", "pr-31"}


@pytest.mark.parametrize(
    "question",
    ["Comment écarter une contradiction entre deux pièces ?", "Qui confirme les contradictions ?"],
)
def test_a_question_on_reviews_is_no_review(question: str) -> None:
    assert find_review(question) is None


async def test_the_register_follows_any_change_and_rests_without_one(
    database: Database, library: Identity
) -> None:
    assert await keep_register(database, library, today=TODAY) == 0
    assert await keep_register(database, library, today=TODAY) is None
    await store_passages(database, library, rule(
        "PR-B", "La lettre de dénonciation part au plus tard 15 jours calendaires avant la date "
        "limite. Le client garde une copie du courrier."))  # fmt: skip
    assert await keep_register(database, library, today=TODAY) == 1
    assert await keep_register(database, library, today=TODAY) is None


async def test_the_register_follows_a_version_that_comes_into_force_or_ends_by_its_date(
    database: Database, library: Identity
) -> None:
    start, end = TODAY + dt.timedelta(days=2), TODAY + dt.timedelta(days=4)
    await store_passages(database, library, rule(
        "PR-B", "La lettre de dénonciation part au plus tard 15 jours calendaires avant la date "
        "limite. Le client garde une copie du courrier.",
        valid_from=start, valid_to=end))  # fmt: skip
    found = [
        await keep_register(database, library, today=TODAY + dt.timedelta(days=days))
        for days in range(7)
    ]
    assert found == [0, None, 1, None, None, 0, None]


async def test_a_long_table_does_not_take_the_place_of_other_documents(
    database: Database, library: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.contradictions.MOST_OF_ONE", 3)
    monkeypatch.setattr("ingest.contradictions.MOST_STATEMENTS", 8)
    rows = " ".join(f"Le site {n} consomme {n} kWh par an." for n in range(40))
    await store_passages(database, library, rule("A-TABLE", rows))
    await store_passages(database, library, rule(
        "PR-B", "La lettre de dénonciation part au plus tard 15 jours calendaires avant la date "
        "limite. Le client garde une copie du courrier."))  # fmt: skip
    assert await register_contradictions(database, library, today=TODAY) == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("lacunes", True),
        ("Lacunes ?", True),
        ("Les lacunes", True),
        ("Montrez les lacunes", True),
        ("Montrez-moi les lacunes de la base de connaissances", True),
        ("Affiche la file des lacunes", True),
        ("Quelles sont les questions restées sans réponse ?", True),
        ("Quelles lacunes le client a-t-il dans son contrat ?", False),
        ("Que dit PR-08 des lacunes d’un dossier ?", False),
    ],
)
def test_the_queue_is_asked_for_in_a_word_or_a_phrase(question: str, expected: bool) -> None:
    assert are_gaps_asked(question) is expected


async def test_one_word_in_the_conversation_opens_the_queue_and_searches_nothing(
    database: Database, library: Identity
) -> None:
    assert (await ask(database, library, "lacunes")).text == NO_GAP
    await ask(database, library, QUESTION)
    answer = await ask(database, library, "lacunes")
    assert "**1\u00a0question sans réponse**" in answer.text and QUESTION in answer.text
    assert "antivirus" in answer.text and "sans responsable" in answer.text
    assert answer.status == "answered" and answer.citations == ()
    [gap] = await list_gaps(database, library)
    assert (gap.question, gap.repeats) == (QUESTION, 1), "the word itself is not a gap"
    await update_gap(database, library, gap.id, status="closed")
    assert (await ask(database, library, "Montrez les lacunes")).text == NO_GAP


@pytest.mark.parametrize(
    "question",
    [
        "Quels contrats relèvent de l’article L224-11 ?",
        "Combien de clients sont concernés par l’article L. 224-11 ?",
        "Combien de contrats relèvent de l’article L-224-11 ?",
    ],
)
async def test_an_article_of_the_law_is_looked_for_in_the_documents(
    database: Database, library: Identity, question: str
) -> None:
    told = (await ask(database, library, question)).text
    assert "dans les documents que vous pouvez consulter" in told
    assert "Vérifiez l’orthographe ou la référence" not in told and "«\u00a0relèvent" not in told
    law = rule("RG-90", "L’article L224-11 s’applique aux contrats des clients non "
               "professionnels : la facture leur est adressée chaque année.")  # fmt: skip
    await store_passages(database, library, law)
    answer = await ask(database, library, "Que dit l’article L224-11 des contrats ?")
    assert answer.status == "answered" and "non professionnels" in answer.text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Contradictions", True),
        ("Montrez-moi le registre des contradictions", True),
        ("Y a-t-il des contradictions dans nos documents ?", True),
        ("Que faire des contradictions entre deux pièces d’un dossier ?", False),
        ("Quelles contradictions signaler à l’acheteur ?", False),
    ],
)
def test_the_register_is_asked_for_in_a_word_or_a_phrase(question: str, expected: bool) -> None:
    assert are_contradictions_asked(question) is expected
