"""Plain texts and Word files in which speakers stand before what they say."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator

from ingest.errors import UnreadableFile
from ingest.meetings.transcript import RawCue
from ingest.meetings.voices import read_voice

STAMP = r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:[.,]\d+)?"
HEADER = re.compile(
    r"^(?P<name>[^\W\d_][^:\n\[\](]{1,60}?(?:\s*\([^)]{2,20}\))?)\s{1,}[\[(]?" + STAMP + r"[\])]?$"
)
STAMP_FIRST = re.compile(
    r"^[\[(]?" + STAMP + r"[\])]?\s*[-–—]?\s*(?P<name>[^\W\d_][^:\n]{1,60}?)\s?:\s*(?P<said>.*)$"
)
NAMED_LINE = re.compile(
    r"^(?P<name>[^\W\d_][^:\n\[\]!?]{1,60}?)(?:\s*[\[(]" + STAMP + r"[\])])?\s?:\s+(?P<said>\S.*)$"
)
BROKEN_WORD = (
    "Ce fichier Word ne peut pas être ouvert (incomplet ou protégé). Enregistrez-le de nouveau "
    "au format .docx, ou donnez la transcription .vtt."
)
MAX_NAME_WORDS = 5


def read_plain_lines(text: str) -> list[RawCue]:
    """One cue a paragraph, its speaker from «Nom : …», «Nom 0:03» or «[00:01:02] Nom : …»."""
    return list(_read_lines(line.strip() for line in text.split("\n")))


def read_word_lines(content: bytes) -> list[RawCue]:
    """The paragraphs of a .docx transcript; Teams breaks lines within them.

    Raises UnreadableFile.
    """
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(io.BytesIO(content))
    except (PackageNotFoundError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableFile(BROKEN_WORD) from error
    lines = [line for paragraph in document.paragraphs for line in paragraph.text.split("\n")]
    for table in document.tables:
        lines += [
            " : ".join(dict.fromkeys(c.text.strip() for c in row.cells)) for row in table.rows
        ]
    return list(_read_lines(line.strip() for line in lines))


def _read_lines(lines: Iterable[str]) -> Iterator[RawCue]:
    speaker: str | None = None
    is_external = False
    at: int | None = None
    count = 0
    for line in lines:
        if not line:
            continue
        said = line
        header, named = HEADER.match(line), STAMP_FIRST.match(line) or NAMED_LINE.match(line)
        if header and _is_person(header["name"]):
            speaker, is_external = read_voice(header["name"])
            at = _milliseconds(header)
            continue
        if named and _is_person(named["name"]):
            speaker, is_external = read_voice(named["name"])
            at = _milliseconds(named) if named[named.lastindex or 0] is not None else at
            said = named["said"]
        if said:
            count += 1
            yield RawCue(f"p{count}", speaker, " ".join(said.split()), at, at, is_external)


def _is_person(name: str) -> bool:
    words = name.split()
    return len(words) <= MAX_NAME_WORDS and words[0][0].isupper()


def _milliseconds(match: re.Match[str]) -> int | None:
    clock = [g for g in match.groups() if g is not None and g.isdigit()]
    if len(clock) < 2:
        return None
    seconds = 0
    for part in clock[:3]:
        seconds = seconds * 60 + int(part)
    return seconds * 1000
