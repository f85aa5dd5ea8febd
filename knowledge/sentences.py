"""French sentence borders: exact spans, with the abbreviations of law, mail and energy kept."""

import re

_ABBREVIATIONS = frozenset(
    """
    al ann app apr art arts av bd bibl boul cf ch chap cie circ coll déc dép dépt dir doc dr éd env
    éq éts ex fasc févr fig hab ibid id inf janv juill loc max me mgr min mlle mlles mm mme mmes nb
    obs pp par paragr pl pr prof réf résid sect sept sté st ste suiv sup suppl tél tit trav tr
    vol vs
    """.split()
)
# A lone capital ends a sentence after these nouns (« annexe B. Le titulaire… »).
_LETTERED_NOUNS = frozenset(
    """
    annexe bloc cas catégorie classe colonne composante critère groupe lettre lot niveau note
    option phase plan point profil segment site tranche type variante version zone
    """.split()
)
# Words as much as abbreviations: before a capital, they end the sentence (« Puissance max. »).
_CLOSING = frozenset({"max", "min", "par", "sup", "inf", "env", "ex", "tr", "id", "app", "ch"})

_CLOSERS = r"(?:[\s\u00a0\u202f]*[»”])?[)\]\"’'*_]*(?:[\s\u00a0\u202f]*[»”])?"
_END = re.compile(rf"(?:\.{{3,}}|…|[.!?]+(?:[\u00a0\u202f ]?[!?])*){_CLOSERS}(?=\s)")
_OPENERS = re.compile(r"[\s\u00a0\u202f«“\"'(\[—–*_-]*")
_INLINE_ITEM = re.compile(r";\s+(?=(?:[a-z]|\d{1,2})[)°]\s|[-–—•▪‣]\s)|\s+(?=[•▪‣]\s)")
_ITEM_BORDER = re.compile("[;•▪‣]")
_ITEM_MARK = re.compile(r"\s*(?:[-–—•▪‣*]|\d{1,2}[.)°]|[a-z][)°])\s")
_BEFORE_LAST_WORD = re.compile(r".*[\s\u00a0\u202f(«“\"\[’']", re.S)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[\s\u00a0\u202f]+\S+$")
_DOTTED = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]")
_SENTENCE_START = re.compile(
    r"\s+(?:(?:Les?|La|Une?|Des|Du|Ils?|Elles?|Ces?|Cette|Cet|On|Nous|Vous|En|Pour|Si|Au|Aux|À)\s"
    r"|[LDJCQ][’'])"
)
_BREAK = re.compile(r"[ \t]*\n\s*")
# No abbreviation, with the word before it, is as long: looking further back would find no other.
TAIL_CHARS = 96


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans [start, end) of the sentences of `text`, in order, without surrounding blanks.

    Every non-blank character belongs to exactly one span. A line break ends a sentence unless
    the next line plainly continues it; list items, and items of an enumeration marked
    « a) … ; b) … », are sentences of their own.
    """
    borders = sorted({*_break_borders(text), *_item_borders(text), *_stop_borders(text)})
    spans: list[tuple[int, int]] = []
    start = 0
    for border in (*borders, len(text)):
        piece = text[start:border]
        left = len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((start + left, start + len(piece.rstrip())))
        start = border
    return spans


def _break_borders(text: str) -> list[int]:
    if "\n" not in text:
        return []
    return [found.end() for found in _BREAK.finditer(text) if _is_hard_break(text, found)]


def _is_hard_break(text: str, found: re.Match[str]) -> bool:
    if found[0].count("\n") > 1 or _ITEM_MARK.match(text, found.end()):
        return True
    before, after = text[: found.start()][-1:], text[found.end() : found.end() + 1]
    return before in ".!?…;:" or not (after.islower() or after in "(,;:»")


def _item_borders(text: str) -> list[int]:
    if not _ITEM_BORDER.search(text):
        return []
    return [found.end() for found in _INLINE_ITEM.finditer(text)]


def _stop_borders(text: str) -> list[int]:
    return [found.end() for found in _END.finditer(text) if _is_stop(text, found)]


def _is_stop(text: str, found: re.Match[str]) -> bool:
    following = _first_significant(text, found.end())
    if not following or following.islower():
        return not following
    mark = found[0]
    if text[max(0, found.start() - 1) : found.start()] in ("(", "[") and mark[0] in ".…":
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    return not _is_abbreviation(text, found.start(), following)


def _first_significant(text: str, position: int) -> str:
    opened = _OPENERS.match(text, position)
    after = opened.end() if opened else position
    return text[after : after + 1]


def _is_abbreviation(text: str, dot: int, following: str) -> bool:
    """Tell whether the dot at `dot` belongs to the word before it."""
    line_start = text.rfind("\n", 0, dot) + 1
    before = text[line_start:dot]
    tail = before[-TAIL_CHARS:]
    found = _BEFORE_LAST_WORD.match(tail)
    word = tail[found.end() :] if found else tail
    if not word:
        return False
    if word.isdigit():
        return before.strip() == word
    if len(word) == 1:
        return _is_initial(before, word, following)
    if _DOTTED.fullmatch(word):
        return _SENTENCE_START.match(text, dot + 1) is None
    if word.casefold() not in _ABBREVIATIONS:
        return False
    closes = word in _CLOSING and following.isupper() and not before.endswith(("p. ex", "p.\xa0ex"))
    return not closes


def _is_initial(before: str, word: str, following: str) -> bool:
    if not word.isalpha():
        return False
    if word.islower():
        return following.isdigit() and word in "lrdapnt"
    previous = _WORD_BEFORE.search(before[-TAIL_CHARS:])
    noun = previous[1].casefold() if previous else ""
    return noun not in _LETTERED_NOUNS or following.isdigit()
