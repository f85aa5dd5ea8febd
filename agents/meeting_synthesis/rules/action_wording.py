"""How actions read: an undertaking as an infinitive, its object named where it was said.

What is only pointed at («ça», «là-dessus», «je m’en occupe») is followed by the words it points at,
between « »: nothing is added to what was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.meeting_synthesis.rules.lines import Line, content_words
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.undertakings import COMMIT_FUTURE, NEED, Undertaking
from agents.meeting_synthesis.rules.verbs import FORMS, compile_with
from agents.meeting_synthesis.rules.wording import OPENING, clean
from core.formats import NBSP
from core.words import fold

TAIL = re.compile(
    r"[ ,]*\b(?:si possible|disons|en fait|hein|quoi|voilà|ça ira|s'il (?:vous|te) plaît)\b[ ,?.]*$",
    re.I,
)
POINTING = re.compile(r"\b(?:la|le|les|ca|en)$|l'$")
POINTS_AT = re.compile(r"^(?:tout )?(?:ça|cela|celui-ci|celle-ci)\b", re.I)
VERBAL = re.compile(r"\b(?:je|tu|vous|on|nous|il|elle|c'est|ca|est|sont|ont|sera|reste|manque)\b")
CAUSATIVE = re.compile(r"^\w+er\b")
FURTHER = compile_with(
    r"(?:,? et|,) (?:je|tu|vous|on|nous) (?:(?:vous|te|leur|lui|nous) )?{form}\b"
)
_NOUN = (
    r"(?P<noun>[a-zà-ÿœ-]{3,}(?: (?:de |du |des |d['’]|à )(?:la |l['’])?[\w-]{3,}"
    r"(?: (?:de |du |d['’])[\w-]{3,}(?: (?:de |d['’])[\w-]{3,})?)?)?)"
)
ANTECEDENTS = {
    "la": re.compile(r"\b(?P<said>la|une|ma|sa|cette) " + _NOUN, re.I),
    "le": re.compile(r"\b(?P<said>le|un|mon|son|ce|du|au) " + _NOUN, re.I),
    "les": re.compile(r"\b(?P<said>les|des|mes|ses|ces|aux) " + _NOUN, re.I),
    "l'": re.compile(
        r"\b(?:(?P<said>(?:la|le|une|un|ma|mon|sa|son|votre|cette|ce|du|au)(?= )|l['’]) ?)" + _NOUN,
        re.I,
    ),
}
PLAIN = {"balancer": "envoyer", "filer": "transmettre"}
FEMININE = ("la", "une", "ma", "sa", "cette")
NEEDED = re.compile(r"\bbesoin (?:des|du|de la)\s*$", re.I)
DEICTIC = re.compile(r"\b(?:là-dessus|(?:tout )?(?:ça|cela))(?!\w)", re.I)
LA_DESSUS = re.compile(r"\blà-dessus\b", re.I)
CELA = re.compile(r"\b(?:tout )?ça\b", re.I)
TO_YOU = re.compile(r"\bvers (?:vous|toi|nous) ?", re.I)
TAKE_CARE = "S’occuper de ce point"
ASIDE = re.compile(
    r",? (?:(?:quand|dès que|lorsque) )?(?:ça|c'est|c’est|elle|il|ils|elles|je|on|vous|tu|parce que|puisque|réponse attendue) .*$",
    re.I,
)
NO_THING = re.compile(r"^(?:pas|jamais|toujours|peut-etre|encore|avec|sans|pour|oui|merci)\b")
TERSE = 2
THIRD = {
    "mes": "ses", "mon": "son", "ma": "sa", "tes": "ses", "ton": "son", "ta": "sa", "vos": "ses",
    "nos": "ses",
}  # fmt: skip
POSSESSIVE = re.compile(r"\b(?:mes|mon|ma|tes|ton|ta|vos|nos)\b", re.I)
ACCENTED = {
    "preparer": "préparer", "rediger": "rédiger", "ecrire": "écrire", "etablir": "établir",
    "completer": "compléter", "verifier": "vérifier", "reverifier": "revérifier",
    "creer": "créer", "deposer": "déposer", "declarer": "déclarer", "negocier": "négocier",
    "reclamer": "réclamer", "reserver": "réserver", "resilier": "résilier", "repondre": "répondre",
    "evaluer": "évaluer", "etudier": "étudier", "elaborer": "élaborer", "recuperer": "récupérer",
    "presenter": "présenter", "denoncer": "dénoncer", "integrer": "intégrer", "controler": "contrôler",
    "redemander": "redemander", "regler": "régler", "reunir": "réunir", "reviser": "réviser",
    "definir": "définir", "gerer": "gérer", "prevenir": "prévenir", "deployer": "déployer",
    "budgeter": "budgéter", "cloturer": "clôturer", "renegocier": "renégocier",
    "depouiller": "dépouiller", "detailler": "détailler", "preciser": "préciser",
    "regulariser": "régulariser", "debloquer": "débloquer", "demonter": "démonter",
    "telecharger": "télécharger", "synthetiser": "synthétiser",
    "resumer": "résumer", "eplucher": "éplucher", "numeriser": "numériser", "expedier": "expédier",
    "decortiquer": "décortiquer", "parametrer": "paramétrer", "desactiver": "désactiver",
    "transferer": "transférer", "estimer": "estimer",
}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """An undertaking as an infinitive.

    `points` where it points at words said elsewhere; `is_bare` where it says no object at all.
    """

    text: str
    sign: Undertaking
    points: bool = False
    is_bare: bool = False

    @property
    def weight(self) -> int:
        """How many words say what is to be done, the verb among them."""
        return min(5, len(list(content_words(fold(self.text)))))


def word_action(scene: Scene, signs: Sequence[Undertaking]) -> str:
    """The thing to do, from the sign that tells the most of it."""
    phrases = [phrase for sign in signs if (phrase := _say_infinitive(scene, sign))]
    best = max(phrases, key=_rank, default=None)
    if best is None:
        return _word_unsaid(scene, signs)
    if not best.points and not best.is_bare:
        return clean(best.text)
    own = _cut_matter(scene, best.sign)
    matter = None if own else _find_matter(scene, signs[0].line)
    needed = _say_need(scene, matter) if matter and best.is_bare else None
    if needed is not None:
        return clean(needed.text)
    about = own or (clean(matter.text) if matter else "")
    if about:
        return f"{clean(best.text).rstrip('.')}{NBSP}: {_quote(about)}"
    return _quote(clean(best.sign.line.text)) if best.is_bare else clean(best.text)


def _word_unsaid(scene: Scene, signs: Sequence[Undertaking]) -> str:
    """Work taken without a verb of its own: «je m’en occupe»."""
    fullest = max((sign.line for sign in signs), key=lambda line: len(line.words))
    tells = _count_words_of_matter(scene, fullest) > TERSE and any(s.verb for s in signs)
    matter = None if tells else _find_matter(scene, signs[0].line)
    if matter is None:
        return _quote(clean(fullest.text))
    needed = _say_need(scene, matter)
    if needed is not None:
        return clean(needed.text)
    return f"{TAKE_CARE}{NBSP}: {_quote(clean(matter.text))}"


def _rank(phrase: Phrase) -> tuple[bool, int, bool, bool]:
    return not phrase.is_bare, phrase.weight, phrase.sign.is_strong, phrase.sign.kind == "commit"


def _quote(said: str) -> str:
    """Words as they were said, marked as such."""
    return f"«{NBSP}{said.rstrip('.')}{NBSP}»."


def _say_need(scene: Scene, line: Line) -> Phrase | None:
    """«Il faudra mettre à jour la procédure.» as an infinitive, where it names its object."""
    found = NEED.find(line.folded)
    if found is None:
        return None
    need = Undertaking(line, "need", found.verb.infinitive, True, None, (found.start, found.end),
                       found.pronouns)  # fmt: skip
    phrase = _say_infinitive(scene, need)
    return phrase if phrase and not phrase.points and not phrase.is_bare else None


def _cut_matter(scene: Scene, sign: Undertaking) -> str:
    """What the same sentence says before the undertaking: «c’est mal saisi, je fais rectifier»."""
    before = _without_calls(scene, OPENING.sub("", clean(_before(sign))))
    before = re.sub(r"[ ,.]+(?:et|donc|alors)?[ ,.]*$", "", before)
    return before if len(set(content_words(fold(before)))) >= TERSE else ""


def _before(sign: Undertaking) -> str:
    return " ".join(sign.line.text.split())[: sign.span[0]]


def _without_calls(scene: Scene, text: str) -> str:
    """A sentence without the name of the person it is said to, first or last."""
    for person in scene.people.everyone:
        called = rf"(?:(?:monsieur|madame) )?(?:{re.escape(person.first)}|{re.escape(person.last)})"
        text = re.sub(rf"^{called}\s*,\s*|\s*,\s*{called}(?=[ ,.?]*$)", "", text, flags=re.I)
    return text


def _count_words_of_matter(scene: Scene, line: Line) -> int:
    """How many words say what the matter is, days left out."""
    text = line.text
    for deadline in scene.deadlines(line):
        text = text.replace(deadline.raw, " ")
    return len(set(content_words(" ".join(fold(text).split()))))


def _find_matter(scene: Scene, line: Line) -> Line | None:
    """The sentence before that says what a terse «je m’en occupe» is about."""
    others = scene.before(line, 2)
    return next((other for other in others if len(other.words) > 1), None)


def _say_infinitive(scene: Scene, sign: Undertaking) -> Phrase | None:
    text = " ".join(sign.line.text.split())
    if sign.verb is None or len(text) != len(sign.line.folded):
        return None
    rest = _without_calls(scene, _without_dates(scene, sign, text[sign.span[1] :]))
    verb = _spell(text, sign.verb)
    if sign.verb == "faire" and sign.pronouns in ("le", "ca"):
        return None
    if NEEDED.search(text[: sign.span[1]]):
        rest = f"{_article(text[: sign.span[1]])}{rest}"
    points = False
    if POINTING.search(sign.pronouns) and not CAUSATIVE.match(rest):
        named = _name_object(scene, sign)
        rest, points = f"{named} {rest}".strip(), not named
    if POINTS_AT.match(rest) and (earlier := _find_earlier(sign)):
        return _say_infinitive(scene, earlier)
    told = _as_said_of_another(_join_verbs(f"{verb} {rest}"))
    if DEICTIC.search(told):
        points = True
        told = TO_YOU.sub("", LA_DESSUS.sub("sur ce point", CELA.sub("cela", told)))
    is_bare = CAUSATIVE.match(rest) is not None or not any(content_words(fold(rest)))
    return Phrase(told, sign, points, is_bare)


def _find_earlier(sign: Undertaking) -> Undertaking | None:
    """«Je peux demander les index, … je vous donne ça»: the work is the one said first."""
    found = COMMIT_FUTURE.find(sign.line.folded[: sign.span[0]])
    if found is None:
        return None
    return replace(sign, verb=found.verb.infinitive, span=(found.start, found.end),
                   pronouns=found.pronouns)  # fmt: skip


def _article(before: str) -> str:
    """«besoin des factures» asks for «les factures»."""
    said = before.rstrip().split(" ")[-1].lower()
    return {"des": "les ", "du": "le ", "la": "la "}.get(said, "")


def _name_object(scene: Scene, sign: Undertaking) -> str:
    """The thing that the pronouns of a sign stand for; empty where nobody named it."""
    before = OPENING.sub("", clean(_before(sign))).rstrip(" .,")
    before = _without_calls(scene, before)
    if not NO_THING.match(fold(before)):
        before = _without_dates(scene, sign, before)
        if before and len(before.split()) <= 14 and not VERBAL.search(fold(before)):
            return f"{before[0].lower()}{before[1:]}"
    return _find_antecedent(scene, sign)


def _spell(text: str, verb: str) -> str:
    """The verb with its accents, as said where it is said in the infinitive."""
    verb = PLAIN.get(verb, verb)
    words = re.findall(r"\w+", text)
    return ACCENTED.get(verb) or next((word for word in words if fold(word) == verb), verb)


def _find_antecedent(scene: Scene, sign: Undertaking) -> str:
    """The thing a pronoun stands for: the last noun of its gender said before; empty if none."""
    pronoun = sign.pronouns.split()[-1] if sign.pronouns else ""
    pattern = ANTECEDENTS.get(pronoun, ANTECEDENTS["l'"])
    said = [(sign.line, _before(sign))]
    said += [(line, " ".join(line.text.split())) for line in scene.before(sign.line, 3)]
    for line, text in said:
        timeless = text
        for deadline in scene.deadlines(line):
            timeless = timeless.replace(" ".join(deadline.raw.split()), "; ")
        nouns = [m for m in pattern.finditer(timeless) if fold(m["noun"]).split()[0] not in FORMS]
        if nouns:
            return _determine(nouns[-1]["said"].lower(), nouns[-1]["noun"])
    return ""


def _determine(said: str, noun: str) -> str:
    """The noun with the article of its gender, as far as what was said tells it."""
    if said == "votre":
        return f"votre {noun}"
    if said in ("les", "des", "mes", "ses", "ces", "aux"):
        return f"les {noun}"
    if said in ("l'", "l’") or fold(noun)[0] in "aeiouh":
        return f"l'{noun}"
    return f"{'la' if said in FEMININE else 'le'} {noun}"


def _as_said_of_another(text: str) -> str:
    """The clause of the thing alone, its possessives in the third person."""
    cut = ASIDE.search(text)
    if cut and len(list(content_words(fold(text[: cut.start()])))) > 1:
        text = re.sub(r"[ ,]+et$", "", text[: cut.start()])
    return POSSESSIVE.sub(lambda match: THIRD[match.group().lower()], text)


def _join_verbs(text: str) -> str:
    """«…et je vous donne la réponse» → «…et donner la réponse»."""
    folded = fold(text)
    for found in reversed(list(FURTHER.find_all(folded))):
        infinitive = ACCENTED.get(found.verb.infinitive, found.verb.infinitive)
        text = f"{text[: found.start]} et {infinitive}{text[found.end :]}"
    return text


def _without_dates(scene: Scene, sign: Undertaking, after: str) -> str:
    for deadline in scene.deadlines(sign.line):
        if deadline.is_deadline:
            after = after.replace(" ".join(deadline.raw.split()), "")
    after = re.sub(r"[ ,]*\?\s*$", "", TAIL.sub("", after))
    after = re.sub(r"\s+([,.])", r"\1", " ".join(after.split()))
    return re.sub(
        r"(?:[ ,]+(?:cette semaine|enfin|pour|c'est|d|de|à|et))+[ ,.]*$", "", after
    ).strip(" ,.")
