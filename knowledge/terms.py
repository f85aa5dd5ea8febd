"""French lexical analysis, the same for texts and for questions.

Words are folded to lower case, cut at apostrophes and hyphens, freed of stop words, then of
accents, then stemmed (Snowball). Stop words are looked up before accents go, so that « été »
(the season) is kept while « était » is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

MAX_TERM_CHARS = 40

_WORD = re.compile(r"[^\W_]+")
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_EUPHONIC_T = re.compile(r"-t-(?=(?:il|elle|on)s?\b)")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})

STOP_WORDS = frozenset(
    """
    a à â ai aie aient aies ait alors an après as au aucun aucune auquel aura aurai auraient
    aurais aurait auras aurez auriez aurions aurons auront aussi autre autres aux auxquelles
    auxquels avaient avais avait avant avec avez aviez avions avoir avons ayant ayante ayantes
    ayants ayez ayons c ça car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci
    combien comme comment d dans de depuis des desquelles desquels doit doivent donc dont du
    duquel durant elle elles en entre es est et étaient étais était étant étante étantes étants
    étiez étions être eu eue eues eûmes eurent eus eusse eussent eusses eussiez eussions eut eût
    eûtes eux fait faire faut fûmes furent fus fusse fussent fusses fussiez fussions fut fût
    fûtes il ils j je jusqu jusque l la laquelle le lequel les lesquelles lesquels leur leurs
    lors lorsqu lorsque lui m ma mais me même mêmes mes moi mon n ne ni non nos notre nous on
    ont or ou où par parce pas pendant peut peuvent plus pour pourquoi pourrait puis puisqu
    puisque qu quand que quel quelle quelles quelqu quelque quelques quels qui quoi s sa sans se
    selon sera serai seraient serais serait seras serez seriez serions serons seront ses si sien
    sienne siennes siens soi soient sois soit sommes son sont sous soyez soyons suis sur t ta
    tandis te tel telle telles tels tes toi ton tous tout toute toutes tu un une vers voici
    voilà vos votre vous y
    """.split()
)

_STEMMER = Stemmer.Stemmer("french", 0)


def fold_accents(text: str) -> str:
    """`text` without diacritics; « œ » becomes « oe »."""
    if text.isascii():
        return text
    return _COMBINING.sub("", unicodedata.normalize("NFD", text.translate(_LIGATURES)))


def split_words(text: str) -> list[str]:
    """The words of `text` in lower case, accents kept, stop words included."""
    folded = unicodedata.normalize("NFKC", text).lower()
    if "-t-" in folded:
        folded = _EUPHONIC_T.sub(" ", folded)
    return _WORD.findall(folded)


@lru_cache(maxsize=100_000)
def find_term(word: str) -> str | None:
    """The indexed form of a lower-case `word`; None for a stop word."""
    if word in STOP_WORDS:
        return None
    return _STEMMER.stemWord(fold_accents(word))[:MAX_TERM_CHARS] or None


def list_terms(text: str) -> list[str]:
    """The indexed terms of `text`, in order and with repetitions."""
    return find_terms(split_words(text))


def find_terms(words: Iterable[str]) -> list[str]:
    """The indexed terms of lower-case `words`, in order and with repetitions."""
    return list(filter(None, map(find_term, words)))


def list_significant(words: Iterable[str]) -> list[str]:
    """The distinct words that are no stop words, in order."""
    return [word for word in dict.fromkeys(words) if word not in STOP_WORDS]
