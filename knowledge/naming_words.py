"""Which words of a French question name something: verbs, told by form and place, are left out.

Only what one may say « les documents ne disent rien de » : a noun, a name, an adjective.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.terms import fold_accents

_WORD = re.compile(r"\w+")
# Forms that are verbs wherever they stand; below, those that are nouns after an article.
_VERBS = frozenset(
    """
    met mets mettent mettons mettez mettre mis dit dis disent disons dites dire faut fallait
    faudra faudrait prend prends prennent prenons prenez prendre tient tiens tiennent tenir vient
    viens viennent venir va vas vont allons allez aller voit vois voient voyez voir sait sais
    savent savez savoir veut veux veulent voulez vouloir peux pouvez pouvons pouvoir dois devez
    devons devoir vaut valent valoir suffit permet permettent permettre prevoit prevoient prevoir
    contient contiennent contenir convient obtient obtiennent obtenir revient reviennent devient
    deviennent devenir interdit recoit recoivent recevoir repond repondent repondre rend rendent
    rendre perd perdent perdre lit lisent lire ecrit ecrivent ecrire suit suivent suivre vit vivre
    sert servent servir partent partir sortent sortir agit agissent agir finit finissent
    connait connaissent connaitre parait paraissent existe existent concerne concernent applique
    appliquent exige exigent
    """.split()
)
_SOMETIMES = frozenset("part sort fait marche reste compte".split())
_PRONOUNS = frozenset("je j tu il elle on nous vous ils elles se s ne n me m te t qui y".split())
_INVERTED = frozenset("je tu il elle on nous vous ils elles ce".split())
_BEING = frozenset(
    "est sont etait etaient sera seront serait seraient ete etre suis sommes soit soient".split()
)
_HAVING = frozenset("ai as a avons avez ont avait avaient aura auront aurait avoir ayant".split())
_OBJECTS = frozenset("le la les l".split())
_DETERMINERS = _OBJECTS | frozenset(
    "un une des ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs "
    "chaque aucun aucune".split()
)
_ARTICLES = _DETERMINERS | frozenset("du au aux quel quelle quels quelles".split())
_PREPOSITIONS = frozenset("de d pour sans par en sur sous chez avec entre vers".split())
_PAST = re.compile(r"(?:é|ée|és|ées|u|us|ue|ues)$")
_ENDINGS = re.compile(r"(?:(?<!m)(?<!cli)(?<!ag)ent|ez|ait|aient|era|eront|erait|issent)$")
_INFINITIVE = re.compile(
    r"(?:(?<!i)er|(?:fi|bli|soci|goci|efici|preci|sili|edi|tudi|reli|copi|tri|ifi)er|[^n]ir|tenir"
    r"|venir|(?:endre|ondre|aitre|mettre|crire|duire|clure|faire|indre|croire|perdre))$"
)


@dataclass(frozen=True)
class _Word:
    """A word as typed, without accents, and whether a hyphen ties it to the next."""

    typed: str
    plain: str
    is_tied: bool


def list_naming_words(text: str) -> list[str]:
    """The words of `text` as typed, in order, those that are verbs left out."""
    words = [
        _Word(match[0], fold_accents(match[0].lower()), text[match.end() :].startswith("-"))
        for match in _WORD.finditer(text)
    ]
    return [word.typed for place, word in enumerate(words) if not _is_verb(words, place)]


def _is_verb(words: Sequence[_Word], place: int) -> bool:
    word = words[place]
    if word.typed.isdigit() or (word.typed.isupper() and len(word.typed) > 1):
        return False
    if word.plain in _VERBS or _is_inverted(words, place) or _follows_subject(words, place):
        return True
    before = words[place - 1].plain if place else ""
    if before in _ARTICLES:
        return False
    if before in _BEING or (before in _HAVING and _PAST.search(word.typed)):
        return True
    if before in _PREPOSITIONS or before == "a":
        return _INFINITIVE.search(word.plain) is not None
    after = words[place + 1].plain if place + 1 < len(words) else ""
    has_object = bool(place) and after in _DETERMINERS
    told = _ENDINGS.search(word.plain) or _INFINITIVE.search(word.plain)
    return word.plain in _SOMETIMES or has_object or told is not None


def _is_inverted(words: Sequence[_Word], place: int) -> bool:
    """« respecte-t-il », « prévoit-on »: a pronoun hangs on the verb."""
    after = [word.plain for word in words[place + 1 : place + 3]]
    told = after[1:] if after[:1] == ["t"] else after[:1]
    return words[place].is_tied and bool(told) and told[0] in _INVERTED


def _follows_subject(words: Sequence[_Word], place: int) -> bool:
    """« on calcule », « on la calcule », « qui équipe »; not « était-elle majeure »."""
    at = place - 1
    if at > 0 and words[at].plain in _OBJECTS:
        at -= 1
    is_hung = at > 0 and words[at - 1].is_tied
    return at >= 0 and words[at].plain in _PRONOUNS and not is_hung
