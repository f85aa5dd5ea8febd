"""A mail read for a requirement and a deviation from it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agents.non_conformity.models import Family, Label
from agents.non_conformity.rules import lexicon
from agents.non_conformity.rules.law import find_contradiction
from agents.non_conformity.rules.likeness import REVIEW_FROM, rate_likeness
from agents.non_conformity.rules.structures import STRUCTURES
from core.spans import Span
from ingest.mail.anomalies import is_instruction
from ingest.mail.folding import fold
from ingest.mail.sentences import Sentence, split_sentences
from ingest.mail.thread import CleanMessage

WINDOW = 2
STRONG_CONTRAST = re.compile(
    r"\b(?:pourtant|alors que|alors qu'|au lieu d|malgre|contrairement a|whereas|although)"
)
SENTENCES_LIMIT = 400
SENTENCE_LIMIT = 2000
"""Longer than any sentence a person writes: what is longer is data, not prose."""
INDEX = re.compile(r"(?P<number>\b\d{1,3}(?: \d{3})+|\b\d{4,7})\b(?P<unit>)(?! ?(?:€|eur|mwh|kwh))")
BARE_PRICE = re.compile(
    r"(?:\ba |\bde )?(?P<number>\b\d{2,3}(?:[.,]\d{1,2})?)\b(?! ?(?:mois|ans|%|kva|jours|h\b|€(?!/)|/|\d|heures|janv|fev|mars|avril|mai|juin|juil|aout|sept|oct|nov|dec))(?= |,|\.|€)"
)
FIGURE = re.compile(
    r"(?P<number>\d[\d ]{0,12}(?:[.,]\d{1,5})?) ?(?P<unit>€/kwh|euros (?:du|par|le) kwh|€/mwh|eur/mwh|€ ?/ ?mwh|euros (?:du|par|le) mwh|c€/kwh|ct/kwh|%|kva|mois|ans|mwh|kwh|months|years|jours|coupures)"
)
ULTIMATUM = re.compile(
    r"\b(?:exige\w*|demand\w+|attend\w*|souhait\w+|somm\w+|veuillez|merci de|priere de|mets? en demeure)\b"
    r"[^.?!]{0,60}\b(?:sous|d'ici|dans (?:les|un delai))\b[^.,;?!]*"
)
FAMILY_WORDS: tuple[tuple[Family, str], ...] = (
    ("privacy", r"rgpd|confidenti|donnees personnelles"),
    ("outage", r"coupur|coupe|interruption|micro-?coupure|tension|volts?\b|\b\d+ ?v\b"),
    ("switching", r"bascul|mise en service|changement de fournisseur|rattach"),
    ("metering", r"compteur|index|comptage|releve|coefficient|telereleve"),
    ("price", r"prix|tarif|€/mwh|mwh|taux|indexation|capacite|turpe|abonnement|option|remise|utilisation|accise|garanties? d'origine"),
    ("contract", r"contrat|preavis|reconduit|resili|avenant|clause|echeance"),
    ("delay", r"delai|sans reponse|aucune reponse|retard|\bjours|semaines|nous sommes le|plus tard|rien recu|jamais parvenu|\bsla\b|\bheures\b|silence|rapport|bilan|prevenus? que"),
    ("billing", r"factur|\bavoirs?\b|prelev|chorus|rembours|acompte|paye"),
    ("broker", r"\bvous (?:avez|aviez|m'avez|nous avez)|\bvous engage\b|lettre de mission|votre (?:fichier|commercial|conseil|cabinet)|mandat"),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """A deviation told in a mail, and how sure the rules are of it."""

    label: Label
    family: Family
    requirement: str
    evidence: Span
    strength: float
    structure: str


@dataclass(frozen=True)
class Reading:
    """What the words of the other side amount to; `doubts` say why a person must decide."""

    label: Label
    finding: Finding | None = None
    is_complaint: bool = False
    reasons: tuple[str, ...] = field(default=())


def read_messages(messages: Sequence[CleanMessage], sent_on: dt.date) -> Reading:
    """The reading of the other side's messages, oldest first; the final state counts."""
    findings = [finding for message in messages for finding in find_deviations(message)]
    words = fold("\n".join(message.new_text for message in messages))
    last = fold(messages[-1].new_text) if messages else ""
    if lexicon.SETTLED.search(last) and not _told_in(findings, messages[-1]):
        return Reading("non", reasons=("Le litige est soldé.",))
    best = max(findings, key=lambda finding: finding.strength, default=None)
    if best is not None:
        return _weigh(best, words, sent_on)
    mood = _read_mood(messages, words)
    return mood if mood.label != "non" or not messages else _vote(messages[-1], words)


