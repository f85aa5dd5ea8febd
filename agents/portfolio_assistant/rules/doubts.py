"""What of a question stays unexplained, and how much that matters."""

from __future__ import annotations

import re

from agents.portfolio_assistant.rules.reading import Reading
from agents.portfolio_assistant.rules.scene import Scene
from agents.portfolio_assistant.rules.stopwords import GLUE
from core.words import Token, stem
from crm.mentions import common_words

NOUN_PLACE = re.compile(
    r"(?:\b(?:de|du|des|le|la|les|un|une|chez|pour|au|aux|leur|son|sa|ses|notre|nos|quel|quelle|"
    r"quels|quelles|avec|sur|par|en)|\b[ld]'|\b(?:societe|entreprise|client|clinique|galeries?|"
    r"usine|ville|hotel|groupe|mairie|lycee|syndic|cabinet)) ?$"
)
HEAVY, LIGHT = 2.0, 0.4


def weigh_doubt(scene: Scene, reading: Reading) -> float:
    """The weight of the unexplained words: heavy where a noun stands, light elsewhere."""
    return sum(
        HEAVY if NOUN_PLACE.search(scene.folded[: token.start]) else LIGHT
        for token in list_unexplained(scene, reading)
    )


def list_unexplained(scene: Scene, reading: Reading) -> list[Token]:
    """Words that no name, date, threshold or applicable phrase accounts for."""
    explained = set(scene.taken)
    for phrase in scene.phrases:
        meanings = phrase.meanings
        if reading.target is None or any(scene.affinity(m, phrase) > 0 for m in meanings):
            explained.update(range(phrase.first, phrase.last + 1))
    return [
        token
        for index, token in enumerate(scene.tokens)
        if index not in explained and not _is_glue(token)
        and not any(token.form in code.lower() for code in scene.codes)
    ]  # fmt: skip


def find_unknown_names(scene: Scene, reading: Reading) -> tuple[str, ...]:
    """Capitalised words that no record answers to, gathered into names."""
    runs: list[list[Token]] = []
    for token in list_unexplained(scene, reading):
        raw = scene.question[token.start : token.end]
        if token.start == 0 or not raw[:1].isupper() or token.form in common_words():
            continue
        if runs and token.start - runs[-1][-1].end <= 4:
            runs[-1].append(token)
        else:
            runs.append([token])
    return tuple(scene.question[run[0].start : run[-1].end] for run in runs)


def _is_glue(token: Token) -> bool:
    return token.form in GLUE or stem(token.form) in GLUE or token.form.isdigit()
