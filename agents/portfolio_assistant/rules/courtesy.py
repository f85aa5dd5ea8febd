"""Where the order begins in a message, past greetings, courtesies and wishes; or that none does.

« Bonjour, pourriez-vous passer … ? » is an order though it ends as a question; « faudrait-il
passer … » and « il faudrait passer … ? » are questions though they hold the verb of an order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.words import fold

PLEASE = r"(?:s'il (?:te|vous) plait|stp|svp|s'?il te plait|merci(?: d'avance| beaucoup)?)"
OPENING = re.compile(
    r"(?:bonjour|bonsoir|salut|hello|coucou|voltaire|ok|d'accord|alors|donc|au fait|en fait|"
    r"finalement|du coup|bon|oui|non|et|puis|ensuite|aussi|" + PLEASE + r")\b"
    r"(?! d[e'])(?:,| |!|:)+"
)
WHOM = r"(?:tu|vous)"
# What is asked of the assistant itself: a question in form only.
ASKED = re.compile(
    r"(?:est[- ]ce que )?(?:"
    rf"(?:peux|pouvez|pourrais|pourriez|veux|voulez|voudrais|voudriez)[- ]{WHOM}\b|"
    r"(?:tu peux|vous pouvez|tu pourrais|vous pourriez|tu veux|vous voulez|tu voudrais|"
    r"vous voudriez)\b|"
    r"(?:(?:te|vous|nous) )?(?:serait|est)[- ]il possible (?:de|d'|que (?:tu|vous)\b)|"
    r"(?:il (?:te|vous) )?(?:serait|est) possible (?:de|d')|"
    r"(?:aurais|auriez|avez|as)[- ](?:tu|vous) (?:la gentillesse|l'amabilite|l'obligeance) "
    r"(?:de|d')"
    r")(?: bien(?= ))?"
)
# What is wished for: an order unless it ends as a question.
WISHED = re.compile(
    r"(?:merci (?:de|d')(?: bien vouloir)?|priere de|veuillez(?: bien)?|"
    r"(?:je|nous|on) (?:te |vous )?(?:prie|prions|demande|demandons|demanderai|demanderais) de|"
    r"(?:je (?:veux|voudrais|souhaite|souhaiterais)|j'aimerais|nous (?:voulons|voudrions|"
    r"souhaitons|souhaiterions|aimerions)|on (?:veut|voudrait|souhaite|souhaiterait|aimerait))\b|"
    r"(?:j'ai|j'aurais|on a|on aurait|nous avons|nous aurions) besoin (?:de\b|d'(?=\w)|(?=qu)))"
    r"(?: bien(?= ))?"
)
# What has to be done: also the beginning of many questions, told by their interrogative.
NEEDED = re.compile(
    r"(?:il (?:faut|faudrait|faudra|conviendrait de|convient de|serait bon de|serait bien de|"
    r"s'agirait de)|faudrait(?!-)|faudra(?!-)|faut(?!-)|"
    r"(?:ce|ca) serait bien (?:de|d')|on(?= ))"
)
LINK = re.compile(rf" *(?:,? ?{PLEASE},? )?(?:(?:que (?:{WHOM}|nous|l'on)|qu'on)\b ?)?")
CLITIC = re.compile(r" *(?:(?:me |nous |m')(?!pass|met\w* (?!une? )|donn|indiqu|class))?")
CLOSING = re.compile(rf"[ ,.!]*\b{PLEASE}[ .!?]*$|[ .!?]+$")
INTERROGATIVE = re.compile(
    r"\b(?:qui|quand|combien|comment|pourquoi|quels?|quelles?|lequel|laquelle|lesquels|quoi|"
    r"est-ce|faut-il|doit-on|peut-on)\b"
)
FREE_TEXT = re.compile(r"[:«\"]")


@dataclass(frozen=True)
class Order:
    """Where an order stands in a message, its courtesies left out."""

    start: int
    end: int


def find_order(message: str) -> Order | None:
    """The stretch of the message that orders something; None for a question."""
    text = fold(message)
    start = len(text) - len(text.lstrip())
    while opening := OPENING.match(text, start):
        start = opening.end()
    closing = CLOSING.search(text, start)
    end = closing.start() if closing else len(text)
    is_question = text.rstrip().endswith("?")
    if asked := ASKED.match(text, start):
        return Order(_skip_links(text, asked.end()), end)
    if is_question:
        return None
    if needed := NEEDED.match(text, start):
        head = FREE_TEXT.split(text[needed.end() :])[0]
        return None if INTERROGATIVE.search(head) else Order(_skip_links(text, needed.end()), end)
    if wished := WISHED.match(text, start):
        return Order(_skip_links(text, wished.end()), end)
    return Order(start, end)


def _skip_links(text: str, start: int) -> int:
    """Past « s’il vous plaît », « que vous », « me »: to the verb itself."""
    for pattern in (LINK, CLITIC):
        if found := pattern.match(text, start):
            start = found.end()
    while start < len(text) and text[start] in " ,":
        start += 1
    return start
