"""Actions: signs of work gathered around one thing to do, with its owner and its deadline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.meeting_synthesis.models import Action
from agents.meeting_synthesis.rules.action_wording import word_action
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import AGREES, OBJECTS
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import write_figures
from agents.meeting_synthesis.rules.undertakings import (
    PROVIDE,
    UNOWNED,
    Undertaking,
    due_of,
    list_undertakings,
)
from agents.meeting_synthesis.rules.verbs import DELIVER, PRODUCE
from core.deadlines import Deadline

REACH_TURNS = 5
SHORT = 9
CONFIRMS = re.compile(r"^(?:ok|oui|donc|d'accord|tres bien|parfait|entendu|bon|le|lundi|mardi|mercredi|"
                      r"jeudi|vendredi|c'est (?:ca|note|pour)|disons|pour)\b|\bc'est pour\b")  # fmt: skip
POINTS_BACK = re.compile(r"\b(?:la|le|les|l'|en|ca|cela|y|elle|il)\b")


@dataclass
class Work:
    """Signs about one thing to do."""

    signs: list[Undertaking] = field(default_factory=list[Undertaking])
    agreed: list[Line] = field(default_factory=list[Line])
    unowned: list[Line] = field(default_factory=list[Line])
    due: Deadline | None = None
    due_line: Line | None = None
    confirmed: list[Line] = field(default_factory=list[Line])

    @property
    def last(self) -> Undertaking:
        """The latest sign."""
        return self.signs[-1]

    @property
    def words(self) -> frozenset[str]:
        """What it is about."""
        return frozenset().union(*(sign.line.words for sign in self.signs))

    def owner(self) -> str | None:
        """Who undertook it, else who was named, else nobody."""
        commits = [s.owner for s in self.signs if s.kind == "commit" and s.owner]
        named = [s.owner for s in self.signs if s.kind != "commit" and s.owner]
        return (commits or named or [None])[-1]


def find_actions(scene: Scene) -> list[Action]:
    """The things to do, in the order they were raised."""
    works = _gather(scene, list_undertakings(scene))
    owners = {sign.line.place: work for work in works for sign in work.signs}
    kept: list[Action] = []
    for work in works:
        _look_around(scene, work, owners)
        if _is_real(work):
            kept.append(_make(scene, work))
    return kept


def _gather(scene: Scene, signs: list[Undertaking]) -> list[Work]:
    works: list[Work] = []
    for sign in signs:
        home = next((w for w in reversed(works[-4:]) if _belongs(scene, w, sign)), None)
        if home is None:
            works.append(Work([sign]))
        else:
            home.signs.append(sign)
    return works


def _belongs(scene: Scene, work: Work, sign: Undertaking) -> bool:
    last = work.last
    apart = sign.line.turn - last.line.turn
    if sign.line.place == last.line.place:
        return True
    if apart > REACH_TURNS:
        return False
    common = work.words & sign.line.words
    if sign.kind == "commit":
        return _answers(work, sign, apart, common) or _goes_on(scene, work, sign, apart, common)
    if sign.kind in ("request", "assign"):
        waiting = not any(s.kind == "commit" for s in work.signs)
        return waiting and apart <= 2 and (bool(common) or bool(POINTS_BACK.search(sign.pronouns)))
    return False


def _answers(work: Work, sign: Undertaking, apart: int, common: frozenset[str]) -> bool:
    """The one asked, or whoever comes forward, undertakes what was asked."""
    asks = [s for s in work.signs if s.kind != "commit"]
    if not asks or any(s.kind == "commit" for s in work.signs):
        return False
    asked = asks[-1]
    if sign.owner is None:
        return True
    if asked.owner is not None and asked.owner != sign.owner:
        return False
    if asked.line.speaker == sign.line.speaker and asked.owner is None:
        return sign.line.turn == asked.line.turn and bool(common)
    return sign.is_taken or apart <= 2 or bool(common)


def _goes_on(
    scene: Scene, work: Work, sign: Undertaking, apart: int, common: frozenset[str]
) -> bool:
    """The same person speaks on about the same thing: «je fais…», «je vous l'envoie lundi»."""
    last = work.last
    if work.owner() != sign.owner or apart > 2:
        return False
    if last.kind == "commit" and last.line.turn == sign.line.turn:
        has_due = due_of(scene, last.line) is not None
        follows = last.verb in PRODUCE and sign.verb in DELIVER
        return bool(common) or (follows and not has_due) or _is_pronoun(sign) or sign.is_taken
    return bool(common) or sign.is_taken or (_is_pronoun(sign) and not sign.line.words - work.words)


