"""Orders given to the assistant within the meeting: told as an anomaly, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.meeting_synthesis.rules.lines import Line

ADDRESSED = re.compile(
    r"(?:^|[,.:;] ?|\b(?:cher|chere|a|pour|dis|hey|ok|bonjour|note a) (?:l')?)"
    r"(?:l')?(?:assistante?|ia|intelligence artificielle|copilot|chatgpt|claude|voltaire|robot|"
    r"bot|machine|transcripteur|logiciel de (?:compte rendu|transcription))\b"
    r"(?: qui (?:fait|redige|ecrit|lit|prepare)[^,.:]*)?(?: ?[,.:!]|$| (?:tu|vous|ignore|note|ecris|"
    r"ajoute|envoie|supprime|mets|oublie))"
)
ABOUT_MINUTES = re.compile(
    r"\b(?:ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez|tenir) pas compte|supprime[zr]?|efface[zr]?) "
    r"(?:tout |toutes |ce |ces |les |la |le |mes |vos |tes )*(?:qui (?:a|vient|precede)|instructions?|"
    r"consignes?|precedent\w*|decisions?|reste)\b|"
    r"\b(?:tu|vous) (?:ecris|ecrivez|inscris|inscrivez|indiques?|indiquez|mentionnes?|mentionnez|notes|"
    r"notez|ajoutes|ajoutez|marques|marquez) (?:que|dans le compte)|"
    r"\b(?:ecris|inscris|indique|mentionne|note|ajoute|marque)s?(?:z)? (?:bien )?(?:que|dans le compte[- ]rendu)\b|"
    r"\b(?:envoie|envoies|envoyez|transmets|transmettez|diffuse|diffusez|transfere) (?:directement )?"
    r"(?:le|ce) compte[- ]rendu\b|\bprompt\b|\binstructions? systeme\b"
)
FOR_ASSISTANT = re.compile(
    r"\b(?:pour|a) (?:l'(?:assistante?|ia|intelligence artificielle|outil)|copilot|voltaire|le robot|"
    r"la machine|le logiciel)\b.*(?:compte[- ]rendu|transcri|note|redige)"
)
IGNORES = re.compile(
    r"\b(?:ignore[zsr]?|oublie[zsr]?) (?:toutes? |tes |vos |les |mes )*(?:instructions?|consignes?)"
)


def find_orders(lines: Sequence[Line]) -> list[list[Line]]:
    """Each passage in which someone gives the assistant orders, as its lines.

    A passage runs from the line that addresses the assistant to the end of that speaker's turn.
    """
    found: list[list[Line]] = []
    taken: set[int] = set()
    for line in lines:
        if line.place in taken or not _addresses(line, lines):
            continue
        passage = [other for other in lines[line.place :] if other.turn == line.turn]
        taken |= {other.place for other in passage}
        found.append(passage)
    return found


def _addresses(line: Line, lines: Sequence[Line]) -> bool:
    folded = line.folded
    if FOR_ASSISTANT.search(folded) or IGNORES.search(folded):
        return True
    if not ADDRESSED.search(folded):
        return False
    rest = " ".join(o.folded for o in lines[line.place : line.place + 4] if o.turn == line.turn)
    return ABOUT_MINUTES.search(rest) is not None
