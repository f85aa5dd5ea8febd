"""Requests about a task that exists: cancelled, done, reopened, moved to a day, given to someone.

A task has no reference: it is looked for by the words of its title and its client, then the one
that answers best is proposed for the change, or which one is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.portfolio_assistant.rules.planning import Call
from agents.portfolio_assistant.rules.scene import Named
from core.dates import SMALL_NUMBERS, add_months, find_period
from core.formats import NBSP
from core.words import fold, is_close
from crm.mentions import name_words
from crm.query_parts import Filter

E = r"(?:e[srz]?|ons|ions|iez)\b"
NOUN = r"(?:taches?|rappels?|relances?|actions?)"
THE = r"(?:la |le |l'|cette |cet |ce |ma |mon |sa |son |notre |votre )"
DONE = r"(?:faite?|finie?|terminee?|achevee?|realisee?|close?|cloturee?|effectuee?)"
CANCELLED = r"(?:annulee?|abandonnee?)"
OPEN = r"(?:ouverte?|rouverte?|reouverte?|a faire)"
STATE = rf"(?:(?P<done>{DONE})|(?P<cancelled>{CANCELLED})|(?P<open>{OPEN}))"
VERBS = {
    "cancelled": rf"(?:annul|supprim|abandonn|retir|enlev|effac){E}",
    "done": rf"(?:clotur|termin|achev|sold|ferm|coch|valid){E}|clo(?:s|re|se[sz]?)\b|"
    r"fini\w{1,4}\b",
    "open": r"re?ouvr(?:e[sz]?|ir|iez|ons)\b",
    "moved": rf"(?:report|decal|repouss|avanc|deplac|replanifi|reprogramm|prolong|ajourn|chang|"
    rf"modifi|fix){E}",
    "given": rf"(?:confi|affect|attribu|reattribu|assign|reassign|transfer|donn){E}",
    "marked": rf"(?:marqu|pass|indiqu|class|consider|bascul|declar|not){E}|(?:re)?mett?\w{{0,4}}\b",
}
ORDER = re.compile(
    "(?:" + "|".join(f"(?P<{name}>{verb})" for name, verb in VERBS.items()) + ") "
    r"(?:(?:l'echeance|la date(?: limite)?|le delai|le statut|l'etat|le responsable) (?:de |du ))?"
    rf"(?P<before>(?:au |a |pour |de |d'|comme |en )[^«:]{{1,30}}? (?={THE}{NOUN}))?"
    rf"{THE}?{NOUN}\b(?P<rest>.*)", re.DOTALL,
)  # fmt: skip
TOLD = re.compile(
    rf"(?:que )?{THE}{NOUN}\b(?P<rest>.+?) (?:est|soit|a ete|passe)"
    rf"(?: marquee?| en| a| comme| reportee?| decalee?| repoussee?)*\b(?P<state>.*)$", re.DOTALL,
)  # fmt: skip
DID = re.compile(
    r"(?:j'ai|on a|nous avons) (?:fait|fini|termine|acheve|realise|boucle|solde) "
    rf"{THE}{NOUN}\b(?P<rest>.*)", re.DOTALL,
)  # fmt: skip
TAIL = re.compile(
    rf"(?:,? ?(?:comme|en|a|au statut|a l'etat|:)) (?:etant )?{STATE}\b.*$", re.DOTALL
)
ENDING = re.compile(r"(?: (?:au|a|pour|le|du|de|avant|jusqu'|vers|:)| ?[:,])+ *$")
BECAUSE = re.compile(r",? (?:car|parce qu|puisqu|vu qu)(?=[e' ])")
BARE = frozenset("qui que pour est pas plus prevu prevue intitulee nommee concernant s".split())
QUOTED = re.compile(r"«\s*([^»]+?)\s*»|\"([^\"]+)\"|“([^”]+)”")
YEAR = re.compile(r"\d{4}|\d[/.-]\d{1,2}[/.-]\d{2}")
SAID_DAY = re.compile(r"\d")
COUNTS = "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True))
SHIFT = re.compile(rf"\b(?:de |d')(?P<count>\d{{1,3}}|{COUNTS}) (?P<unit>jours?|semaines?|mois)\b")
DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
STATUSES = ("done", "cancelled", "open")
FOUND_ENOUGH = 0.6
WORDS_SEARCHED, TITLES_SHOWN = 4, 8
ROWS = 60
NO_TITLE = f"[STATUT precision]De quelle tâche s’agit-il{NBSP}? Donnez les mots de son titre."
NO_DUE_DAY = (
    f"[STATUT precision]Cette tâche n’a pas d’échéance{NBSP}: à quelle date la fixer{NBSP}?"
)
NO_CHANGE = (
    f"[STATUT precision]Que faut-il changer à cette tâche{NBSP}? Elle peut être marquée faite ou "
    "annulée, reportée à une date, confiée à une autre personne."
)


@dataclass(frozen=True)
class Shift:
    """By how much a due date moves; negative when it comes sooner."""

    days: int
    months: int

    def move(self, day: dt.date) -> dt.date:
        """The day, moved."""
        return add_months(day, self.months) + dt.timedelta(days=self.days)


@dataclass(frozen=True)
class FindTask:
    """The task to look for, by the words that name it, and what to change in it."""

    words: tuple[str, ...]
    fields: Mapping[str, Any]
    reason: str
    shift: Shift | None = None

    @property
    def calls(self) -> list[Call]:
        """The reads that hold the task: open ones, or closed ones to reopen."""
        is_reopened = self.fields.get("status") == "open"
        status = Filter(field="status", operator="ne" if is_reopened else "eq", value="open")
        searched = sorted(self.words, key=len, reverse=True)[:WORDS_SEARCHED]
        return [
            _list(status, Filter(field=field, operator="contains", value=_root(word)))
            for word in searched
            for field in ("title", "account.name")
        ]


def asks_task_change(order: str) -> bool:
    """Tell whether a folded order is about a task that exists."""
    if match := ORDER.match(order):
        said = f" {match['before'] or ''} {match['rest']}"
        is_dated = "tache" in order and find_period(said, dt.date(2000, 1, 1)) is not None
        return match["marked"] is None or TAIL.search(said) is not None or is_dated
    if match := TOLD.match(order):
        return re.search(STATE, match.group()[match.end("rest") :]) is not None or (
            order.startswith("que ")
        )
    return DID.match(order) is not None


def read_task_change(
    order: str, raw: str, names: Sequence[Named], today: dt.date, reason: str
) -> FindTask | str:
    """The task to find and its new values, or what to ask back. `raw` is the order as typed."""
    match = ORDER.match(order) or TOLD.match(order) or DID.match(order)
    assert match is not None  # noqa: S101 - the caller asked asks_task_change
    start = match.start("rest")
    fields, end = _read_fields(match, order, names, today)
    shift = None if fields else SHIFT.search(order)
    if shift is not None and shift.start() >= start:
        end = shift.start()
    named = _read_title(raw[start:end])
    if not named:
        return NO_TITLE
    if shift is not None:
        return FindTask(named, fields, reason, _read_shift(shift, order))
    return FindTask(named, fields, reason) if fields else NO_CHANGE


def pick_task(found: FindTask, rows: Sequence[Mapping[str, Any]]) -> Call | str:
    """The proposal on the task that answers, or what to say when none or several do."""
    unique = {row["id"]: row for row in rows if row.get("id")}
    scores = {record_id: _score(found.words, row) for record_id, row in unique.items()}
    best = max((covered for covered, _ in scores.values()), default=0.0)
    told = " ".join(found.words)
    if best < FOUND_ENOUGH:
        kind = "faite ni annulée" if found.fields.get("status") == "open" else "ouverte"
        return (
            f"[STATUT sans_reponse]Je ne trouve aucune tâche {kind} dont le titre ou le client "
            f"réponde à «{NBSP}{told}{NBSP}». Reprenez les mots de son titre."
        )
    kept = [record_id for record_id, (covered, _) in scores.items() if covered == best]
    whole = [record_id for record_id in kept if scores[record_id][1]]
    chosen = whole if len(whole) == 1 else kept
    if len(chosen) == 1:
        fields = _list_values(found, unique[chosen[0]])
        if not fields:
            return NO_DUE_DAY
        arguments = {"record_id": str(chosen[0]), "fields": fields, "reason": found.reason}
        return "propose_task", arguments
    lines = "\n".join(f"- {_tell(unique[record_id])}" for record_id in kept[:TITLES_SHOWN])
    return (
        f"[STATUT precision]Plusieurs tâches répondent à «{NBSP}{told}{NBSP}». Laquelle"
        f"{NBSP}? Reprenez votre demande avec son titre entier et son client.\n\n{lines}"
    )


def _list_values(found: FindTask, row: Mapping[str, Any]) -> dict[str, Any]:
    """The new values; none when a due date is to be moved that the task has not."""
    if found.shift is None:
        return dict(found.fields)
    due = DAY.fullmatch(str(row.get("due_on", "")))
    if due is None:
        return {}
    day, month, year = (int(part) for part in due.groups())
    return {"due_on": found.shift.move(dt.date(year, month, day)).isoformat()}


def _read_shift(match: re.Match[str], order: str) -> Shift:
    sign = -1 if order.startswith("avanc") else 1
    count = sign * (int(match["count"]) if match["count"].isdigit() else
                    SMALL_NUMBERS[match["count"]])  # fmt: skip
    if match["unit"].startswith("mois"):
        return Shift(0, count)
    return Shift(count * (7 if match["unit"].startswith("semaine") else 1), 0)


def _read_fields(
    match: re.Match[str], order: str, names: Sequence[Named], today: dt.date
) -> tuple[dict[str, Any], int]:
    """The new values, and where the words naming the task end."""
    end = match.end("rest")
    if reasons := BECAUSE.search(order, match.start("rest")):
        end = min(end, reasons.start())
    if match.re is DID:
        return {"status": "done"}, end
    if match.re is TOLD:
        said = order[match.end("rest") :]
        return _read_status(re.search(STATE, said)) or _read_day(said, today), end
    for status in STATUSES:
        if match[status]:
            return {"status": status}, end
    before = f" {match['before'] or ''}"
    if told := _read_status(TAIL.search(before)) or _read_day(before, today):
        return told, end
    return _read_ending(order, match.start("rest"), end, names, today)


def _read_ending(
    order: str, start: int, end: int, names: Sequence[Named], today: dt.date
) -> tuple[dict[str, Any], int]:
    """The new values said after the task: a status, a day, a person."""
    quote = QUOTED.search(order, start)
    after = quote.end() if quote else start
    if tail := TAIL.search(order, after):
        return _read_status(tail), tail.start()
    if period := find_period(order[after:end], today):
        return _read_day(order[after:end], today), _trim(order, start, after + period.span[0])
    people = [n for n in names if n.kind == "person" and n.start >= after and n.candidates[0][1]]
    if people and len(people[-1].candidates) == 1:
        owner = {"owner_id": str(people[-1].candidates[0][1])}
        return owner, _trim(order, start, people[-1].start)
    return {}, end


def _read_status(match: re.Match[str] | None) -> dict[str, Any]:
    return {"status": next(s for s in STATUSES if match[s])} if match else {}


def read_due(text: str, today: dt.date) -> dt.date | None:
    """The day by which something is due: one said without its year is never past."""
    period = find_period(text, today)
    day = period and (period.end or period.start)
    if period is None or day is None or day >= today:
        return day
    is_bare = YEAR.search(text[slice(*period.span)]) is None and SAID_DAY.search(
        fold(text[slice(*period.span)])
    )
    return add_months(day, 12) if is_bare else day


def _read_day(text: str, today: dt.date) -> dict[str, Any]:
    day = read_due(text, today)
    return {"due_on": day.isoformat()} if day else {}


def _trim(order: str, start: int, end: int) -> int:
    ending = ENDING.search(order[start:end])
    return start + ending.start() if ending else end


def _read_title(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in name_words(text) if word not in BARE))


def _list(*filters: Filter) -> Call:
    return "list_records", {
        "object": "tasks",
        "filters": [condition.model_dump() for condition in filters],
        "columns": ["title", "account.name", "due_on"],
        "limit": ROWS,
    }


def _root(word: str) -> str:
    """The beginning that a word shares with its other forms (« relance », « relancer »)."""
    return word[: max(4, len(word) - 2)]


def _score(words: Sequence[str], row: Mapping[str, Any]) -> tuple[float, bool]:
    """The share of the words that the task holds, and whether they are its whole title."""
    title = name_words(str(row.get("title", "")))
    known = (*title, *name_words(str(row.get("account.name", ""))))
    covered = sum(any(_is_same(word, other) for other in known) for word in words) / len(words)
    is_whole = all(any(_is_same(word, other) for word in words) for other in title)
    return covered, bool(title) and is_whole


def _is_same(left: str, right: str) -> bool:
    return is_close(left, right) or (
        min(len(left), len(right)) >= 5 and _root(left)[:6] == _root(right)[:6]
    )


def _tell(row: Mapping[str, Any]) -> str:
    facts = [str(row[name]) for name in ("account.name", "due_on") if row.get(name, "–") != "–"]
    return f"{row['title']}" + (f" ({', '.join(facts)})" if facts else "")
