"""The commands `voltaire gaps`, `voltaire feedback` and `voltaire contradictions`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar
from uuid import UUID

import yaml

from agents.portfolio_assistant.assistant import offline_engine
from api.offline import run_here
from api.services import build_clock
from api.written import check_writable, write_file
from core.context import Context, Identity
from core.errors import InvalidInput
from core.formats import NBSP, count_noun, format_instant
from core.settings import Settings
from crm.contradictions import (
    Contradiction,
    ReviewStatus,
    list_contradictions,
    review_contradiction,
)
from crm.feedback import Feedback, Review, list_feedback, review_feedback
from crm.gaps import Gap, GapStatus, list_gaps, update_gap
from crm.installation import Installation
from ingest.contradictions import register_contradictions
from tools import contradictions
from tools.gaps import (
    NO_GAP,
    STATUSES,
    WaitingGap,
    list_waiting,
    propose_article,
    tell_status,
)

Result = TypeVar("Result")
GapAct = Literal["draft", "take", "close", "dismiss"]
NO_FEEDBACK = "Aucun avis à relire."


def gaps_here(settings: Settings, user: str | None, acts: Mapping[GapAct, str]) -> list[str]:
    """The queue, or what became of the question that each of `acts` names."""

    async def work(installation: Installation, identity: Identity) -> list[str]:
        database = installation.database
        context = Context(identity, database, offline_engine(), build_clock(settings))
        gaps = await list_gaps(database, identity)
        if acts:
            return [await _act(context, act, _pick(gaps, start)) for act, start in acts.items()]
        found = {one.gap.id: one.answer for one in await list_waiting(context)}
        lines = [line for gap in gaps
                 for line in describe_gap(WaitingGap(gap, found.get(gap.id)))]  # fmt: skip
        return lines or [NO_GAP]

    return run_here(settings, user, work)


async def _act(context: Context, act: GapAct, gap: Gap) -> str:
    named, database, identity = f"«{NBSP}{gap.question}{NBSP}»", context.database, context.identity
    match act:
        case "draft":
            await propose_article(context, gap.id)
            return f"Article proposé pour {named}. Rien n’est écrit tant qu’il n’est pas approuvé."
        case "take":
            await update_gap(database, identity, gap.id, owner_id=identity.user_id)
            return f"Vous vous chargez de {named}."
        case "close" | "dismiss":
            status: GapStatus = "closed" if act == "close" else "dismissed"
            await update_gap(database, identity, gap.id, status=status)
            return f"Question {STATUSES[status]}{NBSP}: {named}."


def feedback_here(
    settings: Settings, user: str | None, keep: str | None, drop: str | None, export: Path | None
) -> list[str]:
    """The opinions to review; keep or set one aside; write the kept ones as questions."""
    if export is not None:
        check_writable(export)

    async def work(installation: Installation, identity: Identity) -> list[str]:
        database = installation.database
        decided: tuple[tuple[str | None, Review], ...] = ((keep, "kept"), (drop, "dismissed"))
        for turn, review in decided:
            if turn is not None:
                given = _pick(await list_feedback(database, identity), turn)
                await review_feedback(database, identity, given.turn_id, given.user_id, review)
        if export is not None:
            kept = await list_feedback(database, identity, "kept")
            await asyncio.to_thread(write_file, export, write_cases(kept).encode())
            return [f"{count_noun(len(kept), 'question écrite', 'questions écrites')} : {export}"]
        pending = await list_feedback(database, identity, "pending")
        return [line for one in pending for line in describe_feedback(one)] or [NO_FEEDBACK]

    return run_here(settings, user, work)


def contradictions_here(
    settings: Settings, user: str | None, reviews: Mapping[ReviewStatus, str], *, again: bool
) -> list[str]:
    """The register, or what became of those that each of `reviews` names.

    With `again`, compare the documents first.
    """

    async def work(installation: Installation, identity: Identity) -> list[str]:
        database = installation.database
        if again:
            today = build_clock(settings)().date()
            await register_contradictions(database, identity, today=today)
        register = await list_contradictions(database, identity)
        if not reviews:
            return describe_contradictions(register)
        reviewed = [
            await review_contradiction(database, identity, _pick(register, start).id, status)
            for status, start in reviews.items()
        ]
        return [line for one in reviewed for line in describe_contradiction(one)]

    return run_here(settings, user, work)


def describe_contradictions(register: Sequence[Contradiction]) -> list[str]:
    """The register for the terminal, without what was set aside."""
    return [
        line
        for one in register
        if one.status != "dismissed"
        for line in describe_contradiction(one)
    ] or [contradictions.NO_CONTRADICTION]


def describe_contradiction(one: Contradiction) -> list[str]:
    """A few lines for the terminal."""
    return [
        f"{str(one.id)[:8]}  {one.left_code} / {one.right_code} – "
        f"{contradictions.KINDS[one.kind]}{NBSP}: {one.left_value} / {one.right_value} "
        f"({contradictions.STATUSES[one.status]})",
        f"          «{NBSP}{one.left_sentence}{NBSP}»",
        f"          «{NBSP}{one.right_sentence}{NBSP}»",
    ]


def describe_gap(waiting: WaitingGap) -> list[str]:
    """A few lines for the terminal, and what now seems to answer the question."""
    gap, answer = waiting.gap, waiting.answer
    owner = gap.owner_name or "sans responsable"
    times = count_noun(gap.repeats, "fois", "fois")
    lines = [
        f"{str(gap.id)[:8]}  «{NBSP}{gap.question}{NBSP}»",
        f"          {times}, dernière le {format_instant(gap.last_asked_at)}, posée d’abord par "
        f"{gap.asked_by_name}{NBSP}; {owner}{NBSP}; {tell_status(gap)}",
    ]
    if answer is not None:
        lines += [
            f"          un document semble désormais y répondre, à vérifier{NBSP}: "
            f"{answer.document}, «{NBSP}{answer.section}{NBSP}», p.{NBSP}{answer.page}",
            f"          «{NBSP}{answer.text}{NBSP}»",
        ]
    return lines


def describe_feedback(given: Feedback) -> list[str]:
    """A few lines for the terminal."""
    sign = "favorable" if given.value > 0 else "défavorable"
    lines = [f"{str(given.turn_id)[:8]}  {sign}, {given.user_name}, "
             f"{format_instant(given.given_at)}",
             f"          «{NBSP}{given.question}{NBSP}»"]  # fmt: skip
    return [*lines, f"          {given.comment}"] if given.comment else lines


def write_cases(kept: Sequence[Feedback]) -> str:
    """Questions in the form of `evals/cases/knowledge.yaml`.

    A good answer expects the sentences it cited. A bad one is written without expectation, its
    comment as the purpose: a person completes it before it joins a set.
    """
    cases: list[dict[str, object]] = []
    for given in kept:
        case: dict[str, object] = {
            "id": f"avis-{str(given.turn_id)[:8]}",
            "purpose": given.comment or "Réponse jugée bonne",
            "question": given.question,
        }
        if given.value > 0 and given.sentences:
            first, *others = [dict(sentence) for sentence in given.sentences]
            case["expect"] = {**first, **({"others": others} if others else {})}
        cases.append(case)
    return yaml.safe_dump(cases, allow_unicode=True, sort_keys=False, width=100)


def _pick(items: Sequence[Result], start: str) -> Result:
    """The one whose id begins so. Raises InvalidInput for none or several."""
    found = [item for item in items if str(_id(item)).startswith(start.strip().lower())]
    if len(found) != 1:
        raise InvalidInput(
            f"«{NBSP}{start[:40]}{NBSP}» désigne {len(found)} lignes. Reprenez le début de "
            "l’identifiant affiché dans la liste."
        )
    return found[0]


def _id(item: object) -> UUID:
    return item.turn_id if isinstance(item, Feedback) else item.id  # type: ignore[attr-defined]
