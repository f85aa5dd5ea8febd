"""Pieces of another tender mixed in: another reference or buyer, and not a word of this one."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.tender_scoring.rules.identity import (
    HEAD_CHARS,
    NOT_REFERENCE,
    REFERENCE,
    find_heading,
    is_heading_of_body,
)
from agents.tender_scoring.rules.notice import Notice
from core.words import fold
from ingest.tenders.dossier import Dossier, ReadPiece

OTHER_BODY = (
    "La pièce est au nom de «\u00a0{body}\u00a0», et non de «\u00a0{own}\u00a0»\u00a0: elle semble "
    "appartenir à une autre consultation. Elle n’a pas été prise en compte."
)
TITLED = ("rc", "cctp", "ccap", "ccp", "ae", "annex", "other", "corrigendum")


def set_strangers_apart(dossier: Dossier, notice: Notice) -> Dossier:
    """`dossier` with the pieces of another tender marked as foreign."""
    return _set_bodies_apart(_set_codes_apart(dossier, notice), notice)


def _set_codes_apart(dossier: Dossier, notice: Notice) -> Dossier:
    """Those that bear another reference.

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


def _set_bodies_apart(dossier: Dossier, notice: Notice) -> Dossier:
    """Those that open on the name of another body, which the rules of consultation never name."""
    rules = [piece for piece in dossier.pieces if piece.status == "used" and piece.kind == "rc"]
    own = notice.buyer or next(filter(None, map(_find_body, rules)), None)
    if own is None or not rules:
        return dossier
    known = fold(" ".join([own, notice.source, *(piece.text.text for piece in rules)]))

    def mark(piece: ReadPiece) -> ReadPiece:
        body = _find_body(piece) if piece.status == "used" and piece.kind in TITLED else None
        if body is None or fold(body) in known or fold(own) in fold(piece.text.text):
            return piece
        reason = OTHER_BODY.format(body=body, own=own)
        return replace(piece, status="foreign", reason=reason)

    return replace(dossier, pieces=tuple(map(mark, dossier.pieces)))


def _find_body(piece: ReadPiece) -> str | None:
    """The public body whose name stands alone on a line of the piece's head."""
    start = 0
    for line in piece.text.text[:HEAD_CHARS].split("\n"):
        if is_heading_of_body(fold(line), start):
            return " ".join((find_heading(line) or line).split())
        start += len(line) + 1
    return None


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
