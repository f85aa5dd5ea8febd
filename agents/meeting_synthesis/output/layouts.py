"""The four layouts of minutes: which sections, in what order, under which names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agents.meeting_synthesis.models import Minutes
from core.words import fold

Section = Literal[
    "summary", "attendance", "points", "decisions", "replaced", "actions", "open_points", "dropped",
    "contradictions", "numbers", "risks", "names", "next_meeting", "anomalies",
]  # fmt: skip
TITLES: dict[Section, str] = {
    "summary": "L’essentiel",
    "attendance": "Participants",
    "points": "Points abordés",
    "decisions": "Décisions",
    "replaced": "Décisions remplacées et propositions évoquées",
    "actions": "Actions",
    "open_points": "Points ouverts",
    "dropped": "Pistes écartées",
    "contradictions": "Affirmations contradictoires",
    "numbers": "Nombres à vérifier",
    "risks": "Risques et alertes",
    "names": "Noms mal transcrits",
    "next_meeting": "Prochaine réunion",
    "anomalies": "Anomalies",
}


@dataclass(frozen=True)
class Layout:
    """A layout: its name, its heading, its sections in order, titles of its own."""

    key: str
    label: str
    heading: str
    sections: tuple[Section, ...]
    titles: dict[Section, str]

    def title(self, section: Section) -> str:
        """The name of a section in this layout."""
        return self.titles.get(section, TITLES[section])


_ENDING: tuple[Section, ...] = ("names", "anomalies", "next_meeting")
CLIENT = Layout(
    "client", "Revue client", "Compte rendu de réunion",
    ("summary", "attendance", "decisions", "actions", "points", "open_points", "dropped",
     "replaced", "contradictions", "numbers", "risks", *_ENDING),
    {},
)  # fmt: skip
NEGOTIATION = Layout(
    "negotiation", "Négociation fournisseur", "Relevé de négociation",
    ("summary", "attendance", "decisions", "replaced", "open_points", "numbers", "contradictions",
     "dropped", "actions", "points", "risks", *_ENDING),
    {"decisions": "Termes acquis", "open_points": "Termes à conclure", "dropped": "Termes refusés"},
)  # fmt: skip
ISO = Layout(
    "iso", "Revue ISO", "Compte rendu de revue",
    ("summary", "attendance", "points", "decisions", "actions", "contradictions", "numbers",
     "risks", "open_points", "dropped", "replaced", *_ENDING),
    {"points": "Éléments d’entrée", "decisions": "Éléments de sortie\u00a0: décisions",
     "actions": "Éléments de sortie\u00a0: actions"},
)  # fmt: skip
INTERNAL = Layout(
    "internal", "Réunion interne", "Relevé de décisions",
    ("summary", "decisions", "actions", "open_points", "contradictions", "numbers", "dropped",
     "replaced", "risks", "points", "attendance", *_ENDING),
    {},
)  # fmt: skip
LAYOUTS = {layout.key: layout for layout in (CLIENT, NEGOTIATION, ISO, INTERNAL)}


def choose_layout(minutes: Minutes) -> Layout:
    """The layout that the kind and title of the meeting call for, else that of its attendees."""
    words = fold(f"{minutes.kind} {minutes.title}")
    if "negocia" in words:
        return NEGOTIATION
    if any(
        mark in words for mark in ("iso ", "50001", "14001", "9001", "revue de direction", "audit")
    ):
        return ISO
    if "interne" in words:
        return INTERNAL
    has_guests = any(person.is_external for person in minutes.attendance)
    return CLIENT if has_guests or minutes.client else INTERNAL
