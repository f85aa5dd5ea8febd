"""Under which conditions: names, closed lists, thresholds, periods, presence of other records."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.aims import date_field
from agents.portfolio_assistant.rules.lexicon import Meaning, Phrase
from agents.portfolio_assistant.rules.reading import (
    OPEN_STATUSES,
    Reading,
    lower_label,
    tell_open,
)
from agents.portfolio_assistant.rules.scene import Named, Scene, owner_path, path_to
from agents.portfolio_assistant.rules.states import read_states
from agents.portfolio_assistant.rules.thresholds import read_thresholds
from core.dates import Period
from crm.objects import OBJECTS
from crm.query_parts import Filter, RelatedFilter

BRIDGES = {
    ("competitors", "tenders"): ("tender_competitors", "tender"),
    ("tenders", "competitors"): ("tender_competitors", "competitor"),
    ("contracts", "delivery_points"): ("contract_delivery_points", "delivery_point"),
    ("delivery_points", "contracts"): ("contract_delivery_points", "contract"),
}
AHEAD = frozenset({
    "end_on", "notice_deadline_on", "submission_deadline", "questions_deadline",
    "data_consent_expires_on", "review_due_on",
})  # fmt: skip
TODAY_MATTERS = frozenset({"tasks", "meetings", "emails", "tenders", "grid_requests"})
VALUE_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "supplier": (("contracts", "supplier"),),
    "region": (("accounts", "region"),),
    "place": (("sites", "commune"), ("accounts", "city")),
    "grid_operator": (("delivery_points", "grid_operator"),),
}
NAMES_FIELD = re.compile(
    r"\b(?:quel|quelle|quels|quelles|le|la|son|sa|leur)(?: est)?(?: l[ea])? ?$"
)
PAST = re.compile(r"\b(?:expires?|echus?|finis?|terminee?s?|passee?s?|etaient|ont)\b")


def read_conditions(scene: Scene, reading: Reading) -> None:
    """Every condition of the question, on the reading's target as it now stands."""
    for named in scene.names:
        if not _read_name(scene, reading, named):
            reading.unplaced += 1
    if reading.operation == "overview":
        return
    _read_choices(scene, reading)
    _read_booleans(scene, reading)
    if reading.record is None:
        read_states(scene, reading)
    read_thresholds(scene, reading)
    _read_period(scene, reading)
    _read_related_objects(scene, reading)


# names


def _read_name(scene: Scene, reading: Reading, named: Named) -> bool:
    """Turn a name into a condition; False where none can carry it."""
    if named.kind == "account" and scene.says(cues.SUBSIDIARIES):
        reading.add(Filter(field="parent.id", operator="in", value=named.ids),
                    f"filiales de {named.candidates[0][0]}")  # fmt: skip
        return True
    if named.object:
        return _add_records(reading, named)
    if named.kind in ("person", "asker"):
        return _add_person(reading, named)
    return _add_value(scene, reading, named)


def _add_records(reading: Reading, named: Named) -> bool:
    name, ids = named.object, named.ids
    label = "référence" if named.is_reference else OBJECTS[name].singular
    told = f"{label} : {named.candidates[0][0]}"
    path = path_to(reading.declared, name)
    if reading.target == name:
        reading.add(Filter(field="id", operator="in", value=ids), told)
    elif path is not None:
        reading.add(Filter(field=f"{path}.id", operator="in", value=ids), told)
    elif (reading.declared.name, name) in BRIDGES:
        bridge, link = BRIDGES[reading.declared.name, name]
        reading.relate(bridge, Filter(field=f"{link}.id", operator="in", value=ids), told)
    elif path_to(OBJECTS[name], reading.declared.name) is not None:
        reading.relate(name, Filter(field="id", operator="in", value=ids), told)
    else:
        return False
    return True


def _add_person(reading: Reading, named: Named) -> bool:
    told = f"responsable : {named.candidates[0][0]}"
    owner = owner_path(reading.declared)
    if reading.target == "users":
        reading.add(Filter(field="id", operator="in", value=named.ids), told)
    elif owner is not None:
        reading.add(Filter(field=f"{owner}.id", operator="in", value=named.ids), told)
    return reading.target == "users" or owner is not None


