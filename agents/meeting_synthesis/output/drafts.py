"""What minutes would change in the CRM: tasks, and an article where a procedure was decided."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.meeting_synthesis.models import Action, Decision, Item, Minutes
from agents.meeting_synthesis.rules.lines import content_words
from core.formats import format_date
from core.spans import Span
from core.words import fold
from crm.changes import ChangeDraft, Value

PROCEDURE = re.compile(
    r"\bprocedure|\bdesormais\b|\bdorenavant\b|\ba partir de maintenant\b|\bsystematiquement\b|"
    r"\bobligatoire|\bmode operatoire\b|\bconsigne\b|\bregle interne\b|\bprocess(?:us)?\b|"
    r"\ba chaque fois\b|\btoujours (?:verifier|demander|faire|passer)\b|\bderogation\b"
)
STANDARDS = (("50001", "ISO 50001"), ("14001", "ISO 14001"), ("9001", "ISO 9001"))
ALIKE = 0.5
NEAR_DAYS = 10


@dataclass(frozen=True)
class OpenTask:
    """A task of the CRM that is not done."""

    id: UUID
    title: str
    due_on: dt.date | None = None


@dataclass(frozen=True)
class Whereabouts:
    """What the CRM says of the meeting: its account, the firm's people by name, open tasks."""

    source_id: str
    account_id: UUID | None = None
    users: Mapping[str, UUID] | None = None
    default_owner: UUID | None = None
    open_tasks: Sequence[OpenTask] = ()


@dataclass(frozen=True)
class TaskBatch:
    """Tasks to propose, and actions left out because an open task says the same."""

    drafts: tuple[ChangeDraft, ...]
    known: tuple[tuple[Action, OpenTask], ...] = ()


def draft_tasks(minutes: Minutes, where: Whereabouts) -> TaskBatch:
    """One task for each action that no open task already holds, nor an earlier one of the batch."""
    drafts: list[ChangeDraft] = []
    known: list[tuple[Action, OpenTask]] = []
    titles: list[str] = []
    for number, action in enumerate(minutes.actions, 1):
        same = next((task for task in where.open_tasks if _is_same(action, task)), None)
        if same is not None:
            known.append((action, same))
        elif not any(_overlap(action.text, title) > 0.9 for title in titles):
            titles.append(action.text)
            drafts.append(_draft_task(minutes, action, number, where))
    return TaskBatch(tuple(drafts), tuple(known))


def draft_article(minutes: Minutes, where: Whereabouts) -> ChangeDraft | None:
    """A draft article that gathers the procedures decided; None when there was none."""
    decided = [
        decision for decision in minutes.decisions
        if decision.status == "in_force" and PROCEDURE.search(fold(decision.text))
    ]  # fmt: skip
    if not decided:
        return None
    words = fold(f"{minutes.title} {minutes.kind}")
    standard = next((name for mark, name in STANDARDS if mark in words), None)
    day = f"le {format_date(minutes.starts_at.date())} " if minutes.is_date_known else ""
    fields: dict[str, Value] = {
        "title": f"Procédure décidée en réunion\u00a0: {_shorten(decided[0].text)}",
        "kind": "procedure", "document_version": "0.1", "status": "draft", "standard": standard,
        "body": _write_article(decided, minutes.title, day),
    }  # fmt: skip
    return ChangeDraft(
        "create", "kb_articles", fields,
        f"Une procédure a été décidée pendant «\u00a0{minutes.title}\u00a0».",
        f"meeting:{where.source_id}:article", evidence=_spans(where, decided),
    )  # fmt: skip


def _draft_task(minutes: Minutes, action: Action, number: int, where: Whereabouts) -> ChangeDraft:
    owner_id = (where.users or {}).get(action.owner or "")
    title = action.text.rstrip(".")
    if owner_id is None and action.owner is not None:
        title = f"Suivre\u00a0: {title} ({action.owner})"
    elif action.owner is None:
        title = f"À attribuer\u00a0: {title}"
    owner = owner_id or where.default_owner
    fields: dict[str, Value] = {
        "title": title[:300],
        "due_on": action.due_on.isoformat() if action.due_on else None,
        "source": "meeting", "status": "open",
        "owner_id": str(owner) if owner else None,
        "account_id": str(where.account_id) if where.account_id else None,
    }  # fmt: skip
    return ChangeDraft(
        "create", "tasks", fields, f"Action relevée pendant «\u00a0{minutes.title}\u00a0».",
        f"meeting:{where.source_id}:action:{number}", evidence=_spans(where, [action]),
    )  # fmt: skip


def _spans(where: Whereabouts, items: Sequence[Item]) -> tuple[Span, ...]:
    return tuple(
        Span(where.source_id, quote.start, quote.end, quote.text, cue=quote.cue)
        for item in items
        for quote in item.quotes
    )


def _is_same(action: Action, task: OpenTask) -> bool:
    """Most of the words in common, and no deadline far from the other."""
    if action.due_on and task.due_on and abs((action.due_on - task.due_on).days) > NEAR_DAYS:
        return False
    return _overlap(action.text, task.title) >= ALIKE


def _overlap(left: str, right: str) -> float:
    mine, theirs = set(content_words(fold(left))), set(content_words(fold(right)))
    smaller = min(len(mine), len(theirs))
    return len(mine & theirs) / smaller if smaller > 1 else float(mine == theirs and bool(mine))


def _write_article(decided: Sequence[Decision], title: str, day: str) -> str:
    lines = [f"Décidé {day}pendant «\u00a0{title}\u00a0». À relire par la qualité.", ""]
    return "\n".join([*lines, *(f"- {decision.text}" for decision in decided)])


def _shorten(text: str) -> str:
    return text if len(text) <= 90 else text[:87].rsplit(" ", 1)[0] + "…"
