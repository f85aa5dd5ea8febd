"""Numbers not to be relied upon: corrected aloud, contested, or out of line with a contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agents.meeting_synthesis.models import SuspectNumber
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.quantities import Quantity, list_quantities, read_quantities
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.wording import clean
from core.formats import format_quantity

DENIES = re.compile(
    r"\bnon\b|\bpardon\b|\bje me (?:suis trompe|trompe)\b|\bau(?:tant| temps) pour moi\b|\bje corrige\b|\berreur\b|\bplutot\b|\bevidemment\b|\bje voulais dire\b|"
    r"\bexcuse|\brectifi|\benfin,|\bje (?:me melange|m'embrouille)\b|\b(?:attendez|attends)\b"
)
ADMITS = re.compile(
    r"\bje me (?:suis trompe|trompe)\b|\bpardon\b|\bje corrige\b|\bau(?:tant| temps) pour moi\b|\bma langue a fourche\b|"
    r"\berreur de ma part\b|\bje voulais dire\b"
)
DOUBTS = re.compile(
    r"\bn'a bouge que\b|\bca me (?:parait|semble)\b|\bbizarre\b|\betonnant\b|\bje ne comprends pas\b|"
    r"\bvous etes sur|\btu es sur|\bc'est beaucoup\b|\bpas coherent|\bincoherent|\bca ne colle pas\b|"
    r"\bje ne vois pas\b|\bmoi je vois\b|\bd'ou (?:vient|sort)|\bca m'etonne|\bpas possible\b"
)
HIGHEST = {"€/MWh": Decimal(400), "%": Decimal(1000)}
NEAR_LINES = 4
BARE_WORDS = 5
SWAP_TURNS = 4
PERCENT = Decimal(100)


@dataclass(frozen=True)
class KnownFigure:
    """A figure of the CRM about the client: a contract's price or volume, a subscribed power."""

    label: str
    value: Decimal
    unit: str
    kind: str


def find_suspect_numbers(scene: Scene, known: Sequence[KnownFigure]) -> list[SuspectNumber]:
    """Each number to be checked, once, with the reason in French."""
    lines = [line for line in scene.lines if line.place not in scene.barred]
    found: dict[tuple[int, int], SuspectNumber] = {}
    for quantity in list_quantities(lines):
        suspect = _examine(scene, quantity) or _compare(scene, quantity, known)
        if suspect is not None:
            found.setdefault((quantity.line.place, quantity.start), suspect)
    return list(found.values())


def _examine(scene: Scene, quantity: Quantity) -> SuspectNumber | None:
    corrected = _find_correction(scene, quantity)
    if corrected is not None:
        by, right = corrected
        return _make(scene, quantity, f"Corrigé oralement\u00a0: {right}.", (by,), right)
    swapped = _find_swapped(scene, quantity)
    if swapped is not None:
        return _make(scene, quantity, "Contredit en séance (chiffres intervertis\u00a0?), à vérifier.",
                     (swapped,), None)  # fmt: skip
    doubt = find_doubt(scene, quantity)
    if doubt is not None:
        return _make(scene, quantity, "Contesté en séance, à vérifier.", (doubt,), None)
    highest = HIGHEST.get(quantity.unit)
    if highest is not None and quantity.value > highest:
        return _make(
            scene, quantity, "Hors des ordres de grandeur du marché, à vérifier.", (), None
        )
    return None


def _find_correction(scene: Scene, quantity: Quantity) -> tuple[Line, str] | None:
    """A following sentence that denies and gives another number of the same kind, or a unit."""
    same = [q for q in read_quantities(quantity.line) if q.start > quantity.start]
    if same and _is_slip(quantity, same[0]) and DENIES.search(_between(quantity, same[0])):
        return quantity.line, same[0].shown if same[0].unit else same[0].raw
    for line in scene.after(quantity.line, 3)[:NEAR_LINES]:
        is_bare = line.length <= BARE_WORDS and not line.is_question
        if not (DENIES.search(line.folded) or is_bare):
            continue
        for other in read_quantities(line):
            if not other.kind and not _is_nearest(scene, quantity, line):
                continue
            if _is_slip(quantity, other) or _is_admitted(line, quantity, other):
                unit = other.unit or quantity.unit
                return line, format_quantity(other.value, unit)
    return None


def _is_admitted(line: Line, said: Quantity, right: Quantity) -> bool:
    """The one who said a number owns up and gives another of its size."""
    if line.speaker != said.line.speaker or not ADMITS.search(line.folded):
        return False
    if not _are_comparable(said, right) or min(said.said, right.said) <= 0:
        return False
    ratio = max(said.said, right.said) / min(said.said, right.said)
    return said.said != right.said and ratio <= 2


def _is_nearest(scene: Scene, quantity: Quantity, line: Line) -> bool:
    """Whether no other quantity was said between a number and its bare correction."""
    between = [o for o in scene.after(quantity.line, 3) if o.place < line.place]
    later = [q for q in read_quantities(quantity.line) if q.start > quantity.start and q.kind]
    return not later and not any(q.kind for o in between for q in read_quantities(o))


