"""Score, interval, sensitivity and verdict: arithmetic on notes and gates, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from agents.tender_scoring.findings import MissingPiece
from agents.tender_scoring.grid import Grid
from agents.tender_scoring.rules.naming import name_kinds
from agents.tender_scoring.rules.notes import MIDDLE
from agents.tender_scoring.verdicts import (
    VERDICTS,
    GateResult,
    GridNote,
    LotVerdict,
    Reason,
    VerdictKind,
)
from core.formats import NBSP, format_number

TENTH = Decimal("0.1")
SOFT = frozenset({"signature"})


def judge_lot(
    lot: int | None, notes: Sequence[GridNote], gates: Sequence[GateResult],
    missing: Sequence[MissingPiece], grid: Grid,
) -> LotVerdict:  # fmt: skip
    """The verdict of a lot.

    A missing notice, RC or CCTP: INCOMPLETE and no score. A failed gate: NO_GO whatever the
    score. A gate that cannot be checked or holds a reserve, or too many unknown notes: no GO.
    """
    blocking = [piece for piece in missing if piece.blocks_score]
    if blocking:
        return _incomplete(lot, gates, blocking)
    score, low, high = _score(notes)
    failed = [gate for gate in gates if gate.status == "failed"]
    reserves = list_reserves(gates)
    unknown = [note for note in notes if note.is_unknown]
    if len(unknown) >= grid.unknown_limit:
        names = ", ".join(f"{note.label[:1].lower()}{note.label[1:]}" for note in unknown)
        reserves.append(f"renseigner les critères inconnus{NBSP}: {names}")
    verdict = _decide(score, failed, reserves, grid)
    return LotVerdict(
        lot=lot, verdict=verdict, score=score, low=low, high=high, notes=tuple(notes),
        gates=tuple(gates), reasons=tuple(_reasons(verdict, failed, gates, notes, score)),
        reserves=tuple(reserves) if verdict != "NO_GO" else (),
        sensitivity=tuple(_sensitivity(verdict, failed, notes, score, reserves, grid)),
    )  # fmt: skip


def _incomplete(
    lot: int | None, gates: Sequence[GateResult], blocking: Sequence[MissingPiece]
) -> LotVerdict:
    names = name_kinds(tuple(piece.kind for piece in blocking))
    evidence = tuple(each for piece in blocking for each in piece.evidence)
    told = (
        f"Dossier incomplet{NBSP}: il manque {names}. Les conditions d’accès ou les critères en "
        f"dépendent{NBSP}: ajoutez une copie lisible pour obtenir une note."
    )
    reason = Reason(text=told, evidence=evidence, is_decisive=True)
    return LotVerdict(lot=lot, verdict="INCOMPLETE", score=None, low=None, high=None,
                      gates=tuple(gates), reasons=(reason,))  # fmt: skip


def _score(notes: Sequence[GridNote]) -> tuple[Decimal, Decimal, Decimal]:
    """Weighted means on 100; an unknown note counts for the middle, its bounds for 0 and 5."""

    def weigh(values: Sequence[Decimal]) -> Decimal:
        total = sum((v * n.weight / 5 for v, n in zip(values, notes, strict=True)), Decimal(0))
        return total.quantize(TENTH, ROUND_HALF_UP)

    return (
        weigh([MIDDLE if note.note is None else note.note for note in notes]),
        weigh([note.low for note in notes]),
        weigh([note.high for note in notes]),
    )


def list_reserves(gates: Sequence[GateResult]) -> list[str]:
    """What a GO depends on, by the gates."""
    reserves = [gate.reserve for gate in gates if gate.reserve and gate.status != "failed"]
    reserves += [
        f"vérifier{NBSP}: {gate.label.lower()}" for gate in gates
        if gate.status == "unknown" and not gate.reserve and gate.key not in SOFT
    ]  # fmt: skip
    return list(dict.fromkeys(reserves))


def _decide(
    score: Decimal, failed: Sequence[GateResult], reserves: Sequence[str], grid: Grid
) -> VerdictKind:
    if failed or score < grid.reserve_from:
        return "NO_GO"
    return "GO_SOUS_RESERVE" if reserves or score < grid.go_from else "GO"


def _reasons(
    verdict: VerdictKind, failed: Sequence[GateResult], gates: Sequence[GateResult],
    notes: Sequence[GridNote], score: Decimal,
) -> list[Reason]:  # fmt: skip
    reasons = [Reason(text=gate.explanation, evidence=gate.evidence,
                      profile_facts=gate.profile_facts, is_decisive=True) for gate in failed]  # fmt: skip
    if not failed and verdict == "NO_GO":
        reasons.append(Reason(text=f"Note de {format_number(score)} sur 100, sous le seuil.",
                              is_decisive=True))  # fmt: skip
    telling = [gate for gate in gates if gate.status in ("passed", "unknown") and (
        gate.reserve or gate.key in ("role", "references", "turnover", "conflict", "visit"))]  # fmt: skip
    reasons += [Reason(text=gate.explanation, evidence=gate.evidence,
                       profile_facts=gate.profile_facts) for gate in telling]  # fmt: skip
    known = [note for note in notes if note.note is not None]
    known.sort(key=lambda note: -note.weight * abs((note.note or 0) - MIDDLE))
    reasons += [
        Reason(text=f"{note.label} : {format_number(note.note or 0)} sur 5. {note.reason}",
               evidence=note.evidence, profile_facts=note.profile_facts)
        for note in known[:3]
    ]  # fmt: skip
    return reasons


def _sensitivity(
    verdict: VerdictKind, failed: Sequence[GateResult], notes: Sequence[GridNote],
    score: Decimal, reserves: Sequence[str], grid: Grid,
) -> list[str]:  # fmt: skip
    """What would change the verdict, in the firm's own terms."""
    if failed:
        remedies = [gate.reserve or f"l’obstacle « {gate.label.lower()} » était levé"
                    for gate in failed]  # fmt: skip
        return [f"{VERDICTS[verdict]} deviendrait {VERDICTS['GO_SOUS_RESERVE']} si "
                f"{' et si '.join(remedies)}."]  # fmt: skip
    if verdict == "GO_SOUS_RESERVE" and score >= grid.go_from:
        return [f"{_becomes(verdict, 'GO')} une fois ces réserves levées{NBSP}: "
                f"{f'{NBSP}; '.join(reserves)}."]  # fmt: skip
    if verdict == "GO":
        lost = [n for n in notes if n.note is not None
                and score - n.note * n.weight / 5 < grid.go_from]  # fmt: skip
        return [
            f"{_becomes(verdict, 'GO_SOUS_RESERVE')} si la note «{NBSP}{note.label}{NBSP}» passe "
            f"sous {format_number(_needed(note, score, grid.go_from))} sur 5." for note in lost[:3]
        ]  # fmt: skip
    target = grid.go_from if verdict == "GO_SOUS_RESERVE" else grid.reserve_from
    wanted: VerdictKind = "GO" if verdict == "GO_SOUS_RESERVE" else "GO_SOUS_RESERVE"
    gains = [n for n in notes if 0 <= _needed(n, score, target) <= 5]
    return [
        f"{_becomes(verdict, wanted)} si la note «{NBSP}{note.label}{NBSP}» atteint "
        f"{format_number(_needed(note, score, target))} sur 5." for note in gains[:3]
    ]  # fmt: skip


def _becomes(verdict: VerdictKind, wanted: VerdictKind) -> str:
    return f"{VERDICTS[verdict]} devient {VERDICTS[wanted]}"


def _needed(note: GridNote, score: Decimal, target: Decimal) -> Decimal:
    """The note at which the score meets `target`, the others unchanged."""
    own = MIDDLE if note.note is None else note.note
    if note.weight == 0:
        return Decimal(99)
    return (own + (target - score) * 5 / note.weight).quantize(TENTH)


def sum_up(lots: Sequence[LotVerdict]) -> VerdictKind:
    """The verdict of the whole: NO_GO if every lot is, GO if every lot is, else under reserve."""
    kinds: set[VerdictKind] = {each.verdict for each in lots}
    if not kinds or kinds == {"INCOMPLETE"}:
        return "INCOMPLETE"
    return kinds.pop() if len(kinds) == 1 else "GO_SOUS_RESERVE"
