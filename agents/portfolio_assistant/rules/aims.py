"""What a question wants of its records: a list, a count, a total, an extreme, groups, fields."""

from __future__ import annotations

import re

from agents.portfolio_assistant.rules import cues
from agents.portfolio_assistant.rules.lexicon import Phrase
from agents.portfolio_assistant.rules.reading import OPEN_STATUSES, Reading
from agents.portfolio_assistant.rules.scene import Scene, owner_path, path_to
from agents.portfolio_assistant.rules.targets import VERB_MEASURES
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS
from crm.query_parts import Filter, Grouping

ADDITIVE = ("money", "energy", "power", "area")
UNITS = (("mwh", "energy"), ("gwh", "energy"), ("€", "money"), ("euro", "money"), ("kva", "power"))
BUCKETS = {"mois": "month", "trimestre": "quarter", "annee": "year"}
BY_PERIOD = re.compile(r"\b(?:par|chaque|selon l[ea']|mois par) (mois|trimestre|annee)\b")
BY_OWNER = re.compile(
    r"\b(?:par|selon|chaque) (?:responsable|commercial|commerciale|proprietaire|charge d'affaires|"
    r"charge de compte|collaborateur|collegue|personne)\b"
)
PLURAL = re.compile(r"\b(?:quels|quelles|les|nos|mes|des|lesquels|lesquelles)\b")
ASKED_KIND = re.compile(
    r"\b(?:quel|quelle|quels|quelles|dans quelle?s?)(?: sont| est)?(?: l[ea]s?| nos| notre)? ?$"
)
MOST_OF = re.compile(r"\ble (?:plus|moins) (?:de |d'|grand nombre d)|\bplus gros nombre\b")
HEADS_SINGULAR = re.compile(r"\b(?:quel|quelle)\b")


def read_aim(scene: Scene, reading: Reading) -> None:
    """Set the operation, its measure and groups; the target moves to where the figure lies."""
    reading.measure = _find_measure(scene)
    reading.groups = _find_groups(scene)
    reading.columns = _asked_columns(scene)
    if _wants_overview(scene):
        reading.operation, reading.target = "overview", "accounts"
        return
    reading.operation = _find_operation(scene, reading)
    _retarget(scene, reading)


def _wants_overview(scene: Scene) -> bool:
    if not any(n.kind == "account" for n in scene.names) or not scene.says(cues.OVERVIEW):
        return False
    return not [name for _, name in scene.spoken_objects() if name != "accounts"]


def _find_operation(scene: Scene, reading: Reading) -> cues.Operation:
    if scene.says(cues.SHARE) and not _measures_share(reading):
        return "share"
    if reading.measure is not None and scene.says(cues.AVERAGE):
        return "avg"
    if _has_extreme(scene) and (reading.measure or reading.groups or _has_quantity(scene)):
        return "min" if scene.says(cues.LOWEST) else "max"
    if reading.measure is not None and _wants_sum(scene, reading):
        return "sum"
    if scene.says(cues.COUNT) or (reading.groups and not reading.measure):
        return "count"
    if reading.groups and reading.measure:
        return "sum"
    return "exists" if scene.says(cues.EXISTS) and not scene.says(cues.WHICH) else "list"


def _measures_share(reading: Reading) -> bool:
    """«Quelle part de renouvelable» is a field of its own."""
    if reading.measure is None:
        return False
    return OBJECTS[reading.measure[0]].by_name[reading.measure[1]].kind == "percent"


def _has_extreme(scene: Scene) -> bool:
    return scene.says(cues.HIGHEST) or scene.says(cues.LOWEST)


def _has_quantity(scene: Scene) -> bool:
    has_own = scene.declared.measure is not None
    return has_own or scene.target in ("accounts", "competitors") or bool(scene.other_objects())


def _wants_sum(scene: Scene, reading: Reading) -> bool:
    assert reading.measure is not None  # noqa: S101 - checked by the caller
    if OBJECTS[reading.measure[0]].by_name[reading.measure[1]].kind not in ADDITIVE:
        return False
    if any(n.is_reference for n in scene.names):
        return False
    if scene.says(cues.AMOUNT) or scene.says(cues.SUM):
        return True
    is_field_of_client = scene.has_entity() and reading.target == "accounts"
    return bool(HEADS_SINGULAR.search(scene.folded)) and not is_field_of_client


