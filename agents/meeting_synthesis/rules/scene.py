"""What every rule looks at: the lines, the people, the day, and lines that are out of bounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.people import People
from core.deadlines import Deadline, find_deadlines
from ingest.meetings.invitation import Invitation
from ingest.meetings.transcript import Transcript


@dataclass(frozen=True)
class Scene:
    """A meeting ready for the rules. `barred` are the places of lines that order the assistant."""

    transcript: Transcript
    invitation: Invitation
    people: People
    lines: Sequence[Line]
    barred: frozenset[int] = frozenset()
    topics: Sequence[int | None] = field(default=())

    @property
    def day(self) -> dt.date:
        """The day of the meeting, from which relative dates run."""
        return self.invitation.starts_at.date()

    @cached_property
    def _deadlines(self) -> dict[int, list[Deadline]]:
        return {}

    def deadlines(self, line: Line) -> list[Deadline]:
        """The days that a line names."""
        if line.place not in self._deadlines:
            self._deadlines[line.place] = find_deadlines(line.text, self.day)
        return self._deadlines[line.place]

    def quote(self, line: Line) -> Quote:
        """The evidence of a whole line."""
        return self.quote_span(line.start, line.end)

    def quote_span(self, start: int, end: int) -> Quote:
        """The evidence of a stretch of the transcript, named by the cue where it begins."""
        cue = self.transcript.cues[self.transcript.locate(start)]
        return Quote(
            cue=cue.id, start=start, end=end, text=self.transcript.text[start:end],
            speaker=self.people.who(cue.speaker), at_ms=cue.starts_ms,
        )  # fmt: skip

    def quote_all(self, lines: Iterable[Line]) -> tuple[Quote, ...]:
        """The evidence of several lines, one quote for each cue they touch, in order."""
        quotes: list[Quote] = []
        for line in sorted(set(lines), key=lambda each: each.place):
            for name in line.cues:
                cue = self.transcript.cues[self.transcript.by_id[name]]
                quotes.append(self.quote_span(max(line.start, cue.start), min(line.end, cue.end)))
        return tuple(quotes)

    def topic(self, line: Line) -> int | None:
        """The agenda item a line falls under."""
        return self.topics[line.place] if line.place < len(self.topics) else None

    def after(self, line: Line, turns: int) -> list[Line]:
        """The following lines, to the end of `turns` further turns."""
        found: list[Line] = []
        for other in self.lines[line.place + 1 :]:
            if other.turn > line.turn + turns:
                break
            found.append(other)
        return found

    def before(self, line: Line, turns: int) -> list[Line]:
        """The preceding lines, the nearest first, back to the start of `turns` earlier turns."""
        found: list[Line] = []
        for other in reversed(self.lines[: line.place]):
            if other.turn < line.turn - turns:
                break
            found.append(other)
        return found
