"""Two readings of one file put together: rules first, the model where rules read nothing.

Where both read and differ, the rules' value stands, the model's is kept beside it, and the reader
is told, with both places. Neither the gates nor the grid hear of a difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Conflict, Criterion, Fact, Requirement
from agents.tender_scoring.findings import Clarification
from agents.tender_scoring.scoring import Sheet
from agents.tender_scoring.topics import READ_TWICE, TOPICS
from agents.tender_scoring.verification import Verified
from core.formats import NBSP, format_number
from core.words import fold

# Read by the model alone, these may change a gate or what the firm must do: a person confirms.
CONFIRMED = frozenset({*READ_TWICE, "eliminatory", "reserved_lots"})


def reconcile(sheet: Sheet, verified: Verified, known: Sequence[Requirement] = ()) -> Sheet:
    """The sheet with what the model adds, and the doubts that its reading raises.

    `known`: the requirements of the matrix that rules made.
    """
    facts: dict[str, object] = {}
    doubts: list[Clarification] = []
    for key in dict.fromkeys(fact.key for fact in verified.facts):
        told = [fact for fact in verified.facts if fact.key == key]
        held = getattr(sheet.facts, key)
        join = _join_many if TOPICS[key].is_many else _join_one
        facts[key], more = join(held, told)
        doubts += more
    criteria, told_criteria = _join_criteria(sheet.criteria, verified.criteria)
    return replace(
        sheet,
        facts=sheet.facts.model_copy(update=facts),
        criteria=criteria,
        requirements=tuple(_new_requirements(verified, known)),
        doubts=(*doubts, *told_criteria),
    )


def _join_one(known: Fact | None, told: Sequence[Fact]) -> tuple[Fact, list[Clarification]]:
    first = told[0]
    return (first, _ask_confirmation(first)) if known is None else _compare(known, first)


def _compare(known: Fact, told: Fact) -> tuple[Fact, list[Clarification]]:
    if agree(known, told):
        return known.model_copy(update={"read_by": "both"}), []
    return _set_against(known, told)


def _join_many(
    known: tuple[Fact, ...], told: Sequence[Fact]
) -> tuple[tuple[Fact, ...], list[Clarification]]:
    """New statements are added where rules read none; else the first of each lot is compared."""
    if not known:
        fresh = _distinct(told)
        return tuple(fresh), [doubt for fact in fresh for doubt in _ask_confirmation(fact)]
    joined, doubts = list(known), list[Clarification]()
    for fact in told:
        at = next((n for n, k in enumerate(joined) if k.lots == fact.lots), None)
        if at is not None and joined[at].conflict is None:
            one, more = _compare(joined[at], fact)
            joined[at] = one
            doubts += more
    return tuple(joined), doubts


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    return list({(fact.value, fact.lots): fact for fact in reversed(facts)}.values())[::-1]


def _ask_confirmation(told: Fact) -> list[Clarification]:
    if told.key not in CONFIRMED:
        return []
    return [Clarification(
        key=f"modele-{told.key}-{told.evidence[0].span.start}", question=None, lots=told.lots,
        subject=f"{told.label}{NBSP}: {told.value}, d’après le modèle seul. À confirmer sur "
                "l’original.",
        evidence=told.evidence,
    )]  # fmt: skip


def _set_against(known: Fact, told: Fact) -> tuple[Fact, list[Clarification]]:
    conflict = Conflict(value=told.value, read_by="model", evidence=told.evidence)
    doubt = Clarification(
        key=f"lecture-{known.key}", question=None, lots=known.lots,
        subject=f"{known.label}{NBSP}: les règles lisent «{NBSP}{known.value}{NBSP}», le modèle "
                f"«{NBSP}{told.value}{NBSP}». La lecture des règles est retenue{NBSP}; vérifiez "
                "les deux passages.",
        evidence=(*known.evidence[:1], *told.evidence[:1]),
    )  # fmt: skip
    return known.model_copy(update={"conflict": conflict}), [doubt]


def agree(known: Fact, told: Fact) -> bool:
    """Whether two readings of a statement say the same, by what code computed of each."""
    if known.instant is not None and told.instant is not None:
        return known.instant == told.instant
    if known.key == "duration" and known.months and told.months:
        # The quote may give the first period of a duration that rules count with its renewals.
        return told.months == known.months or (
            told.months < known.months and "reconduction" in fold(known.value)
        )
    for name in ("hours", "days", "months", "is_mandatory", "is_allowed"):
        one, two = getattr(known, name), getattr(told, name)
        if one is not None and two is not None:
            return bool(one == two)
    return _share_words(known.value, told.value)


def _share_words(known: str, told: str) -> bool:
    one, two = set(fold(known).split()), set(fold(told).split())
    return len(one & two) >= 0.5 * min(len(one), len(two))


def _join_criteria(
    known: tuple[Criterion, ...], told: Sequence[Criterion]
) -> tuple[tuple[Criterion, ...], list[Clarification]]:
    """The model's criteria where rules read none for the offers; else only told."""
    own = [criterion for criterion in known if criterion.stage == "offer"]
    if not own:
        return (*known, *told), []
    held = {(fold(c.name), c.weight) for c in own}
    fresh = [c for c in told if (fold(c.name), c.weight) not in held
             and not _overlap(c.evidence, [e for k in own for e in k.evidence])]  # fmt: skip
    return known, [
        Clarification(
            key=f"critere-{rank}", question=None, lots=criterion.lots, evidence=criterion.evidence,
            subject=f"Critère lu par le modèle seul, non retenu{NBSP}: {criterion.name}, "
                    f"{format_number(criterion.weight or 0)}. Vérifiez la pondération.",
        )
        for rank, criterion in enumerate(fresh, 1)
    ]  # fmt: skip


def _new_requirements(verified: Verified, known: Sequence[Requirement]) -> list[Requirement]:
    """Those that stand elsewhere than what the matrix has, or will have from the facts told."""
    places = [evidence for each in (*known, *verified.facts) for evidence in each.evidence]
    kept: list[Requirement] = []
    for each in verified.requirements:
        if not _overlap(each.evidence, places):
            kept.append(each)
            places += each.evidence
    return kept


def _overlap(mine: Sequence[Evidence], theirs: Sequence[Evidence]) -> bool:
    return any(
        a.span.source_id == b.span.source_id
        and a.span.start < b.span.end
        and b.span.start < a.span.end
        for a in mine
        for b in theirs
    )
