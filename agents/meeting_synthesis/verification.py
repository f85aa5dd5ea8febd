"""What a model gave, kept only where the transcript proves it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from typing import TypeVar

from agents.meeting_synthesis.answer import (
    GivenAction,
    GivenDecision,
    GivenItem,
    GivenMinutes,
    GivenName,
)
from agents.meeting_synthesis.models import (
    Action,
    Contradiction,
    Decision,
    Item,
    NameSlip,
    Quote,
    SuspectNumber,
)
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import AGREES, DECIDES, OBJECTS
from agents.meeting_synthesis.rules.scene import Scene
from core.claims import find_unknown_names
from core.deadlines import find_deadlines
from core.numerals import find_numbers
from core.spans import find_span
from core.words import fold

Given = TypeVar("Given", bound=GivenItem)
NEAR_CUES = 25
AGREEMENT_LINES = 14
LEAST_LIKENESS = 0.5
OWNERS_WORDS = re.compile(r"[a-zà-ÿ]+")


@dataclass
class Verified:
    """The items that hold, and how many did not."""

    decisions: list[Decision] = field(default_factory=list[Decision])
    actions: list[Action] = field(default_factory=list[Action])
    open_points: list[Item] = field(default_factory=list[Item])
    risks: list[Item] = field(default_factory=list[Item])
    dropped: list[Item] = field(default_factory=list[Item])
    contradictions: list[Contradiction] = field(default_factory=list[Contradiction])
    numbers: list[SuspectNumber] = field(default_factory=list[SuspectNumber])
    names: list[NameSlip] = field(default_factory=list[NameSlip])
    unproved: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all holds."""
        return not (
            self.decisions or self.actions or self.open_points or self.risks or self.dropped
            or self.contradictions or self.numbers or self.names
        )  # fmt: skip


