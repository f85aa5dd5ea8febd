"""A document asked for as a whole: a sentence of each section, of the version of the day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import Answer, DocumentCitation
from core.context import Identity, frozen_clock
from core.database import Database
from evals.asking import ask
from evals.passages import PassageFile, store_passages

TODAY = dt.date(2026, 11, 16)
START = dt.date(2025, 3, 1)
TITLE = "Traitement des réclamations"


async def add(database: Database, identity: Identity, days: str, **fields: Any) -> None:
    sections = (
        (TITLE, "Code : PR-08. Application : à compter du 1er mars."),
        ("1. Objet", "La procédure couvre les réclamations des clients, écrites ou orales."),
        ("2. Délais", f"Une réclamation reçoit sa réponse sous {days} jours ouvrés."),
        ("10. Recours", "Le client peut saisir le médiateur national de l’énergie."),
    )
    file = PassageFile("PR-08", TITLE, sections, **fields)
    await store_passages(database, identity, file)


def cite(answer: Answer) -> set[str]:
    """The versions that an answer cites."""
    assert all(isinstance(one, DocumentCitation) for one in answer.citations)
    return {one.version_label for one in answer.citations if isinstance(one, DocumentCitation)}


async def test_each_section_is_quoted_in_order_from_the_version_of_the_day(
    database: Database, identity: Identity
) -> None:
    eve = START - dt.timedelta(days=1)
    await add(database, identity, "cinq", label="1", status="superseded", valid_to=eve)
    await add(database, identity, "dix", label="2", valid_from=START)
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    now = (await ask(assistant, identity, ["Que dit PR-08 ?"])).answer
    assert [line.partition("[")[2] for line in now.text.splitlines() if line.startswith("- ")] == [
        "1] – 1. Objet", "2] – 2. Délais", "3] – 10. Recours",
    ]  # fmt: skip
    assert "dix jours" in now.text and "Code" not in now.text
    assert cite(now) == {"2"}
    then = (await ask(assistant, identity, ["Que disait PR-08 au 3 février 2025 ?"])).answer
    assert "(version remplacée)" in then.text and "cinq jours" in then.text
    assert cite(then) == {"1"}
    unknown = (await ask(assistant, identity, ["Résumez PR-09"])).answer
    assert (unknown.status, unknown.citations) == ("unanswered", ())


async def test_a_document_without_headings_is_quoted_below_its_title(
    database: Database, identity: Identity
) -> None:
    text = "Un visiteur est accueilli sous sept minutes. Il signe le registre à son arrivée."
    await store_passages(database, identity, PassageFile("PR-50", "Accueil", (("Accueil", text),)))
    await add(database, identity, "dix", label="2")
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    told = (await ask(assistant, identity, ["Que dit PR-50 ?"])).answer
    assert "sept minutes" in told.text and "registre" in told.text
    assert {one.code for one in told.citations if isinstance(one, DocumentCitation)} == {"PR-50"}


async def test_a_version_named_answers_and_one_that_never_applied_says_so(
    database: Database, identity: Identity
) -> None:
    eve = START - dt.timedelta(days=1)
    await add(database, identity, "vingt", label="0.9", status="superseded")
    await add(database, identity, "cinq", label="1.0", status="superseded", valid_to=eve)
    await add(database, identity, "dix", label="2.0")
    await add(database, identity, "deux", label="3.0", status="in_review")
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    for question in (
        "Que dit PR-08 version 1 ?",
        "Quel délai dans la version 1 de PR-08 ?",
        "Que disait l’ancienne version de PR-08 ?",
    ):
        past = (await ask(assistant, identity, [question])).answer
        assert cite(past) == {"1.0"} and "cinq jours" in past.text, question
    now = (await ask(assistant, identity, ["Que dit la version 2 de PR-08 ?"])).answer
    assert cite(now) == {"2.0"}
    waiting = (await ask(assistant, identity, ["Que dit PR-08 version 3 ?"])).answer
    assert (waiting.status, waiting.citations) == ("unanswered", ())
    assert "«\u00a0en relecture\u00a0»" in waiting.text
    lost = (await ask(assistant, identity, ["Que disait la version 0.9 de PR-08 ?"])).answer
    assert lost.status == "unanswered" and "jusqu’à quand" in lost.text
