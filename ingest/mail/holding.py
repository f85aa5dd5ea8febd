"""Replies that only promise an answer: what they were asked stays open."""

from __future__ import annotations

import re

from core.words import tokenize
from ingest.mail.folding import fold
from ingest.mail.sentences import split_sentences
from ingest.mail.signatures import is_closing
from ingest.mail.thread import CleanMessage

PROMISES = re.compile(
    r"\b(?:je|nous|on) (?:me |nous )?(?:renseign\w+|vous (?:tiens|tenons) (?:au courant|inform\w+)"
    r"|(?:vous )?revien\w+ (?:(?:tres )?vite |rapidement )?(?:vers|aupres de) vous"
    r"|(?:fais|faisons) le point|regard\w+|verifi\w+|me rapproche|nous rapprochons"
    r"|(?:vous )?repond\w+ (?:des|tres|au plus|rapidement|prochainement)"
    r"|transmet(?:s|tons)|m'en occupe|nous en occupons)"
    r"|\b(?:bien recu|accus\w+ reception|bien note|pris note)"
    r"|\bvotre (?:message|demande|mail|courriel) (?:a bien ete|est bien) "
    r"|\bun retour (?:vous sera|suivra)|\b(?:we|i)(?:'ll| will| shall) get back to you"
    r"|\blooking into (?:it|this)"
)
GREETING = re.compile(r"^\W*(?:bonjour|bonsoir|madame|monsieur|cher|chere|hello|dear|hi)\b")
MOST_BESIDE = 4


def is_holding(message: CleanMessage) -> bool:
    """Tell a reply that promises an answer and gives none; it may ask in return."""
    if message.inline_answers:
        return False
    promised, beside = False, 0
    for sentence in split_sentences(message.new_text):
        folded = fold(sentence.text)
        if PROMISES.search(folded):
            promised = True
        elif not (
            GREETING.match(folded) or is_closing(sentence.text) or sentence.text.endswith("?")
        ):
            beside += len(tokenize(sentence.text))
    return promised and beside <= MOST_BESIDE
