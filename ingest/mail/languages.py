"""The language of a mail, from its commonest words."""

from __future__ import annotations

import re
from collections import Counter

WORDS: dict[str, frozenset[str]] = {
    "fr": frozenset(
        """le la les des du un une et est que qui pour pas nous vous je ne sur avec dans ce cette au
        aux votre notre bonjour merci cordialement sont être avez avons par mais à si on plus de
        suis mes nos vos madame monsieur salut ça cela donc""".split()
    ),
    "en": frozenset(
        """the and of to is in that for you we with are on this be have not your our please thanks
        hello hi regards it as will can from by would at has i do if my but dear or there""".split()
    ),
    "de": frozenset(
        """der die das und ist nicht ich wir sie mit für auf ein eine zu den von im bitte danke
        grüßen hallo haben werden sind dass auch oder""".split()
    ),
    "es": frozenset(
        """el los las una y es que para por con no se su del al hola gracias saludos estamos
        usted nosotros pero como está""".split()
    ),
    "it": frozenset(
        """il lo gli una e è che per con non si del della ciao grazie saluti siamo sono
        questo anche buongiorno""".split()
    ),
    "nl": frozenset(
        """de het een en is niet ik wij u met voor op van aan dat dit bedankt groeten hallo hebben
        zijn wordt""".split()
    ),
}  # fmt: skip
TOKEN = re.compile(r"[a-zàâäçéèêëîïôöùûüßñœæáíóú]+")
DEFAULT = "fr"


def detect_language(text: str) -> str:
    """The ISO 639-1 code of the language of `text`; French when nothing tells."""
    counts = Counter(TOKEN.findall(text.lower()))
    if not counts:
        return DEFAULT
    scores = {
        language: sum(count for word, count in counts.items() if word in words)
        for language, words in WORDS.items()
    }
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] > scores[DEFAULT] else DEFAULT
