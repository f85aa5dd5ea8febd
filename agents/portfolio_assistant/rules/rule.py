"""The rule that the deterministic engine applies to the assistant's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from agents.portfolio_assistant.rules import quoting
from agents.portfolio_assistant.rules.answers import (
    ask_which,
    has_result,
    tell_proposal,
    tell_records,
    tell_unknown,
)
from agents.portfolio_assistant.rules.changes import Ask, Choose, asks_change, read_change
from agents.portfolio_assistant.rules.interpretation import merge_readings, read_question
from agents.portfolio_assistant.rules.planning import (
    Call,
    find_whole_document,
    plan_reads,
    plan_search,
    plan_tender_search,
)
from agents.portfolio_assistant.rules.quoting import Bearing, Quoted
from agents.portfolio_assistant.rules.reading import Reading
from agents.portfolio_assistant.rules.routing import (
    EVIDENCE,
    RULE,
    Route,
    asks_duty,
    asks_forecast,
    asks_identity,
    asks_pay,
    asks_records,
    asks_secret,
    asks_write,
    choose_route,
    is_greeting,
    is_thanks,
    record_confidence,
    rule_leaning,
    says_nothing,
    weakest_evidence,
)
from agents.portfolio_assistant.rules.scene import Named
from agents.portfolio_assistant.rules.task_changes import FindTask, pick_task
from agents.portfolio_assistant.rules.transcript import Run, Transcript, read_transcript
from core.engine.protocol import Message, Request, Text, ToolUse
from core.formats import NBSP
from core.words import fold

READS = ("list_records", "aggregate_records", "get_account_overview", "get_record")
SURE = 2.0
LIKELY = 0.9
SUBJECTS = ("account", "contact", "site", "competitor")
FOLLOW_UP = ("et ", "mais ", "pareil", "idem", "meme chose", "uniquement ", "seulement ", "pour ")
PRONOUNS = frozenset("ceux celles leur leurs ses son sa ils elles lesquels lesquelles".split())
WELCOME = (
    f"[STATUT accueil]Bonjour{NBSP}! Posez-moi une question sur vos clients, contrats, points de "
    "livraison, appels d’offres ou non-conformités, ou sur vos procédures et la réglementation."
)
THANKS = "[STATUT accueil]Avec plaisir. Je reste à votre disposition."
ABILITIES = (
    "[STATUT accueil]Je suis Voltaire, l’assistant de votre cabinet. Je lis votre portefeuille "
    "(clients, contrats, sites, points de livraison, appels d’offres, non-conformités, tâches…) et "
    "votre base de connaissances, et je cite chaque fait. Par exemple"
    f"{NBSP}: «{NBSP}Quels contrats arrivent à échéance ce trimestre{NBSP}?{NBSP}» ou "
    f"«{NBSP}Quel est le délai de traitement d’une non-conformité majeure{NBSP}?{NBSP}»"
)
CONFIDENTIAL = (
    "[STATUT refus]Je ne donne pas accès à cette information : elle n’est pas dans ce que vous "
    "pouvez consulter ici. Adressez-vous à l’administrateur de votre cabinet."
)
UNREADABLE = (
    "[STATUT refus]Je ne supprime ni n’envoie rien, et je n’ai pas compris ce changement. Je peux "
    "proposer une tâche, une note, une nouvelle valeur ou un autre responsable, que vous approuvez "
    f"ensuite. Par exemple{NBSP}: passer un contrat au statut résilié."
)
NO_RIGHT = (
    "[STATUT refus]Votre rôle ne permet pas de proposer ce changement. Demandez à la personne qui "
    "en a la charge dans votre cabinet."
)
NO_FORECAST = (
    "[STATUT sans_reponse]Je ne donne ni prévision ni cours en direct : je n’ai que les données du "
    "cabinet et ses documents datés. Demandez par exemple les cotations de la dernière note de "
    "marché, ou les échéances d’un contrat."
)
NOTHING = (
    "[STATUT sans_reponse]Je n’ai rien trouvé d’assez sûr pour répondre, ni dans le portefeuille "
    "ni dans les documents que vous pouvez consulter. Précisez le client, l’objet ou le document "
    "concerné."
)


def respond(request: Request) -> Message:
    """The next message of the assistant: tool calls, or the answer with its marks."""
    transcript = read_transcript(request)
    shortcut = _shortcut(transcript.question)
    if shortcut is not None:
        return _say(shortcut)
    mentions = transcript.of("find_mentions")
    if asks_change(transcript.question):
        return _change(transcript, mentions, request)
    if not mentions:
        text = "\n".join(_list_questions(transcript))
        return _call([("find_mentions", {"text": text})], transcript)
    reading = _read(transcript, mentions[0], request)
    if asks_pay(reading):
        return _say(CONFIDENTIAL)
    if reading.ambiguous is not None:
        return _say(ask_which(reading.ambiguous))
    route = choose_route(reading)
    if len(transcript.runs) == len(mentions):
        calls = _plan(reading, route, request)
        return _call(calls, transcript)
    return _conclude(reading, route, transcript, request)


def _conclude(reading: Reading, route: Route, transcript: Transcript, request: Request) -> Message:
    """The answer, once the readings planned are made, or the search that turned out to be due."""
    failure = next((run.failure for run in transcript.runs if run.failure is not None), None)
    if failure is not None:
        return _say(f"[STATUT sans_reponse]La lecture n’a pas abouti{NBSP}: {failure}")
    if find_whole_document(reading.question) is not None:
        searches = transcript.of("search_knowledge")
        return _say(quoting.tell_document(searches) or quoting.tell_gap(searches))
    reads = [run for run in transcript.runs if run.tool in READS]
    if _may_be_of_documents(reading, reads) and not transcript.of("search_knowledge"):
        return _call([plan_search(reading.question, request.today)], transcript)
    return _say(_answer(reading, route, transcript))


def _shortcut(question: str) -> str | None:
    if is_greeting(question):
        return THANKS if is_thanks(question) else WELCOME
    if says_nothing(question):
        return NOTHING
    if asks_identity(question):
        return ABILITIES
    if asks_secret(question):
        return CONFIDENTIAL
    if asks_forecast(question):
        return NO_FORECAST
    return UNREADABLE if asks_write(question) and not asks_change(question) else None


def _change(transcript: Transcript, mentions: Sequence[Run], request: Request) -> Message:
    """From a request for a change to its proposal, then to what is told of it."""
    question = transcript.question
    proposed = [run for run in transcript.runs if run.tool.startswith("propose_")]
    if proposed:
        return _say(tell_proposal(proposed[-1]))
    if not mentions:
        return _call([("find_mentions", {"text": question})], transcript)
    names = _names_within(mentions[0].result, 0, len(question))
    unknown = [c for c in mentions[0].result.get("unknown_codes", []) if c in question]
    wish = read_change(question, names, request.today)
    if isinstance(wish, Choose):
        return _say(ask_which(wish.named))
    if isinstance(wish, FindTask):
        return _change_task(wish, transcript, request)
    if unknown and (isinstance(wish, Ask) or len(names) == 0):
        return _say(tell_unknown(unknown))
    if isinstance(wish, Ask):
        return _say(wish.text)
    if wish[0] not in {tool.name for tool in request.tools}:
        return _say(NO_RIGHT)
    return _call([wish], transcript)


def _change_task(wish: FindTask, transcript: Transcript, request: Request) -> Message:
    """The tasks that may be meant, then the change of the one that is."""
    if "propose_task" not in {tool.name for tool in request.tools}:
        return _say(NO_RIGHT)
    runs = transcript.of("list_records")
    if not runs:
        return _call(wish.calls, transcript)
    found = pick_task(wish, [row for run in runs for row in run.result.get("lignes", [])])
    return _say(found) if isinstance(found, str) else _call([found], transcript)


def _plan(reading: Reading, route: Route, request: Request) -> list[Call]:
    if find_whole_document(reading.question) is not None:
        return [plan_search(reading.question, request.today)]
    reads = plan_reads(reading) if route != "documents" else []
    if route == "records" and reads:
        return reads
    searches = [plan_search(reading.question, request.today)]
    clients = [n.text for n in reading.names if n.kind == "account"]
    if clients:
        searches.append(plan_tender_search(reading.question, clients))
    return [*reads, *searches]


def _answer(reading: Reading, route: Route, transcript: Transcript) -> str:
    reads = [run for run in transcript.runs if run.tool in READS]
    searches = transcript.of("search_knowledge")
    if route == "records":
        if reading.unknown and reading.record is None:
            return tell_unknown(reading.unknown)
        return _tell_records(reading, reads, searches)
    # In a question on a rule, an acronym or a word that no record bears (« R2 ») may be no name.
    is_rule = rule_leaning(reading) >= RULE
    unmet = [one for one in reading.unknown if not is_rule or _is_proper(one)]
    doubted = reading.unknown if is_rule else (reading.obscure if reading.names else ())
    named = Bearing(
        [n.text for n in reading.names if n.kind in SUBJECTS],
        [n.text for n in reading.names if n.kind == "person"],
        unmet,
        doubted,
    )
    quoted = quoting.tell_passages(searches, weakest_evidence(reading), named)
    if route == "both" and reads:
        told = answer_both(reading, reads, searches, quoted)
        return told or quoting.tell_gap(searches)
    if quoted is not None:
        return quoted.alone()
    return tell_unknown(unmet, searches) if unmet else quoting.tell_gap(searches)


def _is_proper(name: str) -> bool:
    """Tell a proper noun from an acronym or a common word."""
    return name[:1].isupper() and any(letter.islower() for letter in name)


def answer_both(
    reading: Reading, reads: Sequence[Run], searches: Sequence[Run], quoted: Quoted | None
) -> str | None:
    """Undecided between records and documents: the surer of the two speaks, or neither.

    A target only guessed, while a noun is left that nothing took, is a question beside the records;
    so is one whose very object no record has (« combien de salariés », « quel est l’âge »). Where a
    noun is left and no one is named, sure documents come first (« combien de sites l’auditeur
    visite »).
    """
    if reading.is_beyond and not reading.names:
        return quoted.alone() if quoted is not None else None
    is_guessed = not (reading.names or reading.unknown or reading.has_explicit_target)
    is_beside = reading.is_beyond or (is_guessed and bool(reading.obscure))
    confidence = record_confidence(reading)
    prefers_records = confidence >= (SURE if rule_leaning(reading) else LIKELY)
    if is_beside and prefers_records:
        return quoted.alone() if quoted is not None else None
    is_partly_read = bool(reading.obscure) and not reading.names
    is_duty = is_partly_read and asks_duty(reading.question)
    is_unsure = quoted is not None and not quoted.is_sure
    if is_unsure and not is_duty and confidence >= LIKELY and has_result(reads):
        quoted = None
    if quoted is None and is_duty:
        return None
    if quoted is not None and (is_partly_read or not (prefers_records and has_result(reads))):
        return quoted.alone()
    if quoted is not None and reading.names and not reading.unknown:
        return quoted.after(tell_records(reading, reads))
    if reading.unknown:
        return tell_unknown(reading.unknown, searches)
    return _tell_records(reading, reads, searches) if confidence >= LIKELY else None


def _tell_records(reading: Reading, reads: Sequence[Run], searches: Sequence[Run]) -> str:
    """What the records say, and the documents where they hold nothing."""
    told = tell_records(reading, reads)
    if not searches or not _may_be_of_documents(reading, reads):
        return told
    quoted = quoting.tell_passages(searches, EVIDENCE[0])
    return told if quoted is None else quoted.after(told)


def _may_be_of_documents(reading: Reading, reads: Sequence[Run]) -> bool:
    """Tell whether a question that no record answers may be one for the documents.

    Not when it plainly asks for records, names one, or could not be read.
    """
    is_plain = asks_records(reading.question) or bool(reading.names or reading.unknown)
    return bool(reads) and not is_plain and not has_result(reads)


def _list_questions(transcript: Transcript) -> list[str]:
    """The questions still in mind, each on one line."""
    return [" ".join(q.split("\n")) for q in (*transcript.earlier, transcript.question)]


def _read(transcript: Transcript, mentions: Run, request: Request) -> Reading:
    """The question's reading, completed by those before it when it leans on them."""
    offset = 0
    reading: Reading | None = None
    for question in _list_questions(transcript):
        names = _names_within(mentions.result, offset, offset + len(question))
        codes = [c for c in mentions.result.get("unknown_codes", []) if c in question]
        now = read_question(question, names, codes, request.today)
        if reading is not None and reading.target is not None and _leans(reading, now):
            now = read_question(question, names, codes, request.today, reading.target)
            now = merge_readings(reading, now)
        reading = now
        offset += len(question) + 1
    assert reading is not None  # noqa: S101 - there is always a question
    return reading


