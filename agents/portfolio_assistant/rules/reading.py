"""What a question asks, ready to be planned: records, conditions, figures, order."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.scene import Named, path_to
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS
from crm.query_parts import Bound, Filter, Grouping, Measure, RelatedFilter

OPEN_STATUSES: dict[str, tuple[str, ...]] = {
    "contracts": ("active", "ending"),
    "tenders": ("detected", "qualifying", "go", "submitted"),
    "non_conformities": ("draft", "open", "analysing", "acting", "checking"),
    "tasks": ("open",),
    "incidents": ("open", "monitoring"),
    "grid_requests": ("draft", "sent", "accepted", "scheduled"),
    "flexibility_opportunities": ("identified", "studying", "proposed"),
    "efficiency_opportunities": ("identified", "studying", "proposed"),
    "ppa_projects": ("identified", "studying", "negotiating"),
    "market_watch": ("new", "kept"),
}
ASKED_ABOUT = ("account", "site", "person", "contact")


@dataclass
class Reading:
    """A question read; `told` are its conditions in French, `doubt` weighs what stays obscure.

    `unplaced` counts the names that no condition could carry; `obscure` are unexplained nouns;
    `is_beyond` tells that one of them is the very thing asked for.
    """

    question: str
    target: str | None = None
    operation: cues.Operation = "list"
    filters: list[Filter] = field(default_factory=list[Filter])
    related: list[RelatedFilter] = field(default_factory=list[RelatedFilter])
    measure: tuple[str, str] | None = None
    groups: list[Grouping] = field(default_factory=list[Grouping])
    having: list[Bound] = field(default_factory=list[Bound])
    columns: list[str] = field(default_factory=list[str])
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None
    told: list[str] = field(default_factory=list[str])
    wordings: dict[str, str] = field(default_factory=dict[str, str])
    names: tuple[Named, ...] = ()
    unknown: tuple[str, ...] = ()
    doubt: float = 0.0
    unplaced: int = 0
    obscure: tuple[str, ...] = ()
    is_beyond: bool = False
    has_explicit_target: bool = False

    @property
    def declared(self) -> BusinessObject:
        """The object the question is about."""
        assert self.target is not None  # noqa: S101 - asked once the target is chosen
        return OBJECTS[self.target]

    @property
    def ambiguous(self) -> Named | None:
        """A name that fits several records, to be asked about."""
        return next(
            (n for n in self.names if len(n.candidates) > 1 and n.kind in ASKED_ABOUT), None
        )

    @property
    def record(self) -> Named | None:
        """The one record named by its code, when it is what the question is about."""
        return next(
            (n for n in self.names
             if n.is_reference and n.object == self.target and len(n.candidates) == 1), None
        )  # fmt: skip

    def add(self, condition: Filter, told: str) -> None:
        """A condition on the target."""
        if condition not in self.filters:
            self.filters.append(condition)
            self.wordings[condition.model_dump_json()] = told
            if told and told not in self.told:
                self.told.append(told)

    def drop(self, condition: Filter) -> None:
        """Take a condition back, with what was told of it."""
        self.filters.remove(condition)
        told = self.wordings.pop(condition.model_dump_json(), "")
        if told in self.told:
            self.told.remove(told)

    def add_statuses(self, statuses: tuple[str, ...], told: str) -> None:
        """Keep records in one of `statuses`, unless the status is settled already."""
        if not any(f.field.split(".")[-1] == "status" for f in self.filters):
            self.add(Filter(field="status", operator="in", value=list(statuses)), told)

    def relate(self, name: str, condition: Filter, told: str) -> None:
        """A condition on related records, at least one of which must meet it."""
        if told not in self.told:
            self.told.append(told)
        for index, related in enumerate(self.related):
            if related.object == name and related.exists:
                merged = [*related.filters, condition]
                self.related[index] = related.model_copy(update={"filters": merged})
                return
        self.related.append(RelatedFilter(object=name, filters=[condition]))

    def place(self, name: str, condition: Filter, told: str) -> bool:
        """Put a condition on `name` where the target allows: itself, a link, related records."""
        if self.target == name:
            self.add(condition, told)
            return True
        path = path_to(self.declared, name)
        if path is not None:
            self.add(condition.model_copy(update={"field": f"{path}.{condition.field}"}), told)
            return True
        if path_to(OBJECTS[name], self.declared.name) is not None:
            self.relate(name, condition, told)
            return True
        return False

    def to_measure(self, function: str) -> Measure:
        """The measure, dotted where it lies on a link."""
        assert self.measure is not None  # noqa: S101 - asked for figures only
        name, column = self.measure
        path = "" if name == self.target else f"{path_to(self.declared, name)}."
        return Measure.model_validate({"function": function, "field": f"{path}{column}"})


def lower_label(label: str) -> str:
    """A label inside a sentence: « Contrat » loses its capital, « C4 » and « SIRET » do not."""
    is_acronym = len(label) > 1 and (label[1].isupper() or label[1].isdigit())
    return label if is_acronym else label[:1].lower() + label[1:]


def tell_open(declared: BusinessObject) -> str:
    """How open records are called."""
    return "statut non clôturé" if declared.name == "non_conformities" else "en cours"
