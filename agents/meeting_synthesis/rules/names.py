"""Names that the transcription misheard: «vol Thalys» for Voltalys, «Cornichon» for Cornillon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.meeting_synthesis.models import NameSlip
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.scene import Scene
from core.numerals import find_numbers
from core.words import fold

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
TITLE = re.compile(r"\b(?:monsieur|madame|m\.|mme|mr|maître|docteur)\s*$", re.I)
STANDARD = re.compile(r"\b(?:iso|nf|en)\b", re.I)
SOUNDS = (
    ("ph", "f"), ("th", "t"), ("qu", "k"), ("ck", "k"), ("eau", "o"), ("au", "o"), ("ai", "e"),
    ("ei", "e"), ("oeu", "e"), ("ill", "y"), ("y", "i"), ("ç", "s"), ("ce", "se"), ("ci", "si"),
    ("c", "k"), ("z", "s"), ("x", "ks"), ("ent", "an"), ("en", "an"), ("em", "an"), ("am", "an"),
    ("h", ""), ("gn", "n"), ("w", "v"),
)  # fmt: skip
GENERIC = frozenset(
    """
    sa sas sarl energie energies conseil electricite gaz france groupe societe ville commune
    communaute agglomeration centre hospitalier etablissement support direction services service
    client fournisseur industrie industries de du des la le les et l d papeteries fonderies
    biscuiterie chambre syndicat lycee hopital ght ch chu saint sainte haut bas val vallee regie
    cabinet mairie universite ecole laboratoires maison usine site
    """.split()
)
SHORTEST = 5


@dataclass(frozen=True)
class KnownName:
    """A name to listen for, and how it is written in full."""

    word: str
    full: str

    @property
    def sound(self) -> str:
        """How it sounds, roughly."""
        return _sound(self.word)


def list_known_names(scene: Scene, further: Sequence[str]) -> list[KnownName]:
    """The distinctive words of people, firms, clients and suppliers, once each."""
    invitation = scene.invitation
    fulls = [a.name for a in invitation.attendees]
    fulls += [a.organisation for a in invitation.attendees if a.organisation]
    fulls += [invitation.client, invitation.title, *further]
    known: dict[str, KnownName] = {}
    for full in (re.sub(r"\s*\([^)]*\)", "", each) for each in fulls):
        for word in re.findall(r"[^\W\d_]+", full):
            folded = fold(word)
            is_name = word[:1].isupper() and len(folded) >= SHORTEST and folded not in GENERIC
            if is_name:
                known.setdefault(folded, KnownName(folded, full))
    for attendee in invitation.attendees:
        for domain in re.findall(r"@([a-z-]+)", attendee.email):
            for word in domain.split("-"):
                if len(word) >= SHORTEST + 1 and word not in GENERIC:
                    known.setdefault(word, KnownName(word, attendee.organisation or word.title()))
    return list(known.values())


def find_name_slips(scene: Scene, further: Sequence[str] = ()) -> list[NameSlip]:
    """Stretches that sound like a known name and are not written like it, once each."""
    known = list_known_names(scene, further)
    exact = frozenset(name.word for name in known)
    listened = [name for name in known if len(name.sound) >= SHORTEST - 1]
    found: dict[str, NameSlip] = {}
    for line in scene.lines:
        if line.place in scene.barred:
            continue
        for slip in (*_read_line(scene, line, listened, exact), *_read_standard(scene, line)):
            found.setdefault(fold(slip.heard), slip)
    return list(found.values())


def _read_line(
    scene: Scene, line: Line, known: Sequence[KnownName], exact: frozenset[str]
) -> Iterator[NameSlip]:
    words, folded = list(WORD.finditer(line.text)), fold(line.text)
    is_exact = [folded[word.start() : word.end()] in exact for word in words]
    for size in (1, 2, 3):
        for place in range(len(words) - size + 1):
            group = words[place : place + size]
            if any(is_exact[place : place + size]) or not _may_be_name(line, group, place):
                continue
            name = _find_sound(folded[group[0].start() : group[-1].end()], known, size)
            if name is not None:
                yield _make(scene, line, group[0].start(), group[-1].end(), name.full)


def _may_be_name(line: Line, group: Sequence[re.Match[str]], place: int) -> bool:
    """A capital inside the sentence, a title before it, or several words in one sound."""
    if len(group) > 1:
        return (
            any(w.group()[0].isupper() for w in group[1:])
            or len(group) == 3
            or (fold(group[0].group()) in ("et", "est", "elle", "en", "l"))
        )
    first = group[0]
    if not first.group()[0].isupper():
        return False
    before = line.text[: first.start()].rstrip()
    return place > 0 and not before.endswith((".", "?", "!", ":"))


def _find_sound(folded: str, known: Sequence[KnownName], size: int) -> KnownName | None:
    heard = _sound(folded)
    if len(heard) < SHORTEST - 1:
        return None
    for name in known:
        meant = name.sound
        if heard[0] != meant[0] or abs(len(heard) - len(meant)) > 2 or folded == name.word:
            continue
        allowed = 1 if len(meant) < 8 or size > 1 else 2
        if size > 1 and len(name.word) < 7:
            continue
        if heard[:2] != meant[:2] and not (size > 1 and heard[0] == meant[0]):
            continue
        if measure_distance(heard, meant) <= allowed:
            return name
    return None


def _read_standard(scene: Scene, line: Line) -> Iterator[NameSlip]:
    """«iso cinquante mille et un» is ISO 50001."""
    for match in STANDARD.finditer(line.text):
        for number in find_numbers(line.text[match.end() : match.end() + 60]):
            if line.text[match.end() : match.end() + number.start].strip() or number.is_digits:
                break
            if number.value >= 1000:
                full = f"{match.group().upper()} {number.value:f}"
                yield _make(scene, line, match.start(), match.end() + number.end, full)
            break


def _make(scene: Scene, line: Line, start: int, end: int, full: str) -> NameSlip:
    heard = line.text[start:end]
    return NameSlip(
        text=f"«\u00a0{heard}\u00a0» entendu pour «\u00a0{full}\u00a0».",
        quotes=(scene.quote_span(line.start + start, line.start + end),),
        topic=scene.topic(line), heard=heard, meant=full,
    )  # fmt: skip


@lru_cache(maxsize=65536)
def _sound(folded: str) -> str:
    """A rough key of how French letters sound: silent h, doubled letters and endings dropped."""
    text = re.sub(r"[^a-zç]", "", folded)
    for written, heard in SOUNDS:
        text = text.replace(written, heard)
    text = re.sub(r"(.)\1+", r"\1", text)
    return re.sub(r"(?:es|e|s|t)$", "", text)


@lru_cache(maxsize=65536)
def measure_distance(left: str, right: str) -> int:
    """Signs to add, drop or change to go from one word to the other."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
