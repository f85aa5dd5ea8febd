"""References misheard: a delivery point or a contract said with a wrong or missing digit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.meeting_synthesis.models import NameSlip
from agents.meeting_synthesis.rules.names import measure_distance
from agents.meeting_synthesis.rules.scene import Scene
from core.words import fold

SAID = re.compile(
    r"\b(?:[A-Za-z]{1,5}[ -]?)?\d(?:[A-Za-z\d]|[ .\u00a0\u202f/-](?=[A-Za-z]*\d)){4,30}"
)
SHORTEST, LONG = 6, 10
DIGITS_AT_LEAST = 4


def find_reference_slips(scene: Scene, references: Sequence[str]) -> list[NameSlip]:
    """What is said almost as a reference of the client, and as none exactly, once each."""
    known = {_bare(full): full for full in references}
    known = {bare: full for bare, full in known.items() if len(bare) >= SHORTEST}
    found: dict[str, NameSlip] = {}
    for line in scene.lines if known else ():
        if line.place in scene.barred:
            continue
        for match in SAID.finditer(line.text):
            heard = _bare(match.group())
            meant = None if _is_exact(heard, known) else _find_near(heard, tuple(known))
            if meant is not None:
                start, end = line.start + match.start(), line.start + match.end()
                found.setdefault(heard, NameSlip(
                    text=f"«\u00a0{match.group()}\u00a0» entendu pour la référence "
                    f"«\u00a0{known[meant]}\u00a0».",
                    quotes=(scene.quote_span(start, end),), topic=scene.topic(line),
                    heard=match.group(), meant=known[meant],
                ))  # fmt: skip
    return list(found.values())


def _bare(said: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(said))


def _is_exact(heard: str, known: dict[str, str]) -> bool:
    return any(heard.endswith(bare) for bare in known)


def _find_near(heard: str, known: Sequence[str]) -> str | None:
    """The one reference at one sign of what was heard, two where it is long; None if several."""
    if sum(sign.isdigit() for sign in heard) < DIGITS_AT_LEAST:
        return None
    near = [
        bare for bare in known
        if abs(len(bare) - len(heard)) <= 1
        and measure_distance(heard, bare) <= (2 if len(bare) >= LONG else 1)
    ]  # fmt: skip
    return near[0] if len(near) == 1 else None
