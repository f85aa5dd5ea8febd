"""What our knowledge base holds in answer to each requirement."""

from __future__ import annotations

from collections.abc import Sequence

from agents.tender_scoring.facts import Requirement
from agents.tender_scoring.outputs.matrix import Proof, Proofs
from core.context import Context
from core.errors import VoltaireError
from core.words import stem, tokenize
from knowledge.found import Passage, Sentence
from knowledge.search import SearchFilters, search

PASSAGES, SENTENCES = 3, 2
OURS = SearchFilters(
    kinds=("manual", "procedure", "instruction", "record", "guide", "template", "memo", "other")
)
"""What the firm says of itself: neither the law, nor the market, nor other buyers' tenders."""
LEAST_SHARE = 0.34
"""Share of the requirement's significant words that a sentence must say to count as ours."""
SHORT = 4
EMPTY = frozenset(
    """le candidat candidats soumissionnaire titulaire offre dossier document documents pièce doit
    doivent fournir produire joindre sera seront devra devront présent marché consultation
    conformément article avec pour dans chaque""".split()
)


async def find_proofs(context: Context, requirements: Sequence[Requirement]) -> Proofs:
    """The best sentences by requirement; None where the search failed."""
    found: dict[str, Sequence[Proof] | None] = {}
    for requirement in requirements:
        try:
            found[requirement.key] = await _find(context, requirement.text)
        except VoltaireError:
            found[requirement.key] = None
    return found


async def _find(context: Context, text: str) -> list[Proof]:
    result = await search(
        context.database, context.identity, text, today=context.today, filters=OURS, limit=PASSAGES
    )
    wanted = list_words(text)
    pairs = [
        (share, passage, sentence)
        for passage in result.passages
        for sentence in passage.sentences
        if (share := measure_share(wanted, sentence.text)) >= LEAST_SHARE
    ]
    pairs.sort(key=lambda pair: -pair[0])
    return [_make_proof(passage, sentence) for _, passage, sentence in pairs[:SENTENCES]]


def list_words(text: str) -> frozenset[str]:
    """The stems of the words of a requirement that say something of its own."""
    return frozenset(
        stem(token.form)
        for token in tokenize(text)
        if len(token.form) >= SHORT and token.form not in EMPTY
    )


def measure_share(wanted: frozenset[str], text: str) -> float:
    """The share of `wanted` that `text` says; 0 when fewer than two words are shared."""
    said = wanted & {stem(token.form) for token in tokenize(text)}
    return len(said) / len(wanted) if wanted and len(said) >= 2 else 0.0


def _make_proof(passage: Passage, sentence: Sentence) -> Proof:
    return Proof(
        text=" ".join(sentence.text.split()),
        code=passage.code,
        title=passage.title,
        version=passage.version_label,
        page=sentence.page,
        section=passage.section_path,
    )
