"""Choices put forward in a meeting: the sentences that say one, and those that answer to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import (
    ACTS,
    AGREES,
    ALONE,
    CHOOSES,
    CONDITION,
    CONFIRMS_CHOICE,
    DECIDES,
    DROPS,
    INTENT,
    LIMITS,
    OBJECTS,
    OPENS,
    PAST,
    PROPOSES,
    STATES,
    STRONG_AGREES,
)
from agents.meeting_synthesis.rules.scene import Scene
from core.numerals import find_numbers

OPTIONS = re.compile(r"\bou\b")
SUSPENDED = re.compile(
    r"\bune option\b|\bsi (?:elle|il|le|la|on|vous|ca)\b|\bdans ce cas\b|\bau cas ou\b|\ben attendant\b|\bhypotheses\b|\bavant d[e'] ?(?:trancher|avoir|decider)"
)
STATUS_QUO = re.compile(r"\bon (?:reste|en reste|demeure)\b")
SEALS = re.compile(
    r"\bc'est (?:decide|acte|cale|valide|adopte|tranche|convenu|entendu)|^acte\b|\bje valide\b|\bon est d'accord\b|\bon (?:fait|part) comme (?:ca|cela)\b|\bon est la-dessus\b|\bon peut partir (?:la-dessus|comme ca)\b"
)
SEAL_WORDS = 6
SHORT_QUESTION = 6
SUGGESTS = re.compile(
    r"^(?:et |mais |alors )?si (?:on|nous|vous)\b|\bon pourrait\b|\bpourquoi ne pas\b|\bet pourquoi pas\b"
)
VERBAL = re.compile(r"\b(?:je|j'|tu|vous|on|nous|il|elle|ils|elles|c'est|ca|y a|est|sont|qui)\b")
GREETS = re.compile(r"\bbonjour\b|\bau revoir\b|\bbonne (?:journee|soiree)\b|\bmerci d'etre\b")
WHEN = re.compile(
    r"\bquand\b|\bquelle date\b|\bcombien\b|\bquel (?:volume|prix|plafond|niveau|pourcentage)\b"
)
YES = re.compile(r"^(?:oui|exact|voila|tout a fait|absolument|c'est ca)\b")
MAYBE = re.compile(r"\bca peut\b|\bpeut\b|\bpourrait\b|\bdevrait\b")
CLAUSES = re.compile(r" ?[,;:] ?|\bet\b|\bmais\b")
GO_ON = re.compile(
    r"\bordre du jour\b|\b(?:commence|continue|passe au|passe a la|reprend|avance|attend|voit|regarde|verra|rappelle|reparle|se revoit|fait un point|fait le point|fait le tour|fait le compte|fait la demande|prend note|prend le temps|demande|met en copie|met de cote|arrete la|va (?:dire|voir|prendre note|regarder|faire le point)|peut dire|peut (?:aller|parler|en))\b"
)
PLANS = re.compile(
    r"\bprevo\w+|\bprevu\w*|\binclu\w+|\bintegr\w+|\bretien\w+|\bimpos\w+|\bexig\w+|\bvise\w*\b|\bsouhait\w+"
)


@dataclass
class Choice:
    """A choice put forward: its lines, who agreed, what it hangs on."""

    lines: list[Line]
    is_firm: bool
    agreed: list[Line] = field(default_factory=list[Line])
    condition: str | None = None
    is_contested: bool = False
    is_tentative: bool = False
    replaced_by: Choice | None = None
    asked: Line | None = None

    @property
    def first(self) -> Line:
        """Where it was put forward."""
        return self.lines[0]

    @property
    def words(self) -> frozenset[str]:
        """What it is about."""
        return frozenset().union(*(line.words for line in self.lines))

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers it holds."""
        return frozenset(numbers_in(line.text for line in self.lines))


def list_choices(scene: Scene, taken: frozenset[int]) -> list[Choice]:
    found: list[Choice] = []
    for line in scene.lines:
        asks = line.is_question and not CONFIRMS_CHOICE.search(line.folded)
        if line.place in taken or line.place in scene.barred or asks:
            continue
        choice = _read(scene, line)
        if choice is not None:
            found.append(choice)
    return found


def _read(scene: Scene, line: Line) -> Choice | None:
    folded = line.folded
    if puts_nothing_forward(line):
        return None
    firm = DECIDES.search(folded) is not None
    if SEALS.search(folded) and line.length <= SEAL_WORDS:
        return _read_seal(scene, line)
    if firm or (CHOOSES.search(folded) and line.words and not GO_ON.search(folded)):
        tentative = INTENT.search(folded) is not None
        return Choice([line], firm and not tentative, is_tentative=tentative)
    return (
        _read_act(scene, line)
        or _read_answer(scene, line)
        or _read_accepting(scene, line)
        or _read_echoed(scene, line)
    )


