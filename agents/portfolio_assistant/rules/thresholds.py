"""Conditions on figures: «plus de 500 MWh», «entre 10 et 20 k€», by record or in total."""

from __future__ import annotations

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.reading import OPEN_STATUSES, Reading, lower_label
from agents.portfolio_assistant.rules.scene import Scene, path_to
from core.formats import format_quantity
from crm.catalogue import BusinessObject, Field
from crm.objects import OBJECTS
from crm.query_parts import Bound, Filter, Grouping

UNIT_KINDS = {"€": "money", "mwh": "energy", "kva": "power", "kw": "power", "mw": "power",
              "m2": "area", "%": "percent"}  # fmt: skip


def read_thresholds(scene: Scene, reading: Reading) -> None:
    """Bounds on a figure of the target, or on the total of a client's records."""
    for threshold in scene.thresholds:
        counted = _counted_object(scene, reading, threshold)
        if counted is not None:
            _bound_count(reading, counted, threshold)
            continue
        placed = _threshold_field(scene, reading, threshold)
        if placed is None:
            continue
        name, declared = placed
        if _is_about_totals(reading, name, declared):
            _bound_totals(reading, name, declared, threshold)
        else:
            reading.place(name, _bound(declared, threshold), tell_threshold(declared, threshold))


def _counted_object(scene: Scene, reading: Reading, threshold: cues.Threshold) -> str | None:
    """«Plus de 5 points de livraison» : the object counted, when it hangs from the one asked."""
    if threshold.unit:
        return None
    for phrase, name in scene.spoken_objects():
        between = scene.folded[threshold.span[1] : scene.tokens[phrase.first].start]
        is_next = threshold.span[1] <= scene.tokens[phrase.first].start and not between.strip()
        is_grouped = name == reading.target and bool(reading.groups)
        if is_next and (is_grouped or path_to(OBJECTS[name], reading.declared.name) is not None):
            return name
    return None


def _bound_count(reading: Reading, name: str, threshold: cues.Threshold) -> None:
    """The records asked for, by how many of `name` each has."""
    if name != reading.target:
        _move_under(reading, name)
    reading.measure = None
    reading.having = _bounds(threshold)
    counted = OBJECTS[name]
    low, high, words = threshold.low, threshold.high, counted.plural
    if low is not None and high is not None:
        told = f"entre {low} et {high} {words}"
    elif low is not None:
        told = f"{'plus de' if threshold.is_strict else 'au moins'} {low} {words}"
    else:
        told = f"{'moins de' if threshold.is_strict else 'au plus'} {high} {words}"
    reading.told.append(told)
    reading.operation, reading.target = "count", name
    if name == "contracts":
        reading.add_statuses(OPEN_STATUSES[name], "contrats en cours")


def _threshold_field(
    scene: Scene, reading: Reading, threshold: cues.Threshold
) -> tuple[str, Field] | None:
    kind = UNIT_KINDS.get(threshold.unit)
    if reading.measure is not None:
        name, measured = reading.measure
        declared = OBJECTS[name].by_name[measured]
        if kind is None or declared.kind == kind:
            return name, declared
    for name in [reading.declared.name, *scene.other_objects()]:
        for declared in _by_measure(OBJECTS[name]):
            if kind is not None and declared.kind == kind:
                return name, declared
            is_span = threshold.unit in ("jour", "an", "annee")
            if is_span and declared.unit.lower().startswith(threshold.unit[:2]):
                return name, declared
    return None


def _by_measure(declared: BusinessObject) -> list[Field]:
    """Numeric fields, the default measure first."""
    fields = [f for f in declared.fields if f.is_numeric]
    return sorted(fields, key=lambda f: f.name != declared.measure)


def _is_about_totals(reading: Reading, name: str, declared: Field) -> bool:
    """«Les clients qui consomment plus de…» : the sum over a client's records is meant."""
    is_other = name != reading.target and path_to(OBJECTS[name], reading.declared.name) is not None
    is_sum = declared.kind in ("energy", "money")
    return is_other and is_sum and reading.operation in ("list", "count", "exists")


def _bound_totals(reading: Reading, name: str, declared: Field, threshold: cues.Threshold) -> None:
    _move_under(reading, name)
    reading.measure = name, declared.name
    reading.having = _bounds(threshold)
    reading.told.append(tell_threshold(declared, threshold))
    reading.operation, reading.target = "sum", name


def _move_under(reading: Reading, name: str) -> None:
    """Group the records of `name` by the object asked about, its conditions carried along."""
    asked = reading.declared
    path = path_to(OBJECTS[name], asked.name)
    own = {f.name for f in asked.fields} | {"id"} | set(asked.links)
    filters = [
        f.model_copy(update={"field": f"{path}.{f.field}"})
        if f.field.partition(".")[0] in own
        else f
        for f in reading.filters
    ]
    filters += [f for r in reading.related if r.object == name for f in r.filters]
    reading.filters = filters
    reading.related = [r for r in reading.related if r.object != name]
    reading.groups = [Grouping(field=f"{path}.{asked.title}")]


def _bounds(threshold: cues.Threshold) -> list[Bound]:
    bounds: list[Bound] = []
    if threshold.low is not None:
        sign = "gt" if threshold.is_strict else "gte"
        bounds.append(Bound.model_validate({"operator": sign, "value": str(threshold.low)}))
    if threshold.high is not None:
        sign = "lt" if threshold.is_strict else "lte"
        bounds.append(Bound.model_validate({"operator": sign, "value": str(threshold.high)}))
    return bounds


def _bound(declared: Field, threshold: cues.Threshold) -> Filter:
    if threshold.low is not None and threshold.high is not None:
        bounds: list[str | int | float | bool] = [str(threshold.low), str(threshold.high)]
        return Filter(field=declared.name, operator="between", value=bounds)
    bound = _bounds(threshold)[0]
    return Filter(field=declared.name, operator=bound.operator, value=bound.value)


def tell_threshold(declared: Field, threshold: cues.Threshold) -> str:
    """A threshold in French."""
    label, unit = lower_label(declared.label), declared.unit
    low, high = threshold.low, threshold.high
    if low is not None and low == high:
        return f"{label} : {format_quantity(low, unit)}"
    if low is not None and high is not None:
        return f"{label} entre {format_quantity(low, unit)} et {format_quantity(high, unit)}"
    if low is not None:
        word = "de plus de" if threshold.is_strict else "d’au moins"
        return f"{label} {word} {format_quantity(low, unit)}"
    assert high is not None  # noqa: S101 - one bound at least
    word = "de moins de" if threshold.is_strict else "d’au plus"
    return f"{label} {word} {format_quantity(high, unit)}"
