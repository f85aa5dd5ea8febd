"""The minutes that rules alone give: every step in order, each item with its evidence."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from agents.meeting_synthesis.models import Item, Minutes
from agents.meeting_synthesis.rules.actions import find_actions
from agents.meeting_synthesis.rules.agenda import align_agenda, tell_points
from agents.meeting_synthesis.rules.attendance import list_attendance, measure_coverage
from agents.meeting_synthesis.rules.contradictions import find_contradictions
from agents.meeting_synthesis.rules.decisions import find_decisions
from agents.meeting_synthesis.rules.figures import KnownFigure, find_suspect_numbers
from agents.meeting_synthesis.rules.lines import split_lines
from agents.meeting_synthesis.rules.names import find_name_slips
from agents.meeting_synthesis.rules.next_meeting import ASKS, date_by_meeting, find_next_meeting
from agents.meeting_synthesis.rules.orders import find_orders
from agents.meeting_synthesis.rules.people import match_people
from agents.meeting_synthesis.rules.references import find_reference_slips
from agents.meeting_synthesis.rules.remarks import find_dropped, find_open_points, find_risks
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.summary import write_summary
from agents.meeting_synthesis.rules.unknown_day import keep_words_of_days
from core.engine.provenance import Provenance
from ingest.meetings.invitation import Invitation
from ingest.meetings.transcript import Transcript

LOOKED_BACK = 6
RULES = Provenance("moteur déterministe (sans modèle)", False)


@dataclass(frozen=True)
class Records:
    """What the CRM knows that a meeting can be checked against."""

    names: Sequence[str] = ()
    figures: Sequence[KnownFigure] = field(default=())
    references: Sequence[str] = ()


def set_scene(transcript: Transcript, invitation: Invitation) -> Scene:
    """The meeting with its lines cut, its voices matched, its agenda aligned."""
    lines = split_lines(transcript)
    people = match_people(invitation, transcript.speakers)
    barred = frozenset(line.place for passage in find_orders(lines) for line in passage)
    scene = Scene(transcript, invitation, people, lines, barred)
    return replace(scene, topics=align_agenda(lines, invitation.agenda))


def draft_minutes(scene: Scene, records: Records) -> Minutes:
    """The whole minutes of a meeting, by rules alone."""
    invitation = scene.invitation
    anomalies = tuple(_tell_orders(scene))
    actions = find_actions(scene)
    in_actions = _places(scene, actions)
    meeting = find_next_meeting(scene, in_actions)
    actions = date_by_meeting(actions, meeting)
    set_apart = in_actions | _places(scene, [meeting] if meeting else [])
    if meeting is not None:
        set_apart |= _talk_of(scene, meeting)
    decisions = find_decisions(scene, set_apart)
    in_force = [decision for decision in decisions if decision.status == "in_force"]
    known = set_apart | _places(scene, in_force)
    minutes = Minutes(
        title=invitation.title, starts_at=invitation.starts_at,
        is_date_known=invitation.is_date_known, kind=invitation.kind, client=invitation.client,
        attendance=list_attendance(scene),
        points=tuple(tell_points(scene, invitation.agenda)),
        decisions=tuple(decisions), actions=tuple(actions),
        open_points=tuple(find_open_points(scene, known)),
        risks=tuple(find_risks(scene, known)),
        dropped=tuple(find_dropped(scene, known)),
        contradictions=tuple(find_contradictions(scene)),
        numbers=tuple(find_suspect_numbers(scene, records.figures)),
        names=(*find_name_slips(scene, records.names),
               *find_reference_slips(scene, records.references)),
        anomalies=anomalies, next_meeting=meeting, coverage=measure_coverage(scene),
        summary="", provenance=RULES, is_invited=not invitation.is_guessed,
        invited_at=invitation.given_at,
    )  # fmt: skip
    minutes = keep_words_of_days(minutes)
    return minutes.model_copy(update={"summary": write_summary(minutes)})


def _tell_orders(scene: Scene) -> Iterable[Item]:
    for passage in find_orders(scene.lines):
        who = scene.people.who(passage[0].speaker) or "Un participant"
        yield Item(
            text=f"{who} s’adresse à l’assistant pour orienter le compte rendu\u00a0: ces paroles sont "
            "signalées et n’ont aucun effet.",
            quotes=scene.quote_all(passage),
            topic=scene.topic(passage[0]),
        )  # fmt: skip


def _places(scene: Scene, items: Iterable[Item]) -> frozenset[int]:
    """The lines that items quote."""
    starts = [line.start for line in scene.lines]
    places: set[int] = set()
    for item in items:
        for quote in item.quotes:
            first = max(0, bisect.bisect_right(starts, quote.start) - 1)
            last = bisect.bisect_left(starts, quote.end)
            places |= {p for p in range(first, last) if scene.lines[p].end > quote.start}
    return frozenset(places)


def _talk_of(scene: Scene, meeting: Item) -> frozenset[int]:
    """The lines that look for the date kept: from the call for a meeting to just after it."""
    kept = min(_places(scene, [meeting]))
    first = kept
    for line in reversed(scene.lines[max(0, kept - LOOKED_BACK) : kept + 1]):
        if ASKS.search(line.folded):
            first = line.place
            break
    around = scene.lines[first : kept + 3]
    return frozenset(line.place for line in around if scene.deadlines(line))