def _is_pronoun(sign: Undertaking) -> bool:
    """The object is only pointed at: «je la relis», «je vous l'envoie»."""
    return bool(re.search(r"\b(?:la|le|les|l'|en|ca)$|\bl'$", sign.pronouns)) and (
        len(sign.line.words) <= 3
    )


def _look_around(scene: Scene, work: Work, owners: Mapping[int, Work]) -> None:
    """Find the agreement and the deadline in what follows, before another work starts."""
    _take_own_day(scene, work)
    if work.due is None:
        _look_back(scene, work, owners)
    explicit: Deadline | None = None
    for line in scene.after(work.last.line, 4):
        if owners.get(line.place, work) is not work:
            break
        _hear(work, line)
        explicit = _confirm(scene, work, line) or explicit
    if explicit and work.due and explicit.day != work.due.day:
        work.due = _reconcile(work.due, explicit)


def _take_own_day(scene: Scene, work: Work) -> None:
    for sign in work.signs:
        day = due_of(scene, sign.line)
        if day is not None and work.due is None:
            work.due, work.due_line = day, sign.line


def _hear(work: Work, line: Line) -> None:
    if UNOWNED.search(line.folded):
        work.unowned.append(line)
    speaks = line.speaker != work.last.line.speaker
    if speaks and AGREES.search(line.folded) and not OBJECTS.search(line.folded):
        work.agreed.append(line)


def _confirm(scene: Scene, work: Work, line: Line) -> Deadline | None:
    """A short sentence that says the day again: «Donc vendredi neuf.», «C'est pour le 13.»."""
    day = due_of(scene, line)
    near = line.turn <= work.last.line.turn + 2 or "pour" in line.folded
    if day is None or not near or line.length > SHORT or not CONFIRMS.search(line.folded):
        return None
    work.due_line = work.due_line or line
    work.due = work.due or day
    work.confirmed.append(line)
    return day


def _reconcile(said: Deadline, confirmed: Deadline) -> Deadline:
    """The day confirmed aloud wins; the first words are kept beside it when it is near."""
    if abs((confirmed.day - said.day).days) > 7:
        return said
    return Deadline(confirmed.day, said.raw, said.start, said.end, True, said.is_rough)


def _look_back(scene: Scene, work: Work, owners: Mapping[int, Work]) -> None:
    """A short sentence that is only a day, just before in the same breath: «Mardi prochain. …»."""
    first = work.signs[-1].line
    for line in scene.before(first, 0):
        day = due_of(scene, line)
        if day and line.length <= 4 and owners.get(line.place, work) is work:
            work.due, work.due_line = day, line
            return


def _is_real(work: Work) -> bool:
    commits = [s for s in work.signs if s.kind == "commit"]
    asks = [s for s in work.signs if s.kind != "commit"]
    strong = any(s.is_strong for s in work.signs)
    if work.due is None and all(
        (s.verb or "voir") == "voir" and not s.is_strong for s in work.signs
    ):
        return False
    if commits:
        return _is_undertaken(work, commits, asks)
    if any(s.kind == "assign" for s in asks):
        return work.due is not None or bool(work.agreed)
    if any(s.owner for s in asks):
        is_said = strong or any(s.verb == PROVIDE for s in asks)
        return work.due is not None or (is_said and bool(work.agreed))
    requests = [s for s in asks if s.kind == "request"]
    if requests and strong and work.agreed:
        return True
    ownerless = bool(work.unowned) or any(UNOWNED.search(s.line.folded) for s in asks)
    return ownerless and strong


def _is_undertaken(work: Work, commits: list[Undertaking], asks: list[Undertaking]) -> bool:
    if any(s.is_strong for s in commits):
        return True
    if work.due is not None:
        return True
    return bool(asks) and (any(s.is_taken for s in commits) or any(s.is_strong for s in asks))


def _make(scene: Scene, work: Work) -> Action:
    lines = [sign.line for sign in work.signs]
    if work.due_line is not None:
        lines += [work.due_line, *work.confirmed]
    owner = work.owner()
    known = {person.name for person in scene.people.everyone}
    if owner is None and any(s.kind == "request" for s in work.signs) and work.agreed:
        owner = scene.people.who(work.agreed[0].speaker)
    if owner is None or owner not in known:
        owner = None
        lines += work.unowned[:1]
    return Action(
        text=write_figures(scene, word_action(scene, work.signs)),
        quotes=scene.quote_all(lines),
        topic=scene.topic(lines[0]),
        owner=owner,
        due_on=work.due.day if work.due else None,
        due_raw=work.due.raw if work.due else None,
        is_rough=work.due.is_rough if work.due else False,
    )
