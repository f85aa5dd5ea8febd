"""«Ma journée»: tasks, deadlines of the week, tenders, reviews, approvals, mails since yesterday.

The page of the morning and the answer to «Que dois-je faire aujourd’hui ?» are both written from
the same `Day`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.portfolio_assistant.conversations import Surface
from agents.triage.digest import URGENCY, WEEKDAYS, list_news, since_yesterday
from core.context import Context
from core.formats import NBSP, count_noun, cut_list, format_date, format_long_date
from core.roles import KEEPERS
from core.words import fold
from crm.day import Due, list_due, sees_the_firm
from crm.gaps import Gap, list_gaps
from tools import approvals
from tools.cards import Card

WAITING_MOST, LINES_TOLD = 20, 12
"""Each card takes several reads: past this many, the day says « au moins »."""
ASKED = re.compile(
    r"^(?:"
    r"(?:(?:(?:qu'est[ -]ce que|que|quoi) (?:j'ai|dois[ -]je|je dois|ai[ -]je)|qu'ai[ -]je|"
    r"j'ai quoi) ?(?:a )?(?:faire|traiter)|je dois faire quoi|qu'est[ -]ce qui m'attend)"
    r"(?: en priorite)?"
    r"(?: (?:ce matin|cet apres-midi|(?:pour )?aujourd'hui|cette semaine|de ma journee))?|"
    r"(?:quelles sont )?mes priorites(?: (?:du jour|de la journee|d'aujourd'hui|ce matin))?|"
    r"(?:montrez?(?:[ -]moi)? |donnez?(?:[ -]moi)? |quelle est |c'est quoi )?ma journee|"
    r"(?:quel est )?mon programme(?: (?:du jour|d'aujourd'hui|de la journee))?|"
    r"par quoi je commence(?: ce matin)?"
    r")$"
)
APPROVE: dict[Surface, str] = {
    "chat": f"Ouvrez «{NBSP}Approbations{NBSP}».",
    "cli": f"Voyez-les par «{NBSP}voltaire approvals list{NBSP}».",
    "api": "",
}
KINDS = {
    "task": "Tâche", "contract_end": "Fin de contrat", "contract_notice": "Limite de préavis",
    "tender": "Remise d’appel d’offres", "tender_decision": "Appel d’offres",
}  # fmt: skip
OWN = "contrats et appels d’offres à votre nom ou sans responsable"
FIRM = "contrats et appels d’offres du cabinet"
QUALITY_FIRST = frozenset({"tasks", "reviews", "approvals"})
Topic = Literal["tasks", "deadlines", "tenders", "reviews", "approvals", "gaps", "mails"]


@dataclass(frozen=True)
class Line:
    """Something to do. `opens` shows it: a question to ask, else the id of a proposal or thread."""

    text: str
    when: str = ""
    is_late: bool = False
    opens: str = ""


@dataclass(frozen=True)
class Section:
    """The lines of a topic, of which there are `total`, at least if partial.

    `question` lists them all.
    """

    topic: Topic
    title: str
    nothing: str
    lines: tuple[Line, ...]
    total: int
    question: str = ""
    is_partial: bool = False


@dataclass(frozen=True)
class Day:
    """The day of a person, by topic; `scope` says whose records it was read from."""

    today: dt.date
    sections: tuple[Section, ...]
    scope: str


def is_day_asked(question: str) -> bool:
    """Tell whether a question asks what one has to do."""
    return ASKED.search(" ".join(fold(question).split()).strip(" ?!.")) is not None


async def read_day(context: Context) -> Day:
    """What the user has to do, from the rows they may see."""
    today = context.today
    due = await list_due(context, today)
    since = since_yesterday(context.clock())
    threads, reviews = await list_news(context, since)
    cards = await approvals.list_pending(context, limit=WAITING_MOST)
    sections = (
        _due("tasks", "Tâches à faire", "Aucune tâche à votre nom n’est due sous sept jours.",
             [one for one in due if one.kind == "task"], today,
             "Quelles sont mes tâches ouvertes ?"),
        _due("deadlines", "Échéances des sept jours", "Aucune échéance dans les sept jours.",
             [one for one in due if one.kind in ("contract_end", "contract_notice", "tender")],
             today, "Quels contrats arrivent à échéance dans les 7 jours ?"),
        _due("tenders", "Appels d’offres à décider", "Aucun appel d’offres n’attend de décision.",
             [one for one in due if one.kind == "tender_decision"], today,
             "Quels appels d’offres sont détectés ou en qualification ?"),
        _reviews(reviews, today),
        _approvals([card for card in cards if card.may_approve],
                   is_partial=len(cards) == WAITING_MOST),
        *([_gaps(await list_gaps(context.database, context.identity, limit=1_000, waiting=True))]
          if context.identity.roles & KEEPERS else []),
        _mails(threads, "hier" if since.date() == today - dt.timedelta(days=1)
               else WEEKDAYS[since.weekday()]),
    )  # fmt: skip
    if context.identity.roles & {"quality"}:
        sections = tuple(sorted(sections, key=lambda one: one.topic not in QUALITY_FIRST))
    return Day(today, sections, FIRM if sees_the_firm(context.identity) else OWN)


async def tell_day(context: Context, surface: Surface) -> str:
    """What the user has to do, in Markdown, whatever the engine."""
    return write_day(await read_day(context), surface)


def write_day(day: Day, surface: Surface) -> str:
    """The day in Markdown, a list by topic."""
    parts = [f"**Votre journée du {format_long_date(day.today)}**"]
    for section in day.sections:
        lines = cut_list([f"- {write_line(line)}" for line in section.lines], LINES_TOLD)
        if section.topic == "approvals" and lines and APPROVE[surface]:
            lines += ["", APPROVE[surface]]
        parts += [write_title(section), "\n".join(lines) or section.nothing]
    parts.append(write_scope(day))
    return "\n\n".join(parts)


def write_title(section: Section) -> str:
    """The title of a topic, with how many there are."""
    least = "au moins " if section.is_partial else ""
    count = f"{NBSP}: {least}{section.total}" if section.total else ""
    return f"**{section.title}{count}**"


def write_line(line: Line) -> str:
    """A line in Markdown."""
    when = f"**en retard** {line.when}" if line.is_late else line.when
    return _plain(line.text) + (f" – {when}" if when else "")


def write_scope(day: Day) -> str:
    """What the day was read from."""
    return (
        f"*D’après le portefeuille{NBSP}: tâches à votre nom, {day.scope}, courriels triés, "
        "propositions que vous pouvez voir.*"
    )


def _due(
    topic: Topic, title: str, nothing: str, due: Sequence[Due], today: dt.date, question: str
) -> Section:
    lines = tuple(_tell(one, today) for one in due)
    return Section(topic, title, nothing, lines, len(lines), question.replace(" ?", f"{NBSP}?"))


def _tell(one: Due, today: dt.date) -> Line:
    named = f" {one.reference}" if one.reference else ""
    is_named = not one.account or fold(one.account) in fold(one.title)
    account = "" if is_named else f" ({one.account})"
    is_late = one.day < today
    when = f"le {format_date(one.day)}" if one.day > today else "aujourd’hui"
    if one.kind == "tender_decision" and one.day > today:
        when = f"remise {when}"
    return Line(
        f"{KINDS[one.kind]}{named}{NBSP}: {one.title}{account}",
        f"depuis le {format_date(one.day)}" if is_late else when,
        is_late,
        _question(one),
    )


def _question(one: Due) -> str:
    """What shows the record, else its client."""
    if one.reference:
        object_ = "l’appel d’offres" if one.kind.startswith("tender") else "le contrat"
        return f"Montrez {object_} {one.reference}"
    return f"Faites le point sur {one.account}" if one.account else ""


def _reviews(rows: Sequence[dict[str, Any]], today: dt.date) -> Section:
    lines = tuple(
        Line(
            f"{row['subject'] or '(sans objet)'} ({row['account'] or 'client non identifié'})",
            f"{'depuis' if row['due_on'] < today else 'à décider avant'} le "
            f"{format_date(row['due_on'])}",
            row["due_on"] < today,
            str(row["thread_id"]),
        )
        for row in rows
    )
    return Section(
        "reviews", "Non-conformités à confirmer ou à écarter",
        "Aucune non-conformité n’attend d’examen.", lines, len(lines),
    )  # fmt: skip


def _approvals(cards: Sequence[Card], *, is_partial: bool) -> Section:
    lines = tuple(
        Line(card.title + (f" ({card.account_name})" if card.account_name else ""),
             opens=str(card.id))
        for card in cards
    )  # fmt: skip
    return Section(
        "approvals", "Modifications à approuver", "Aucune modification n’attend votre accord.",
        lines, len(lines), is_partial=is_partial,
    )  # fmt: skip


def _gaps(gaps: Sequence[Gap]) -> Section:
    lines = tuple(
        Line(f"«{NBSP}{gap.question}{NBSP}», posée {count_noun(gap.repeats, 'fois', 'fois')}")
        for gap in gaps
    )
    return Section(
        "gaps", "Questions restées sans réponse", "Aucune question n’est restée sans réponse.",
        lines, len(lines), "Quelles sont les questions restées sans réponse ?",
    )  # fmt: skip


def _mails(threads: Sequence[dict[str, Any]], since: str) -> Section:
    """The mails of the day, those to handle today named."""
    pressing = [row for row in threads if row["urgency"] == max(URGENCY)]
    lines = tuple(
        Line(
            f"{row['subject'] or '(sans objet)'} ({row['account'] or 'client non identifié'})",
            f"à traiter {URGENCY[row['urgency']]}",
            opens=str(row["thread_id"]),
        )
        for row in pressing
    )
    others = len(threads) - len(pressing)
    if others:
        told = count_noun(others, "échange", "échanges")
        lines += (Line(f"{told} sans urgence du jour"),)
    return Section(
        "mails", f"Courriels triés depuis {since}", f"Aucun courriel trié depuis {since}.", lines,
        len(threads), f"Que s’est-il passé depuis hier{NBSP}?",
    )  # fmt: skip


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", re.sub(r"[ \t\r\n]+", " ", text))
