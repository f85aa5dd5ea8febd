"""Signs of work undertaken in a line: «je vous envoie», «Karim, tu ressors», «il faudrait»."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import INTENT
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.verbs import Found, compile_with
from core.deadlines import Deadline
from core.words import fold

Kind = Literal["commit", "request", "need", "assign"]
_PRON = r"(?:(?:vous|te|leur|lui|la|le|les|me|en|y|ca|nous|se) |[lmts]' ?){0,3}"
_FIRST = r"(?:je|j'|c'est moi qui|moi je|et moi je)"
COMMIT = compile_with(rf"\b{_FIRST} ?(?P<pron>{_PRON}){{form}}\b(?! pas\b| plus\b| rien\b)")
COMMIT_FUTURE = compile_with(
    rf"\b(?:je vais|je m'engage a|je me charge de|je m'occupe de|j'essaie de|j'essaierai de|je compte|je peux|"
    rf"on va|nous allons|on se charge de) (?P<pron>{_PRON})(?:(?:faire) )?{{infinitive}}\b"
)
COMMIT_WE = compile_with(
    r"\b(?:on|nous) (?P<pron>(?:(?:vous|te|leur|lui|nous|la|le|les|en) |l' ?){0,2}){form}\b"
    r"(?! pas\b| plus\b| rien\b)"
)
COMMIT_MUST = compile_with(rf"\b(?:on doit|nous devons|je dois) (?P<pron>{_PRON}){{infinitive}}\b")
TAKES = re.compile(
    r"\b(?:je m'en (?:charge|occupe)|on s'en (?:charge|occupe)|nous nous en (?:chargeons|occupons)|"
    r"je (?:le|la|les|m'y|l') ?(?:prends|colle)|c'est (?:pour|a) (?:moi|nous)|je prends (?:ca|le "
    r"sujet|ce point|l'action)|c'est comme si c'etait fait|je gere|je suis dessus|je le note pour moi|comptez sur moi|ce sera "
    r"(?:fait|envoye|pret))\b"
)
PROMISED = re.compile(
    r"\b(?:(?:elle|il|ca) (?:sera|est)|(?:elles|ils) (?:seront|sont)) "
    r"(?:prete?s?|faite?s?|envoyee?s?|livree?s?|rendue?s?)\b"
)
YOURS = re.compile(
    r"\b(?:tu t'en (?:occupes|charges)|vous vous en (?:occupez|chargez)|tu (?:peux|pourrais) t'en (?:occuper|charger)|"
    r"vous (?:pouvez|pourriez) vous en (?:occuper|charger)|je (?:te|vous) (?:confie|laisse) (?:ca|cela|ce point|le sujet))\b"
)
ASKS_WHO = compile_with(
    rf"\bqui (?:peut|veut|pourrait|voudrait|va|veut bien|peut bien) (?P<pron>{_PRON}){{infinitive}}\b"
)
COMES_FORWARD = re.compile(r"^(?:oui ?,? |bon ?,? )?moi ?(?:[,.!]|$|je (?:peux|veux bien|m'en))")
ASKS_WHAT = re.compile(
    r"^(?:\w+,? )?(?:qu'est-ce|que |quoi|comment|combien|quand |quel|pourquoi|qui )"
)
ACKNOWLEDGES = re.compile(r"\bje (?:corrige|rectifie|note|complete)(?: ?[,.!]|$)")
REQUEST = compile_with(
    rf"\b(?:tu|vous) (?:peux|pouvez|pourrais|pourriez|veux bien|voulez bien|devez|dois|allez|vas) "
    rf"(?:donc |aussi |bien |peut-etre )?(?P<pron>{_PRON}){{infinitive}}\b"
)
REQUEST_INVERTED = compile_with(
    rf"\b(?:peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|est-ce que (?:tu|vous) (?:peux|pouvez|"
    rf"pourrais|pourriez)) (?P<pron>{_PRON}){{infinitive}}\b"
)
DIRECT = compile_with(
    rf"(?<!je )(?<!on )(?<!nous )(?<!qui )\b(?P<who>tu|vous) (?P<pron>{_PRON}){{form}}\b"
    r"(?! pas\b| plus\b| rien\b)"
)
IMPERATIVE = compile_with(
    r"(?:^|[,.] |\b(?:merci de|pensez a|pense a|n'oubliez pas de|n'oublie pas de) )"
    r"{infinitive}\b"
)
IMPERATIVE_YOU = compile_with(
    r"(?:^|[,.;] ?)(?P<pron>){form}(?:-(?:moi|nous|le|la|les|lui|leur))\b"
)
NEED = compile_with(
    rf"\b(?:il (?:faut|faudra|faudrait)|faut|faudrait|reste a|il reste a|il y a a|on doit|il "
    rf"conviendrait de|il convient de)(?: quand meme| donc| aussi| bien| juste| encore| absolument)* "
    rf"(?P<pron>{_PRON}){{infinitive}}\b"
)
NEED_SOMEONE = compile_with(
    r"\b(?:quelqu'un|une personne|l'un de (?:nous|vous)) (?:(?:se|s'|doit|devra|pourrait|peut) ?)?"
    r"{either}\b"
)
NEED_THING = re.compile(
    r"\b(?:il (?:me|nous|te|vous|lui|leur) (?:faut|faudrait|faudra)|(?:j'(?:ai|aurai|aurais)|on (?:a|aura|aurait)|nous (?:avons|aurons)) (?:aussi |bien |juste )?besoin (?:de la |de l'|de |des |du |d')|"
    r"il nous manque|il me manque)\b"
)
UNOWNED = re.compile(
    r"\bquelqu'un\b|\bqui (?:s'en|se|le|la|les) (?:occupe|charge|fait|prend|redige|prepare)\b|"
    r"\bon voit (?:ca |cela )?(?:en interne|entre nous|qui)\b|\ba voir qui\b|\breste a designer\b|"
    r"\bon (?:verra|voit) qui\b|\bpersonne (?:n'est|de) designe|\bpas de responsable\b|"
    r"\bon se (?:repartit|organise|cale)\b|\bje ne sais pas qui\b"
)
FLOW = re.compile(
    r"\b(?:je (?:vous |te )?presente (?!le |la |les |un |une |l'|mes |ce |cette |leur |d)|faire le tour|fais le tour|(?:fais|fait) un tour|partage\w* (?:l'ecran|mon ecran|le tableau|le plan|la presentation|mon)|tu peux partager|"
    r"vous pouvez partager|tu veux|vous voulez|compte[- ]rendu|la transcription|l'enregistrement|"
    r"la parole|mon micro|la camera|rappelez-moi (?:ce|combien|quel|le|la|les)|rappelle-moi|"
    r"redites|redis|dites-moi|dis-moi|je (?:vous )?propose|je pose la question|je donne la parole|"
    r"je passe (?:a|au|aux|la)\b|point suivant|je mets le chat|je suis (?!sur le|le dossier|ca)|"
    r"je (?:vous|te) (?:dis|rappelle|signale|previens|donne) (?:que|franchement|juste|ca)|"
    r"je (?:vous|te) (?:previens|rappelle)|je rappelle (?:le|la|que|donc|quand)|je dirais|je dis que|je vois|je le dis|je prends note|je termine|je commence|"
    r"je parle (?:de|sous)|je precise|je (?:vous )?informe que|je mets (?:un bemol|de cote))\b"
)
PROPOSES = re.compile(r"\bje (?:vous |te )?propose\b|\btu veux\b|\bvous voulez\b|compte[- ]rendu")
TRIGGER = re.compile(
    r"\b(?:des que|lorsque|quand|au cas ou|le cas echeant|si jamais|si le|si la)\b"
)
STARTS_CONDITION = re.compile(
    r"^(?:et |mais )?(?:si|au-dessus|en dessous|dans ce cas|sinon|au cas ou)\b"
)
SUBJECT_DOES = compile_with(rf"(?P<pron>{_PRON})\b{{form}}\b")
WORK_OF_OURS = frozenset(
    "faire preparer rediger verifier demander relancer ecrire envoyer transmettre contacter "
    "corriger".split()
)
PROVIDE = "fournir"
MUST_FIRST = re.compile(r"\b(?:il faut|il faudra|il faudrait|faut|avant) que $")
STRONG_WE_DATIVE = re.compile(r"^(?:vous|te|leur|lui)\b")


@dataclass(frozen=True)
class Undertaking:
    """A sign of work: who speaks, which verb, who is named, and when it is for."""

    line: Line
    kind: Kind
    verb: str | None
    is_strong: bool
    owner: str | None
    span: tuple[int, int]
    pronouns: str = ""
    is_taken: bool = False


def list_undertakings(scene: Scene) -> list[Undertaking]:
    """The signs of work of every line, in order, at most one of each kind a line."""
    return [sign for line in scene.lines for sign in _read(scene, line)]


def _read(scene: Scene, line: Line) -> Iterator[Undertaking]:
    folded = line.folded
    if line.place in scene.barred or line.length < 2:
        return
    if TAKES.search(folded) and not line.is_question:
        yield Undertaking(line, "commit", None, False, scene.people.who(line.speaker),
                          _span(TAKES.search(folded)), is_taken=True)  # fmt: skip
    if PROMISED.search(folded) and not line.is_question:
        yield Undertaking(line, "commit", None, False, None, _span(PROMISED.search(folded)),
                          is_taken=True)  # fmt: skip
    volunteers = _read_volunteer(scene, line)
    if volunteers is not None:
        yield volunteers
        return
    if YOURS.search(folded):
        yield Undertaking(line, "request", None, True, _find_addressee(scene, line),
                          _span(YOURS.search(folded)))  # fmt: skip
        return
    if (
        ACKNOWLEDGES.search(folded)
        or PROPOSES.search(folded)
        or (FLOW.search(folded) and due_of(scene, line) is None)
    ):
        return
    sign = (
        _read_assignment(scene, line)
        or _read_request(scene, line)
        or _read_commit(scene, line)
        or _read_other(scene, line)
    )
    if sign is not None:
        yield sign


def _read_volunteer(scene: Scene, line: Line) -> Undertaking | None:
    """«Qui peut faire le point ? – Moi, cette semaine.»: both the question and the answer."""
    if COMES_FORWARD.search(line.folded):
        asked = next((o for o in scene.before(line, 2) if ASKS_WHO.find(o.folded)), None)
        if asked is not None and asked.speaker != line.speaker:
            return Undertaking(line, "commit", None, False, scene.people.who(line.speaker), (0, 0),
                               is_taken=True)  # fmt: skip
    who = ASKS_WHO.find(line.folded) if line.is_question else None
    if who is None or not any(COMES_FORWARD.search(o.folded) for o in scene.after(line, 2)):
        return None
    return Undertaking(line, "need", who.verb.infinitive, True, None, (who.start, who.end),
                       who.pronouns)  # fmt: skip


def _read_commit(scene: Scene, line: Line) -> Undertaking | None:
    folded = line.folded
    if STARTS_CONDITION.search(folded) or (line.is_question and not scene.deadlines(line)):
        return None
    speaker = scene.people.who(line.speaker)
    for pattern in (COMMIT, COMMIT_FUTURE, COMMIT_MUST, COMMIT_WE):
        for found in pattern.find_all(folded):
            if pattern is COMMIT_WE and not _is_work_of_ours(scene, line, found):
                continue
            strong = found.verb.is_strong and pattern is not COMMIT_MUST
            is_offer = "je peux" in found.words or MUST_FIRST.search(folded[: found.start])
            waits = _is_aside(line, found) or (TRIGGER.search(folded) and not scene.deadlines(line))
            return Undertaking(
                line, "commit", found.verb.infinitive, strong and not is_offer and not waits,
                speaker, (found.start, found.end), found.pronouns,
            )  # fmt: skip
    return None


def _is_aside(line: Line, found: Found) -> bool:
    """A verb said alone, without what it bears on: «tu complètes», «j’envoie»."""
    return not found.pronouns and re.match(r" ?(?:[,.?!]|$)", line.folded[found.end :]) is not None


def _is_work_of_ours(scene: Scene, line: Line, found: Found) -> bool:
    """«On vous envoie» is work of ours; «on lance» alone is a choice."""
    if STRONG_WE_DATIVE.match(found.pronouns) and not INTENT.search(line.folded):
        return found.verb.is_strong or bool(due_of(scene, line))
    is_work = found.verb.infinitive in WORK_OF_OURS
    return is_work and line.folded.startswith(("nous ", "nous on ", "moi "))


def _read_request(scene: Scene, line: Line) -> Undertaking | None:
    if STARTS_CONDITION.search(line.folded) or (line.is_question and ASKS_WHAT.search(line.folded)):
        return None
    owner = _find_addressee(scene, line)
    for pattern in (REQUEST, REQUEST_INVERTED, IMPERATIVE_YOU, IMPERATIVE, DIRECT):
        found = pattern.find(line.folded)
        if found is None or (pattern is DIRECT and not _is_second_person(found)):
            continue
        if _is_name(scene, found.verb.infinitive):
            continue
        is_bare = pattern in (DIRECT, IMPERATIVE) and owner is None
        plain = due_of(scene, line) and found.verb.is_strong and not line.is_question
        if is_bare and not plain:
            continue
        says_what = not _is_aside(line, found) or line.is_question
        return Undertaking(line, "request", found.verb.infinitive, found.verb.is_strong and says_what,
                           owner, (found.start, found.end), found.pronouns)  # fmt: skip
    return None


def _is_name(scene: Scene, infinitive: str) -> bool:
    """«Pierre», «Olivier» and «Alexandre» end as verbs do."""
    return any(fold(person.first) == infinitive for person in scene.people.everyone)


def _is_second_person(found: Found) -> bool:
    form = found.words.split()[-1]
    return form.endswith(("ez", "ites", "ates")) if "vous" in found.words.split() else True


def _read_assignment(scene: Scene, line: Line) -> Undertaking | None:
    subject = None if line.is_question else scene.people.find_subject(line.folded)
    does = SUBJECT_DOES.find(line.folded) if subject else None
    if subject is None or does is None or not does.verb.is_strong or _is_aside(line, does):
        return None
    return Undertaking(line, "assign", does.verb.infinitive, True, subject.name,
                       (does.start, does.end), does.pronouns)  # fmt: skip


def _find_addressee(scene: Scene, line: Line) -> str | None:
    called = scene.people.find_called(line.folded)
    return called.name if called and called.name != scene.people.who(line.speaker) else None


def _read_other(scene: Scene, line: Line) -> Undertaking | None:
    if line.is_question:
        return None
    folded = line.folded
    owner = _find_addressee(scene, line)
    thing = NEED_THING.search(folded)
    if thing:
        return Undertaking(line, "need", PROVIDE, False, owner, thing.span())
    someone = NEED_SOMEONE.find(folded)
    if someone is not None:
        return Undertaking(line, "need", someone.verb.infinitive, True, owner,
                           (someone.start, someone.end), someone.pronouns)  # fmt: skip
    found = NEED.find(folded)
    if found is None:
        return None
    return Undertaking(line, "need", found.verb.infinitive, found.verb.is_strong, owner,
                       (found.start, found.end), found.pronouns)  # fmt: skip


def due_of(scene: Scene, line: Line) -> Deadline | None:
    """The last day of a line that can be a deadline, not before the meeting."""
    fit = [d for d in scene.deadlines(line) if d.is_deadline and d.day >= scene.day]
    return fit[-1] if fit else None


def _span(match: re.Match[str] | None) -> tuple[int, int]:
    return match.span() if match else (0, 0)