def _vote(message: CleanMessage, words: str) -> Reading:
    """A mail that the rules let pass but that resembles told deviations goes to a person."""
    told = [
        s for s in split_sentences(message.mask("new"))[:SENTENCES_LIMIT] if not _is_open(s.text)
    ]
    telling = [s for s in told if len(s.text.split()) > 3]
    if not telling or lexicon.NEUTRAL.search(words) or lexicon.OWN_NEED.search(words):
        return Reading("non")
    if rate_likeness([message.new_text])[0] <= REVIEW_FROM:
        return Reading("non")
    scores = rate_likeness([sentence.text for sentence in telling])
    best = telling[scores.index(max(scores))]
    span = message.span(best.start, best.end)
    finding = Finding("incertain", guess_family(fold(span.quote)), "", span, 0.4, "likeness")
    reason = "Le courriel ressemble à des signalements d’écart, sans que les règles concluent."
    return Reading("incertain", finding, is_complaint=False, reasons=(reason,))


def _told_in(findings: Sequence[Finding], message: CleanMessage) -> bool:
    return any(f.evidence.source_id == message.source_id and f.strength >= 2 for f in findings)


def _weigh(best: Finding, words: str, sent_on: dt.date) -> Reading:
    """«Oui», unless the mail itself or the law leaves a doubt."""
    doubts: list[str] = []
    near = fold(best.evidence.quote)
    if law := find_contradiction(words, sent_on):
        doubts.append(law)
    if lexicon.ORAL.search(near):
        doubts.append("L’exigence ne tient qu’à une promesse orale.")
    if lexicon.HEARSAY.search(near):
        doubts.append("Le fait est rapporté par ouï-dire.")
    is_weak = best.strength < 2
    if is_weak and lexicon.ALTERNATIVE.search(words):
        doubts.append("Le courriel donne lui-même une autre cause possible.")
    if is_weak and lexicon.SUSPICION.search(near):
        doubts.append("Le courriel exprime un soupçon, sans fait établi.")
    if doubts:
        return Reading("incertain", best, True, tuple(doubts))
    return Reading("oui", best, True, (f"Exigence\u00a0: {best.requirement}",))


def _read_mood(messages: Sequence[CleanMessage], words: str) -> Reading:
    """No deviation told: a complaint or a suspicion is for a person, the rest is nothing."""
    if lexicon.NEUTRAL.search(words) or not messages:
        return Reading("non")
    for message in messages:
        for sentence in split_sentences(message.mask("new"))[:SENTENCES_LIMIT]:
            reason = _mood(sentence.text, message)
            if reason is not None:
                span = message.span(sentence.start, sentence.end)
                family = guess_family(fold(span.quote))
                finding = Finding("incertain", family, "", span, 0.5, "mood")
                return Reading("incertain", finding, True, (reason,))
    return Reading("non")


def _mood(sentence: str, message: CleanMessage) -> str | None:
    if len(sentence) > SENTENCE_LIMIT:
        return None
    folded = fold(sentence)
    everything = fold(f"{message.message.subject} {message.new_text}")
    if lexicon.SARCASM.search(folded) or lexicon.ANGER.search(folded):
        return "Mécontentement sans exigence nommée\u00a0: réclamation."
    if lexicon.RUMOUR.search(folded):
        return "Le fait est rapporté par ouï-dire."
    if lexicon.ORAL.search(folded) and lexicon.COMPLAINT.search(everything):
        return "L’exigence ne tient qu’à une promesse orale."
    is_question = (sentence.rstrip().endswith("?") or is_instruction(sentence)
                   or lexicon.INDIRECT.search(folded) is not None)  # fmt: skip
    if not is_question and not lexicon.HYPOTHETIC.match(folded) and _is_weak_sign(folded):
        return "Un fait semble anormal, sans exigence nommée."
    if lexicon.SUSPICION.search(folded) and lexicon.TRADE.search(folded) and not is_question:
        return "Le courriel exprime un soupçon, sans exigence nommée."
    return None


def _is_weak_sign(folded: str) -> bool:
    """A failure of somebody else's or a word of dispute about a thing of the trade."""
    if lexicon.OWN_NEED.search(folded) or lexicon.SETTLED.search(folded):
        return False
    failure = lexicon.OTHERS_FAILURE.search(folded) or lexicon.WEAK.search(folded)
    if lexicon.EXPECTATION.search(folded) and STRONG_CONTRAST.search(folded):
        return lexicon.TRADE.search(folded) is not None
    return failure is not None and lexicon.TRADE.search(folded) is not None


def find_deviations(message: CleanMessage) -> Iterator[Finding]:
    """The deviations that a message tells, in one sentence or two neighbours."""
    sentences = split_sentences(message.mask("new"))[:SENTENCES_LIMIT]
    for rank in range(len(sentences)):
        for size in range(1, WINDOW + 1):
            window = sentences[rank : rank + size]
            if len(window) == size and (finding := _read_window(message, window)):
                yield finding


def _read_window(message: CleanMessage, window: Sequence[Sentence]) -> Finding | None:
    told = [sentence for sentence in window if not _is_open(sentence.text)]
    if not told:
        return None
    folded = " ".join(fold(sentence.text) for sentence in told)
    if lexicon.SETTLED.search(folded):
        return None
    for structure in STRUCTURES:
        if (match := structure.pattern.search(folded)) is not None:
            span = _evidence(message, told, match.start(), match.end())
            strength = 3.0 - 0.1 * (len(told) - 1)
            return Finding(
                "oui", structure.family, structure.requirement, span, strength, structure.name
            )
    return _read_generic(message, told, folded)


