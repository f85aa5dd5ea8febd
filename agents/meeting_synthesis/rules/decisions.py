"""Decisions: choices that someone put forward and someone else agreed to; the later one wins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.meeting_synthesis.models import Decision
from agents.meeting_synthesis.rules.lines import Line, content_words
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
    STATES,
    STRONG_AGREES,
)
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.wording import clean, strip_opening
from core.numerals import find_numbers
from core.words import fold

HEARD_TURNS = 4
SAME_TOPIC = 0.34
REPLACES_TURNS = 30
REVISES = re.compile(
    r"^(?:ah|bon|non|attendez|attends|finalement|alors|ok|d'accord|plutot|en fait|oui, non|c'est vrai)\b"
)
OPENING_OF_CHOICE = re.compile(
    r"^(?:bon |ah |donc |ok |oui |d'accord |tres bien )?[ ,.]*(?:alors|donc|finalement|disons|plutot|va pour)\b"
)
PROPOSES = re.compile(
    r"\bje (?:vous )?propose|\bje suggere|\bon propose|\bdisons\b|^(?:avec|pour|sur) |\bje proposais"
)
SUSPENDED = re.compile(
    r"\bune option\b|\bsi (?:elle|il|le|la|on|vous|ca)\b|\bdans ce cas\b|\bau cas ou\b|\ben attendant\b|\bhypotheses\b|\bavant d[e'] ?(?:trancher|avoir|decider)"
)
OPTIONS = re.compile(r"\bou\b")
STATUS_QUO = re.compile(r"\bon (?:reste|en reste|demeure)\b")
SEALS = re.compile(
    r"\bc'est (?:decide|acte|cale|valide|adopte|tranche|convenu|entendu)|^acte\b|\bje valide\b|\bon est d'accord\b|\bon (?:fait|part) comme (?:ca|cela)\b|\bon est la-dessus\b|\bon peut partir (?:la-dessus|comme ca)\b"
)
SEAL_WORDS = 6
SHORT_ANSWER = 3
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
OWN_AGREEMENT = re.compile(r"\bje (?:dis oui|valide|signe)\b|\bc'est (?:decide|acte|valide)\b")
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
        return frozenset(_numbers(line.text for line in self.lines))


def find_decisions(scene: Scene, taken: frozenset[int]) -> list[Decision]:
    """The choices of the meeting in order: in force, replaced, or merely mentioned.

    `taken` are the places of lines that belong to actions.
    """
    choices = _merge(_list_choices(scene, taken))
    _add_details(scene, choices)
    for choice in choices:
        _hear(scene, choice)
    choices = [c for c in choices if c.is_firm or c.agreed or c.is_tentative or c.is_contested]
    _replace(choices)
    kept = [c for c in choices if _is_told(c)]
    ranks = {id(choice): rank for rank, choice in enumerate(kept)}
    replaced = {id(c.replaced_by): c for c in kept if c.replaced_by is not None}
    return [_make(scene, choice, ranks, replaced.get(id(choice))) for choice in kept]


def _list_choices(scene: Scene, taken: frozenset[int]) -> list[Choice]:
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
    if _is_out(line):
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


def _is_out(line: Line) -> bool:
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
        if other.words and not other.is_question and not _is_out(other) and other.length > 3:
            return Choice([other], True, agreed=[line])
    return None


def _read_answer(scene: Scene, line: Line) -> Choice | None:
    """The choice that answers a question: one of its options, or the limit, date or share asked."""
    asked = next((o for o in scene.before(line, 1) if o.turn < line.turn), None)
    if asked is None or asked.speaker == line.speaker or not line.words or line.length > 22:
        return None
    if DROPS.search(line.folded) or INTENT.search(line.folded):
        return None
    picked = _numbers([line.text]) & _numbers([asked.text])
    if OPTIONS.search(asked.folded) and picked and len(_numbers([asked.text])) > 1:
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
    numbers = _numbers([line.text])
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
        echoes = _numbers([other.text]) & numbers or len(other.words & line.words) > 1
        if echoes and (numbers or PROPOSES.search(line.folded)):
            return Choice([line], False, agreed=[other])
    return None


def _is_sealed(scene: Scene, line: Line) -> bool:
    """The figure given is repeated in so many words of assent by another."""
    said = _numbers([line.text])
    return any(
        other.speaker != line.speaker and said & _numbers([other.text])
        and (DECIDES.search(other.folded) or STRONG_AGREES.search(other.folded))
        for other in scene.after(line, 1)
    )  # fmt: skip


def _read_accepting(scene: Scene, line: Line) -> Choice | None:
    """«Soixante, trente, dix, ça me va»: several figures of another's proposal are taken up."""
    if not STRONG_AGREES.search(line.folded) or OBJECTS.search(line.folded):
        return None
    numbers = _numbers([line.text])
    for other in scene.before(line, 2):
        shared = numbers & _numbers([other.text])
        is_asked = other.is_question and other.length <= SHORT_QUESTION and bool(shared)
        if other.speaker != line.speaker and (len(shared) > 1 or is_asked):
            return Choice([line], is_asked, agreed=[line])
    return None


