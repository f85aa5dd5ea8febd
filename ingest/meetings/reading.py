"""Any transcript file as a `Transcript`, or a French reason why it cannot be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.formats import count_noun
from core.words import fold
from ingest.errors import UnreadableFile
from ingest.meetings.decoding import EMPTY, decode_text
from ingest.meetings.plain import read_plain_lines, read_word_lines
from ingest.meetings.subtitles import TIMES, read_subtitles
from ingest.meetings.transcript import RawCue, Transcript, build_transcript

SUFFIXES = (".vtt", ".srt", ".docx", ".txt")
LARGEST_BYTES = 30 * 1024 * 1024
ZIP = b"PK\x03\x04"
NO_SPEECH = (
    "Aucune parole n’a été trouvée dans ce fichier. Vérifiez qu’il s’agit bien d’une "
    "transcription, et exportez-la de nouveau si elle est incomplète."
)
NOT_WORD = (
    "Ce fichier n’est pas un document Word lisible. Ouvrez-le dans Word et enregistrez-le de "
    "nouveau au format .docx."
)
TOO_LARGE = (
    "Cette transcription dépasse 30 Mo. Coupez-la par réunion, ou exportez-la sans les images."
)
CUT = (
    "Le fichier s’arrête au milieu d’une réplique\u00a0: la fin de la réunion manque, on ne sait "
    "de combien. Exportez de nouveau la transcription entière."
)
ENDED = re.compile(r"[.?!…»\")][\s*]*$")
MOSTLY, ENOUGH = 0.9, 5
FRENCH_WORDS = frozenset(
    "le la les un une des et est on je vous nous pas que qui pour sur dans avec ce il elle du au "
    "c'est oui donc alors mais ne d'accord".split()
)
ENGLISH_WORDS = frozenset(
    "the and is are we you it that this to of for with not they have will on be so yes but what "
    "our i'm it's we'll okay".split()
)
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def read_transcript(name: str, content: bytes, source_id: str | None = None) -> Transcript:
    """The transcript held by a file. Raises UnreadableFile, its message saying what to do."""
    if len(content) > LARGEST_BYTES:
        raise UnreadableFile(TOO_LARGE)
    source = source_id or name
    if not content.strip():
        raise UnreadableFile(EMPTY)
    if content.startswith(ZIP):
        return _check(build_transcript(source, "docx", read_word_lines(content), content))
    if name.lower().endswith(".docx"):
        raise UnreadableFile(NOT_WORD)
    text, remarks = decode_text(content)
    if name.lower().endswith((".vtt", ".srt")) or TIMES.search(text):
        return _check(_read_timed(source, name, text, content, remarks))
    said = list(read_plain_lines(text))
    is_cut = breaks_off(said)
    told = (*remarks, CUT) if is_cut else remarks
    return _check(build_transcript(source, "text", said, content, remarks=told,
                                   unread=int(is_cut)))  # fmt: skip


def _read_timed(
    source: str, name: str, text: str, content: bytes, remarks: tuple[str, ...]
) -> Transcript:
    found = read_subtitles(text)
    told = [*remarks, *found.remarks]
    is_vtt = text.lstrip("\ufeff \n").startswith("WEBVTT")
    if name.lower().endswith(".vtt") and not is_vtt:
        told.append("Le fichier n’a pas l’en-tête WEBVTT : il est lu quand même.")
    if found.unread:
        told.append(
            f"{count_noun(found.unread, 'bloc illisible', 'blocs illisibles')} dans le fichier"
            "\u00a0: la transcription est incomplète."
        )
    is_cut = found.is_cut or breaks_off(found.cues)
    if is_cut:
        told.append(CUT)
    if not any(cue.speaker for cue in found.cues) and found.cues:
        told.append("Aucun locuteur n’est nommé : les responsables ne peuvent pas être déduits.")
    return build_transcript(
        source, "vtt" if is_vtt else "srt", found.cues, content, remarks=told,
        unread=found.unread + is_cut,
    )  # fmt: skip


def breaks_off(cues: Sequence[RawCue]) -> bool:
    """Tell a last sentence without its stop, where sentences are otherwise stopped."""
    *others, last = cues or (RawCue("", None, ""),)
    stopped = sum(ENDED.search(cue.text) is not None for cue in others)
    return len(others) >= ENOUGH and stopped >= MOSTLY * len(others) and not ENDED.search(last.text)


def _check(transcript: Transcript) -> Transcript:
    if not any(re.search(r"\w", cue.text) for cue in transcript.cues):
        raise UnreadableFile(NO_SPEECH)
    return transcript


def measure_french(texts: list[str]) -> float:
    """The share of French among the lines clearly French or English; 1.0 where none is."""
    votes = [vote for vote in map(_vote, texts) if vote]
    return sum(vote > 0 for vote in votes) / len(votes) if votes else 1.0


def _vote(text: str) -> int:
    words = WORD.findall(fold(text))
    french = sum(word in FRENCH_WORDS for word in words)
    english = sum(word in ENGLISH_WORDS for word in words)
    return (french > english) - (english > french)
