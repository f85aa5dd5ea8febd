"""How each item is told, in any output: labels, owners, dates, sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from agents.meeting_synthesis.models import Action, Decision, Minutes, Quote
from core.context import PARIS
from core.dates import WEEKDAYS
from core.formats import NBSP, count_noun, format_date, format_instant

SHOWN = 3
UNASSIGNED = "non attribué"
NO_DATE = "sans date"
TO_CONFIRM = "date à confirmer"
STATUS = {"present": "présent(e)", "excused": "excusé(e)", "absent": "absent(e)"}


def tell_time(quote: Quote) -> str:
    """«00:01:23», or the cue's id where the source has no times."""
    if quote.at_ms is None:
        return quote.cue.rpartition("/")[2]
    seconds = quote.at_ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def tell_sources(quotes: Sequence[Quote], *, with_words: bool) -> str:
    """Who said it and when, the first three; with the words themselves, to the letter."""
    kept = list({quote.cue: quote for quote in quotes}.values())[:SHOWN]
    return " · ".join(_tell_source(quote, with_words=with_words) for quote in kept)


def _tell_source(quote: Quote, *, with_words: bool) -> str:
    told = f"{tell_time(quote)}{f' {quote.speaker}' if quote.speaker else ''}"
    said = " ".join(quote.text.split())
    return f"{told}{NBSP}: «{NBSP}{said}{NBSP}»" if with_words else told


def tell_due(action: Action) -> str:
    """«vendredi 09/10/2026 (« d’ici vendredi »)»."""
    if action.due_on is None:
        said = f" («{NBSP}{action.due_raw}{NBSP}»)" if action.due_raw else ""
        return f"{TO_CONFIRM}{said}" if said else NO_DATE
    about = "vers le " if action.is_rough else ""
    day = f"{about}{WEEKDAYS[action.due_on.weekday()]} {format_date(action.due_on)}"
    return f"{day} («{NBSP}{action.due_raw}{NBSP}»)" if action.due_raw else day


def tell_owner(action: Action) -> str:
    """The owner's name, or that there is none."""
    return action.owner or UNASSIGNED


def tell_decision(decision: Decision) -> str:
    """The decision with its condition."""
    if decision.condition is None:
        return decision.text
    return f"{decision.text} Condition{NBSP}: {decision.condition.strip(' .')}."


def tell_date(minutes: Minutes) -> str:
    """When the meeting was held; its hour where it is known."""
    if not minutes.is_date_known:
        return f"Date de la réunion non communiquée{NBSP}: les échéances relatives sont à confirmer"
    local = minutes.starts_at.astimezone(PARIS)
    is_whole_day = local.time() == dt.time()  # an invitation dated by its day alone, or a day said
    return format_date(local.date()) if is_whole_day else format_instant(minutes.starts_at)


def tell_invitation(minutes: Minutes) -> str:
    """Where the people and the day come from."""
    if not minutes.is_invited:
        return f"Sans invitation{NBSP}: les participants sont les voix entendues."
    told = f"Participants et date{NBSP}: invitation «{NBSP}{minutes.title}{NBSP}»"
    since = f", donnée le {format_instant(minutes.invited_at)}" if minutes.invited_at else ""
    return f"{told}{since}."


def tell_next_meeting(minutes: Minutes) -> str:
    """When people meet again; empty where nothing was said."""
    meeting = minutes.next_meeting
    if meeting is None:
        return ""
    return f"Le {meeting.text}." if meeting.starts_at else f"{meeting.text}."


def tell_coverage(minutes: Minutes) -> str:
    """How much was read, and what is missing."""
    coverage = minutes.coverage
    told = (
        f"Couverture{NBSP}: {coverage.percent}{NBSP}% de la réunion, "
        f"{coverage.named_percent}{NBSP}% des paroles attribuées à une personne."
    )
    return " ".join([told, *coverage.remarks])


def tell_origin(minutes: Minutes) -> str:
    """Who made the minutes."""
    provenance = minutes.provenance
    made = (
        f"Compte rendu rédigé avec le modèle {provenance.engine} et vérifié dans la transcription."
        if provenance.is_model
        else "Compte rendu établi par les règles de Voltaire, sans modèle."
    )
    if provenance.fallback_reason:
        made = f"{made} {provenance.fallback_reason}"
    if minutes.unproved:
        left_out = count_noun(
            minutes.unproved, "élément proposé par le modèle a été écarté",
            "éléments proposés par le modèle ont été écartés",
        )  # fmt: skip
        made += f" {left_out}, faute de preuve dans la transcription."
    return made
