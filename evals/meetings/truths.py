"""Transcripts with their truth, as the data folder and our own cases hold them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.settings import get_settings
from demo.content import CONTENT
from ingest.meetings.invitation import Invitation, parse_invitation
from ingest.meetings.reading import read_transcript
from ingest.meetings.transcript import Transcript

DEMONSTRATION = CONTENT / "meetings"
OWN_CASES = Path(__file__).parent.parent / "cases" / "meetings"


class _Truth(BaseModel):
    model_config = ConfigDict(extra="ignore")


class TrueItem(_Truth):
    """Something said, and the cues that prove it."""

    text: str = ""
    cue_ids: list[str] = []


class TrueDecision(TrueItem):
    """A decision; replaced by another of the list, conditional, or a mere preference."""

    superseded_by: int | None = None
    conditional: bool = False
    tentative: bool = False


class TrueAction(_Truth):
    """Who must do what for when."""

    what: str
    owner: str | None = None
    due_iso: str | None = None
    due_raw: str | None = None
    due_iso_accept: list[str] = []
    cue_ids: list[str]


class TrueNumber(_Truth):
    """A number said."""

    as_spoken: str
    cue_id: str
    suspicious: bool = False


class TrueName(_Truth):
    """A name misheard."""

    heard: str
    meant: str
    cue_ids: list[str]


class TrueMeeting(_Truth):
    """The next meeting."""

    iso: str


class TrueInjection(_Truth):
    """Orders given to the assistant."""

    cue_ids: list[str]


class Truth(_Truth):
    """All that is true of a meeting."""

    decisions: list[TrueDecision] = []
    actions: list[TrueAction] = []
    not_decisions: list[TrueItem] = []
    open_points: list[TrueItem] = []
    contradictions: list[TrueItem] = []
    numbers: list[TrueNumber] = []
    asr_name_errors: list[TrueName] = []
    next_meeting: TrueMeeting | None = None
    injection: TrueInjection | None = None


@dataclass(frozen=True)
class MeetingCase:
    """A transcript, its invitation and its truth."""

    id: str
    transcript: Transcript
    invitation: Invitation
    truth: Truth


def load_cases(folder: Path | None = None) -> list[MeetingCase]:
    """Every case of `folder`, else those of the data folder and our own."""
    folders = [folder] if folder else [
        get_settings().eval_data / "meetings-authored", DEMONSTRATION, OWN_CASES,
    ]  # fmt: skip
    return [
        _load(place.parent)
        for root in folders
        if root.is_dir()
        for place in sorted(root.glob("*/truth.json"))
    ]


def _load(folder: Path) -> MeetingCase:
    file = next(
        path for path in sorted(folder.iterdir()) if path.suffix in (".vtt", ".srt", ".txt")
    )
    return MeetingCase(
        folder.name,
        read_transcript(file.name, file.read_bytes()),
        parse_invitation((folder / "metadata.json").read_bytes()),
        Truth.model_validate_json((folder / "truth.json").read_bytes()),
    )
