"""Stretches put together: one list of each kind, no item twice, the later decision wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from agents.meeting_synthesis.models import Decision, Item, Minutes
from agents.meeting_synthesis.rules.next_meeting import date_by_meeting
from agents.meeting_synthesis.rules.unknown_day import keep_words_of_days
from agents.meeting_synthesis.verification import Verified

Kept = TypeVar("Kept", bound=Item)


def reconcile(drafted: Minutes, verified: Sequence[Verified]) -> Minutes:
    """The rules' frame (people, agenda, coverage, next meeting) with the model's proved items.

    Orders to the assistant are told by rules whatever the model saw; numbers that rules doubt
    stay doubted beside those that the model adds.
    """
    actions = _join(each.actions for each in verified)
    merged = drafted.model_copy(
        update={
            "decisions": tuple(_join_decisions(verified)),
            "actions": tuple(date_by_meeting(actions, drafted.next_meeting)),
            "open_points": tuple(_join(each.open_points for each in verified)),
            "risks": tuple(_join(each.risks for each in verified)) or drafted.risks,
            "dropped": tuple(_join(each.dropped for each in verified)),
            "contradictions": tuple(_join(each.contradictions for each in verified)),
            "numbers": tuple(_join([*(each.numbers for each in verified), list(drafted.numbers)])),
            "names": tuple(_join([*(each.names for each in verified), list(drafted.names)])),
            "unproved": sum(each.unproved for each in verified),
        }
    )
    return keep_words_of_days(merged)


def _join(parts: Iterable[Sequence[Kept]]) -> list[Kept]:
    """In the order of what was said; an item whose cues another one already has is the same."""
    kept: list[Kept] = []
    for part in parts:
        for item in part:
            if not any(_is_same(item, other) for other in kept):
                kept.append(item)
    return sorted(kept, key=lambda item: item.quotes[0].start)


def _is_same(left: Item, right: Item) -> bool:
    """Most of the cues of the shorter are those of the other."""
    mine, theirs = set(left.cues), set(right.cues)
    return left.text == right.text or len(mine & theirs) / min(len(mine), len(theirs)) > 0.5


def _join_decisions(verified: Sequence[Verified]) -> list[Decision]:
    """Like the rest, ranks of the replacing ones renumbered for the whole meeting."""
    whole: list[Decision] = []
    for each in verified:
        offset = len(whole)
        for decision in each.decisions:
            shifted = None if decision.replaced_by is None else decision.replaced_by + offset
            whole.append(decision.model_copy(update={"replaced_by": shifted}))
    kept = [place for place, decision in enumerate(whole)
            if not any(_repeats(decision, whole[other]) for other in range(place))]  # fmt: skip
    rank = {old: new for new, old in enumerate(kept)}
    return [
        whole[place].model_copy(update={"replaced_by": rank.get(whole[place].replaced_by or 0)
                                        if whole[place].replaced_by is not None else None})
        for place in kept
    ]  # fmt: skip


def _repeats(left: Decision, right: Decision) -> bool:
    return set(left.cues) == set(right.cues) or left.text == right.text
