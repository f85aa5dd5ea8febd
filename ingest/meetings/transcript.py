"""A transcript as every source gives it: one text, and the cues that say who spoke when."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from core.spans import Span

TranscriptFormat = Literal["vtt", "srt", "docx", "text", "audio"]
LONG_SILENCE_MS = 60_000


@dataclass(frozen=True)
class Cue:
    """A stretch of speech: `text` is `Transcript.text[start:end]`, times in milliseconds.

    `speaker` is the voice without its «(Externe)» mark; None where the source names nobody.
    Times are None where the source gives none.
    """

    id: str
    speaker: str | None
    text: str
    start: int
    end: int
    starts_ms: int | None = None
    ends_ms: int | None = None
    is_external: bool = False


@dataclass(frozen=True)
class RawCue:
    """A cue as a reader found it, before its place in the transcript's text is known."""

    id: str
    speaker: str | None
    text: str
    starts_ms: int | None = None
    ends_ms: int | None = None
    is_external: bool = False


@dataclass(frozen=True)
class Transcript:
    """What was said. `text` is what is stored and quoted: the cues' texts, one a line.

    `remarks` tell in French what was odd in the source; `unread` counts the blocks that could
    not be read. `sha256` is that of the file.
    """

    source_id: str
    format: TranscriptFormat
    text: str = field(repr=False)
    cues: tuple[Cue, ...] = field(repr=False)
    sha256: str
    remarks: tuple[str, ...] = ()
    unread: int = 0

    @cached_property
    def by_id(self) -> dict[str, int]:
        """Places of the cues by id."""
        return {cue.id: place for place, cue in enumerate(self.cues)}

    @cached_property
    def _starts(self) -> list[int]:
        return [cue.start for cue in self.cues]

    @property
    def speakers(self) -> tuple[str, ...]:
        """The named voices, in the order they are first heard."""
        return tuple(dict.fromkeys(cue.speaker for cue in self.cues if cue.speaker))

    @property
    def duration_ms(self) -> int:
        """From the first instant to the last; 0 without times."""
        starts = [cue.starts_ms for cue in self.cues if cue.starts_ms is not None]
        ends = [cue.ends_ms for cue in self.cues if cue.ends_ms is not None]
        return max(ends) - min(starts) if starts and ends else 0

    def locate(self, offset: int) -> int:
        """The place of the cue that holds the character at `offset`."""
        return max(0, bisect.bisect_right(self._starts, offset) - 1)

    def quote(self, start: int, end: int) -> Span:
        """The evidence of `text[start:end]`, named by the cue where it begins."""
        cue = self.cues[self.locate(start)].id
        return Span(self.source_id, start, end, self.text[start:end], cue=cue)

    def measure_silences(self) -> int:
        """Milliseconds of the silences longer than a minute, between neighbouring cues."""
        total, reached = 0, None
        for cue in self.cues:
            if cue.starts_ms is None or cue.ends_ms is None:
                continue
            gap = cue.starts_ms - reached if reached is not None else 0
            total += gap if gap > LONG_SILENCE_MS else 0
            reached = max(reached or 0, cue.ends_ms)
        return total


def build_transcript(
    source_id: str,
    kind: TranscriptFormat,
    raw: Iterable[RawCue],
    content: bytes,
    *,
    remarks: Sequence[str] = (),
    unread: int = 0,
) -> Transcript:
    """Lay the cues one a line, keep their ids unique."""
    cues: list[Cue] = []
    seen: set[str] = set()
    lines: list[str] = []
    offset = 0
    for each in raw:
        name = each.id if each.id and each.id not in seen else f"{each.id}#{len(cues) + 1}"
        seen.add(name)
        end = offset + len(each.text)
        cues.append(
            Cue(name, each.speaker, each.text, offset, end, each.starts_ms, each.ends_ms,
                each.is_external)
        )  # fmt: skip
        lines.append(each.text)
        offset = end + 1
    return Transcript(
        source_id, kind, "\n".join(lines), tuple(cues), hashlib.sha256(content).hexdigest(),
        tuple(remarks), unread,
    )  # fmt: skip