def _is_open(sentence: str) -> bool:
    """Questions and hypotheses tell nothing; an objection in the form of a question does."""
    if len(sentence) > SENTENCE_LIMIT:
        return True
    folded = fold(sentence)
    if lexicon.HYPOTHETIC.match(folded) or is_instruction(sentence):
        return True
    if lexicon.INDIRECT.search(folded) and not lexicon.CONTRAST.search(folded):
        return True
    return sentence.rstrip(" »”\"')").endswith("?") and not lexicon.CONTRAST.search(folded)


def _read_generic(message: CleanMessage, told: Sequence[Sentence], folded: str) -> Finding | None:
    """An expectation of the trade and what happened against it: a failure of somebody else's, a
    contrast, or another figure than the one stated."""
    expectation = lexicon.EXPECTATION.search(folded)
    if expectation is None or not lexicon.TRADE.search(folded):
        return None
    failure = lexicon.OTHERS_FAILURE.search(folded)
    contrast = lexicon.CONTRAST.search(folded)
    mismatch = _find_mismatch(told)
    if failure is None and mismatch is None and not _is_contradicted(folded, contrast):
        return None
    if lexicon.OWN_NEED.search(folded) and mismatch is None and contrast is None:
        return None
    place = mismatch or failure or contrast or expectation
    strength = 2.0 + 0.3 * (contrast is not None) + 0.3 * (mismatch is not None)
    if contrast is None and mismatch is None and not lexicon.STATED.search(folded):
        strength -= 0.2
    span = _evidence(message, told, place.start(), place.end())
    quote = " ".join(sentence.text for sentence in told)
    return Finding(
        "oui", guess_family(folded), f"Exigence citée par le client\u00a0: «\u00a0{quote[:300]}\u00a0»",
        span, strength - 0.1 * (len(told) - 1), "generic",
    )  # fmt: skip


def _is_contradicted(folded: str, contrast: re.Match[str] | None) -> bool:
    """What a contract states beside what is done, one against the other."""
    stated, actual = lexicon.STATED.search(folded), lexicon.ACTUAL.search(folded)
    if actual is None or (stated is None and contrast is None):
        return False
    return stated is not None and (contrast is not None or _are_opposed(folded))


def _are_opposed(folded: str) -> bool:
    """Two options of one kind: HTA long and short use, T2 and T3, C4 and C5."""
    for kind in (r"\b[ct]\d\b", r"\b(?:longue|courte|moyenne) utilisation\b",
                 r"\b(?:hta|bt|hp|hc|base)\b", r"\b(?:fixe|indexe)e?\b",
                 r"\btaux (?:reduit|plein|normal)\b"):  # fmt: skip
        if len(set(re.findall(kind, folded))) > 1:
            return True
    return False


def _find_mismatch(told: Sequence[Sentence]) -> re.Match[str] | None:
    """Two figures of one unit that differ, one stated by a contract, one actually met."""
    folded = " ".join(fold(sentence.text) for sentence in told)
    if not lexicon.STATED.search(folded) or not lexicon.ACTUAL.search(folded):
        return None
    values: dict[str, list[re.Match[str]]] = {}
    has_price = FIGURE.search(folded) is not None and "mwh" in folded
    for match in (INDEX if "index" in folded else FIGURE).finditer(folded):
        values.setdefault(match["unit"] or "", []).append(match)
    if has_price:
        values["prix"] = list(BARE_PRICE.finditer(folded))
    for found in values.values():
        if len({match["number"] for match in found}) > 1:
            stated = lexicon.STATED.search(folded)
            return max(
                found, key=lambda match: abs(match.start() - stated.start()) if stated else 0
            )
    return None


def _evidence(message: CleanMessage, told: Sequence[Sentence], start: int, end: int) -> Span:
    """The sentences of `told` over which the match runs."""
    offsets: list[tuple[int, int, Sentence]] = []
    position = 0
    for sentence in told:
        length = len(fold(sentence.text))
        offsets.append((position, position + length, sentence))
        position += length + 1
    low, high = min(start, end), max(start, end)
    met = [sentence for first, last, sentence in offsets if first < high and low < last]
    met = met or [told[0]]
    return message.span(met[0].start, met[-1].end)


def guess_family(folded: str) -> Family:
    """The family whose words are the most frequent; the first listed wins a tie, and an
    expectation without any of them is one of the contract. The delay that a client sets for the
    answer is no word of the deviation."""
    folded = ULTIMATUM.sub(" ", folded)
    best: Family = "contract"
    most = 0
    for family, pattern in FAMILY_WORDS:
        count = len(re.findall(pattern, folded))
        if count > most:
            best, most = family, count
    return best
