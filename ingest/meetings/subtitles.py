"""WebVTT as Teams and others write it, and SubRip: timed blocks of text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.meetings.transcript import RawCue
from ingest.meetings.voices import read_voice

CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
TIMES = re.compile(CLOCK + r"\s*-->\s*" + CLOCK)
ARROW = re.compile(r"-->")
VOICE = re.compile(r"<v(?:\.[\w.-]+)?[ \t]+([^>\n]+)>", re.I)
TAG = re.compile(r"</?[a-z][^>\n]{0,80}>", re.I)
NAME_FIRST = re.compile(r"^(?P<name>[A-ZÀ-Ý][^:\n.!?]{1,60}?)\s?:\s+(?P<said>\S.*)$", re.S)
META = ("WEBVTT", "NOTE", "STYLE", "REGION", "Kind:", "Language:")
SYSTEM = re.compile(
    r"^(?:l['’])?(?:enregistrement|transcription|recording|transcript)\s+"
    r"(?:a\s+)?(?:été\s+)?(?:démarrée?|arrêtée?|lancée?|started|stopped)\b.{0,40}$",
    re.I,
)


@dataclass
class Subtitles:
    """What a file of timed blocks held; blocks that cannot be read are counted.

    `is_cut` tells that the last voice is opened and never closed, where others are.
    """

    cues: list[RawCue] = field(default_factory=list[RawCue])
    unread: int = 0
    is_cut: bool = False
    remarks: list[str] = field(default_factory=list[str])


def read_subtitles(text: str) -> Subtitles:
    """Read every block that has times; the rest is counted and told."""
    found = Subtitles()
    for number, lines in enumerate(_list_blocks(text)):
        _read_block(lines, number, found)
    _tell_times(found)
    found.is_cut = "</v>" in text and text.rfind("<v") > text.rfind("</v>")
    return found


def _list_blocks(text: str) -> Iterator[list[str]]:
    """Lines between blank ones; a line of times also opens a block, its id above it."""
    block: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip("\ufeff \t")
        if not stripped:
            if block:
                yield block
            block = []
            continue
        if ARROW.search(stripped) and any(ARROW.search(kept) for kept in block):
            yield block[:-1] if _is_name(block[-1]) else block
            block = block[-1:] if _is_name(block[-1]) else []
        block.append(stripped)
    if block:
        yield block


def _is_name(line: str) -> bool:
    """Tell a cue's id from speech: a number, or a GUID with its rank."""
    return re.fullmatch(r"\d+|[0-9a-f-]{8,}(?:/\d+(?:-\d+)?)?", line, re.I) is not None


def _read_block(lines: list[str], number: int, found: Subtitles) -> None:
    if lines[0].startswith(META) and not any(ARROW.search(line) for line in lines):
        return
    place = next((i for i, line in enumerate(lines) if ARROW.search(line)), None)
    times = TIMES.search(lines[place]) if place is not None else None
    if place is None or times is None:
        found.unread += 1
        return
    name = lines[place - 1] if place > 0 and not lines[place - 1].startswith("WEBVTT") else ""
    starts, ends = _milliseconds(times, 1), _milliseconds(times, 5)
    body = "\n".join(lines[place + 1 :])
    parts = list(_split_voices(body))
    for rank, (voice, said) in enumerate(parts):
        _add_cue(found, _name_part(name or f"c{number}", rank), voice, said, starts, ends)
    if not parts:
        found.unread += 1


def _name_part(name: str, rank: int) -> str:
    return name if rank == 0 else f"{name}+{rank}"


def _split_voices(body: str) -> Iterator[tuple[str | None, str]]:
    """Each voice of a cue and what it says; «Nom : texte» counts where no voice is tagged."""
    marks = list(VOICE.finditer(body))
    if not marks:
        said = _clean(body)
        named = NAME_FIRST.match(said)
        if named and _is_person(named["name"]):
            yield named["name"], named["said"]
        elif said:
            yield None, said
        return
    before = _clean(body[: marks[0].start()])
    if before:
        yield None, before
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        said = _clean(body[mark.end() : following.start() if following else len(body)])
        if said:
            yield html.unescape(mark[1]), said


def _is_person(name: str) -> bool:
    """Two to five words, each with a capital: «Alors : …» is speech, «Jean Petit : …» a voice."""
    words = name.split()
    return 2 <= len(words) <= 5 and all(word[0].isupper() for word in words)


def _add_cue(
    found: Subtitles, name: str, voice: str | None, said: str, starts: int, ends: int
) -> None:
    if SYSTEM.match(said):
        return
    speaker, is_external = read_voice(voice) if voice else (None, False)
    found.cues.append(RawCue(name, speaker, said, starts, max(starts, ends), is_external))


def _clean(body: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", body)).split())


def _milliseconds(match: re.Match[str], first: int) -> int:
    hours, minutes, seconds, fraction = (match[first + i] for i in range(4))
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def _tell_times(found: Subtitles) -> None:
    """Overlaps are how people speak; going back by more than a minute is a fault of the file."""
    starts = [cue.starts_ms or 0 for cue in found.cues]
    if len(starts) > 1 and len(set(starts)) == 1:
        found.remarks.append("Le fichier donne le même instant à toutes les répliques.")
    backwards = sum(a - b > 60_000 for a, b in pairwise(starts))
    decreasing = sum(a > b for a, b in pairwise(starts))
    if backwards or decreasing > len(starts) // 5:
        backwards = backwards or decreasing
        found.remarks.append(
            f"Les temps reculent {backwards} fois : les répliques sont remises dans l’ordre "
            "des temps."
        )
    if any(a > b for a, b in pairwise(starts)):
        found.cues.sort(key=lambda cue: cue.starts_ms or 0)