def _find_measure(scene: Scene) -> tuple[str, str] | None:
    found = [
        (affinity, meaning.object, meaning.field)
        for phrase in scene.phrases
        if not scene.follows_grouping(phrase)
        for meaning in phrase.meant("field")
        if OBJECTS[meaning.object].by_name[meaning.field].is_numeric
        and (affinity := scene.affinity(meaning, phrase)) > 0
        and _is_countable(scene, meaning.object)
    ]
    if found:
        _, name, column = max(found, key=lambda item: item[0])
        return name, column
    if not scene.says(cues.AMOUNT) and not scene.says(cues.IN_EUROS):
        return None
    for pattern, name, measured in VERB_MEASURES:
        if scene.says(pattern) and _is_countable(scene, name):
            return name, measured
    return default_measure(scene, scene.declared)


def _is_countable(scene: Scene, name: str) -> bool:
    """A figure of the target or of what hangs from it; that of a parent would count many times."""
    return name == scene.target or path_to(OBJECTS[name], scene.declared.name) is not None


def default_measure(scene: Scene, declared: BusinessObject) -> tuple[str, str] | None:
    """The figure meant when none is named: by the unit said, else the object's own."""
    for unit, kind in UNITS:
        if unit in scene.folded:
            named = next((f for f in declared.fields if f.kind == kind), None)
            return (declared.name, named.name) if named else None
    return (declared.name, declared.measure) if declared.measure else None


def _find_groups(scene: Scene) -> list[Grouping]:
    groups: list[Grouping] = []
    for phrase in scene.phrases:
        if scene.follows_grouping(phrase) or _is_asked_kind(scene, phrase):
            dotted = _group_field(scene, phrase)
            if dotted and all(g.field != dotted for g in groups):
                groups.append(Grouping(field=dotted))
    owner = owner_path(scene.declared)
    if scene.says(BY_OWNER) and owner is not None:
        groups.append(Grouping(field=f"{owner}.full_name"))
    bucket = BY_PERIOD.search(scene.folded)
    date = date_field(scene)
    if bucket and date is not None and date[0] == scene.target:
        kind = {"bucket": BUCKETS[bucket[1]], "field": date[1]}
        groups.insert(0, Grouping.model_validate(kind))
    return groups or _groups_of_choices(scene)


def _groups_of_choices(scene: Scene) -> list[Grouping]:
    """«… élec et gaz séparément», «répartition entre collectivités et industriels»."""
    if not scene.says(cues.APART):
        return []
    fields = [
        scene.dotted(max(choices, key=lambda m: scene.affinity(m, phrase)))
        for phrase in scene.phrases
        if (choices := [m for m in phrase.meant("choice") if scene.affinity(m, phrase) > 0])
    ]
    repeated = [f for f in dict.fromkeys(fields) if f is not None and fields.count(f) > 1]
    return [Grouping(field=f) for f in repeated[:1]]


def _group_field(scene: Scene, phrase: Phrase) -> str | None:
    for meaning in sorted(phrase.meanings, key=lambda m: -scene.affinity(m, phrase)):
        found: str | None = None
        if meaning.kind == "object":
            path = path_to(scene.declared, meaning.object)
            found = None if path is None else f"{path}.{OBJECTS[meaning.object].title}"
        elif meaning.kind == "field":
            declared = OBJECTS[meaning.object].by_name[meaning.field]
            is_kind = not declared.is_numeric and declared.kind not in ("date", "instant")
            found = scene.dotted(meaning) if is_kind else None
        if found is not None:
            return found
    return None


def _is_asked_kind(scene: Scene, phrase: Phrase) -> bool:
    """«Quel fournisseur a le plus…», «quels fournisseurs…» : the field itself is wanted."""
    fields = phrase.meant("field")
    if not fields or phrase.meant("object") or scene.has_entity():
        return False
    declared = OBJECTS[fields[0].object].by_name[fields[0].field]
    is_kind = declared.kind in ("text", "enum")
    return is_kind and ASKED_KIND.search(scene.before(phrase)) is not None


def _asked_columns(scene: Scene) -> list[str]:
    columns: list[str] = []
    for phrase in scene.phrases:
        meanings = [m for m in phrase.meant("field") if scene.affinity(m, phrase) > 0]
        if phrase.meant("object") or not meanings:
            continue
        dotted = scene.dotted(max(meanings, key=lambda m: scene.affinity(m, phrase)))
        if dotted is not None and dotted not in columns:
            columns.append(dotted)
    owner = owner_path(scene.declared)
    if scene.says(cues.WHO) and owner is not None:
        columns.append(f"{owner}.full_name")
    return columns


