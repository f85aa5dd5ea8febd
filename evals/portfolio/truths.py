"""What a right answer must hold, computed from the rows by small declared functions.

A truth is a list of lines; each line is a tuple of facts that belong together (a client and its
revenue). `listed` are the keys an exact list may not hold beside its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.context import PARIS
from core.errors import InvalidInput
from crm.objects import OBJECTS, resolve_field
from evals.case_files import TruthSpec
from evals.portfolio.conditions import matches
from evals.portfolio.rows import Portfolio, Row, comparable

FactKind = Literal["count", "number", "date", "text"]
DROWNING = 10
NOTHING = ("aucun", "aucune", "zero", "pas de", "pas d'", "ni ")


@dataclass(frozen=True)
class Fact:
    """A value an answer must show; `accepted` are the ways to write a text."""

    kind: FactKind
    value: Decimal | dt.date | None = None
    accepted: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " | ".join(self.accepted) if self.kind == "text" else str(self.value)


Line = tuple[Fact, ...]


@dataclass(frozen=True)
class Truth:
    """What one reading of a question expects; a table longer than `max_rows` drowns it."""

    lines: tuple[Line, ...]
    is_leading: bool = False
    excluded: tuple[str, ...] = ()
    max_rows: int | None = None

    def describe(self) -> str:
        """The expected facts in one line, for reports."""
        return " ; ".join(" = ".join(map(str, line)) for line in self.lines) or "(rien)"


def evaluate(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """The truth that `spec` declares. Raises UnknownColumn or KeyError on a bad declaration."""
    return FUNCTIONS[spec.function](portfolio, spec)


def select(portfolio: Portfolio, spec: TruthSpec) -> list[Row]:
    """The rows that meet the conditions, related rows included."""
    found = [row for row in portfolio.rows(spec.table) if matches(portfolio, row, spec.where)]
    for related, wanted in ((spec.present, True), (spec.absent, False)):
        if related is not None:
            linked = {
                row[related.link]
                for row in portfolio.rows(related.table)
                if matches(portfolio, row, related.where)
            }
            found = [row for row in found if (row["id"] in linked) is wanted]
    return found


def count(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """How many rows, or how many different values of `field`."""
    rows = select(portfolio, spec)
    kept = {portfolio.value(row, spec.field) for row in rows} if spec.field else rows
    return Truth(((count_fact(len(kept)),),))


def aggregate(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """The sum or mean of `field` (weighted by `weight` when asked)."""
    return Truth(((Fact("number", measure(portfolio, spec, select(portfolio, spec))),),))


def measure(portfolio: Portfolio, spec: TruthSpec, rows: Sequence[Row]) -> Decimal:
    """The figure that `spec.measure` makes of `rows`."""
    if spec.measure == "count":
        return Decimal(len(rows))
    values = [comparable(portfolio.value(row, _field(spec))) for row in rows]
    known = [Decimal(value) for value in values if value is not None]
    total = sum(known, Decimal(0))
    if spec.measure == "sum":
        return total
    if spec.measure == "mean":
        return total / len(known) if known else Decimal(0)
    weights = [comparable(portfolio.value(row, str(spec.weight))) for row in rows]
    pairs = [(v, w) for v, w in zip(values, weights, strict=True) if None not in (v, w)]
    return sum((v * w for v, w in pairs), Decimal(0)) / sum((w for _, w in pairs), Decimal(0))


def list_rows(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """Every row, and no other of its table (told by the first shown column)."""
    rows = select(portfolio, spec)
    lines = tuple(dict.fromkeys(show(portfolio, spec, row) for row in rows))
    kept = {portfolio.value(row, spec.show[0]) for row in rows}
    others = {portfolio.value(row, spec.show[0]) for row in portfolio.rows(spec.table)} - kept
    excluded = tuple(sorted(str(other) for other in others if other)) if spec.exact else ()
    return Truth(lines or ((count_fact(0),),), excluded=excluded)


def show_values(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """The shown columns of the rows, not drowned among others (`only`: among none)."""
    rows = select(portfolio, spec)
    if not rows:
        raise InvalidInput(f"Aucune ligne de {spec.table} pour {spec.where}")
    longest = len(rows) if spec.only else max(DROWNING, 3 * len(rows))
    lines = tuple(dict.fromkeys(show(portfolio, spec, row) for row in rows))
    return Truth(lines, max_rows=longest)


def extremes(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """The first `limit` rows by `field`, empty values left out; the first must lead."""
    rows = [r for r in select(portfolio, spec) if portfolio.value(r, _field(spec)) is not None]
    rows.sort(key=lambda row: comparable(portfolio.value(row, _field(spec))),
              reverse=spec.order == "desc")  # fmt: skip
    return Truth(tuple(show(portfolio, spec, row) for row in rows[: spec.limit]), is_leading=True)


def groups(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """One line per value of `by` with its figure; with `limit`, the first by the figure."""
    gathered: dict[Any, list[Row]] = {}
    for row in select(portfolio, spec):
        gathered.setdefault(portfolio.value(row, str(spec.by)), []).append(row)
    figures = [(key, measure(portfolio, spec, rows)) for key, rows in gathered.items()]
    figures.sort(key=lambda pair: pair[1], reverse=spec.order == "desc")
    kept = figures[: spec.limit] if spec.limit else figures
    kind: FactKind = "count" if spec.measure == "count" else "number"
    lines = tuple(
        (*describe(spec.table, str(spec.by), key), *((Fact(kind, figure),) if spec.shows_figure
         else ()))
        for key, figure in kept
    )  # fmt: skip
    return Truth(lines, is_leading=spec.limit is not None)


def share(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """The part of the rows of `within` that meets `where`, in percent, by number or `field`."""
    whole = spec.model_copy(update={"where": spec.within})
    part = spec.model_copy(update={"where": [*spec.within, *spec.where]})
    figures = [measure(portfolio, one, select(portfolio, one)) for one in (part, whole)]
    return Truth(((Fact("number", 100 * figures[0] / figures[1]),),))


def whether(portfolio: Portfolio, spec: TruthSpec) -> Truth:
    """« oui » or « non », according to whether any row is found."""
    found = bool(select(portfolio, spec))
    return Truth(((yes_or_no(found),),))


def show(portfolio: Portfolio, spec: TruthSpec, row: Row) -> Line:
    """The facts of the shown columns of a row."""
    return tuple(
        fact
        for path in spec.show
        for fact in describe(spec.table, path, portfolio.value(row, path))
    )


def describe(table: str, path: str, value: Any) -> tuple[Fact, ...]:
    """The facts that a value makes: several for a list or a set of numbers."""
    if isinstance(value, bool):
        return (yes_or_no(value),)
    if isinstance(value, dt.datetime):
        return (Fact("date", value.astimezone(PARIS).date()),)
    if isinstance(value, dt.date):
        return (Fact("date", value),)
    if isinstance(value, int | float | Decimal):
        return (Fact("number", Decimal(str(value))),)
    if isinstance(value, Mapping):
        return tuple(Fact("number", Decimal(str(v))) for v in dict.fromkeys(value.values()))
    if isinstance(value, list):
        return tuple(Fact("text", accepted=(str(item),)) for item in value)
    return (Fact("text", accepted=_wordings(table, path, value)),)


def count_fact(number: int) -> Fact:
    """A number of things, which « aucun » may write when it is zero."""
    return Fact("count", Decimal(number), NOTHING if number == 0 else ())


def yes_or_no(value: bool) -> Fact:
    """« oui » or « non », with their usual turns."""
    return Fact("text", accepted=("oui",) if value else ("non", "sans", *NOTHING))


def _wordings(table: str, path: str, value: Any) -> tuple[str, ...]:
    """The stored word, and its French names when the column is a closed list."""
    if value is None:
        return ("non renseigné", "vide", "inconnu", "–", "—", *NOTHING)
    if table not in OBJECTS:
        return (str(value),)
    try:
        _, declared = resolve_field(OBJECTS[table], path)
    except InvalidInput:
        return (str(value),)
    labels = [w for c in declared.choices if c.value == value for w in (c.label, *c.words)]
    return tuple(labels) or (str(value),)


def _field(spec: TruthSpec) -> str:
    if spec.field is None:
        raise InvalidInput(f"La fonction {spec.function} demande `field`.")
    return spec.field


FUNCTIONS: Mapping[str, Callable[[Portfolio, TruthSpec], Truth]] = {
    "count": count,
    "aggregate": aggregate,
    "list": list_rows,
    "values": show_values,
    "extremes": extremes,
    "groups": groups,
    "share": share,
    "whether": whether,
}