def _add_value(scene: Scene, reading: Reading, named: Named) -> bool:
    value = named.candidates[0][0]
    if named.kind == "supplier" and _add_competitor(reading, value):
        return True
    places = VALUE_PLACES.get(named.kind, ())
    if named.kind == "place" and reading.target == "accounts":
        places = (("accounts", "city"),)
    if named.kind == "grid_operator" and scene.says(cues.LOCAL_OPERATOR):
        return True
    same = [n.candidates[0][0] for n in scene.names if n.kind == named.kind]
    operator = "not_in" if scene.is_value_negated(named.start) else "in"
    for name, column in places:
        label = lower_label(OBJECTS[name].by_name[column].label)
        told = f"{label} {'autre que' if operator == 'not_in' else ':'} {' ou '.join(same)}"
        condition = Filter.model_validate({"field": column, "operator": operator, "value": same})
        if reading.place(name, condition, told):
            return True
    return False


def _add_competitor(reading: Reading, value: str) -> bool:
    """A supplier met as a competitor, where tenders or competitors are spoken of."""
    told = f"concurrent : {value}"
    if reading.target == "competitors":
        reading.add(Filter(field="name", value=value), told)
    elif reading.target == "tenders":
        reading.relate("tender_competitors", Filter(field="competitor.name", value=value), told)
    elif reading.target == "tender_competitors":
        reading.add(Filter(field="competitor.name", value=value), told)
    else:
        return False
    return True


# closed lists and yes/no fields


def _read_choices(scene: Scene, reading: Reading) -> None:
    wanted: dict[tuple[str, str], list[str]] = {}
    negated: set[tuple[str, str]] = set()
    for phrase in scene.phrases:
        meaning = _choose_choice(scene, phrase)
        if meaning is None:
            continue
        key = meaning.object, meaning.field
        wanted.setdefault(key, []).append(meaning.value)
        if scene.is_value_negated(scene.tokens[phrase.first].start):
            negated.add(key)
    grouped = {g.field.split(".")[-1] for g in reading.groups}
    for (name, column), values in wanted.items():
        if len(set(values)) > 1 and column in grouped:
            continue
        _add_choice(reading, name, column, list(dict.fromkeys(values)), (name, column) in negated)


def _choose_choice(scene: Scene, phrase: Phrase) -> Meaning | None:
    objects = {m.object for m in phrase.meant("object")}
    if scene.follows_grouping(phrase) or scene.target in objects:
        return None
    scored = [
        (scene.affinity(m, phrase), m)
        for m in phrase.meant("choice")
        if scene.affinity(m, phrase) > 0
        and not _is_open_cue(scene, phrase, m)
        and (not objects or m.object == scene.target)
    ]
    if not scored:
        return None
    best, meaning = max(scored, key=lambda s: s[0])
    as_field = max((scene.affinity(m, phrase) for m in phrase.meant("field")), default=0.0)
    if as_field and (as_field >= best or NAMES_FIELD.search(scene.before(phrase))):
        return None
    return meaning


def _is_open_cue(scene: Scene, phrase: Phrase, meaning: Meaning) -> bool:
    covered = scene.folded[scene.tokens[phrase.first].start : scene.tokens[phrase.last].end]
    is_state = meaning.field in ("status", "procedure") and meaning.object in OPEN_STATUSES
    return is_state and cues.OPEN.fullmatch(covered) is not None


def _add_choice(
    reading: Reading, name: str, column: str, values: list[str], is_negated: bool
) -> None:
    declared = OBJECTS[name].by_name[column]
    labels = " ou ".join(lower_label(declared.choice_label(v)) for v in values)
    told = f"{lower_label(declared.label)} {'autre que' if is_negated else ':'} {labels}"
    if name == "tenders" and column == "energy" and not is_negated:
        values = [*values, "both"]
    operator = "not_in" if is_negated else "eq" if len(values) == 1 else "in"
    value = values[0] if operator == "eq" else list(values)
    condition = Filter.model_validate({"field": column, "operator": operator, "value": value})
    reading.place(name, condition, told)


