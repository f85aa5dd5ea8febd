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
    r"|\b(?:nous |je |j')(?:vous |en |l'|le |la |les )?(?:demand(?:e|ons)|souhait(?:e|ons|erais|erions)|voudr(?:ais|ions)|exig(?:e|eons)|reclam(?:e|ons)|sollicit(?:e|ons)|attend(?:s|ons)?|requier[st]|requerons|somm(?:e|ons)|mets? en demeure|mettons en demeure|ordonn(?:e|ons)|enten(?:ds|dons) (?:obtenir|recevoir|que|etre|bien)|compt(?:e|ons) (?:sur|bien)|insist(?:e|ons)|conteste pour)\b"
    r"|\b(?:je|nous) (?:me permets de |nous permettons de )?(?:vous |te )?relan\w+"
    r"|\bvous (?:devez|devrez|etes (?:pries?|tenus?|somm\w+))\b|\b(?:il est|il devient|c'est) (?:\w+ )?(?:imperatif|urgent|indispensable|temps) (?:de|d'|que|qu')"
    r"|\b(?:faites|faire) le necessaire\b|\b(?:qu'on|que l'on|que vous) (?:me |nous |m'|n'|le |la |les )?(?:rappell\w+|repond\w*|rembours\w+|corrig\w+|rectifi\w+|envoy\w+|envoie\w*|explique\w*|regl\w+|ser\w+ rapid)\b"
    r"|\b(?:reponse|rappel|retour|remboursement|rectification|correction|avoir|explications?|intervention) (?:ecrite? )?(?:attendue?s?|exigee?s?|imperati\w+|souhaitee?s?|demandee?s?|sous |sans delai|immediat\w*)"
    r"|\b(?:faute de quoi|a defaut(?: de (?:reponse|retour|quoi))?|sans reponse (?:de votre part|sous)|sans (?:retour|nouvelles?) (?:de votre part|sous)|sinon),? (?:je|j'|nous|on)\b"
    r"|\bil (?:souhaite|souhaiterait|voudrait|demande)\b|\b(?:je|on|nous) (?:veux|veut|voulons)\b|\bil (?:me |nous |vous )?(?:le |la |les |l'|en )?(?:faut|faudrait|faudra)\b(?! (?:dire|avouer|reconnaitre|savoir|croire|noter)\b)|\b(?:j'aimerais|nous aimerions|on aimerait)\b"
    r"|\b(?:j'ai|nous avons|on a|aurais|aurions) (?:urgemment )?besoin\b|\bsi (?:vous|tu) (?:pouviez|pouvais|pouvez|peux)\b|\bn'oubliez pas de\b|\bpensez a\b|\bmettez\b"
    r"|\b(?:ma|notre) (?:question|demande)\b|\bquestion d[eu'] ?"
    r"|\b(?:please|kindly|could you|can you|would you|we need|i need|let me know|we would like|i would like)\b"
)
IMPERATIVE = re.compile(
    r"(?:^|[,;:]\s|\b(?:et|alors|donc|donc|sinon|stp|svp|s'il vous plait)\s)(?:appelez|rappelez|envoyez|transmettez|adressez|dites|dis|confirmez|precisez|indiquez|communiquez|faites|fais|prevenez|tenez|donnez|verifiez|relancez|"
    r"expliquez|repondez|contactez|corrigez|rectifiez|remboursez|annulez|resiliez|regardez|renvoyez|retournez|completez|validez|envoie|appelle|rappelle|dites-moi|joignez|fournissez|proposez|organisez|"
    r"bloquez|arretez|cessez|stoppez)\b"
)
ORDER = re.compile(
    r"(?:^|[,;:!]\s|\b(?:et|alors|donc|sinon|puis)\s)(?!(?:assez|chez|recevez|croyez|agreez|sachez|notez|soyez|ayez|imaginez|voyez|"
    r"comprenez|excusez|pardonnez|permettez|rassurez|figurez|considerez|avez|etes|serez|aurez|allez|connaissez|souvenez|rappelez-vous|trouverez|chers?)\b)"
    r"(?:\w{3,}ez(?:-(?:moi|nous|les|le|la|lui|leur|en|y))?|(?!chez-|permets-|excuse-)\w{2,}(?:e|s)-(?:moi|nous|le|la|les))\b"
)
"""A verb in the imperative at the head of a clause; formulas and «avez-vous» are none."""
POLITE_END = re.compile(
    r"^(?:merci (?:d'avance|beaucoup|par avance|pour|a vous|et|!|\.)|bien |cordialement|dans l'attente|je (?:vous )?(?:remercie|prie d'agreer)|nous vous prions d'agreer|veuillez (?:agreer|recevoir|croire))"
)
SENTENCE_LIMIT = 3000
INTERROGATIVE = (
    r"(?:faut-il|(?:doit|peut|a-t|va-t)-on|(?:dois|puis)-je|(?:devons|pouvons|avons|sommes)-nous|"
    r"(?:pouvez|pourriez|pourrez|avez|savez)-vous|est-ce qu|est-il|y a-t-il|serait-il|sera-t-il|"
    r"quel(?:le)?s? |combien |comment |pourquoi |quand |jusqu'a quand|"
    r"(?:a|de|par|sous|avec|dans|pour) quel(?:le)?s? )"
)
ANOTHER = re.compile(
    rf"(?:,? et |,? ou |,? puis |, |; )(?:aussi |sinon |surtout |enfin |d'ailleurs |si oui,? |dans ce cas,? )?(?={INTERROGATIVE})"
)
ANOTHER_END = re.compile(
    r"[ ,;]*(?:\b(?:et|ou|puis|aussi|sinon|surtout|enfin|d['’]ailleurs|si oui|dans ce cas),? *)*$"
)
ASKED = re.compile(rf"\b{INTERROGATIVE}")
RHETORIC = re.compile(r"^(?:\?|\W*(?:non|oui|hein|ok|ca va|comment (?:allez|vas|ca))\b.{0,12}\?)$")
ONLY_IF = re.compile(
    r"^(?:n'hesitez pas|je reste|nous restons|vous pouvez (?:me|nous) (?:joindre|contacter|appeler))"
)


