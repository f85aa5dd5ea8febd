"""The back-planning: from the deadline to today, in working days, as tasks to propose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.wording import name_lots
from core.formats import PARIS, format_instant
from core.workdays import add_working_days, count_working_days, is_working_day
from crm.changes import ChangeDraft, Value

PAST = "La date limite est passée\u00a0: aucun rétroplanning n’est proposé."
UNKNOWN = "Le dossier ne donne pas de date limite certaine\u00a0: demandez-la avant de planifier."
USUAL_QUESTIONS_DAYS = 10
STEPS: tuple[tuple[str, str, int], ...] = (
    ("decision", "Décider de répondre (Go/No-Go)", 18),
    ("team", "Réunir l’équipe et répartir les chapitres", 16),
    ("evidence", "Rassembler les pièces de candidature", 12),
    ("memo", "Rédiger le mémoire technique", 8),
    ("price", "Établir les pièces de prix", 6),
    ("review", "Relire l’offre et vérifier la matrice de conformité", 4),
    ("approval", "Faire valider et signer l’offre", 3),
    ("deposit", "Déposer l’offre sur la plateforme", 1),
)
"""Key, title and working days before the deadline, when there is time for all."""


@dataclass(frozen=True)
class Step:
    """A task of the plan. `note` says why its day is what it is."""

    key: str
    title: str
    due_on: dt.date
    note: str = ""
    is_late: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The steps in order; `remark` where there is none, or where time is short."""

    steps: tuple[Step, ...]
    remark: str | None = None


def make_plan(analysis: TenderAnalysis, now: dt.datetime) -> Plan:
    """The plan of a tender file: nothing is planned without a deadline ahead.

    When fewer working days are left than the steps call for, they are drawn closer together.
    """
    fact = analysis.facts.deadline
    if fact is None or fact.instant is None:
        return Plan((), UNKNOWN)
    deadline, today = fact.instant.astimezone(PARIS), now.astimezone(PARIS).date()
    if deadline <= now:
        return Plan((), PAST)
    left = count_working_days(today, deadline.date())
    longest = STEPS[0][2]
    steps = [_place(step, deadline, today, left, longest) for step in STEPS]
    steps += [*_plan_questions(analysis, deadline, today), *_plan_visits(analysis, today)]
    steps.append(Step("deadline", f"Remise des offres au plus tard le {format_instant(deadline)}",
                      deadline.date(), evidence=fact.evidence))  # fmt: skip
    steps.sort(key=lambda step: step.due_on)
    remark = (
        f"Il reste {left} jours ouvrés pour un déroulement qui en demande {longest}\u00a0: "
        "les étapes sont resserrées." if left < longest else None
    )  # fmt: skip
    return Plan(tuple(steps), remark)


def propose_tasks(
    analysis: TenderAnalysis, plan: Plan, *, tender_reference: str | None = None
) -> list[ChangeDraft]:
    """The steps as tasks to create, tied to the tender by its reference."""
    reference = tender_reference or (
        analysis.facts.reference.value if analysis.facts.reference else None
    )
    drafts: list[ChangeDraft] = []
    for step in plan.steps:
        fields: dict[str, Value] = {
            "title": step.title, "due_on": step.due_on.isoformat(), "source": "tender",
            "status": "open",
        }  # fmt: skip
        if reference:
            fields["tender_reference"] = reference
        spans = tuple(evidence.span for evidence in step.evidence)
        key = f"tender:{analysis.id}:task:{step.key}"
        reason = step.note or "Rétroplanning"
        drafts.append(ChangeDraft("create", "tasks", fields, reason, key, evidence=spans))
    return drafts


def _place(
    step: tuple[str, str, int], deadline: dt.datetime, today: dt.date, left: int, longest: int
) -> Step:
    key, title, before = step
    drawn = before if left >= longest else max(0, before * left // longest)
    due = (
        add_working_days(_last_working_day(deadline.date()), -drawn)
        if drawn
        else (_last_working_day(deadline.date()))
    )
    return Step(key, title, max(due, today), f"{before} jours ouvrés avant la remise",
                is_late=due < today)  # fmt: skip


def _plan_questions(
    analysis: TenderAnalysis, deadline: dt.datetime, today: dt.date
) -> Sequence[Step]:
    if not any(one.question for one in analysis.to_clarify):
        return ()
    fact = analysis.facts.question_deadline
    if fact and fact.instant:
        last = fact.instant.astimezone(PARIS)
        due = add_working_days(last.date(), -1)
        note, evidence = f"date limite des questions\u00a0: {format_instant(last)}", fact.evidence
    else:
        due = _last_working_day(deadline.date() - dt.timedelta(days=USUAL_QUESTIONS_DAYS))
        note, evidence = "date limite non indiquée, dix jours avant la remise par prudence", ()
    late = due < today
    return (Step("questions", "Envoyer les questions à l’acheteur", max(due, today), note, late,
                 evidence),)  # fmt: skip


def _plan_visits(analysis: TenderAnalysis, today: dt.date) -> list[Step]:
    steps: list[Step] = []
    for number, fact in enumerate(analysis.facts.visit, 1):
        if fact.is_mandatory is False and fact.instant is None:
            continue
        must = " obligatoire" if fact.is_mandatory else ""
        title = f"Visite{must} ({name_lots(fact.lots)})"
        if fact.instant:
            day = fact.instant.astimezone(PARIS).date()
            told = f"{title} le {format_instant(fact.instant)}"
            late = day < today
            steps.append(Step(f"visit:{number}", told, day, "", late, fact.evidence))
        elif fact.is_mandatory:
            due = add_working_days(today, 3)
            told, note = f"Prendre rendez-vous\u00a0: {title.lower()}", "date à convenir"
            steps.append(Step(f"visit:{number}", told, due, note, evidence=fact.evidence))
    return steps


def _last_working_day(day: dt.date) -> dt.date:
    """`day` itself when people work on it, else the working day before."""
    return day if is_working_day(day) else add_working_days(day, -1)
