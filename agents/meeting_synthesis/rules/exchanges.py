"""How choices come up: stated by one, asked and granted, answered, summed up or conceded."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.meeting_synthesis.rules.choices import (
    STATUS_QUO,
    Choice,
    numbers_in,
    puts_nothing_forward,
)
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import (
    ACTS,
    ALONE,
    CHOOSES,
    CONFIRMS_CHOICE,
    DECIDES,
    DROPS,
    INTENT,
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
SEALS = re.compile(
    r"\bc'est (?:decide|acte|cale|valide|adopte|tranche|convenu|entendu)|^acte\b|\bje valide\b|\bon est d'accord\b|\bon (?:fait|part) comme (?:ca|cela)\b|\bon est la-dessus\b|\bon peut partir (?:la-dessus|comme ca)\b|\bno[- ]go\b|^(?:bon ,? ?)?go\b"
)
SEAL_WORDS = 6
SHORT_QUESTION = 6
SUGGESTS = re.compile(
    r"^(?:et |mais |alors )?si (?:on|nous|vous)\b|\bon pourrait\b|\bpourquoi ne pas\b|\bet pourquoi pas\b"
)
VERBAL = re.compile(r"\b(?:je|j'|tu|vous|on|nous|il|elle|ils|elles|c'est|ca|y a|est|sont|qui)\b")
WHEN = re.compile(
    r"\bquand\b|\bquelle date\b|\bcombien\b|\bquel (?:volume|prix|plafond|niveau|pourcentage)\b"
)
YES = re.compile(r"^(?:oui|exact|voila|tout a fait|absolument|c'est ca)\b")
MAYBE = re.compile(r"\bca peut\b|\bpeut\b|\bpourrait\b|\bdevrait\b")
GO_ON = re.compile(
    r"\bordre du jour\b|\b(?:commence|continue|passe au|passe aux|passe a la|passe a l'|reprend|avance|attend|voit|regarde|verra|rappelle|reparle|se revoit|fait un point|fait le point|fait le tour|fait le compte|fait la demande|prend note|prend le temps|demande|met en copie|met de cote|arrete la|va (?:dire|voir|prendre note|regarder|faire le point)|peut dire|peut (?:aller|parler|en))\b"
)
PLANS = re.compile(
    r"\bprevo\w+|\bprevu\w*|\binclu\w+|\bintegr\w+|\bretien\w+|\bimpos\w+|\bexig\w+|\bvise\w*\b|\bsouhait\w+"
)
OPEN_QUESTION = re.compile(
    r"\b(?:qui|que|qu'|quoi|quand|comment|combien|pourquoi|quel|quelle|quels|quelles|ou|lequel|laquelle)\b"
)
ASSENTS = re.compile(
    r"^(?:ah |bon |mais )?(?:oui|ok|okay|d'accord|entendu|parfait|tres bien|c'est bon|pas de (?:souci|probleme)|ca (?:me|nous) (?:va|convient)|"
    r"ca marche|bien sur|exactement|voila|tout a fait|volontiers|nickel|banco|vendu|adjuge|allez|bon pour)\b"
)
GRANTS = re.compile(
    r"^(?:oui |bon |alors )?,? ?(?:d'accord|ok|banco|entendu|bon) pour (?!moi|nous)(?P<what>.+)"
)
CONCEDES = re.compile(
    r"\bje n'insiste pas\b|\bje m'incline\b|\btant pis\b|^(?:soit|admettons|bon)\b"
)
SUMS_UP = re.compile(
    r"^(?:tres bien|parfait|ok|d'accord|entendu|super|impeccable|bien|bon)[ ,]+(?:donc|alors) (?P<what>.+)"
)
SUM_WORDS = 10
TAKEN_UP_WORDS = 6
GRANT_TURNS = 2
WISHES = re.compile(
    r"\bje (?:voudrais|souhaiterais|aimerais|verrais bien|serais d'avis de) (?:que|qu'|[a-z]+(?:er|ir|re)\b)"
)
AFFIRMED_ACT = re.compile(
    r"\b(?:on|nous) (?:(?:le|la|les|en|y) |l' ?)[a-z]+.*\boui\b|\boui\b.*\b(?:on|nous) (?:(?:le|la|les|en|y) |l' ?)[a-z]+"
)


def list_choices(scene: Scene, taken: frozenset[int]) -> list[Choice]:
    """The choices put forward in the meeting, in order, but in the lines at the places `taken`."""
    found: list[Choice] = []
    for line in scene.lines:
        if line.place in taken or line.place in scene.barred:
            continue
        asks = line.is_question and not CONFIRMS_CHOICE.search(line.folded)
        choice = None if asks else _read(scene, line)
        choice = choice or (_read_asked(scene, line) if line.is_question else None)
        if choice is not None:
            found.append(choice)
    return found


def _read(scene: Scene, line: Line) -> Choice | None:
    folded = line.folded
    answered = _read_affirmed(scene, line) or _read_conceded(scene, line)
    if answered is not None or puts_nothing_forward(line):
        return answered
    firm = DECIDES.search(folded) is not None
    if SEALS.search(folded) and line.length <= SEAL_WORDS:
        return _read_seal(scene, line)
    if WISHES.search(folded) and line.words and not GO_ON.search(folded):
        return Choice([line], False, is_tentative=True)
    if firm or (CHOOSES.search(folded) and line.words and not GO_ON.search(folded)):
        tentative = INTENT.search(folded) is not None
        return Choice([line], firm and not tentative, is_tentative=tentative)
    readings: tuple[Callable[[Scene, Line], Choice | None], ...] = (
        _read_act, _read_answer, _read_accepting, _read_granted, _read_summed_up, _read_echoed,
    )  # fmt: skip
    return next((choice for read in readings if (choice := read(scene, line))), None)


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
    if asked.is_question and WHEN.search(asked.folded) and _is_taken_up(scene, line):
        return Choice([line], True, asked=asked)
    if asked.is_question and PLANS.search(asked.folded) and has_number:
        return Choice([line], True, asked=asked)
    is_yes = line.folded.startswith("oui") and bool(line.words & asked.words)
    asks_choice = asked.is_question and re.match(r"^(?:avec|et|alors|donc|on) ", asked.folded)
    if is_yes and asks_choice and (has_number or CHOOSES.search(line.folded)):
        return Choice([line], True, asked=asked)
    return None


def _is_sealed(scene: Scene, line: Line) -> bool:
    """The figure given is repeated in so many words of assent by another."""
    said = numbers_in([line.text])
    return any(
        other.speaker != line.speaker and said & numbers_in([other.text])
        and (DECIDES.search(other.folded) or STRONG_AGREES.search(other.folded))
        for other in scene.after(line, 1)
    )  # fmt: skip


def _is_taken_up(scene: Scene, line: Line) -> bool:
    """«Quand ? – Avant Noël. – Avant Noël, ça me convient.»: another says it again and agrees."""
    return line.length <= TAKEN_UP_WORDS and any(
        other.speaker != line.speaker and line.words & other.words and not other.is_question
        and STRONG_AGREES.search(other.folded) and not OBJECTS.search(other.folded)
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


def _read_asked(scene: Scene, line: Line) -> Choice | None:
    """«On s’arrête sur 33,50 ? – C’est bon pour nous.»: the question says the choice."""
    folded = line.folded
    said = DECIDES.search(folded) or CHOOSES.search(folded) or CONFIRMS_CHOICE.search(folded)
    if not said or OPEN_QUESTION.search(folded) or INTENT.search(folded) or GO_ON.search(folded):
        return None
    if not line.words or SUGGESTS.search(folded) or PAST.search(folded):
        return None
    reply = next((o for o in scene.after(line, 1) if o.turn > line.turn), None)
    if reply is None or reply.speaker == line.speaker or not ASSENTS.search(reply.folded):
        return None
    if reply.is_question or OBJECTS.search(reply.folded) or OPENS.search(reply.folded):
        return None
    return Choice([line], False, agreed=[reply])


def _read_affirmed(scene: Scene, line: Line) -> Choice | None:
    """«La clause disparaît ? – On l’enlève, oui.»: another's question is answered by an act."""
    if "oui" not in line.folded or not AFFIRMED_ACT.search(line.folded):
        return None
    asked = next((o for o in scene.before(line, 1) if o.turn < line.turn), None)
    if asked is None or not asked.is_question or asked.speaker == line.speaker:
        return None
    if OPEN_QUESTION.search(asked.folded) or not asked.words:
        return None
    if OBJECTS.search(line.folded) or OPENS.search(line.folded) or INTENT.search(line.folded):
        return None
    return Choice([line], False, asked=asked)


