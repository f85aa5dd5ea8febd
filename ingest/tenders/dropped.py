"""What a dropped file is: a mail, a meeting's words, a tender's piece, a sheet to import…"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from core.errors import InvalidInput
from ingest.errors import UnreadableFile
from ingest.meetings.audio import ABSENT, has_speech, is_audio
from ingest.meetings.invitation import parse_invitation
from ingest.meetings.reading import read_transcript
from ingest.readers.file_types import detect_type
from ingest.tenders.dossier import READERS
from ingest.tenders.intake import FILE_SIZE_LIMIT, MIB
from ingest.tenders.kinds import Kind, recognize_kind, recognize_name
from ingest.tenders.vocabulary import speaks_of_tender

Destination = Literal[
    "transcript", "invitation", "mail", "piece", "sheet", "either", "doubtful", "unknown"
]
LARGEST_INVITATION = MIB
SUBTITLES = (".vtt", ".srt")
NOTICES = (".json", ".xml")
MAILS = (".eml", ".msg")
WRITTEN = frozenset({"docx", "text", "markdown"})
SHEETS = frozenset({"xlsx", "csv"})
SHEET_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".xlsm", ".xls"})
TENDER_SHEETS: frozenset[Kind | None] = frozenset({"bpu", "dqe", "dpgf", "annex"})
"""What a workbook of a tender is called; any other, alone, is a list of the firm's own."""
READABLE = (
    "Je lis les pièces d’un appel d’offres (.zip, .pdf, .docx, .xlsx, avis .json ou .xml), les "
    "transcriptions de réunion (.vtt, .srt, .docx, .txt, ou un enregistrement avec l’option "
    "audio), les courriels (.eml, .msg) et les tableaux à importer (.csv, .xlsx). Pour donner un "
    "document à la base de connaissances, redéposez-le en le disant."
)
EMPTY = "«\u00a0{name}\u00a0» est vide (0 octet). Téléchargez-le de nouveau, puis redéposez-le."
UNKNOWN = "Je ne sais pas lire «\u00a0{name}\u00a0». "
KINDS_READ = re.compile(r"\s*\(types lus[^)]*\)")
"""The kinds that documents may have: those that a drop may have are others."""
LEAST_VOICES, LEAST_TURNS = 2, 2
"""Speech is told by voices that come back after another has spoken."""


@dataclass(frozen=True)
class Dropped:
    """A dropped file; `refusal` says in French what to do with an unreadable one."""

    path: Path
    name: str
    destination: Destination
    refusal: str | None = None


def sort_files(files: Sequence[tuple[Path, str]]) -> list[Dropped]:
    """Each file with where it goes; what is doubtful follows the others.

    Beside pieces of a tender it is one of them, a sheet too, and an unreadable one is told with
    the verdict. Alone, a text that could be either is taken for the words of a meeting, and a
    document that speaks of no tender is doubtful: who dropped it says what it is for.
    """
    found = [inspect(path, name) for path, name in files]
    if len(found) == 1 and found[0].destination == "piece":
        return [_doubt(found[0])]
    if any(one.destination == "piece" for one in found):
        return [
            one
            if one.destination in ("transcript", "invitation", "mail")
            else Dropped(one.path, one.name, "piece")
            for one in found
        ]
    return [
        Dropped(one.path, one.name, "transcript") if one.destination == "either" else one
        for one in found
    ]


def _doubt(file: Dropped) -> Dropped:
    if _name_kind(file.path, file.name) == "piece" or speaks_of_tender(file.path, file.name):
        return file
    return Dropped(file.path, file.name, "doubtful")


def inspect(path: Path, name: str) -> Dropped:
    """What a file is by its content; the name counts only for kinds that have no mark."""
    if path.stat().st_size == 0:
        return Dropped(path, name, "unknown", EMPTY.format(name=name))
    if is_audio(name):
        if has_speech():
            return Dropped(path, name, "transcript")
        return Dropped(path, name, "unknown", ABSENT)
    named = _name_kind(path, name)
    if named is not None:
        return Dropped(path, name, named)
    try:
        kind = detect_type(path, size_limit_mb=FILE_SIZE_LIMIT // MIB).name
        if kind not in READERS:
            return _refuse(path, name, "")
        if kind in SHEETS:
            return Dropped(path, name, _place_sheet(name))
        return Dropped(path, name, _weigh(path, name, kind) if kind in WRITTEN else "piece")
    except UnreadableFile as error:
        return _refuse(path, name, error.message)


def _name_kind(path: Path, name: str) -> Destination | None:
    """Kinds told by their name, or by being an archive."""
    suffix = Path(name).suffix.lower()
    if suffix in SHEET_SUFFIXES:
        return _place_sheet(name)
    if suffix in SUBTITLES:
        return "transcript"
    if suffix in MAILS:
        return "mail"
    if suffix == ".json" and _is_invitation(path):
        return "invitation"
    return "piece" if suffix in NOTICES or _is_archive(path) else None


def _place_sheet(name: str) -> Destination:
    return "piece" if recognize_name(name) in TENDER_SHEETS else "sheet"


def _refuse(path: Path, name: str, reason: str) -> Dropped:
    plain = KINDS_READ.sub("", reason)
    told = UNKNOWN.format(name=name) + (f"{plain} " if plain else "") + READABLE
    return Dropped(path, name, "unknown", told)


def _is_invitation(path: Path) -> bool:
    """Tell an invitation from a notice, which has neither a day nor people of that form."""
    if path.stat().st_size > LARGEST_INVITATION:
        return False
    try:
        return bool(parse_invitation(path.read_bytes()).attendees)
    except InvalidInput:
        return False


def _is_archive(path: Path) -> bool:
    """Tell a zip from an Office file, which is one too."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "[Content_Types].xml" not in archive.namelist()


def _weigh(path: Path, name: str, kind: str) -> Destination:
    if _is_speech(path, name):
        return "transcript"
    if kind == "markdown":
        return "piece"
    return "piece" if recognize_kind(name, READERS[kind](path)) != "other" else "either"


def _is_speech(path: Path, name: str) -> bool:
    try:
        transcript = read_transcript(name, path.read_bytes())
    except UnreadableFile:
        return False
    if transcript.format in ("vtt", "srt"):
        return True
    turns = Counter(voice for voice, _ in groupby(cue.speaker for cue in transcript.cues) if voice)
    return sum(count >= LEAST_TURNS for count in turns.values()) >= LEAST_VOICES
