"""What a perfect model would answer: the truth of a case, in the form asked of a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.meeting_synthesis.answer import (
    GivenAction,
    GivenContradiction,
    GivenDecision,
    GivenItem,
    GivenMinutes,
    GivenName,
    GivenNumber,
)
from core.engine.protocol import Message, Request, Text
from evals.meetings.truths import MeetingCase, TrueDecision, TrueItem

CUE = re.compile(r"^\[([^\]]+)\]", re.M)


def answer_perfectly(case: MeetingCase, request: Request) -> Message:
    """The true items whose first cue stands in the stretch asked about."""
    asked = set(CUE.findall(request.messages[0].text))
    truth = case.truth
    decisions = [d for d in truth.decisions if d.cue_ids and d.cue_ids[0] in asked]
    given = GivenMinutes(
        decisions=[
            GivenDecision(
                text=d.text, cue_ids=d.cue_ids, quote=_quote(case, d.cue_ids),
                condition=_find_condition(case, d.cue_ids) if d.conditional else None,
                replaces=_find_replaced(decisions, truth.decisions, d),
            )
            for d in decisions
        ],
        actions=[
            GivenAction(text=a.what, cue_ids=_unique(a.cue_ids), owner=a.owner,
                        quote=_quote(case, a.cue_ids), due_raw=a.due_raw if a.due_iso else None)
            for a in truth.actions if a.cue_ids[0] in asked
        ],
        open_points=_items(case, truth.open_points, asked),
        dropped=_items(case, truth.not_decisions, asked),
        contradictions=[
            GivenContradiction(text=i.text, cue_ids=i.cue_ids, quote=i.quote)
            for i in _items(case, truth.contradictions, asked)
        ],
        numbers=[
            GivenNumber(text=n.as_spoken, cue_ids=[n.cue_id], quote=n.as_spoken, raw=n.as_spoken)
            for n in truth.numbers if n.suspicious and n.cue_id in asked
        ],
        names=[
            GivenName(text=n.heard, cue_ids=n.cue_ids, quote=n.heard, heard=n.heard, meant=n.meant)
            for n in truth.asr_name_errors if n.cue_ids[0] in asked
        ],
    )  # fmt: skip
    return Message("assistant", (Text(given.model_dump_json()),))


def _find_replaced(
    asked: Sequence[TrueDecision], all_of_them: Sequence[TrueDecision], later: TrueDecision
) -> int | None:
    """The rank, among those asked, of the decision that `later` replaces."""
    for rank, decision in enumerate(asked):
        by = decision.superseded_by
        if by is not None and all_of_them[by] is later:
            return rank
    return None


def _items(case: MeetingCase, items: Sequence[TrueItem], asked: set[str]) -> list[GivenItem]:
    return [
        GivenItem(text=i.text, cue_ids=i.cue_ids, quote=_quote(case, i.cue_ids))
        for i in items if i.cue_ids[0] in asked
    ]  # fmt: skip


def _quote(case: MeetingCase, cues: Sequence[str]) -> str:
    return case.transcript.cues[case.transcript.by_id[cues[0]]].text


def _find_condition(case: MeetingCase, cues: Sequence[str]) -> str | None:
    said = " ".join(case.transcript.cues[case.transcript.by_id[cue]].text for cue in cues)
    found = re.search(r"(?:sous réserve|si l[ea]) [^.]*", said)
    return found.group() if found else None


def _unique(cues: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(cues))