def _read_conceded(scene: Scene, line: Line) -> Choice | None:
    """«Hors de question, on est à trente. – Bon, on reste à trente.»: the one who asked yields."""
    if not (STATUS_QUO.search(line.folded) and CONCEDES.search(line.folded) and line.words):
        return None
    for other in scene.before(line, 1):
        refuses = DROPS.search(other.folded) or OBJECTS.search(other.folded)
        if other.speaker != line.speaker and refuses:
            wished = next((o for o in scene.before(other, 2) if o.speaker == line.speaker), None)
            return Choice([line], True, agreed=[other], asked=wished)
    return None


def _read_granted(scene: Scene, line: Line) -> Choice | None:
    """«D’accord pour Niort»: what is granted was said by another just before."""
    found = GRANTS.search(line.folded)
    if found is None:
        return None
    for other in scene.before(line, GRANT_TURNS):
        shared = line.words & other.words or numbers_in([line.text]) & numbers_in([other.text])
        if other.speaker != line.speaker and shared:
            asked = [o for o in scene.before(other, 1) if o.is_question and o.words][:1]
            return Choice([*asked, other], False, agreed=[line])
    return None


def _read_summed_up(scene: Scene, line: Line) -> Choice | None:
    """«Oui, en trois fois, c’est plus prudent. – Très bien, donc trois tranches.»"""
    found = SUMS_UP.search(line.folded)
    if found is None or VERBAL.search(found["what"]) or line.length > SUM_WORDS:
        return None
    for other in scene.before(line, 1):
        if other.speaker == line.speaker or other.is_question or puts_nothing_forward(other):
            continue
        shared = line.words & other.words or numbers_in([line.text]) & numbers_in([other.text])
        if shared:
            return Choice([other, line], False, agreed=[line])
    return None
