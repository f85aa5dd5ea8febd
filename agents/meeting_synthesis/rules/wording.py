"""How sentences read: disfluencies taken out, nothing else."""

from __future__ import annotations

import re

from agents.meeting_synthesis.rules.phrases import FILLERS

REPEATED = re.compile(
    r"(?<!['’\w-])(je|tu|il|elle|on|ils|elles|le|la|les|une|des|de|du|au|aux|à|et|ou|mais|que|qui|"
    r"en|y|ce|ça|dans|sur|pour|par|avec|est|ne|se|mon|ma|mes|notre|nos|votre|vos)(?: ?,? \1\b(?!-))+",
    re.I,
)
"""Function words stumbled over: digits dictated twice and «très très» are meant."""
OPENING = re.compile(
    r"^(?:(?:oui|non|ok|d'accord|d’accord|bon|bien|très bien|donc|alors|et|ensuite|voilà|ah|parfait|"
    r"du coup|moi|nous(?! (?:\w+ )?\w+ons\b)|enfin|mais|super|c'est noté|c’est noté|entendu|noté|volontiers|avec joie|avec plaisir|pas de problème|ouais)\b[ ,.]*)+",
    re.I,
)


def clean(text: str) -> str:
    """A sentence for reading: no hesitation, no repetition, a capital and a full stop."""
    cleaned = FILLERS.sub("", " ".join(text.split()))
    cleaned = REPEATED.sub(r"\1", cleaned)
    cleaned = re.sub(r"[\s,]*([,.])", r"\1", cleaned)
    cleaned = cleaned.strip(" ,;")
    return finish(cleaned)


def finish(text: str) -> str:
    """A capital first, a full stop last."""
    text = text.strip(" ,;")
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!…" else f"{text}."
