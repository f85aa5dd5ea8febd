"""A question read against the declarations: which records, under which conditions, to what end."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.lexicon import Meaning, Phrase, find_phrases
from agents.portfolio_assistant.rules.stopwords import GLUE
from core.dates import Period, find_period
from core.words import Token, fold, stem, tokenize
from crm.catalogue import BusinessObject, Field
from crm.mentions import common_words, name_words
from crm.objects import OBJECTS
from crm.queries import Filter, Grouping, Measure, RelatedFilter

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
}
TO_SUBMIT = ("detected", "qualifying", "go")
PREFERENCE = (
    "contracts", "delivery_points", "tenders", "non_conformities", "accounts", "sites", "tasks",
    "contacts", "incidents", "grid_requests", "emails", "meetings", "competitors", "amendments",
    "ppa_projects", "flexibility_opportunities", "efficiency_opportunities", "market_watch",
    "tender_lots", "tender_criteria", "kb_articles", "document_templates", "users",
    "tender_competitors", "contract_delivery_points",
)  # fmt: skip
UNIT_KINDS = {"€": "money", "mwh": "energy", "kva": "power", "kw": "power", "mw": "power",
              "m2": "area", "%": "percent"}  # fmt: skip
BUCKET_WORDS = {"mois": "month", "mensuel": "month", "trimestre": "quarter", "annee": "year",
                "an": "year"}  # fmt: skip
VERB_MEASURES = (
    (re.compile(r"\bconsomm"), "delivery_points", "annual_consumption_mwh"),
    (re.compile(r"\b(?:pay|pai|coute|factur|depens)"), "contracts", "annual_amount_eur"),
)
AHEAD = frozenset({
    "end_on", "notice_deadline_on", "submission_deadline", "questions_deadline",
    "data_consent_expires_on", "review_due_on",
})  # fmt: skip
BRIDGES = {
    ("competitors", "tenders"): ("tender_competitors", "tender"),
    ("tenders", "competitors"): ("tender_competitors", "competitor"),
    ("contracts", "delivery_points"): ("contract_delivery_points", "delivery_point"),
    ("delivery_points", "contracts"): ("contract_delivery_points", "contract"),
}


@dataclass(frozen=True)
class Named:
    """A recognised name of the question and the records it may stand for."""

    kind: str
    start: int
    end: int
    text: str
    candidates: tuple[tuple[str, UUID | None], ...]


@dataclass
class Reading:
    """What a question asks, ready to be planned; `told` are its conditions in French."""

    question: str
    target: str | None = None
    operation: cues.Operation = "list"
    filters: list[Filter] = field(default_factory=list[Filter])
    related: list[RelatedFilter] = field(default_factory=list[RelatedFilter])
    measure: tuple[str, str] | None = None
    groups: list[Grouping] = field(default_factory=list[Grouping])
    columns: list[str] = field(default_factory=list[str])
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None
    told: list[str] = field(default_factory=list[str])
    names: tuple[Named, ...] = ()
    unknown: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    has_explicit_target: bool = False
    is_past: bool = False

    @property
    def ambiguous(self) -> Named | None:
        """A name that fits several records, to be asked about."""
        return next((n for n in self.names if len(n.candidates) > 1 and n.kind in (
            "account", "site", "person", "contact")), None)  # fmt: skip


def read_question(
    question: str, names: Sequence[Named], unknown_codes: Sequence[str], today: dt.date
) -> Reading:
    """Read one question; nothing is looked up."""
    return _Reader(question, tuple(names), tuple(unknown_codes), today).read()


class _Reader:
    def __init__(
        self, question: str, names: tuple[Named, ...], codes: tuple[str, ...], today: dt.date
    ) -> None:
        self.question = question
        self.folded = fold(question)
        self.today = today
        self.codes = codes
        self.tokens = tokenize(question)
        self.names = names
        self.period = self._find_period()
        self.thresholds = cues.find_thresholds(self._without(self._name_spans()))
        spans = [*self._name_spans(), *(t.span for t in self.thresholds)]
        if self.period is not None:
            spans.append(self.period.span)
        self.taken = self._covered(spans)
        known = frozenset(w for n in names for c in n.candidates for w in name_words(c[0]))
        self.phrases = find_phrases(self.tokens, self.taken, known)
        self.result = Reading(question, names=names, unknown=codes)

    def read(self) -> Reading:
        result = self.result
        result.target = self._choose_target()
        if result.target is not None:
            self._read_operation()
            self._read_names()
            self._read_choices()
            self._read_cues()
            self._read_thresholds()
            self._read_period()
            self._read_related_objects()
            self._read_order()
        result.leftovers = self._find_leftovers()
        result.unknown = (*result.unknown, *self._find_unknown_names())
        return result

    # what is spoken of

    @property
    def target(self) -> BusinessObject:
        assert self.result.target is not None  # noqa: S101 - read() checks it first
        return OBJECTS[self.result.target]

    def _choose_target(self) -> str | None:
        spoken = self._spoken_objects()
        if spoken:
            self.result.has_explicit_target = True
            return self._head_object(spoken)
        reference = next((n.kind for n in self.names if n.kind.startswith("reference:")), None)
        if reference is not None:
            return reference.partition(":")[2]
        implied = self._implied_object()
        if implied is not None:
            return implied
        return "accounts" if any(n.kind == "account" for n in self.names) else None

    def _spoken_objects(self) -> list[tuple[int, str]]:
        return [
            (phrase.first, meaning.object)
            for phrase in self.phrases
            for meaning in phrase.meant("object")[:1]
            if not self._follows_grouping(phrase)
        ]

    def _head_object(self, spoken: list[tuple[int, str]]) -> str:
        """The first object named, unless a later one is what the question counts or wants."""
        first = spoken[0][1]
        if first == "competitors" and any(n.kind == "reference:tenders" for n in self.names):
            return "tender_competitors"
        others = [name for _, name in spoken[1:] if name != first]
        if first in ("accounts", "users") and others:
            opening = self.folded[: self.tokens[spoken[0][0]].start]
            asks_for_it = re.search(r"\b(?:quel|quelle|quels|quelles|combien|liste|lequel|qui|"
                                    r"montre|donne|affiche)\b", opening)  # fmt: skip
            if not asks_for_it and opening.strip():
                return others[0]
        if first == "users" and not others:
            return first
        return first

    def _implied_object(self) -> str | None:
        scores: dict[str, float] = {}
        for phrase in self.phrases:
            if self._follows_grouping(phrase):
                continue
            for meaning in phrase.meanings:
                weight = 2.0 if meaning.kind == "field" else 1.0
                scores[meaning.object] = scores.get(meaning.object, 0) + weight
        for pattern, name, _ in VERB_MEASURES:
            if pattern.search(self.folded):
                scores[name] = scores.get(name, 0) + 2
        for threshold in self.thresholds:
            if threshold.unit in ("kva", "mwh"):
                scores["delivery_points"] = scores.get("delivery_points", 0) + 1
        if not scores:
            return None
        if any(n.kind == "supplier" for n in self.names):
            scores["contracts"] = scores.get("contracts", 0) + 1.5
        if any(n.kind == "account" for n in self.names) and "accounts" in scores:
            scores["accounts"] += 0.5
        return max(scores, key=lambda name: (scores[name], -_rank(name)))

    # to what end

    def _read_operation(self) -> None:
        result, text = self.result, self.folded
        result.measure = self._find_measure()
        result.groups = self._find_groups()
        result.columns = self._asked_columns()
        entity = self._has_entity()
        if cues.OVERVIEW.search(text) and any(n.kind == "account" for n in self.names):
            if not self._other_objects_than("accounts"):
                result.operation, result.target = "overview", "accounts"
                return
        if result.measure is not None and cues.AVERAGE.search(text):
            result.operation = "avg"
        elif self._has_extreme() and (result.measure or result.groups or self._has_quantity()):
            result.operation = "min" if cues.LOWEST.search(text) else "max"
        elif result.measure is not None and self._wants_sum(entity):
            result.operation = "sum"
        elif cues.COUNT.search(text) or (result.groups and not result.measure):
            result.operation = "count"
        elif result.groups and result.measure:
            result.operation = "sum"
        elif cues.EXISTS.search(text):
            result.operation = "exists"
        self._retarget()

    def _retarget(self) -> None:
        """A figure held by another object is computed there, by the object asked about if any."""
        result = self.result
        if result.operation not in ("sum", "avg", "max", "min"):
            return
        if result.operation in ("max", "min") and result.measure is None and not result.groups:
            if self._counts_related():
                self._move_to(self._other_objects_than(self.target.name)[0], grouped=True)
                return
            result.measure = self._default_measure(self.target)
        if result.measure is not None and result.measure[0] != self.target.name:
            self._move_to(result.measure[0], grouped=result.operation in ("max", "min"))

    def _move_to(self, name: str, *, grouped: bool) -> None:
        path = _path_to(OBJECTS[name], self.target.name)
        if path is None:
            return
        if grouped and not self.result.groups:
            self.result.groups = [Grouping(field=f"{path}.{self.target.title}")]
        else:
            self.result.groups = self._regroup(name)
        self.result.target = name

    def _regroup(self, name: str) -> list[Grouping]:
        path = _path_to(OBJECTS[name], self.target.name)
        own = self.target.by_name
        return [
            g.model_copy(update={"field": f"{path}.{g.field}"}) if g.field in own else g
            for g in self.result.groups
        ]

    def _has_extreme(self) -> bool:
        return bool(cues.HIGHEST.search(self.folded) or cues.LOWEST.search(self.folded))

    def _has_quantity(self) -> bool:
        return self.target.measure is not None or bool(self._other_objects_than(self.target.name))

    def _wants_sum(self, entity: bool) -> bool:
        if self.result.measure is None:
            return False
        declared = OBJECTS[self.result.measure[0]].by_name[self.result.measure[1]]
        if declared.kind not in ("money", "energy", "power", "area"):
            return False
        if cues.AMOUNT.search(self.folded) or cues.SUM.search(self.folded):
            return True
        if any(n.kind.startswith("reference:") for n in self.names):
            return False
        singular = re.search(r"\b(?:quel|quelle) (?:est|sera|etait)?\b", self.folded)
        return bool(singular) and not (entity and self.target.name == "accounts")

    def _find_measure(self) -> tuple[str, str] | None:
        found: list[tuple[float, str, str]] = []
        for phrase in self.phrases:
            if self._follows_grouping(phrase):
                continue
            for meaning in phrase.meant("field"):
                declared = OBJECTS[meaning.object].by_name[meaning.field]
                affinity = self._affinity(meaning, phrase)
                if declared.is_numeric and affinity > 0:
                    found.append((affinity, meaning.object, meaning.field))
        if found:
            best = max(found, key=lambda item: item[0])
            return best[1], best[2]
        if cues.AMOUNT.search(self.folded):
            for pattern, name, measured in VERB_MEASURES:
                if pattern.search(self.folded):
                    return name, measured
            return self._default_measure(self.target)
        return None

    def _default_measure(self, declared: BusinessObject) -> tuple[str, str] | None:
        for unit, kind in (("mwh", "energy"), ("€", "money"), ("euro", "money"), ("kva", "power")):
            if unit in self.folded:
                named = next((f for f in declared.fields if f.kind == kind), None)
                return (declared.name, named.name) if named else None
        return (declared.name, declared.measure) if declared.measure else None

    def _find_groups(self) -> list[Grouping]:
        groups: list[Grouping] = []
        for phrase in self.phrases:
            if self._follows_grouping(phrase) or self._is_asked_kind(phrase):
                dotted = self._group_field(phrase)
                if dotted and all(g.field != dotted for g in groups):
                    groups.append(Grouping(field=dotted))
        bucket = re.search(
            r"\b(?:par|chaque|selon l[ea']) ?(mois|trimestre|annee|an)\b", self.folded
        )
        date = self._date_field()
        if bucket and date is not None and date[0] == self.target.name:
            kind = BUCKET_WORDS[bucket[1]]
            groups.insert(0, Grouping(field=date[1], bucket=kind))  # type: ignore[arg-type]
        return groups

    def _group_field(self, phrase: Phrase) -> str | None:
        for meaning in sorted(phrase.meanings, key=lambda m: -self._affinity(m, phrase)):
            if meaning.kind == "object":
                found = self._title_path(meaning.object)
            elif meaning.kind == "field":
                declared = OBJECTS[meaning.object].by_name[meaning.field]
                found = None
                if not declared.is_numeric and declared.kind not in ("date", "instant"):
                    found = self._dotted(meaning)
            else:
                continue
            if found is not None:
                return found
        return None

    def _title_path(self, name: str) -> str | None:
        if name == "users":
            path = _path_to(self.target, "users")
            if path is None and _path_to(self.target, "accounts"):
                path = f"{_path_to(self.target, 'accounts')}.owner"
        else:
            path = _path_to(self.target, name)
        return None if path is None else f"{path}.{OBJECTS[name].title}"

    def _follows_grouping(self, phrase: Phrase) -> bool:
        before = self.folded[: self.tokens[phrase.first].start]
        return bool(re.search(
            r"\b(?:par|selon|pour chaque|chaque|en fonction d[eu]s?|repartition (?:par|des?)|et par)"
            r" ?(?:l[ea']|les|leur|type de|d[eu'] ?)? ?$", before))  # fmt: skip

    def _is_asked_kind(self, phrase: Phrase) -> bool:
        """«Quel fournisseur a le plus…», «quels fournisseurs…» : the field itself is wanted."""
        fields = phrase.meant("field")
        if not fields or phrase.meant("object") or self._has_entity():
            return False
        declared = OBJECTS[fields[0].object].by_name[fields[0].field]
        if declared.kind not in ("text", "enum"):
            return False
        before = self.folded[: self.tokens[phrase.first].start]
        asked = re.search(r"\b(?:quel|quelle|quels|quelles|dans quelle|dans quel)(?: sont| est)?"
                          r"(?: l[ea]s?| nos| notre)? ?$", before)  # fmt: skip
        return bool(asked)

    def _asked_columns(self) -> list[str]:
        columns: list[str] = []
        for phrase in self.phrases:
            if phrase.meant("object"):
                continue
            meanings = [m for m in phrase.meant("field") if self._affinity(m, phrase) > 0]
            for meaning in sorted(meanings, key=lambda m: -self._affinity(m, phrase))[:1]:
                dotted = self._dotted(meaning)
                if dotted is not None and dotted not in columns:
                    columns.append(dotted)
        if cues.WHO.search(self.folded) and "owner" in self.target.links:
            columns.append("owner.full_name")
        elif cues.WHO.search(self.folded) and _path_to(self.target, "accounts"):
            columns.append(f"{_path_to(self.target, 'accounts')}.owner.full_name")
        return columns

    # under which conditions

    def _read_names(self) -> None:
        for named in self.names:
            if named.kind.startswith("reference:"):
                self._add_reference(named)
            elif named.kind == "account":
                self._add_identity(named, "accounts")
            elif named.kind in ("site", "competitor", "contact"):
                self._add_identity(named, named.kind + "s")
            elif named.kind == "person":
                self._add_person(named)
            else:
                self._add_value(named)

    def _add_identity(self, named: Named, name: str) -> None:
        ids = [str(rid) for _, rid in named.candidates if rid is not None]
        told = f"{OBJECTS[name].singular} : {named.candidates[0][0]}"
        if self.target.name == name:
            self._add(Filter(field="id", operator="in", value=list(ids)), told)
        elif (path := _path_to(self.target, name)) is not None:
            self._add(Filter(field=f"{path}.id", operator="in", value=list(ids)), told)
        elif (self.target.name, name) in BRIDGES:
            self._bridge(name, ids, told)
        else:
            self._relate(name, Filter(field="id", operator="in", value=list(ids)), told)

    def _bridge(self, name: str, ids: list[str], told: str) -> None:
        bridge, link = BRIDGES[self.target.name, name]
        self._relate(bridge, Filter(field=f"{link}.id", operator="in", value=list(ids)), told)

    def _add_reference(self, named: Named) -> None:
        name = named.kind.partition(":")[2]
        ids = [str(rid) for _, rid in named.candidates if rid is not None]
        told = f"référence : {named.candidates[0][0]}"
        path = _path_to(self.target, name)
        if self.target.name == name:
            self._add(Filter(field="id", operator="in", value=list(ids)), told)
        elif path is not None:
            self._add(Filter(field=f"{path}.id", operator="in", value=list(ids)), told)
        elif (self.target.name, name) in BRIDGES:
            self._bridge(name, ids, told)
        else:
            self._relate(name, Filter(field="id", operator="in", value=list(ids)), told)

    def _add_person(self, named: Named) -> None:
        ids = [str(rid) for _, rid in named.candidates if rid is not None]
        told = f"responsable : {named.candidates[0][0]}"
        if self.target.name == "users":
            self._add(Filter(field="id", operator="in", value=list(ids)), told)
        elif "owner" in self.target.links:
            self._add(Filter(field="owner.id", operator="in", value=list(ids)), told)
        elif (path := _path_to(self.target, "accounts")) is not None:
            self._add(Filter(field=f"{path}.owner.id", operator="in", value=list(ids)), told)

    def _add_value(self, named: Named) -> None:
        places = {
            "supplier": (("contracts", "supplier"),),
            "region": (("accounts", "region"),),
            "place": (("sites", "commune"), ("accounts", "city")),
            "grid_operator": (("delivery_points", "grid_operator"),),
        }.get(named.kind, ())
        value = named.candidates[0][0]
        if named.kind == "place" and self.target.name == "accounts":
            places = (("accounts", "city"),)
        for name, column in places:
            told = f"{lower_label(OBJECTS[name].by_name[column].label)} : {value}"
            if self._place(name, Filter(field=column, value=value), told):
                return

    def _place(self, name: str, condition: Filter, told: str) -> bool:
        """Put a condition on `name` where the target allows: itself, a link, a related record."""
        if self.target.name == name:
            self._add(condition, told)
            return True
        path = _path_to(self.target, name)
        if path is not None:
            self._add(condition.model_copy(update={"field": f"{path}.{condition.field}"}), told)
            return True
        if _path_to(OBJECTS[name], self.target.name) is not None:
            self._relate(name, condition, told)
            return True
        return False

    def _add(self, condition: Filter, told: str) -> None:
        if condition not in self.result.filters:
            self.result.filters.append(condition)
            self.result.told.append(told)

    def _relate(self, name: str, condition: Filter, told: str) -> None:
        for index, related in enumerate(self.result.related):
            if related.object == name and related.exists:
                merged = [*related.filters, condition]
                self.result.related[index] = related.model_copy(update={"filters": merged})
                self.result.told.append(told)
                return
        self.result.related.append(RelatedFilter(object=name, filters=[condition]))
        self.result.told.append(told)

    def _read_choices(self) -> None:
        wanted: dict[tuple[str, str], list[str]] = {}
        negated: set[tuple[str, str]] = set()
        for phrase in self.phrases:
            if self._follows_grouping(phrase) or phrase.meant("object"):
                continue
            choices = phrase.meant("choice")
            scored = [(self._affinity(m, phrase), m) for m in choices]
            scored = [s for s in scored if s[0] > 0 and not self._is_open_cue(phrase, s[1])]
            if phrase.meant("field") and scored:
                best_field = max(self._affinity(m, phrase) for m in phrase.meant("field"))
                if best_field >= max(s[0] for s in scored) or self._names_field(phrase):
                    continue
            if not scored:
                continue
            _, meaning = max(scored, key=lambda s: s[0])
            wanted.setdefault((meaning.object, meaning.field), []).append(meaning.value)
            if self._is_negated(phrase):
                negated.add((meaning.object, meaning.field))
        for (name, column), values in wanted.items():
            self._add_choice(name, column, values, negated=(name, column) in negated)
        self._read_booleans()

    def _add_choice(self, name: str, column: str, values: list[str], *, negated: bool) -> None:
        declared = OBJECTS[name].by_name[column]
        labels = " ou ".join(lower_label(declared.choice_label(v)) for v in dict.fromkeys(values))
        told = f"{lower_label(declared.label)} {'autre que' if negated else ':'} {labels}"
        values = list(dict.fromkeys(values))
        if len(values) == 1 and not negated:
            condition = Filter(field=column, value=values[0])
        else:
            condition = Filter(
                field=column, operator="not_in" if negated else "in", value=list(values)
            )
        if name in ("contracts", "delivery_points", "tenders") and column == "energy":
            if name == "tenders":
                condition = Filter(field=column, operator="in", value=[*values, "both"])
        self._place(name, condition, told)

    def _read_booleans(self) -> None:
        for phrase in self.phrases:
            for meaning in phrase.meant("field"):
                declared = OBJECTS[meaning.object].by_name[meaning.field]
                if declared.kind != "boolean" or self._affinity(meaning, phrase) <= 0:
                    continue
                value = not self._is_negated(phrase)
                told = f"{lower_label(declared.label)} : {'oui' if value else 'non'}"
                self._place(meaning.object, Filter(field=meaning.field, value=value), told)

    def _read_cues(self) -> None:
        if self.result.operation == "overview":
            return
        has_status = any(f.field.split(".")[-1] == "status" for f in self.result.filters)
        late = cues.LATE.search(self.folded)
        if late and "due_on" in self.target.by_name:
            self._add(Filter(field="due_on", operator="lt", value=self.today.isoformat()),
                      "en retard")  # fmt: skip
        if self.target.name == "tenders" and not has_status and cues.TO_SUBMIT.search(self.folded):
            self._add(Filter(field="status", operator="in", value=list(TO_SUBMIT)),
                      "encore à remettre")  # fmt: skip
            return
        wants_open = cues.OPEN.search(self.folded) or late
        if wants_open and not has_status and self.target.name in OPEN_STATUSES:
            statuses = OPEN_STATUSES[self.target.name]
            self._add(
                Filter(field="status", operator="in", value=list(statuses)),
                _tell_open(self.target),
            )

    def _read_thresholds(self) -> None:
        for threshold in self.thresholds:
            placed = self._threshold_field(threshold)
            if placed is None:
                continue
            name, declared = placed
            self._place(name, _bound(declared, threshold), _tell_threshold(declared, threshold))

    def _threshold_field(self, threshold: cues.Threshold) -> tuple[str, Field] | None:
        kind = UNIT_KINDS.get(threshold.unit)
        names = [self.target.name, *self._other_objects_than(self.target.name)]
        if self.result.measure is not None:
            name, measured = self.result.measure
            declared = OBJECTS[name].by_name[measured]
            if kind is None or declared.kind == kind:
                return name, declared
        for name in names:
            for declared in _by_measure(OBJECTS[name]):
                unit = declared.unit.lower()
                if kind is not None and declared.kind == kind:
                    return name, declared
                if threshold.unit in ("jour", "an", "annee") and unit.startswith(
                    threshold.unit[:2]
                ):
                    return name, declared
        return None

    def _read_period(self) -> None:
        if self.period is None:
            return
        if self.result.operation == "overview":
            return
        placed = self._date_field()
        if placed is None:
            return
        name, column = placed
        declared = OBJECTS[name].by_name[column]
        period = self._look_ahead(column, self.period)
        told = f"{lower_label(declared.label)} {period.label}"
        self._place(name, _within(column, period), told)
        if name == "contracts" and column in AHEAD and period.start == self.today:
            self._keep_open(name)

    def _look_ahead(self, column: str, period: Period) -> Period:
        """«À dénoncer avant fin janvier» leaves out what is already past."""
        past = re.search(r"\b(?:expires?|echus?|finis?|terminee?s?|passee?s?|etaient|ont)\b",
                         self.folded)  # fmt: skip
        is_ahead = period.end is not None and period.end >= self.today
        if column in AHEAD and period.start is None and is_ahead and not past:
            return replace(period, start=self.today)
        return period

    def _keep_open(self, name: str) -> None:
        if any(f.field.endswith("status") for f in self.result.filters):
            return
        told = "contrats en cours"
        statuses = list(OPEN_STATUSES[name])
        self._place(name, Filter(field="status", operator="in", value=list(statuses)), told)

    def _date_field(self) -> tuple[str, str] | None:
        found: list[tuple[float, str, str]] = []
        for phrase in self.phrases:
            for meaning in phrase.meant("field"):
                declared = OBJECTS[meaning.object].by_name[meaning.field]
                affinity = self._affinity(meaning, phrase)
                if declared.kind in ("date", "instant") and affinity > 0:
                    found.append((affinity, meaning.object, meaning.field))
        if found:
            best = max(found, key=lambda item: item[0])
            return best[1], best[2]
        for name in [self.target.name, *self._other_objects_than(self.target.name)]:
            date = OBJECTS[name].date
            if date is not None:
                return name, date
        return None

    def _read_related_objects(self) -> None:
        """«Clients sans contrat», «sites avec un incident» : presence or absence of records."""
        for phrase in self.phrases:
            for meaning in phrase.meant("object")[:1]:
                name = meaning.object
                if name == self.target.name or self._follows_grouping(phrase):
                    continue
                if _path_to(OBJECTS[name], self.target.name) is None:
                    if (self.target.name, name) in BRIDGES and self._is_negated(phrase):
                        bridge = BRIDGES[self.target.name, name][0]
                        self._require_related(bridge, absent=True, said=name)
                    continue
                if self.result.measure is not None and self.result.measure[0] == name:
                    continue
                if self.result.operation in ("max", "min") and self.target.name == "accounts":
                    continue
                self._require_related(name, absent=self._is_negated(phrase))

    def _require_related(self, name: str, *, absent: bool, said: str | None = None) -> None:
        conditions: list[Filter] = []
        if cues.OPEN.search(self.folded) and name in OPEN_STATUSES:
            conditions.append(
                Filter(field="status", operator="in", value=list(OPEN_STATUSES[name]))
            )
        singular = OBJECTS[said or name].singular
        for index, related in enumerate(self.result.related):
            if related.object == name:
                merged = [*related.filters, *(c for c in conditions if not any(
                    f.field == c.field for f in related.filters))]  # fmt: skip
                self.result.related[index] = RelatedFilter(
                    object=name, exists=not absent, filters=merged
                )
                return
        self.result.related.append(
            RelatedFilter(object=name, exists=not absent, filters=conditions)
        )
        state = f" {_tell_open(OBJECTS[name])}".replace("ouverts", "ouvert").replace(
            "ouvertes", "ouverte") if conditions else ""  # fmt: skip
        told = "sans" if absent else "avec au moins " + (
            "une" if OBJECTS[name].is_feminine else "un")  # fmt: skip
        self.result.told.append(f"{told} {singular}{state}")

    def _read_order(self) -> None:
        result, text = self.result, self.folded
        top = cues.find_top(self.question)
        if result.operation in ("max", "min"):
            self._read_extreme(top)
            return
        date = self._date_field()
        nearest, latest = cues.NEAREST.search(text), cues.LATEST.search(text)
        oldest = cues.OLDEST.search(text)
        if result.operation != "list" or date is None or date[0] != self.target.name:
            return
        if self.period is not None:
            return
        if not (nearest or latest or oldest):
            if date[1] != self.target.date and date[1] in result.columns:
                result.order_by = date[1]
                result.filters.append(Filter(field=date[1], operator="is_not_empty"))
            return
        result.order_by, result.descending = date[1], bool(latest)
        plural = re.search(r"\b(?:les|nos|mes|des|quels|quelles)\b|"
                           r"(?:derniere?s|prochaine?s|recente?s|imminente?s)\b", text)  # fmt: skip
        result.limit = top or (5 if plural else 1)
        if nearest:
            self._add(Filter(field=date[1], operator="gte", value=self.today.isoformat()),
                      f"à partir du {self.today:%d/%m/%Y}")  # fmt: skip
            if self.target.name in OPEN_STATUSES and not any(
                f.field == "status" for f in result.filters
            ):
                statuses = OPEN_STATUSES[self.target.name]
                result.filters.append(Filter(field="status", operator="in", value=list(statuses)))

    def _read_extreme(self, top: int | None) -> None:
        result = self.result
        result.descending = result.operation == "max"
        plural = re.search(r"\b(?:quels|quelles|les|nos|mes)\b", self.folded)
        result.limit = top or (5 if plural else 1)
        if not result.groups and result.measure is not None:
            result.order_by = result.measure[1]
            result.filters.append(Filter(field=result.measure[1], operator="is_not_empty"))

    def _counts_related(self) -> bool:
        """«Le client qui a le plus de contrats» : what is counted is the other object."""
        match = re.search(r"\ble (?:plus|moins) (?:de |d'|grand nombre d)", self.folded)
        return bool(match) and bool(self._other_objects_than(self.target.name))

    # how sure

    def _affinity(self, meaning: Meaning, phrase: Phrase) -> float:
        """How well a meaning fits the target and the words around; 0 when it cannot apply."""
        if self.result.target is None:
            return 1.0
        target = self.result.target
        nearest = self._nearest_object(phrase)
        score = 0.0
        if meaning.object == target:
            score = 3.0
        elif _path_to(OBJECTS[target], meaning.object) is not None:
            score = 1.5
        elif _path_to(OBJECTS[meaning.object], target) is not None:
            score = 1.0
        if score and nearest == meaning.object:
            score += 2.0
        return score - _rank(meaning.object) / 1000 if score else 0.0

    def _nearest_object(self, phrase: Phrase) -> str | None:
        best: tuple[int, str] | None = None
        for other in self.phrases:
            objects = other.meant("object")
            if not objects or other is phrase:
                continue
            gap = phrase.first - other.last if other.first < phrase.first else (
                (other.first - phrase.last) * 3)  # fmt: skip
            if best is None or gap < best[0]:
                best = gap, objects[0].object
        return best[1] if best is not None else None

    def _names_field(self, phrase: Phrase) -> bool:
        before = self.folded[: self.tokens[phrase.first].start]
        return bool(re.search(r"\b(?:quel|quelle|quels|quelles|le|la|son|sa|leur)(?: est)?"
                              r"(?: l[ea])? ?$", before))  # fmt: skip

    def _is_open_cue(self, phrase: Phrase, meaning: Meaning) -> bool:
        covered = self.folded[self.tokens[phrase.first].start : self.tokens[phrase.last].end]
        if meaning.object not in OPEN_STATUSES or not cues.OPEN.fullmatch(covered):
            return False
        return meaning.field in ("status", "procedure")

    def _is_negated(self, phrase: Phrase) -> bool:
        before = self._blank_phrases()[: self.tokens[phrase.first].start]
        near = re.split(r"[,;:]|\b(?:avec|dont|mais|et)\b", before)[-1][-32:]
        match = None
        for match in cues.NEGATION.finditer(near):
            pass
        if match is None:
            return False
        between = near[match.end() :]
        return len(between.split()) <= 3

    def _blank_phrases(self) -> str:
        """The question without its recognised phrases, whose own words negate nothing."""
        text = self.folded
        for phrase in self.phrases:
            start, end = self.tokens[phrase.first].start, self.tokens[phrase.last].end
            text = text[:start] + "_" * (end - start) + text[end:]
        return text

    def _has_entity(self) -> bool:
        return any(
            n.kind in ("account", "site") or n.kind.startswith("reference:") for n in self.names
        )

    def _other_objects_than(self, name: str) -> list[str]:
        return [o for _, o in self._spoken_objects() if o != name]

    def _dotted(self, meaning: Meaning) -> str | None:
        if meaning.object == self.target.name:
            return meaning.field
        path = _path_to(self.target, meaning.object)
        return None if path is None else f"{path}.{meaning.field}"

    def _name_spans(self) -> list[tuple[int, int]]:
        return [(n.start, n.end) for n in self.names]

    def _without(self, spans: Sequence[tuple[int, int]]) -> str:
        text = self.question
        for start, end in spans:
            text = text[:start] + " " * (end - start) + text[end:]
        return text

    def _find_period(self) -> Period | None:
        return find_period(self._without(self._name_spans()), self.today)

    def _covered(self, spans: Sequence[tuple[int, int]]) -> frozenset[int]:
        return frozenset(
            index
            for index, token in enumerate(self.tokens)
            if any(token.start < end and start < token.end for start, end in spans)
        )

    def _find_leftovers(self) -> tuple[str, ...]:
        explained = set(self.taken)
        for phrase in self.phrases:
            explained.update(range(phrase.first, phrase.last + 1))
        return tuple(
            self.question[token.start : token.end]
            for index, token in enumerate(self.tokens)
            if index not in explained and not self._is_glue(token)
        )

    def _is_glue(self, token: Token) -> bool:
        return token.form in GLUE or stem(token.form) in GLUE or token.form.isdigit()

    def _find_unknown_names(self) -> tuple[str, ...]:
        """Capitalised words that no record answers to, gathered into names."""
        explained = set(self.taken)
        for phrase in self.phrases:
            explained.update(range(phrase.first, phrase.last + 1))
        runs: list[list[Token]] = []
        for index, token in enumerate(self.tokens):
            raw = self.question[token.start : token.end]
            unknown = (
                index > 0 and raw[:1].isupper() and index not in explained
                and not self._is_glue(token) and token.form not in common_words()
            )  # fmt: skip
            if unknown and runs and token.start - runs[-1][-1].end <= 4:
                runs[-1].append(token)
            elif unknown:
                runs.append([token])
        return tuple(self.question[run[0].start : run[-1].end] for run in runs)


def merge_readings(before: Reading, now: Reading) -> Reading:
    """A follow-up («et en gaz ?», «et pour Le Goff ?») completes the question before it."""
    if now.has_explicit_target and now.target != before.target:
        kept = [f for f in before.filters if f.field.split(".")[-1] == "id"]
        return replace(
            now,
            filters=[*_moved(kept, before, now), *now.filters],
            told=[*before.told[: len(kept)], *now.told],
        )
    replaced = {f.field.split(".")[-1] for f in now.filters}
    filters = [f for f in before.filters if f.field.split(".")[-1] not in replaced]
    told = [t for f, t in zip(before.filters, before.told, strict=False) if f in filters]
    return replace(
        before,
        question=now.question,
        filters=[*filters, *(f for f in now.filters)],
        related=[*before.related, *now.related],
        told=[*told, *now.told],
        operation=now.operation if now.operation != "list" else before.operation,
        measure=now.measure or before.measure,
        groups=now.groups or before.groups,
        columns=now.columns or before.columns,
        names=now.names,
        unknown=now.unknown,
        leftovers=now.leftovers,
    )


def _moved(kept: Sequence[Filter], before: Reading, now: Reading) -> list[Filter]:
    """Conditions on a client carried over to another object."""
    assert before.target is not None and now.target is not None  # noqa: S101, PT018
    moved: list[Filter] = []
    for condition in kept:
        holder = condition.field.rpartition(".")[0]
        is_account = holder.endswith("account") or (not holder and before.target == "accounts")
        path = _path_to(OBJECTS[now.target], "accounts")
        if is_account and now.target == "accounts":
            moved.append(condition.model_copy(update={"field": "id"}))
        elif is_account and path is not None:
            moved.append(condition.model_copy(update={"field": f"{path}.id"}))
    return moved


def to_measure(reading: Reading, function: str) -> Measure:
    """The measure of a reading on its target (a dotted field where it lies on a link)."""
    assert reading.measure is not None and reading.target is not None  # noqa: S101, PT018
    name, column = reading.measure
    path = "" if name == reading.target else f"{_path_to(OBJECTS[reading.target], name)}."
    return Measure(function=function, field=f"{path}{column}")  # type: ignore[arg-type]


def _rank(name: str) -> int:
    return PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)


def _path_to(declared: BusinessObject, name: str) -> str | None:
    """The shortest link path from `declared` to an object, owners and parents left aside."""
    for step, link in declared.links.items():
        if link.target == name and step not in ("parent", "opened_by"):
            return step
    for short, path in declared.paths.items():
        holder = declared
        for step in path.split("."):
            holder = OBJECTS[holder.links[step].target]
        if holder.name == name:
            return short
    return None


def _tell_open(declared: BusinessObject) -> str:
    if declared.name == "contracts":
        return "en cours"
    return "encore ouvertes" if declared.is_feminine else "encore ouverts"


def lower_label(label: str) -> str:
    """A label inside a sentence: « Contrat » loses its capital, « C4 » and « SIRET » do not."""
    is_acronym = len(label) > 1 and (label[1].isupper() or label[1].isdigit())
    return label if is_acronym else label[:1].lower() + label[1:]


def _by_measure(declared: BusinessObject) -> list[Field]:
    """Numeric fields, the default measure first."""
    fields = [f for f in declared.fields if f.is_numeric]
    return sorted(fields, key=lambda f: f.name != declared.measure)


def _bound(declared: Field, threshold: cues.Threshold) -> Filter:
    if threshold.low is not None and threshold.high is not None:
        return Filter(field=declared.name, operator="between",
                      value=[str(threshold.low), str(threshold.high)])  # fmt: skip
    if threshold.low is not None:
        operator = "gt" if threshold.is_strict else "gte"
        return Filter(field=declared.name, operator=operator, value=str(threshold.low))
    operator = "lt" if threshold.is_strict else "lte"
    return Filter(field=declared.name, operator=operator, value=str(threshold.high))


def _tell_threshold(declared: Field, threshold: cues.Threshold) -> str:
    from core.formats import format_quantity

    unit = declared.unit
    label = lower_label(declared.label)
    if threshold.low is not None and threshold.high is not None:
        low, high = format_quantity(threshold.low, unit), format_quantity(threshold.high, unit)
        return f"{label} entre {low} et {high}"
    if threshold.low is not None:
        word = "supérieur à" if threshold.is_strict else "d’au moins"
        return f"{label} {word} {format_quantity(threshold.low, unit)}"
    assert threshold.high is not None  # noqa: S101 - one bound at least
    word = "inférieur à" if threshold.is_strict else "d’au plus"
    return f"{label} {word} {format_quantity(threshold.high, unit)}"


def _within(column: str, period: Period) -> Filter:
    if period.start and period.end:
        return Filter(field=column, operator="between",
                      value=[period.start.isoformat(), period.end.isoformat()])  # fmt: skip
    if period.end:
        return Filter(field=column, operator="lte", value=period.end.isoformat())
    assert period.start is not None  # noqa: S101 - a period has one bound at least
    return Filter(field=column, operator="gte", value=period.start.isoformat())