def _add_details(scene: Scene, choices: list[Choice]) -> None:
    """«Le plafond ? – Vingt-sept euros.»: a figure asked about a choice belongs to it."""
    known = {line.place for choice in choices for line in choice.lines}
    for choice in choices:
        for line in scene.after(choice.lines[-1], 2):
            asked = scene.lines[line.place - 1]
            answers = asked.is_question and asked.speaker != line.speaker and line.length <= 6
            if answers and asked.words & choice.words and find_numbers(line.text):
                if line.place not in known:
                    choice.lines.append(line)
                break


def _merge(choices: list[Choice]) -> list[Choice]:
    """Join neighbouring statements of one choice; keep apart those that change its numbers."""
    merged: list[Choice] = []
    for choice in choices:
        last = merged[-1] if merged else None
        if last is not None and _is_same(last, choice):
            last.lines += [line for line in choice.lines if line not in last.lines]
            last.agreed += choice.agreed
            last.is_firm = last.is_firm or choice.is_firm
            last.is_tentative = last.is_tentative and choice.is_tentative
            continue
        merged.append(choice)
    return merged


def _is_same(last: Choice, choice: Choice) -> bool:
    near = choice.first.turn - last.lines[-1].turn <= 3
    if not near or (last.is_tentative and not choice.is_tentative):
        return False
    if choice.first.turn == last.lines[-1].turn and _follows(last, choice):
        return True
    shared = _numbers_of(choice) & _numbers_of(last)
    if choice.numbers and last.numbers and not shared:
        return False
    if (
        REVISES.match(choice.first.folded)
        and choice.numbers - last.numbers
        and last.numbers - choice.numbers
    ):
        return False
    common = choice.words & last.words
    smaller = min(len(choice.words), len(last.words)) or 1
    return len(common) / smaller >= 0.5 or bool(shared and common)


def _follows(last: Choice, choice: Choice) -> bool:
    """The next breath of the same speaker goes on with the same choice."""
    return choice.first.place == last.lines[-1].place + 1 and not last.is_tentative


def _numbers_of(choice: Choice) -> frozenset[str]:
    return choice.numbers


