"""Pieces of another tender mixed in: another reference, and not a word of this buyer."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.tender_scoring.rules.identity import NOT_REFERENCE, REFERENCE
from agents.tender_scoring.rules.notice import Notice
from core.words import fold
from ingest.tenders.dossier import Dossier, ReadPiece

TITLED = ("rc", "cctp", "ccap", "ccp", "ae", "annex", "other", "corrigendum")


def set_strangers_apart(dossier: Dossier, notice: Notice) -> Dossier:
    """`dossier` with the pieces of another tender marked as foreign.

    The tender's own reference and buyer are those of the rules of consultation that name the
    notice's buyer, else of the reference most pieces bear.
    """
    codes = {p.id: _codes(p) for p in dossier.pieces if p.status == "used" and p.kind in TITLED}
    votes: dict[str, int] = {}
    for held in codes.values():
        for code in held:
            votes[code] = votes.get(code, 0) + 1
    if not votes:
        return dossier
    buyer = fold(notice.buyer or "")
    own = max(votes, key=lambda code: (votes[code] + 3 * _names(dossier, code, buyer), len(code)))
    if votes[own] < 2 and not buyer:
        return dossier
    return replace(dossier, pieces=tuple(
        _mark(piece, own, codes.get(piece.id, ()), buyer) for piece in dossier.pieces
    ))  # fmt: skip


def _codes(piece: ReadPiece) -> tuple[str, ...]:
    head = fold(piece.text.head[:1500])
    found = [match["code"].strip(".-/") for match in REFERENCE.finditer(head)]
    return tuple(dict.fromkeys(code for code in found if _is_code(code)))


def _is_code(code: str) -> bool:
    return len(code) >= 5 and bool(re.search(r"\d", code)) and not NOT_REFERENCE.match(code)


def _names(dossier: Dossier, code: str, buyer: str) -> bool:
    return bool(buyer) and any(
        code in fold(p.text.text[:20_000]) and buyer in fold(p.text.text) for p in dossier.pieces
    )


def _mark(piece: ReadPiece, own: str, codes: tuple[str, ...], buyer: str) -> ReadPiece:
    if not codes or own in codes or piece.status != "used":
        return piece
    text = fold(piece.text.text)
    if own in text or (buyer and buyer in text):
        return piece
    return replace(
        piece, status="foreign",
        reason=f"La pièce porte la référence « {codes[0].upper()} », et non « {own.upper()} » : "
               "elle semble appartenir à une autre consultation. Elle n’a pas été prise en compte.",
    )  # fmt: skip
