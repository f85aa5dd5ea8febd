"""When people meet again: the last day agreed after someone asks, with its hour."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from agents.meeting_synthesis.models import Action, NextMeeting
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import OBJECTS
from agents.meeting_synthesis.rules.scene import Scene
from core.deadlines import Deadline
from core.formats import PARIS, format_instant, format_long_date
from core.numerals import write_digits
from core.words import fold

ASKS = re.compile(
    r"\bprochain(?:e)? (?:comite|reunion|revue|point|rendez-vous|rdv|seance|copil|date|echange|fois|"
    r"rencontre|atelier)\b|\bon se (?:revoit|reparle|retrouve|rappelle|refait|cale|recale|fixe)\b|"
    r"\ble prochain (?:point|comite|rendez-vous)\b|\bpoint (?:d'avancement|d'etape|rapide|de suivi)\b|"
    r"\bon se (?:reprend|redonne|bloque|recroise|refixe)\b|"
    r"\brendez-vous (?:le |mardi|lundi|mercredi|jeudi|vendredi)|^(?:\w+ ?,? )?a (?:lundi|mardi|mercredi|jeudi|vendredi)\b|"
    r"\bnouvelle date\b|\bon se voit quand\b|\bdate de la prochaine\b|\bprochaine reunion\b|\bon refait un point\b"
)
AGAIN = re.compile(r"\bmeme (?:heure|endroit|lieu|salle)\b|\bcreneau\b")
UNTIL_THEN = re.compile(
    r"\b(?:pour|avant|d'ici(?: a)?|a|lors de) (?:le |la |notre |votre )?prochaine? (?:comite|reunion|revue|point|rendez-vous|"
    r"rdv|seance|copil|fois|atelier)\b|\bau prochain (?:comite|point|rendez-vous|rdv|copil)\b"
)
HOUR = re.compile(
    r"\b(\d{1,2}) ?(?:heures?|h)(?=\d|\b) ?(?:(\d{2})\b|(et demie|et quart|moins le quart))?"
)
NOON = re.compile(r"\ba midi\b")
SAME_HOUR = re.compile(r"\bmeme heure\b")
REACH_TURNS = 6
TIME_OF_PART = {"et demie": 30, "et quart": 15, "moins le quart": -15}


def find_next_meeting(scene: Scene, taken: frozenset[int]) -> NextMeeting | None:
    """The last day that fits after the last call for a meeting; None when none is said."""
    asks = [
        line
        for line in scene.lines
        if line.place not in scene.barred
        and (ASKS.search(line.folded) or (AGAIN.search(line.folded) and scene.deadlines(line)))
    ]
    for ask in reversed(asks):
        found = _read_after(scene, ask, taken)
        if found is not None:
            return found
    return None


def date_by_meeting(actions: Sequence[Action], meeting: NextMeeting | None) -> list[Action]:
    """Give the day of the next meeting to what was undertaken «pour notre prochain point»."""
    return [_date(action, meeting) if meeting is not None else action for action in actions]


def _date(action: Action, meeting: NextMeeting) -> Action:
    for quote in action.quotes:
        found = UNTIL_THEN.search(fold(quote.text))
        if action.due_on is None and found is not None and meeting.starts_at is not None:
            raw = quote.text[found.start() : found.end()]
            return action.model_copy(update={"due_on": meeting.starts_at.date(), "due_raw": raw})
    return action


def _read_after(scene: Scene, ask: Line, taken: frozenset[int]) -> NextMeeting | None:
    best: tuple[Line, Deadline] | None = None
    for line in (ask, *scene.after(ask, REACH_TURNS)):
        if line.place in taken and line is not ask:
            continue
        days = [d for d in scene.deadlines(line) if d.is_deadline and d.day > scene.day]
        if not days or (best is not None and OBJECTS.search(line.folded)):
            continue
        refuses = re.search(
            r"\bje ne suis pas la\b|\bpas disponible\b|\bpas possible\b", line.folded
        )
        best = (line, days[-1] if refuses else days[0])
    return _make(scene, *best) if best else None


def _make(scene: Scene, line: Line, deadline: Deadline) -> NextMeeting:
    around = [line, *scene.after(line, 2), *scene.before(line, 3)]
    hour = next((h for each in around if (h := _read_hour(scene, each))), None)
    starts = dt.datetime.combine(deadline.day, hour or dt.time(), PARIS)
    text = format_instant(starts) if hour else format_long_date(deadline.day)
    return NextMeeting(
        text=text, quotes=scene.quote_all([line]), topic=scene.topic(line), starts_at=starts,
        has_time=hour is not None,
    )  # fmt: skip


def _read_hour(scene: Scene, line: Line) -> dt.time | None:
    if SAME_HOUR.search(line.folded):
        return scene.invitation.starts_at.astimezone(PARIS).time()
    written, _ = write_digits(line.text)
    if NOON.search(written):
        return dt.time(12)
    match = HOUR.search(written)
    if match is None or not 6 <= int(match[1]) <= 21:
        return None
    minutes = int(match[2] or 0) + TIME_OF_PART.get(match[3] or "", 0)
    total = int(match[1]) * 60 + minutes
    return dt.time(total // 60, total % 60)