def _between(first: Quantity, second: Quantity) -> str:
    return first.line.folded[first.start : second.start]


def _is_slip(said: Quantity, right: Quantity) -> bool:
    """A digit or a unit misheard: ten, a hundred or a thousand times off, or digits in common."""
    if said.value == right.value and _are_comparable(said, right):
        return False
    if said.value <= 0 or right.value <= 0:
        return False
    if said.said == right.said:
        return bool(said.unit and right.unit) and _are_comparable(said, right)
    if not _are_comparable(said, right):
        return False
    ratio = max(said.value, right.value) / min(said.value, right.value)
    is_shifted = any(abs(ratio / power - 1) < Decimal("0.02") for power in (10, 100, 1000, 10**6))
    mine, theirs = _digits(said.value), _digits(right.value)
    is_mixed = len(mine) > 1 and sorted(mine) == sorted(theirs)
    return is_shifted or is_mixed or _ends_alike(said, right)


def _are_comparable(said: Quantity, right: Quantity) -> bool:
    both = {said.kind, right.kind}
    return (
        len(both) == 1 or both == {"money", "price"} or (not right.kind and said.kind != "months")
    )


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", "").strip("0")


def _ends_alike(said: Quantity, right: Quantity) -> bool:
    """«quatorze heures… non pardon, quatre heures»: the same sound with less before it."""
    return bool(said.unit) and said.unit == right.unit and abs(said.said - right.said) == 10


def find_doubt(scene: Scene, quantity: Quantity) -> Line | None:
    """The reply that asks a number again and doubts it."""
    if quantity.kind not in ("price", "money", "energy", "") or quantity.value < 1:
        return None
    if not quantity.kind and not re.search(
        r"\b(?:a|serait a|cote|prix)\s*$", quantity.line.folded[: quantity.start]
    ):
        return None
    replies = [line for line in scene.after(quantity.line, 1) if line.turn > quantity.line.turn]
    echoed = [line for line in replies if line.is_question and _repeats(line, quantity)]
    if not echoed:
        return None
    return next((line for line in replies if DOUBTS.search(line.folded)), None)


def _find_swapped(scene: Scene, quantity: Quantity) -> Line | None:
    """Another's number of the same unit made of the same digits: 486 and 468."""
    if not quantity.unit or len(_digits(quantity.value)) < 3:
        return None
    for line in scene.after(quantity.line, SWAP_TURNS * 2):
        if line.speaker == quantity.line.speaker:
            continue
        for other in read_quantities(line):
            mine, theirs = _digits(quantity.value), _digits(other.value)
            same = sorted(mine) == sorted(theirs) and mine != theirs
            if same and other.unit in ("", quantity.unit) and other.value != quantity.value:
                return line
    return None


def _repeats(line: Line, quantity: Quantity) -> bool:
    return any(other.said == quantity.said or other.value == quantity.value
               for other in read_quantities(line))  # fmt: skip


def _compare(
    scene: Scene, quantity: Quantity, known: Sequence[KnownFigure]
) -> SuspectNumber | None:
    """Out of line with the client's records: the same kind of figure, a hundred times off or said
    to be the record's and different."""
    of_kind = [figure for figure in known if figure.kind == quantity.kind]
    if not of_kind or any(_is_near(figure.value, quantity.value) for figure in of_kind):
        return None
    nearest = min(of_kind, key=lambda figure: abs(figure.value - quantity.value))
    states = re.search(
        r"\b(?:contrat|souscrit\w*|actuel\w*|aujourd'hui on paie|on paie)\b", quantity.line.folded
    )
    is_slip = _is_power_of_ten(nearest.value, quantity.value)
    if not (states or is_slip):
        return None
    reason = (
        f"Différent du dossier ({nearest.label}\u00a0: "
        f"{format_quantity(nearest.value, nearest.unit)}), à vérifier."
    )
    return _make(scene, quantity, reason, (), None)


def _is_near(left: Decimal, right: Decimal) -> bool:
    return abs(left - right) <= abs(left) / PERCENT


def _is_power_of_ten(left: Decimal, right: Decimal) -> bool:
    if left <= 0 or right <= 0:
        return False
    ratio = max(left, right) / min(left, right)
    return any(abs(ratio / power - 1) < Decimal("0.01") for power in (10, 100, 1000))


def _make(
    scene: Scene, quantity: Quantity, reason: str, proofs: Sequence[Line], corrected: str | None
) -> SuspectNumber:
    line = quantity.line
    start = line.start + quantity.start
    quotes = (scene.quote_span(start, start + len(quantity.raw)), *scene.quote_all(proofs))
    return SuspectNumber(
        text=f"«\u00a0{clean(quantity.raw).rstrip('.')}\u00a0»\u00a0: {reason}",
        quotes=quotes, topic=scene.topic(line), raw=quantity.raw, value=quantity.value,
        unit=quantity.unit, corrected=corrected,
    )  # fmt: skip
