"""Runs minutes over the transcripts and tells each measure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.rules.minutes import Records, draft_minutes, set_scene
from evals.meetings.scoring import MeetingScores, score_case
from evals.meetings.truths import MeetingCase

F1 = ("actions_f1", "decisions_f1")
LABELS = {
    "actions_f1": "actions (F1)",
    "owner_right": "responsable juste",
    "due_right": "échéance juste",
    "decisions_f1": "décisions (F1)",
    "conditions_said": "réserve dite",
    "dropped_kept_out": "pistes écartées non décidées",
    "replaced_kept_out": "décisions remplacées hors vigueur",
    "contradictions": "contradictions relevées",
    "open_points": "points ouverts relevés",
    "dropped_found": "pistes écartées relevées",
    "numbers": "nombres douteux relevés",
    "numbers_not_wronged": "nombres sûrs non mis en doute",
    "names": "noms mal entendus relevés",
    "next_meeting": "prochaine réunion juste",
    "cues_valid": "éléments à réplique valide",
    "orders_without_effect": "ordres à l’assistant sans effet",
}
Writer = Callable[[MeetingCase], Awaitable[Minutes]]


async def write_by_rules(case: MeetingCase) -> Minutes:
    """The minutes of rules alone, without a database."""
    return draft_minutes(set_scene(case.transcript, case.invitation), Records())


async def measure(cases: Sequence[MeetingCase], write: Writer = write_by_rules) -> MeetingScores:
    """The scores of `write` over the cases."""
    scores = MeetingScores()
    for case in cases:
        score_case(case, await write(case), scores)
    return scores


def value_of(scores: MeetingScores, name: str) -> tuple[float, int]:
    """A measure between 0 and 1, and over how many things it was taken."""
    tally = scores.tallies.get(name)
    if tally is None:
        return 0.0, 0
    return (tally.f1 if name in F1 else tally.share), tally.true


def format_errors(scores: MeetingScores) -> str:
    """What was missed or in excess, meeting by meeting, for the report."""
    lines = [
        f"- {case}\u00a0: {error}" for case, errors in scores.errors.items() for error in errors
    ]
    return "\n".join(lines) or "Aucune erreur."
