"""What the other side wants: questions put, things requested."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.mail.facts import Ask
from ingest.mail.folding import fold
from ingest.mail.sentences import Sentence, split_sentences
from ingest.mail.thread import CleanMessage

REQUEST = re.compile(
    r"\bmerci (?:\w+ )?(?:de |d')(?!(?:votre|ta|tes|vos|m'avoir|nous avoir|avoir|l'avoir|la part)\b)|\b(?:pouvez|pourriez|pourrez|peux|pourrais|peut|pourrait)[- ](?:vous|tu|on)\b"
    r"|\b(?:tu peux|vous pouvez|vous pourriez|tu pourrais|on peut)\b|\bveuillez\b|\b(?:priere|prions|prie) de\b|\bvous (?:prie|prions|demande|demandons|saurais|serais|serions)\b"
    r"|\b(?:nous|je) (?:vous )?(?:demande|demandons|souhaite|souhaitons|souhaiterais|souhaiterions|voudrais|voudrions|exige|exigeons|reclame|reclamons|sollicite|sollicitons|attends|attendons)\b"
    r"|\bil (?:souhaite|souhaiterait|voudrait|demande)\b|\b(?:je|on|nous) (?:veux|veut|voulons)\b|\bil (?:me |nous |vous )?(?:faut|faudrait|faudra)\b|\b(?:j'aimerais|nous aimerions|on aimerait)\b"
    r"|\b(?:j'ai|nous avons|on a|aurais|aurions) (?:urgemment )?besoin\b|\bsi (?:vous|tu) (?:pouviez|pouvais|pouvez|peux)\b|\bn'oubliez pas de\b|\bpensez a\b|\bmettez\b"
    r"|\b(?:ma|notre) (?:question|demande)\b|\bquestion d[eu'] ?"
    r"|\b(?:please|kindly|could you|can you|would you|we need|i need|let me know|we would like|i would like)\b"
)
IMPERATIVE = re.compile(
    r"(?:^|[,;:]\s|\b(?:et|alors|donc|donc|sinon|stp|svp|s'il vous plait)\s)(?:appelez|rappelez|envoyez|transmettez|adressez|dites|dis|confirmez|precisez|indiquez|communiquez|faites|fais|prevenez|tenez|donnez|verifiez|relancez|"
    r"expliquez|repondez|contactez|corrigez|rectifiez|remboursez|annulez|resiliez|regardez|renvoyez|retournez|completez|validez|envoie|appelle|rappelle|dites-moi|joignez|fournissez|proposez|organisez|"
    r"bloquez|arretez|cessez|stoppez)\b"
)
POLITE_END = re.compile(
    r"^(?:merci (?:d'avance|beaucoup|par avance|pour|a vous|et|!|\.)|bien |cordialement|dans l'attente|je (?:vous )?(?:remercie|prie d'agreer)|nous vous prions d'agreer|veuillez (?:agreer|recevoir|croire))"
)
SENTENCE_LIMIT = 3000
RHETORIC = re.compile(r"^(?:\?|\W*(?:non|oui|hein|ok|ca va|comment (?:allez|vas|ca))\b.{0,12}\?)$")
ONLY_IF = re.compile(
    r"^(?:n'hesitez pas|je reste|nous restons|vous pouvez (?:me|nous) (?:joindre|contacter|appeler))"
)


def list_asks(message: CleanMessage) -> tuple[Ask, ...]:
    """The questions and requests of a message's own words, in order."""
    return tuple(
        Ask("question" if sentence.text.rstrip(" »”\"')").endswith("?") else "request",
            message.span(sentence.start, sentence.end))
        for sentence in split_sentences(message.mask("new"))
        if _is_ask(sentence)
    )  # fmt: skip


def _is_ask(sentence: Sentence) -> bool:
    folded = fold(sentence.text[:SENTENCE_LIMIT])
    if ONLY_IF.match(folded):
        return False
    if "?" in sentence.text:
        return not RHETORIC.match(folded)
    if POLITE_END.match(folded):
        return bool(re.match(r"merci (?:d'avance|par avance) (?:de|d')\b", folded))
    return bool(REQUEST.search(folded) or IMPERATIVE.search(folded))


def iterate_sentences(message: CleanMessage) -> Iterator[tuple[int, str]]:
    """The offset and text of each sentence of a message's own words."""
    return ((s.start, s.text) for s in split_sentences(message.mask("new")))