def list_asks(message: CleanMessage) -> tuple[Ask, ...]:
    """The questions and requests of a message's own words, in order."""
    return tuple(
        Ask("question" if sentence.text.rstrip(" »”\"')").endswith("?") else "request",
            message.span(part.start, part.end))
        for sentence in split_sentences(message.mask("new"))
        if _is_ask(sentence)
        for part in _split_questions(sentence)
    )  # fmt: skip


def _split_questions(sentence: Sentence) -> list[Sentence]:
    """The questions that one sentence puts, each to be answered; a single one stays whole."""
    folded = fold(sentence.text)
    if not folded.rstrip(" »”\"')").endswith("?") or len(folded) > SENTENCE_LIMIT:
        return [sentence]
    starts = [0]
    for match in ANOTHER.finditer(folded):
        if ASKED.search(folded, starts[-1], match.start()):
            starts.append(match.end())
    ends = [*starts[1:], len(folded)]
    parts = [sentence.text[start:end] for start, end in zip(starts, ends, strict=True)]
    texts = [ANOTHER_END.sub("", part) for part in parts[:-1]] + parts[-1:]
    return [
        Sentence(text, sentence.start + start, sentence.start + start + len(text))
        for start, text in zip(starts, texts, strict=True)
    ]


def _is_ask(sentence: Sentence) -> bool:
    folded = fold(sentence.text[:SENTENCE_LIMIT])
    if ONLY_IF.match(folded):
        return False
    if "?" in sentence.text:
        return not RHETORIC.match(folded)
    if POLITE_END.match(folded):
        return bool(re.match(r"merci (?:d'avance|par avance) (?:de|d')\b", folded))
    return bool(REQUEST.search(folded) or IMPERATIVE.search(folded) or ORDER.search(folded))


def iterate_sentences(message: CleanMessage) -> Iterator[tuple[int, str]]:
    """The offset and text of each sentence of a message's own words."""
    return ((s.start, s.text) for s in split_sentences(message.mask("new")))