def _read_act(scene: Scene, line: Line) -> Choice | None:
    """«On exclut les logements», «Donc révision cette année»: put forward, and agreed to at once."""
    acts = [m["verb"] for m in ACTS.finditer(line.folded) if m["verb"] not in STATES]
    sums_up = re.match(r"^(?:donc|alors|bon alors|bon donc) ", line.folded) and not VERBAL.search(
        line.folded
    )
    if (
        not line.words
        or not (acts or sums_up)
        or INTENT.search(line.folded)
        or GO_ON.search(line.folded)
    ):
        return None
    for other in scene.after(line, 1):
        if other.speaker == line.speaker:
            continue
        agrees = STRONG_AGREES.search(other.folded) or (
            line.is_question and YES.search(other.folded)
        )
        if agrees and not OBJECTS.search(other.folded) and not other.is_question:
            return Choice([line], False, agreed=[other])
        return None
    return None


def puts_nothing_forward(line: Line) -> bool:
    """Past, refused, open or hanging sentences put nothing forward."""
    folded = line.folded
    hangs = SUSPENDED.search(folded) and not (CONDITION.search(folded) and AGREES.search(folded))
    if OPENS.search(folded) or hangs or STATUS_QUO.search(folded):
        return True
    if PAST.search(folded) and not DECIDES.search(folded):
        return True
    if GREETS.search(folded):
        return True
    if LIMITS.search(folded):
        return False
    return DROPS.search(folded) is not None and not _chooses_besides(folded)


def _chooses_besides(folded: str) -> bool:
    """«On prend vingt-sept, et vingt-huit on ne fait rien»: one clause chooses, another drops."""
    return any(
        (CHOOSES.search(clause) or DECIDES.search(clause)) and not DROPS.search(clause)
        for clause in CLAUSES.split(folded)
    )


def _read_seal(scene: Scene, line: Line) -> Choice | None:
    """«C'est décidé», «là je dis oui»: what was said just before is the choice."""
    for other in scene.before(line, 3):
        if other.is_question and SUGGESTS.search(other.folded) and other.words:
            return Choice([other], True, agreed=[line])
        if (
            other.words
            and not other.is_question
            and not puts_nothing_forward(other)
            and other.length > 3
        ):
            return Choice([other], True, agreed=[line])
    return None


def _read_answer(scene: Scene, line: Line) -> Choice | None:
    """The choice that answers a question: one of its options, or the limit, date or share asked."""
    asked = next((o for o in scene.before(line, 1) if o.turn < line.turn), None)
    if asked is None or asked.speaker == line.speaker or not line.words or line.length > 22:
        return None
    if DROPS.search(line.folded) or INTENT.search(line.folded):
        return None
    picked = numbers_in([line.text]) & numbers_in([asked.text])
    if OPTIONS.search(asked.folded) and picked and len(numbers_in([asked.text])) > 1:
        return Choice([line], True, asked=asked)
    has_number = bool(find_numbers(line.text))
    if WHEN.search(asked.folded) and has_number and _is_sealed(scene, line):
        return Choice([line], True, asked=asked)
    if asked.is_question and PLANS.search(asked.folded) and has_number:
        return Choice([line], True, asked=asked)
    is_yes = line.folded.startswith("oui") and bool(line.words & asked.words)
    asks_choice = asked.is_question and re.match(r"^(?:avec|et|alors|donc|on) ", asked.folded)
    if is_yes and asks_choice and (has_number or CHOOSES.search(line.folded)):
        return Choice([line], True, asked=asked)
    return None


def _read_echoed(scene: Scene, line: Line) -> Choice | None:
    """A bare proposal («Trois ans fermes») that another takes up in their own words of assent."""
    if line.length < 2 or ALONE.match(line.folded):
        return None
    if MAYBE.search(line.folded):
        return None
    numbers = numbers_in([line.text])
    weight = numbers or line.words
    if not weight or (
        re.search(r"\b(?:c'est|il y a|vous avez|on a|j'ai|on est a|est)\b", line.folded)
        and not PROPOSES.search(line.folded)
    ):
        return None
    for other in scene.after(line, 2):
        if other.speaker == line.speaker or not STRONG_AGREES.search(other.folded):
            continue
        if OBJECTS.search(other.folded) or other.is_question:
            return None
        echoes = numbers_in([other.text]) & numbers or len(other.words & line.words) > 1
        if echoes and (numbers or PROPOSES.search(line.folded)):
            return Choice([line], False, agreed=[other])
    return None


def _is_sealed(scene: Scene, line: Line) -> bool:
    """The figure given is repeated in so many words of assent by another."""
    said = numbers_in([line.text])
    return any(
        other.speaker != line.speaker and said & numbers_in([other.text])
        and (DECIDES.search(other.folded) or STRONG_AGREES.search(other.folded))
        for other in scene.after(line, 1)
    )  # fmt: skip


def _read_accepting(scene: Scene, line: Line) -> Choice | None:
    """«Soixante, trente, dix, ça me va»: several figures of another's proposal are taken up."""
    if not STRONG_AGREES.search(line.folded) or OBJECTS.search(line.folded):
        return None
    numbers = numbers_in([line.text])
    for other in scene.before(line, 2):
        shared = numbers & numbers_in([other.text])
        is_asked = other.is_question and other.length <= SHORT_QUESTION and bool(shared)
        if other.speaker != line.speaker and (len(shared) > 1 or is_asked):
            return Choice([line], is_asked, agreed=[line])
    return None


def numbers_in(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(
        format(number.value.normalize(), "f") for text in texts for number in find_numbers(text)
    )