def date_field(scene: Scene) -> tuple[str, str] | None:
    """The date a question speaks of: the one it names, else the usual one of its object."""
    found = [
        (affinity, meaning.object, meaning.field)
        for phrase in scene.phrases
        for meaning in phrase.meant("field")
        if OBJECTS[meaning.object].by_name[meaning.field].kind in ("date", "instant")
        and (affinity := scene.affinity(meaning, phrase)) > 0
    ]
    if found:
        _, name, column = max(found, key=lambda item: item[0])
        return name, column
    for name in [scene.declared.name, *scene.other_objects()]:
        date = OBJECTS[name].date
        if date is not None:
            return name, date
    return None


def _retarget(scene: Scene, reading: Reading) -> None:
    """A figure held by another object is computed there, by the object asked about if any."""
    if reading.operation not in ("sum", "avg", "max", "min"):
        return
    is_extreme = reading.operation in ("max", "min")
    if is_extreme and reading.target == "competitors" and reading.measure is None:
        _rank_competitors(reading)
        return
    if is_extreme and reading.measure is None and not reading.groups:
        others = scene.other_objects()
        if scene.says(MOST_OF) and others:
            _move_to(reading, others[0], is_grouped=True)
            return
        reading.measure = default_measure(scene, scene.declared)
        if reading.measure is None and reading.target == "accounts":
            reading.measure = "contracts", "annual_amount_eur"
    if reading.measure is not None and reading.measure[0] != reading.target:
        _move_to(reading, reading.measure[0], is_grouped=is_extreme)


def _rank_competitors(reading: Reading) -> None:
    """The competitor met most often, among the tenders they won."""
    reading.target = "tender_competitors"
    reading.groups = [Grouping(field="competitor.name")]
    reading.add(Filter(field="outcome", value="won"), "appels d’offres gagnés par le concurrent")


def _move_to(reading: Reading, name: str, *, is_grouped: bool) -> None:
    asked = reading.declared
    path = path_to(OBJECTS[name], asked.name)
    if path is None:
        return
    if is_grouped and not reading.groups:
        reading.groups = [Grouping(field=f"{path}.{asked.title}")]
    else:
        own = asked.by_name
        reading.groups = [
            g.model_copy(update={"field": f"{path}.{g.field}"}) if g.field in own else g
            for g in reading.groups
        ]
    reading.target = name


def read_order(scene: Scene, reading: Reading) -> None:
    """The order and the number of records wanted, once the conditions are known."""
    top = cues.find_top(scene.question)
    if reading.operation in ("max", "min"):
        _order_extreme(scene, reading, top)
    elif reading.operation == "list" and scene.period is None:
        _order_dates(scene, reading, top)


def _order_extreme(scene: Scene, reading: Reading, top: int | None) -> None:
    reading.descending = reading.operation == "max"
    is_plural = scene.says(PLURAL)
    reading.limit = top or (5 if is_plural else 1)
    if reading.target == "contracts":
        reading.add_statuses(OPEN_STATUSES["contracts"], "contrats en cours")
    if not reading.groups and reading.measure is not None:
        reading.order_by = reading.measure[1]
        reading.filters.append(Filter(field=reading.measure[1], operator="is_not_empty"))


def _order_dates(scene: Scene, reading: Reading, top: int | None) -> None:
    date = date_field(scene)
    if date is None or date[0] != reading.target:
        return
    nearest, latest = scene.says(cues.NEAREST), scene.says(cues.LATEST)
    if not (nearest or latest or scene.says(cues.OLDEST)):
        if date[1] != reading.declared.date and date[1] in reading.columns:
            reading.order_by = date[1]
            reading.filters.append(Filter(field=date[1], operator="is_not_empty"))
        return
    reading.order_by, reading.descending = date[1], latest
    is_plural = scene.says(PLURAL) or scene.says(cues.PLURAL_RANK)
    reading.limit = top or (5 if is_plural else 1)
    if nearest:
        reading.add(Filter(field=date[1], operator="gte", value=scene.today.isoformat()),
                    f"à partir du {scene.today:%d/%m/%Y}")  # fmt: skip
        if reading.target in OPEN_STATUSES:
            reading.add_statuses(OPEN_STATUSES[reading.target], "")
