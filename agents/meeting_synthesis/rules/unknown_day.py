"""A meeting whose day nobody gave: what was said of days is kept, no day is made out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agents.meeting_synthesis.models import Action, Minutes, NextMeeting
from core.formats import NBSP
from core.numerals import write_digits

YEAR = re.compile(r"\b20\d\d\b")


def keep_words_of_days(minutes: Minutes) -> Minutes:
    """`minutes` without the days that were counted from the day of a meeting not known.

    A day said with its year stays.
    """
    if minutes.is_date_known:
        return minutes
    return minutes.model_copy(
        update={
            "actions": tuple(_undate(minutes.actions)),
            "next_meeting": _undate_meeting(minutes.next_meeting),
        }
    )


def _undate(actions: Iterable[Action]) -> Iterable[Action]:
    for action in actions:
        is_sure = action.due_raw is not None and _has_year(action.due_raw)
        yield action if is_sure else action.model_copy(update={"due_on": None})


def _undate_meeting(meeting: NextMeeting | None) -> NextMeeting | None:
    if meeting is None or any(_has_year(quote.text) for quote in meeting.quotes):
        return meeting
    said = " ".join(quote.text.strip() for quote in meeting.quotes)
    text = f"«{NBSP}{said}{NBSP}», date à confirmer"
    return meeting.model_copy(update={"starts_at": None, "has_time": False, "text": text})


def _has_year(text: str) -> bool:
    return YEAR.search(write_digits(text)[0]) is not None