def _leans(before: Reading, now: Reading) -> bool:
    """Tell whether a question needs the one before it to be understood."""
    if before.ambiguous is not None and not now.has_explicit_target:
        return True
    text = fold(now.question).strip()
    words = set(text.replace("?", " ").replace("-", " ").split())
    if text.startswith(FOLLOW_UP):
        return True
    return bool(words & PRONOUNS) and not any(n.kind == "account" for n in now.names)


def _names_within(result: Mapping[str, Any], start: int, end: int) -> list[Named]:
    """The names found between two places of the text, as places of that stretch."""
    return [
        Named(
            item["kind"], item["start"] - start, item["end"] - start, item["text"],
            tuple(
                (c["name"], UUID(c["record_id"]) if c["record_id"] else None)
                for c in item["candidates"]
            ),
        )
        for item in result.get("mentions", [])
        if start <= item["start"] and item["end"] <= end
    ]  # fmt: skip


def _call(calls: Sequence[Call], transcript: Transcript) -> Message:
    first = len(transcript.runs) + 1
    return Message(
        "assistant",
        tuple(
            ToolUse(f"offline-{first + rank}", name, arguments)
            for rank, (name, arguments) in enumerate(calls)
        ),
    )


def _say(text: str) -> Message:
    return Message("assistant", (Text(text),))
