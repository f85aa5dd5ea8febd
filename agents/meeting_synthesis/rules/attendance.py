"""Who was there, who was excused, who was missing; and how much of the meeting was read."""

from __future__ import annotations

import re

from agents.meeting_synthesis.models import Attendance, Coverage
from agents.meeting_synthesis.rules.people import TITLES, Person
from agents.meeting_synthesis.rules.scene import Scene
from core.words import fold
from ingest.meetings.reading import measure_french

EXCUSED = re.compile(r"\b(?:est|sera|etait|sont) (?:excuse|absente?|en conges|retenu|souffrant|malade)\w*|"
                     r"\bs'excuse\b|\bne (?:peut|pourra) pas (?:etre|venir|nous rejoindre)")  # fmt: skip
WHOLE = 0.95
TEN_HOURS_MS = 10 * 3600 * 1000


def list_attendance(scene: Scene) -> tuple[Attendance, ...]:
    """Present are those heard or invited without excuse; voices not invited come last."""
    return tuple(_attend(scene, person) for person in scene.people.everyone)


def _attend(scene: Scene, person: Person) -> Attendance:
    attendee = person.attendee
    heard = {scene.people.who(voice) for voice in scene.transcript.speakers}
    status = "present"
    if attendee.name not in heard:
        excused = attendee.is_absent or "excus" in fold(attendee.role) or _is_excused(scene, person)
        status = "excused" if excused else "absent"
    external = attendee.is_external or any(
        cue.is_external for cue in scene.transcript.cues
        if cue.speaker and scene.people.who(cue.speaker) == attendee.name
    )  # fmt: skip
    role = re.sub(r"\s*\((?:excusée?|absente?)\)", "", attendee.role)
    return Attendance(
        name=attendee.name, organisation=attendee.organisation, role=role,
        email=attendee.email, is_external=external, status=status,
    )  # fmt: skip


def _is_excused(scene: Scene, person: Person) -> bool:
    name = rf"\b(?:{TITLES} )?(?:{re.escape(person.first)}|{re.escape(person.last)})\b"
    return any(
        EXCUSED.search(line.folded) and re.search(name, line.folded) for line in scene.lines[:40]
    )


def measure_coverage(scene: Scene) -> Coverage:
    """The share of the meeting's time whose words were read, and what is missing from it."""
    transcript = scene.transcript
    remarks = list(transcript.remarks)
    share = 1.0
    total = transcript.duration_ms
    if total:
        silent = transcript.measure_silences()
        share -= silent / total
        if silent:
            remarks.append(f"Silences de plus d’une minute\u00a0: {_minutes(silent)} au total.")
    lasted = (scene.invitation.duration_s or 0) * 1000
    if total and lasted and total < lasted * WHOLE:
        share *= total / lasted
        remarks.append(
            f"La transcription couvre {_minutes(total)} d’une réunion de {_minutes(lasted)}."
        )
    blocks = len(transcript.cues) + transcript.unread
    share *= len(transcript.cues) / blocks if blocks else 0.0
    french = measure_french([cue.text for cue in transcript.cues])
    if french < 0.9:
        remarks.append(_tell_language(french))
        share *= french
    if total > TEN_HOURS_MS * 0.8:
        remarks.append(
            f"Enregistrement très long ({_minutes(total)})\u00a0: est-ce une seule réunion\u00a0?"
        )
    named = _share_named(scene)
    if len(transcript.speakers) == 1:
        remarks.append(
            "Une seule voix est nommée\u00a0: aucun accord entre participants ne peut être lu."
        )
    return Coverage(percent=_percent(share), named_percent=_percent(named), remarks=tuple(remarks))


def _tell_language(french: float) -> str:
    if french < 0.2:
        return ("La réunion n’est pas en français\u00a0: les règles ne la lisent pas. Faites-la traduire "
                "ou demandez le compte rendu avec un modèle.")  # fmt: skip
    return f"{_percent(1 - french)}\u00a0% des répliques sont en anglais et ne sont pas exploitées."


def _share_named(scene: Scene) -> float:
    words = [(cue.speaker is not None, len(cue.text.split())) for cue in scene.transcript.cues]
    total = sum(count for _, count in words)
    return sum(count for named, count in words if named) / total if total else 0.0


def _percent(share: float) -> int:
    """Never 100 unless whole."""
    return 100 if share >= 1.0 else min(99, round(100 * max(0.0, share)))


def _minutes(milliseconds: int) -> str:
    minutes = round(milliseconds / 60000)
    return (
        f"{minutes // 60}\u00a0h\u00a0{minutes % 60:02d}"
        if minutes >= 60
        else f"{minutes}\u00a0min"
    )