class Verifier:
    """Checks given items against a scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._barred = {
            name for line in scene.lines if line.place in scene.barred for name in line.cues
        }
        self._line_of_cue: dict[str, int] = {}
        self._said = self._known = list_known_words(scene)
        for line in scene.lines:
            for name in line.cues:
                self._line_of_cue.setdefault(name, line.place)

    def verify(self, given: GivenMinutes) -> Verified:
        """Keep what is proved, count the rest."""
        kept = Verified()
        slips = [item.meant for item in given.names if self._is_slip(item)]
        self._known = "\n".join([self._said, *slips])
        kept.decisions = self._verify_decisions(given.decisions, kept)
        for action in given.actions:
            quotes = self._prove(action)
            if quotes is None:
                kept.unproved += 1
            else:
                kept.actions.append(self._make_action(action, quotes, kept))
        kept.open_points = self._plain(given.open_points, kept)
        kept.risks = self._plain(given.risks, kept)
        kept.dropped = self._plain(given.dropped, kept)
        for item, quotes in self._proved(given.contradictions, kept):
            kept.contradictions.append(
                Contradiction(text=item.text, quotes=quotes, topic=self._topic(quotes),
                              is_settled=item.is_settled)
            )  # fmt: skip
        self._verify_numbers(given, kept)
        for item, quotes in self._proved(given.names, kept):
            if not self._is_slip(item):
                kept.unproved += 1
                continue
            kept.names.append(
                NameSlip(text=item.text, quotes=quotes, topic=self._topic(quotes),
                         heard=item.heard, meant=item.meant)
            )  # fmt: skip
        return kept

    def _verify_decisions(self, given: Sequence[GivenDecision], kept: Verified) -> list[Decision]:
        """Ranks follow the kept ones: a decision replaced by an unproved one stands."""
        proved = {rank: self._prove(item) for rank, item in enumerate(given)}
        ranks = {old: new for new, old in enumerate(r for r, q in proved.items() if q is not None)}
        kept.unproved += len(given) - len(ranks)
        replaced = {
            item.replaces: ranks[rank] for rank, item in enumerate(given)
            if item.replaces is not None and rank in ranks and item.replaces != rank
        }  # fmt: skip
        return [
            self._make_decision(given[rank], quotes, replaced.get(rank))
            for rank, quotes in proved.items()
            if quotes is not None
        ]

    def _make_decision(
        self, item: GivenDecision, quotes: tuple[Quote, ...], replaced_by: int | None
    ) -> Decision:
        agreed = item.is_agreed and self._has_agreement(quotes)
        status = "replaced" if replaced_by is not None else "in_force" if agreed else "mentioned"
        condition = item.condition if item.condition and self._is_said(item.condition) else None
        return Decision(text=item.text, quotes=quotes, topic=self._topic(quotes), status=status,
                        condition=condition, replaced_by=replaced_by)  # fmt: skip

    def _has_agreement(self, quotes: tuple[Quote, ...]) -> bool:
        """Someone agrees in the cited words or soon after, or decides in so many words."""
        places = sorted({self._line_of_cue[quote.cue] for quote in quotes})
        near = self._scene.lines[max(0, places[0] - 1) : places[-1] + AGREEMENT_LINES]
        cited = [self._scene.lines[place] for place in places]
        if any(DECIDES.search(line.folded) for line in cited):
            return True
        return any(_agrees(line) for line in near)

    def _make_action(self, item: GivenAction, quotes: tuple[Quote, ...], kept: Verified) -> Action:
        owner = self._find_owner(item.owner)
        if item.owner and owner is None:
            kept.unproved += 1
        due = None
        if item.due_raw and self._is_said(item.due_raw, quotes):
            found = find_deadlines(item.due_raw, self._scene.day)
            due = found[-1].day if found else None
        raw = item.due_raw if item.due_raw and self._is_said(item.due_raw, quotes) else None
        return Action(text=item.text, quotes=quotes, topic=self._topic(quotes), owner=owner,
                      due_on=due, due_raw=raw)  # fmt: skip

    def _find_owner(self, name: str | None) -> str | None:
        if not name:
            return None
        words = set(OWNERS_WORDS.findall(fold(name)))
        for person in self._scene.people.everyone:
            if words and words == set(OWNERS_WORDS.findall(fold(person.name))):
                return person.name
        return None

    def _verify_numbers(self, given: GivenMinutes, kept: Verified) -> None:
        for item, quotes in self._proved(given.numbers, kept):
            numbers = find_numbers(item.raw)
            if not (self._is_said(item.raw, quotes)
                    and self._holds_numbers(item.corrected or "", item.cue_ids)):  # fmt: skip
                kept.unproved += 1
                continue
            kept.numbers.append(
                SuspectNumber(text=item.text, quotes=quotes, topic=self._topic(quotes),
                              raw=item.raw, value=numbers[0].value if numbers else Decimal(0),
                              corrected=item.corrected)
            )  # fmt: skip

    def _is_slip(self, item: GivenName) -> bool:
        """What was heard was said, and sounds enough like what is said to be meant."""
        likeness = SequenceMatcher(None, fold(item.heard), fold(item.meant)).ratio()
        is_known = not find_unknown_names(f"nom {item.meant}", self._known)
        return self._is_said(item.heard) and (is_known or likeness >= LEAST_LIKENESS)

    def _plain(self, given: Sequence[GivenItem], kept: Verified) -> list[Item]:
        return [
            Item(text=item.text, quotes=quotes, topic=self._topic(quotes))
            for item, quotes in self._proved(given, kept)
        ]

    def _proved(
        self, given: Iterable[Given], kept: Verified
    ) -> Iterable[tuple[Given, tuple[Quote, ...]]]:
        for item in given:
            quotes = self._prove(item)
            if quotes is None:
                kept.unproved += 1
            else:
                yield item, quotes

    def _prove(self, item: GivenItem) -> tuple[Quote, ...] | None:
        """The cited cues as quotes; None for an unknown cue, a false quote, a barred passage or a
        number that neither the cues nor their neighbours hold, or a name that nobody said."""
        cues = list(dict.fromkeys(item.cue_ids))
        transcript = self._scene.transcript
        if not cues or any(c not in transcript.by_id or c in self._barred for c in cues):
            return None
        if not self._holds_quote(item.quote, cues) or not self._holds_numbers(item.text, cues):
            return None
        if find_unknown_names(item.text, self._known):
            return None
        spans = [transcript.cues[transcript.by_id[name]] for name in cues]
        return tuple(self._scene.quote_span(cue.start, cue.end) for cue in spans)

    def _holds_quote(self, quote: str, cues: Sequence[str]) -> bool:
        transcript = self._scene.transcript
        places = sorted(transcript.by_id[name] for name in cues)
        first, last = transcript.cues[places[0]], transcript.cues[places[-1]]
        said = transcript.text[first.start : last.end]
        return find_span(transcript.source_id, said, quote) is not None

    def _holds_numbers(self, text: str, cues: Sequence[str]) -> bool:
        """Every number of the wording is said in the cited cues or around them."""
        places = [self._scene.transcript.by_id[name] for name in cues]
        near = self._scene.transcript.cues[
            max(0, min(places) - NEAR_CUES) : max(places) + NEAR_CUES + 1
        ]
        said = {number.value for cue in near for number in find_numbers(cue.text)}
        said |= {value * scale for value in said for scale in (Decimal("0.01"), 1000)}
        years = {Decimal(2000) + value for value in said if value < 100}
        years |= {Decimal(self._scene.day.year), Decimal(self._scene.day.year + 1)}
        return all(n.value in said | years or n.value < 10 for n in find_numbers(text))

    def _is_said(self, words: str, quotes: tuple[Quote, ...] | None = None) -> bool:
        texts = [quote.text for quote in quotes] if quotes else [self._scene.transcript.text]
        source = self._scene.transcript.source_id
        return any(find_span(source, text, words) is not None for text in (*texts, " ".join(texts)))

    def _topic(self, quotes: tuple[Quote, ...]) -> int | None:
        return self._scene.topic(self._scene.lines[self._line_of_cue[quotes[0].cue]])


def list_known_words(scene: Scene) -> str:
    """All that was said, with what the invitation says."""
    invitation = scene.invitation
    people = [f"{person.name} {person.organisation}" for person in invitation.attendees]
    told = (invitation.title, invitation.client, *invitation.agenda, *people)
    return "\n".join([scene.transcript.text, *told])


def _agrees(line: Line) -> bool:
    return AGREES.search(line.folded) is not None and OBJECTS.search(line.folded) is None
