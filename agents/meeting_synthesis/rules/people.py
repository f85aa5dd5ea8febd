"""Who is who: voices matched to the invitation, names called out in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.words import fold, is_close
from ingest.meetings.invitation import Attendee, Invitation

PARTICLES = frozenset("de du des le la van von el ben".split())
TITLES = r"(?:monsieur|madame|m\.|mme|mr)"


@dataclass(frozen=True)
class Person:
    """An attendee with the folded words their name is made of."""

    attendee: Attendee
    first: str
    last: str

    @property
    def name(self) -> str:
        """The name as the invitation writes it."""
        return self.attendee.name


@dataclass(frozen=True)
class People:
    """The attendees, and which voice is whose."""

    everyone: tuple[Person, ...]
    voices: dict[str, Person] = field(default_factory=dict[str, Person])

    def who(self, voice: str | None) -> str | None:
        """The attendee behind a voice; the voice itself when nobody on the list fits."""
        if voice is None:
            return None
        found = self.voices.get(voice)
        return found.name if found else voice

    def find_called(self, folded: str) -> Person | None:
        """The attendee addressed in a sentence: «Karim, tu…», «…, Gwenaëlle ?», «Bruno, …».

        A first name that two attendees share names nobody.
        """
        return next((p for p, pattern in self._calls if pattern.search(folded)), None)

    def find_subject(self, folded: str) -> Person | None:
        """The attendee of whom a sentence says what they will do: «Thibault refait…»."""
        return next((p for p, pattern in self._subjects if pattern.search(folded)), None)

    @cached_property
    def _calls(self) -> list[tuple[Person, re.Pattern[str]]]:
        return [(person, re.compile(self._call(person))) for person in self.everyone]

    def _call(self, person: Person) -> str:
        names = [name for name in (person.first, person.last) if len(name) > 2]
        kept = [person.last] if self._is_shared(person) else names or [person.last]
        name = f"(?:{'|'.join(map(re.escape, kept))})"
        opening = r"(?:^|[,.!?] ?|\b(?:et|oui|non|alors|donc|bon|ok|euh) )"
        named = rf"\b{TITLES} {name}\b"
        return rf"{opening}{name}(?: ?[,!?.:]|$)|{named} ?,|, {named}"

    @cached_property
    def _subjects(self) -> list[tuple[Person, re.Pattern[str]]]:
        return [(person, re.compile(self._subject(person))) for person in self.everyone]

    def _subject(self, person: Person) -> str:
        kept = [person.last] if self._is_shared(person) else [person.first, person.last]
        name = f"(?:{'|'.join(map(re.escape, kept))})"
        return rf"(?:^|[,.] |\b(?:et|donc|alors|que|c'est) ){name} (?!et\b|ou\b)\w"

    def _is_shared(self, person: Person) -> bool:
        return sum(other.first == person.first for other in self.everyone) > 1


def match_people(invitation: Invitation, voices: Sequence[str]) -> People:
    """Match each voice with an attendee: same words in any order, else a slip of one name."""
    everyone = tuple(_make_person(attendee) for attendee in invitation.attendees)
    matched: dict[str, Person] = {}
    for voice in voices:
        found = _find_person(everyone, voice)
        if found is not None:
            matched[voice] = found
    strangers = tuple(_make_person(Attendee(voice)) for voice in voices if voice not in matched)
    return People((*everyone, *strangers), matched | {p.name: p for p in strangers})


def _find_person(everyone: Sequence[Person], voice: str) -> Person | None:
    words = _words(voice)
    same = [p for p in everyone if set(words) == set(_words(p.name))]
    if len(same) == 1:
        return same[0]
    within = [p for p in everyone if set(words) <= set(_words(p.name)) and words]
    if len(within) == 1:
        return within[0]
    close = [p for p in everyone if _fits(words, _words(p.name))]
    if len(close) == 1:
        return close[0]
    by_mail = [p for p in everyone if p.attendee.email and fold(voice) == p.attendee.email]
    return by_mail[0] if len(by_mail) == 1 else None


def _fits(words: list[str], name: list[str]) -> bool:
    """Every word of the shorter has a close one in the other; a lone initial counts."""
    short, long = sorted((words, name), key=len)
    return bool(short) and all(
        any(is_close(a, b) or (len(a) == 1 and b.startswith(a)) for b in long) for a in short
    )


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"[a-z]+", fold(name)) if word not in PARTICLES]


def _make_person(attendee: Attendee) -> Person:
    """The family name is in capitals («LEFEVRE Camille»), else the last word."""
    parts = attendee.name.split()
    capitals = [part for part in parts if len(part) > 1 and part.isupper()]
    if capitals and len(capitals) < len(parts):
        last = " ".join(capitals)
        first = " ".join(part for part in parts if part not in capitals)
    else:
        first, last = (parts[0] if parts else ""), (parts[-1] if len(parts) > 1 else "")
    return Person(attendee, fold(first), fold(last or first))