def _numbers(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(
        format(number.value.normalize(), "f") for text in texts for number in find_numbers(text)
    )


def _hear(scene: Scene, choice: Choice) -> None:
    """Who agrees, who objects, what condition is set, in the turns that follow."""
    last = choice.lines[-1]
    for line in choice.lines:
        found = CONDITION.search(line.folded)
        if found:
            choice.condition = _as_said(line, found)
    _hear_own(scene, choice)
    for line in scene.after(last, HEARD_TURNS):
        if line.turn == last.turn and OWN_AGREEMENT.search(line.folded):
            choice.agreed.append(line)
        elif line.speaker != last.speaker and not _take_reply(choice, line):
            return


def _take_reply(choice: Choice, line: Line) -> bool:
    """Note what another says of the choice; False once they object to it."""
    near = line.turn <= choice.lines[-1].turn + 1
    if OBJECTS.search(line.folded) and (near or line.words & choice.words) and not choice.agreed:
        choice.is_contested = True
        return False
    if AGREES.search(line.folded) and not line.is_question and not _talks_elsewhere(choice, line):
        choice.agreed.append(line)
        found = CONDITION.search(line.folded)
        choice.condition = choice.condition or (_as_said(line, found) if found else None)
    return True


def _hear_own(scene: Scene, choice: Choice) -> None:
    """«– Une case obligatoire ? – Oui. On met…»: the choice says yes to another's proposal."""
    same_turn = scene.before(choice.first, 0)
    said_yes = next((o for o in same_turn if re.match(r"^(?:oui|d'accord|ok)\b", o.folded)), None)
    earlier = [o for o in scene.before(choice.first, 1) if o.turn < choice.first.turn]
    if said_yes and earlier and (earlier[0].is_question or PROPOSES.search(earlier[0].folded)):
        choice.agreed.append(said_yes)


def _talks_elsewhere(choice: Choice, line: Line) -> bool:
    """A «oui» that answers another question does not agree to this choice."""
    return line.turn > choice.lines[-1].turn + 2 and not line.words & choice.words


def _as_said(line: Line, found: re.Match[str]) -> str:
    text = " ".join(line.text.split())
    return (
        text[found.start() : found.end()].strip(" .,")
        if len(text) == len(line.folded)
        else found.group()
    )


def _replace(choices: list[Choice]) -> None:
    for place, later in enumerate(choices):
        if later.is_contested or not (later.agreed or later.is_firm):
            continue
        for earlier in choices[:place]:
            if earlier.replaced_by is None and _supersedes(later, earlier):
                earlier.replaced_by = later


def _supersedes(later: Choice, earlier: Choice) -> bool:
    """The same subject with other numbers or other terms, and soon after."""
    gap = later.first.turn - earlier.lines[-1].turn
    if gap > REPLACES_TURNS:
        return False
    revises = REVISES.match(later.first.folded) is not None
    changes = bool(later.numbers - earlier.numbers) or bool(earlier.numbers - later.numbers)
    subject = _subject(later) & _subject(earlier)
    smaller = min(len(_subject(later)), len(_subject(earlier)))
    if smaller == 0:
        return revises and changes and gap <= 4
    alike = len(subject) / smaller >= SAME_TOPIC
    if earlier.is_tentative and alike and not later.is_tentative and gap <= 12:
        return True
    return (
        (alike and changes and gap <= 12)
        or (alike and revises and gap <= 8)
        or (revises and changes and gap <= 3 and _is_elliptic(later))
    )


def _is_elliptic(choice: Choice) -> bool:
    return len(_subject(choice)) <= 2


def _subject(choice: Choice) -> frozenset[str]:
    """The words of a choice without its numbers and numerals."""
    words: set[str] = set()
    for line in choice.lines:
        text = line.text
        for number in reversed(find_numbers(text)):
            text = f"{text[: number.start]} {text[number.end :]}"
        words |= set(content_words(" ".join(fold(text).split())))
    return frozenset(word for word in words if not word[0].isdigit())


def _is_told(choice: Choice) -> bool:
    """A bare wish that nobody took up is not worth a line, unless it was replaced or contested."""
    return (
        bool(choice.agreed)
        or choice.is_firm
        or choice.replaced_by is not None
        or (choice.is_contested and not choice.is_tentative)
    )


def _make(scene: Scene, choice: Choice, ranks: dict[int, int], former: Choice | None) -> Decision:
    replaced = choice.replaced_by
    is_agreed = (
        (choice.agreed or choice.is_firm) and not choice.is_contested and not choice.is_tentative
    )
    status = "replaced" if replaced else "in_force" if is_agreed else "mentioned"
    lines = [*choice.lines, *choice.agreed[:2]]
    return Decision(
        text=_word(choice) + (_recall(former) if former and _is_elliptic(choice) else ""),
        quotes=scene.quote_all(lines),
        topic=scene.topic(choice.first),
        status=status,
        condition=choice.condition,
        replaced_by=ranks.get(id(replaced)) if replaced else None,
    )


def _word(choice: Choice) -> str:
    """The fullest of its statements with its neighbour, and the figures that others add."""
    fullest = max(choice.lines, key=lambda line: (len(line.words), -line.place))
    told = [fullest]
    for line in choice.lines:
        adds = bool(_numbers([line.text]) - _numbers(each.text for each in told))
        if line not in told and (adds or abs(line.place - fullest.place) == 1):
            told.append(line)
    told = sorted(told[:3], key=lambda line: line.place)
    text = " ".join([strip_opening(told[0].text), *(clean(line.text) for line in told[1:])])
    if choice.asked is not None and len(_subject(choice)) <= SHORT_ANSWER:
        return f"{clean(choice.asked.text)} {text}"
    return text


def _recall(former: Choice) -> str:
    """What an elliptic decision was about: «Le 14 mai» says nothing alone."""
    return f" (au lieu de\u00a0: «\u00a0{_word(former).rstrip('.')}\u00a0»)"