def _read_booleans(scene: Scene, reading: Reading) -> None:
    for phrase in scene.phrases:
        for meaning in phrase.meant("field"):
            declared = OBJECTS[meaning.object].by_name[meaning.field]
            if declared.kind != "boolean" or scene.affinity(meaning, phrase) <= 0:
                continue
            value = not scene.is_negated(phrase)
            told = f"{lower_label(declared.label)} : {'oui' if value else 'non'}"
            reading.place(meaning.object, Filter(field=meaning.field, value=value), told)


# periods


def _read_period(scene: Scene, reading: Reading) -> None:
    placed = date_field(scene.about(reading.declared.name))
    if scene.period is None or placed is None:
        return
    name, column = placed
    if _is_only_now(scene, reading):
        if reading.target in OPEN_STATUSES:
            reading.add_statuses(OPEN_STATUSES[reading.target], tell_open(reading.declared))
        return
    period = _look_ahead(scene, column, scene.period)
    told = f"{lower_label(OBJECTS[name].by_name[column].label)} {period.label}"
    reading.place(name, _within(column, period), told)
    is_coming = period.start is not None and period.start >= scene.today
    if name == reading.target == "contracts" and column in AHEAD and is_coming:
        reading.add_statuses(OPEN_STATUSES["contracts"], "contrats en cours")


def _is_only_now(scene: Scene, reading: Reading) -> bool:
    """«… sous contrat aujourd’hui» speaks of the present state, not of a date."""
    period = scene.period
    is_today = period is not None and period.start == period.end == scene.today
    return is_today and reading.target not in TODAY_MATTERS and "aujourd" in scene.folded


def _look_ahead(scene: Scene, column: str, period: Period) -> Period:
    """«À dénoncer avant fin janvier» leaves out what is already past."""
    is_ahead = period.end is not None and period.end >= scene.today
    if column in AHEAD and period.start is None and is_ahead and not scene.says(PAST):
        return replace(period, start=scene.today)
    return period


def _within(column: str, period: Period) -> Filter:
    if period.start and period.end:
        bounds: list[str | int | float | bool] = [
            period.start.isoformat(), period.end.isoformat()]  # fmt: skip
        return Filter(field=column, operator="between", value=bounds)
    if period.end:
        return Filter(field=column, operator="lte", value=period.end.isoformat())
    assert period.start is not None  # noqa: S101 - a period has one bound at least
    return Filter(field=column, operator="gte", value=period.start.isoformat())


# presence or absence of related records


def _read_related_objects(scene: Scene, reading: Reading) -> None:
    """«Clients sans contrat», «sites avec un incident»."""
    target = reading.declared.name
    for phrase, name in scene.spoken_objects():
        is_choice = _choose_choice(scene, phrase) is not None
        if name in (target, scene.target) or is_choice or reading.operation in ("max", "min"):
            continue
        if reading.measure is not None and reading.measure[0] == name:
            continue
        is_absent = scene.is_negated(phrase)
        if path_to(OBJECTS[name], target) is not None:
            _require(scene, reading, name, name, is_absent=is_absent)
        elif (target, name) in BRIDGES and is_absent:
            _require(scene, reading, BRIDGES[target, name][0], name, is_absent=True)


def _require(scene: Scene, reading: Reading, name: str, said: str, *, is_absent: bool) -> None:
    conditions: list[Filter] = []
    if scene.says(cues.OPEN) and name in OPEN_STATUSES:
        conditions.append(Filter(field="status", operator="in", value=[*OPEN_STATUSES[name]]))
    for index, related in enumerate(reading.related):
        if related.object == name:
            told = {f.field for f in related.filters}
            merged = [*related.filters, *(c for c in conditions if c.field not in told)]
            reading.related[index] = RelatedFilter(
                object=name, exists=not is_absent, filters=merged
            )
            if is_absent:
                reading.told.append(f"sans {OBJECTS[said].singular} de ce type")
            return
    reading.related.append(RelatedFilter(object=name, exists=not is_absent, filters=conditions))
    article = "une" if OBJECTS[said].is_feminine else "un"
    presence = "sans" if is_absent else f"avec au moins {article}"
    state = f" {tell_open(OBJECTS[said])}" if conditions else ""
    reading.told.append(f"{presence} {OBJECTS[said].singular}{state}")
