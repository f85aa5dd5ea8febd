"""What of a question stays unexplained, and how much that matters."""

from __future__ import annotations

import re

from agents.portfolio_assistant.rules.cues import find_cues
from agents.portfolio_assistant.rules.reading import Reading
from agents.portfolio_assistant.rules.scene import Scene
from agents.portfolio_assistant.rules.stopwords import GLUE
from core.legal import find_legal_references
from core.words import Token, stem
from crm.mentions import common_words

NOUN_PLACE = re.compile(
    r"(?:\b(?:de|du|des|le|la|les|un|une|chez|pour|au|aux|leur|son|sa|ses|notre|nos|quel|quelle|"
    r"quels|quelles|avec|sur|par|en)|\b[ld]'|\b(?:societe|entreprise|client|clinique|galeries?|"
    r"usine|ville|hotel|groupe|mairie|lycee|syndic|cabinet)) ?$"
)
# What stands before the word that says what is asked: « combien de salariés », « quel est l’âge »,
# « combien coûte la formation », « le prix du kWh cumac ».
ASKED_PLACE = re.compile(
    r"\b(?:combien d(?:e |')|quel(?:le)?s? (?:(?:est|sont|etait|etaient) "
    r"(?:l'|(?:le|la|les|leur|son|sa|ses|notre|nos) ))?|"
    r"combien (?:coute|vaut|pese|dure|mesure)(?:nt)? (?:l'|(?:le|la|les|un|une) )|[kmg]wh |kva )$"
)
# What a field is measured in stands for it.
UNITS = frozenset(
    "temps jours mois ans annees heures semaines fois euros pcs pci "
    "souscrit souscrits souscrite souscrites".split()
)
# « La durée maximale » is asked of the word before.
EXTREME = re.compile(
    r"\b(\w+) (?:(?:maxim|minim)(?:al|ale|ales|aux|um)|maxi|mini|moyen(?:ne)?s?)\b"
)
LINKS = frozenset({"de", "des", "du", "d", "chez"})
PROPER_HEADS = frozenset(
    """
    clinique galeries galerie hotel lycee college chu ehpad residence etablissements fonderie
    laiterie verrerie papeteries brasserie biscuiterie boulangerie conserverie scierie transports
    """.split()
)
NAME_HEADS = PROPER_HEADS | frozenset("mairie ville societe syndic usine hopital".split())
HEAVY, LIGHT, LOST = 2.0, 0.4, 3.0


def weigh_doubt(scene: Scene, reading: Reading) -> float:
    """The weight of what is unexplained: words, fields out of reach, names left without use."""
    words = sum(
        HEAVY if _is_noun(scene, token) else LIGHT for token in list_unexplained(scene, reading)
    )
    return words + LOST * (_count_unreachable(scene, reading) + reading.unplaced)


def list_obscure(scene: Scene, reading: Reading) -> tuple[str, ...]:
    """The unexplained words that stand as nouns, as typed."""
    return tuple(
        scene.question[token.start : token.end]
        for token in list_unexplained(scene, reading)
        if _is_noun(scene, token)
    )


def asks_beyond(scene: Scene, reading: Reading) -> bool:
    """Tell whether the very thing asked for is a noun that nothing in the records is named by."""
    return any(
        token.form not in UNITS and ASKED_PLACE.search(scene.folded[: token.start]) is not None
        for token in list_unexplained(scene, reading)
    ) or any(_has_no_extreme(scene, match.start(1)) for match in EXTREME.finditer(scene.folded))


def _has_no_extreme(scene: Scene, start: int) -> bool:
    """Tell whether the word at `start` is known, but as no figure of the object asked about."""
    held = [
        phrase
        for phrase in scene.phrases
        if scene.tokens[phrase.first].start <= start <= scene.tokens[phrase.last].start
    ]
    known = [(meaning, phrase) for phrase in held for meaning in phrase.meanings]
    return bool(held) and not any(
        meaning.kind == "object"
        or (meaning.kind == "field" and scene.affinity(meaning, phrase) > 0)
        for meaning, phrase in known
    )


def _count_unreachable(scene: Scene, reading: Reading) -> int:
    """Fields named, in several words, that the object asked about does not have."""
    if reading.target is None:
        return 0
    return sum(
        1
        for phrase in scene.phrases
        if phrase.last > phrase.first
        and phrase.meant("field")
        and not any(scene.affinity(m, phrase) > 0 for m in phrase.meanings)
    )


def _is_noun(scene: Scene, token: Token) -> bool:
    """A word where a noun stands, or an acronym."""
    is_acronym = scene.question[token.start : token.end].isupper() and token.end - token.start > 1
    return is_acronym or NOUN_PLACE.search(scene.folded[: token.start]) is not None


def list_unexplained(scene: Scene, reading: Reading) -> list[Token]:
    """Words that no name, date, threshold or applicable phrase accounts for."""
    explained = set(scene.taken) | _told_by_cues(scene)
    for phrase in scene.phrases:
        meanings = phrase.meanings
        if reading.target is None or any(scene.affinity(m, phrase) > 0 for m in meanings):
            explained.update(range(phrase.first, phrase.last + 1))
    return [
        token
        for index, token in enumerate(scene.tokens)
        if index not in explained and not _is_glue(token)
        and not any(token.form in code.lower() for code in scene.codes)
    ]  # fmt: skip


def _told_by_cues(scene: Scene) -> set[int]:
    spans = find_cues(scene.question)
    return {
        index
        for index, token in enumerate(scene.tokens)
        if any(start <= token.start and token.end <= end for start, end in spans)
    }


def find_unknown_names(scene: Scene, reading: Reading) -> tuple[str, ...]:
    """Words that no record answers to and that stand as names, gathered.

    A capital makes a name (acronyms aside), and so does « la clinique des … », « les sites de … ».
    """
    runs: list[list[Token]] = []
    legal = find_legal_references(scene.question)
    for token in list_unexplained(scene, reading):
        if any(start <= token.start < end for start, end in legal):
            continue
        raw = scene.question[token.start : token.end]
        capitals = sum(letter.isupper() for letter in raw)
        is_capitalised = token.start > 0 and raw[:1].isupper() and capitals == 1 < len(raw)
        if token.form in common_words() or not (is_capitalised or _completes(scene, token)):
            continue
        if runs and token.start - runs[-1][-1].end <= 4:
            runs[-1].append(token)
        else:
            runs.append([token])
    return tuple(scene.question[run[0].start : run[-1].end] for run in runs)


def _completes(scene: Scene, token: Token) -> bool:
    """Tell whether a word says which one: « la clinique des calanques », « galeries bellerive »."""
    index = scene.tokens.index(token)
    previous = index - 1
    while previous >= 0 and scene.tokens[previous].form in LINKS:
        previous -= 1
    if previous < 0:
        return False
    form = scene.tokens[previous].form
    is_linked = previous < index - 1
    heads = NAME_HEADS if is_linked else PROPER_HEADS
    is_kind = form in heads or stem(form) in heads
    return is_kind or (is_linked and _ends_object(scene, previous))


def _ends_object(scene: Scene, index: int) -> bool:
    return any(p.last == index and p.meant("object") for p in scene.phrases)


def _is_glue(token: Token) -> bool:
    return token.form in GLUE or stem(token.form) in GLUE or token.form.isdigit()
