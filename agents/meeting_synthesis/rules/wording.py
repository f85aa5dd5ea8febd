"""How items read: disfluencies taken out, an undertaking as an infinitive. Quotes stay as said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.meeting_synthesis.rules.lines import content_words
from agents.meeting_synthesis.rules.phrases import FILLERS
from agents.meeting_synthesis.rules.verbs import FORMS, compile_with
from core.words import fold

if TYPE_CHECKING:
    from agents.meeting_synthesis.rules.lines import Line
    from agents.meeting_synthesis.rules.scene import Scene
    from agents.meeting_synthesis.rules.undertakings import Undertaking

REPEATED = re.compile(r"(?<!['’\w])(?!(?:nous|vous) )(\w+)(?: ?,? \1\b)+", re.I)
OPENING = re.compile(
    r"^(?:(?:oui|non|ok|d'accord|d’accord|bon|bien|très bien|donc|alors|et|ensuite|voilà|ah|parfait|"
    r"du coup|moi|nous|enfin|mais|super|c'est noté|c’est noté)\b[ ,.]*)+",
    re.I,
)
TAIL = re.compile(
    r"[ ,]*\b(?:si possible|disons|en fait|hein|quoi|voilà|ça ira|s'il (?:vous|te) plaît)\b[ ,?.]*$",
    re.I,
)
POINTING = re.compile(r"\b(?:la|le|les|ca|en)$|l'$")
POINTS_AT = re.compile(r"^(?:tout )?(?:ça|cela|celui-ci|celle-ci)\b", re.I)
VERBAL = re.compile(r"\b(?:je|tu|vous|on|nous|il|elle|c'est|ca)\b")
CAUSATIVE = re.compile(r"^\w+er\b")
FURTHER = compile_with(
    r"(?:,? et|,) (?:je|tu|vous|on|nous) (?:(?:vous|te|leur|lui|nous) )?{form}\b"
)
_NOUN = (
    r"(?P<noun>[a-zà-ÿœ-]{3,}(?: (?:de |du |des |d['’]|à )(?:la |l['’])?[\w-]{3,}"
    r"(?: (?:de |du |d['’])[\w-]{3,}(?: (?:de |d['’])[\w-]{3,})?)?)?)"
)
ANTECEDENTS = {
    "la": re.compile(r"\b(?:la|une|ma|sa|cette) " + _NOUN),
    "le": re.compile(r"\b(?:le|un|mon|son|ce) " + _NOUN),
    "les": re.compile(r"\b(?:les|des|mes|ses|ces) " + _NOUN),
    "l'": re.compile(r"\b(?:(?:la|le|une|un|ma|mon|sa|son|votre|cette|ce) |l['’])" + _NOUN),
}
ARTICLES = {"la": "la", "le": "le", "les": "les"}
ASIDE = re.compile(
    r",? (?:ça|c'est|c’est|elle|il|ils|elles|je|on|vous|tu|parce que|puisque|réponse attendue) .*$",
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


def clean(text: str) -> str:
    """A sentence for reading: no hesitation, no repetition, a capital and a full stop."""
    cleaned = FILLERS.sub("", " ".join(text.split()))
    cleaned = REPEATED.sub(r"\1", cleaned)
    cleaned = re.sub(r"\s+([,.])", r"\1", re.sub(r",(?:\s*,)+", ",", cleaned))
    cleaned = cleaned.strip(" ,;")
    return finish(cleaned)


def finish(text: str) -> str:
    """A capital first, a full stop last."""
    text = text.strip(" ,;")
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!…" else f"{text}."


def strip_opening(text: str) -> str:
    """A sentence without its «oui», «donc», «alors»."""
    return finish(OPENING.sub("", clean(text)) or clean(text))


def word_action(scene: Scene, signs: Sequence[Undertaking]) -> str:
    """The thing to do, from the sign that tells the most of it."""
    said = [(_say_infinitive(scene, sign), sign) for sign in signs]
    phrases = [(text, sign) for text, sign in said if text]
    if not phrases:
        fullest = max((sign.line for sign in signs), key=lambda line: len(line.words))
        is_terse = _count_words_of_matter(scene, fullest) <= TERSE or not any(s.verb for s in signs)
        about = _find_matter(scene, signs[0].line) if is_terse else None
        told = strip_opening(fullest.text)
        return f"{strip_opening(about.text)} {told}" if about is not None else told
    return max(
        phrases, key=lambda pair: (_weigh(pair[0]), pair[1].is_strong, pair[1].kind == "commit")
    )[0]


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


def _weigh(text: str) -> int:
    return min(5, len(list(content_words(fold(text)))))


def _say_infinitive(scene: Scene, sign: Undertaking) -> str | None:
    text = " ".join(sign.line.text.split())
    if sign.verb is None or len(text) != len(sign.line.folded):
        return None
    rest = _without_dates(scene, sign, text[sign.span[1] :])
    verb = _spell(text, sign.verb)
    if sign.verb == "faire" and CAUSATIVE.match(rest):
        verb = "faire"
    before = OPENING.sub("", clean(text[: sign.span[0]])).rstrip(" .,")
    if sign.verb == "faire" and sign.pronouns in ("le", "ca"):
        return None
    if POINTING.search(sign.pronouns):
        before = "" if NO_THING.match(fold(before)) else _without_dates(scene, sign, before)
        if not before or len(before.split()) > 14 or VERBAL.search(fold(before)):
            before = _find_antecedent(scene, sign)
        if not before:
            return None
        return clean(
            _as_said_of_another(_join_verbs(f"{verb} {before[0].lower()}{before[1:]} {rest}"))
        )
    if not any(content_words(fold(rest))) or POINTS_AT.match(rest):
        return None
    return clean(_as_said_of_another(_join_verbs(f"{verb} {rest}")))


def _spell(text: str, verb: str) -> str:
    """The verb with its accents, as said where it is said in the infinitive."""
    words = re.findall(r"\w+", text)
    return ACCENTED.get(verb) or next((word for word in words if fold(word) == verb), verb)


def _find_antecedent(scene: Scene, sign: Undertaking) -> str:
    """The thing a pronoun stands for: the last noun of its gender said before; empty if none."""
    pronoun = sign.pronouns.split()[-1] if sign.pronouns else ""
    pattern = ANTECEDENTS.get(pronoun, ANTECEDENTS["l'"])
    for line in scene.before(sign.line, 3):
        text = " ".join(line.text.split())
        nouns = [m for m in pattern.finditer(text) if fold(m["noun"]).split()[0] not in FORMS]
        if nouns:
            noun = nouns[-1]["noun"]
            return (
                f"l'{noun}"
                if fold(noun)[0] in "aeiouh"
                else f"{ARTICLES.get(pronoun, 'le')} {noun}"
            )
    return ""


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
