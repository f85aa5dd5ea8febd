"""The model's few sentences on why the verdict is what it is, each held to the code's reasons.

A sentence must name the reasons that it tells, hold no figure and no name that they lack, use
mostly their words, deny and affirm as they do, and give neither verdict nor advice: those are the
code's alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.tender_scoring.answer import GivenSentence
from agents.tender_scoring.rules.anomalies import ORDER
from agents.tender_scoring.verdicts import Reason
from core.claims import ADDRESS, find_unproved
from core.words import fold, stem

MOST_REASONS = 8
LEAST_SHARED = 0.5
VERDICT = re.compile(
    r"\bgo\b|no[ _-]?go|verdict|recommand|conseill\w+ de|favorable|repond(?:ez|re|ons)|\bil faut\b"
    r"|devez|candidat(?:ez|er)|soumissionn(?:ez|er)|renonc|interess"
)
DENIAL = re.compile(r"\bpas\b|\baucune?s?\b|\bsans\b|\bni\b|\bhors\b|manqu|absen|insuffisan|echou"
                    r"|\bne?\b|n'|impossible|inconnu")  # fmt: skip
LONG_WORD = re.compile(r"[a-z]{5,}")


def mark_reasons(reasons: Sequence[Reason]) -> dict[str, Reason]:
    """The reasons given to the model, by their marks M1, M2…"""
    return {f"M{rank}": reason for rank, reason in enumerate(reasons[:MOST_REASONS], 1)}


def verify_summary(
    given: Sequence[GivenSentence], reasons: Mapping[str, Reason]
) -> list[GivenSentence]:
    """The sentences that hold."""
    return [sentence for sentence in given if _holds(sentence, reasons)]


def write_summary(
    kept: Sequence[GivenSentence], marked: Mapping[str, Reason], final: Sequence[Reason]
) -> str | None:
    """The sentences whose reasons are still those of the final verdict, joined; None without."""
    texts = {reason.text for reason in final}
    told = [s.text.strip() for s in kept if all(marked[m].text in texts for m in s.reasons)]
    return " ".join(f"{text.rstrip(' .')}." for text in told) or None


def _holds(sentence: GivenSentence, reasons: Mapping[str, Reason]) -> bool:
    named = [reasons.get(mark) for mark in sentence.reasons]
    known = [reason for reason in named if reason is not None]
    plain = fold(sentence.text)
    if not known or len(known) != len(named) or not plain.strip():
        return False
    if VERDICT.search(plain) or ORDER.search(plain) or ADDRESS.search(sentence.text):
        return False
    source = "\n".join(line for reason in known for line in _write(reason))
    if find_unproved(sentence.text, source):
        return False
    said = "\n".join(fold(reason.text) for reason in known)
    return _shares_words(plain, fold(source)) and bool(DENIAL.search(plain)) == bool(
        DENIAL.search(said)
    )


def _write(reason: Reason) -> list[str]:
    quotes = [evidence.quote for evidence in reason.evidence]
    return [reason.text, *quotes, *reason.profile_facts]


def _shares_words(plain: str, source: str) -> bool:
    words = {stem(word) for word in LONG_WORD.findall(plain)}
    held = {stem(word) for word in LONG_WORD.findall(source)}
    return len(words & held) >= LEAST_SHARED * len(words)
