"""What a change of document, prompt, model or setting would change in approved past answers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.models import Answer, AnswerReady, DocumentCitation
from core.context import Identity
from core.formats import NBSP, shorten
from crm.feedback import Feedback, list_feedback

MOST = 500
NUMBER = re.compile(r"\d+(?:[\s\u00a0\u202f]\d{3})*(?:,\d+)?")
MARK = re.compile(r"\[\d+\]")
QUOTE_CHARS = 120
REMOVE = "DELETE FROM conversations WHERE tenant_id = %s AND id = %s"


@dataclass(frozen=True)
class Replayed:
    """An approved answer asked again; `changes` say in French what differs, none when nothing."""

    turn_id: UUID
    question: str
    changes: tuple[str, ...]


async def list_approved(assistant: Assistant, identity: Identity) -> list[Feedback]:
    """The answers judged good, and kept by a reviewer. Those of one's own for others."""
    kept = await list_feedback(assistant.database, identity, "kept", MOST)
    return [one for one in kept if one.value > 0]


async def replay(
    assistant: Assistant, identity: Identity, approved: Sequence[Feedback]
) -> AsyncIterator[Replayed]:
    """Ask each approved question again, with the rights of `identity`, and compare."""
    for one in approved:
        answer = await _ask(assistant, identity, one.question)
        yield Replayed(one.turn_id, one.question, tuple(compare(one, answer)))


def compare(approved: Feedback, answer: Answer) -> list[str]:
    """What differs: the answer's existence, its cited sentences, its sureness, its numbers."""
    if answer.status not in ("answered", "uncertain"):
        return ["n’a plus de réponse"]
    before = {(s["document"], s["sentence"]) for s in approved.sentences}
    after = {(c.code, c.quote) for c in answer.citations if isinstance(c, DocumentCitation)}
    changes = [f"ne cite plus {_tell(one)}" for one in sorted(before - after)]
    changes += [f"cite désormais {_tell(one)}" for one in sorted(after - before)]
    # What tells that it is to be checked comes first: an answer approved with it still has it.
    if answer.status == "uncertain" and answer.text.split("\n")[0] not in approved.answer:
        changes.append("n’est plus affirmée, mais donnée à vérifier")
    lost, new = (
        _numbers(approved.answer) - _numbers(answer.text),
        _numbers(answer.text) - _numbers(approved.answer),
    )
    if lost or new:
        told = f"{' · '.join(sorted(lost)) or 'aucun'} devient {' · '.join(sorted(new)) or 'aucun'}"
        changes.append(f"nombres{NBSP}: {told}")
    return changes


def _numbers(text: str) -> set[str]:
    return set(NUMBER.findall(MARK.sub("", text)))


def _tell(cited: tuple[str, str]) -> str:
    code, sentence = cited
    return f"{code} «{NBSP}{shorten(sentence, QUOTE_CHARS)}{NBSP}»"


async def _ask(assistant: Assistant, identity: Identity, question: str) -> Answer:
    """The answer of today; its conversation is not kept."""
    answer: Answer | None = None
    async for event in assistant.ask(identity, question, surface="cli"):
        if isinstance(event, AnswerReady):
            answer = event.answer
    if answer is None:
        raise LookupError(f"no answer came to {question[:80]!r}")
    async with assistant.database.transaction(identity) as connection:
        await connection.execute(REMOVE, (identity.tenant_id, answer.conversation_id))
    return answer
