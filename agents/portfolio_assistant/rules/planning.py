"""From a reading to the tool calls that will answer it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from agents.portfolio_assistant.rules.reading import Reading
from core.dates import MONTH_NUMBERS, find_period
from core.words import fold
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS
from crm.query_parts import Filter, Grouping
from tools.knowledge import FORMER

Call = tuple[str, dict[str, Any]]
LIST_LIMIT = 200
DEFAULT_TOP = 1
DATED = re.compile(
    r"\b(?:au|a la date du|en date du|applicable le|en vigueur (?:le|au|en)|valable (?:le|au|en)|"
    r"avant le|jusqu'au|a l'epoque|en|(?<!depuis )(?<!partir du )le) (?:\d|1er|janvier|fevrier|mars|avril|mai|juin|juillet|"
    r"aout|septembre|octobre|novembre|decembre|20\d\d)"
)
# A day to come is more often a deadline than the day whose rules are asked for.
WHAT_WILL_APPLY = re.compile(
    r"^(?:et )?(?:au|a la date du|en date du|a compter du|a partir du|des le|le) (?:\d|1er)|"
    r"\b(?:applicables?|en vigueur|valables?|valid[ae]\w*) (?:le|au|en|a compter du|a partir du)\b|"
    r"\ben 20\d\d\b|"
    r"\b\w{2,}(?:ra|rons|rez|ront)(?:-t)?(?:-(?:on|ils?|elles?|nous|vous))?\b"
)
# « Combien de points contrôle-t-on au 20 décembre ? », unless that day is when something ends.
RULE_ON_DAY = re.compile(
    r"^(?:et )?(?:combien|quel|qui|que|qu'|(?:sous|dans|a partir de|jusqu'a) (?:quel|combien)|"
    r"faut-il|doit-on|peut-on|a-t-on).* (?:au|le|en date du|a la date du) "
    rf"(?:\d{{1,2}}|1er)(?: (?:{'|'.join(MONTH_NUMBERS)})|/\d)[ /\d]*\W*$"
)
ENDING = re.compile(
    r"\b(?:resili|denonc|renonc|echeance|echoi|termin|fini|fin\b|expir|prev[ou]|livr|renouvel|"
    r"reconduction|prepar|remett|remis|repon|depos|envoy|rendre|audit|reunion|rendez)"
)


# The references of records have a year and a number: they are no documents.
CODE = r"(?![a-z]+-20\d\d-\d)(?=[a-z-]*\d)[a-z]{2,5}(?:-[a-z0-9]{1,6}){1,4}"
DOCUMENT = r"(?:la |le |l['’])?(?:proc[eé]dure |document |instruction |note )?"
LABEL = r"(?:version |v\.? ?)"
NAMED_VERSION = re.compile(
    rf"(?:\bdans )?\b(?:la |l['’])?(?:{LABEL}(?P<label>\d[\w.]*)\b|(?P<former>ancienne version|"
    rf"version pr[eé]c[eé]dente)),? (?:de |du |d['’]|dans |que (?:dit|disait|pr[eé]voyait) )?"
    rf"{DOCUMENT}(?P<code>{CODE})\b|"
    rf"(?:\b(?:dans|de) )?\b{DOCUMENT}(?P<first>{CODE}),? "
    rf"\(?(?:dans )?(?:(?:sa |la )?{LABEL}(?P<last>\d[\w.]*)\b)\)?",
    re.IGNORECASE,
)
CODE_ALONE = re.compile(rf"(?P<code>{CODE})")
WHOLE = re.compile(
    rf"^(?:(?:au|en|le|a la date du) (?:\d|{'|'.join(MONTH_NUMBERS)})[\w /.-]{{0,24}}, ?)?"
    r"(?:(?:que (?:dit|disait|dira|prevoit|prevoyait|contient|contenait|indique|indiquait)|"
    r"qu'y a-t-il dans|qu'y avait-il dans|de quoi parle|presente[rz]?|resume[rz]?|"
    r"(?:(?:donnez|faites)(?:-moi|-nous)? )?(?:un |le )?(?:resume|contenu) (?:de|du))(?:-moi|-nous)? )"
    r"(?:(?:la|le|l'|de|du) ?)*(?:procedure |document |instruction |note )*"
    rf"(?P<code>{CODE})"
    rf"(?: (?:au|en|le|a la date du) (?:\d|{'|'.join(MONTH_NUMBERS)}).*)?$"
)


def plan_reads(reading: Reading) -> list[Call]:
    """The reads over the CRM that a reading calls for."""
    if reading.target is None:
        return []
    declared = OBJECTS[reading.target]
    if reading.operation == "overview":
        account = next(n for n in reading.names if n.kind == "account")
        return [("get_account_overview", {"account_id": str(account.candidates[0][1])})]
    if reading.operation == "share":
        return _share(reading, declared)
    if reading.record is not None and reading.operation in ("list", "exists"):
        return _record(reading, declared)
    if reading.operation in ("max", "min") and reading.groups:
        return [_aggregate(reading, declared, "sum" if reading.measure else "count")]
    if reading.operation in ("sum", "avg", "count") and (
        reading.groups or reading.operation != "count"
    ):
        return _totals(reading, declared)
    if reading.operation == "count":
        return _count(reading, declared)
    return [_list(reading, declared)]


def _share(reading: Reading, declared: BusinessObject) -> list[Call]:
    """The records by value of the last condition, that condition left out: shares follow."""
    if reading.groups:
        return [_aggregate(reading, declared, "count")]
    if declared.name == "tenders" and not any(f.field == "status" for f in reading.filters):
        judged = Filter(field="status", operator="in", value=["won", "lost"])
        reading.filters.append(judged)
        return [_aggregate(reading, declared, "count", [Grouping(field="status")])]
    if not reading.filters:
        return [_list(reading, declared)]
    asked = next(
        (f for f in reading.filters if f.field != "status" and not f.field.endswith("id")),
        reading.filters[-1],
    )
    if asked.field.endswith("id"):
        return [_list(reading, declared)]
    reading.drop(asked)
    return [_aggregate(reading, declared, "count", [Grouping(field=asked.field)])]


def _record(reading: Reading, declared: BusinessObject) -> list[Call]:
    """The one record named by its code: the usual columns and those asked for, or all of it."""
    if reading.columns:
        return [_list(reading, declared)]
    assert reading.record is not None  # noqa: S101 - checked by the caller
    record_id = str(reading.record.candidates[0][1])
    return [("get_record", {"object": declared.name, "record_id": record_id})]


def _totals(reading: Reading, declared: BusinessObject) -> list[Call]:
    function = "count" if reading.operation == "count" else reading.operation
    calls = [_aggregate(reading, declared, function)]
    if not reading.groups:
        calls += _by_status(reading, declared, function)
    return calls


def _count(reading: Reading, declared: BusinessObject) -> list[Call]:
    return [_list(reading, declared), *_by_status(reading, declared, "count")]


def _by_status(reading: Reading, declared: BusinessObject, function: str) -> list[Call]:
    """The same figure by status, when the question does not say which status it means."""
    told = any(f.field == "status" for f in reading.filters)
    if told or "status" not in declared.by_name or function == "avg":
        return []
    return [_aggregate(reading, declared, function, [Grouping(field="status")])]


def _aggregate(
    reading: Reading, declared: BusinessObject, function: str, groups: list[Grouping] | None = None
) -> Call:
    groups = reading.groups if groups is None else groups
    measures = [reading.to_measure(function)] if function != "count" else []
    arguments: dict[str, Any] = {
        "object": declared.name,
        "measures": [
            *(m.model_dump() for m in measures),
            {"function": "count", "field": None},
        ],
        "group_by": [g.model_dump() for g in groups],
        "filters": _dump(reading.filters),
        "related": [r.model_dump() for r in reading.related],
        "having": [b.model_dump() for b in reading.having],
        "descending": reading.operation != "min",
    }
    if reading.operation in ("max", "min"):
        arguments["limit"] = reading.limit or DEFAULT_TOP
    return "aggregate_records", arguments


def _list(reading: Reading, declared: BusinessObject) -> Call:
    columns = list(declared.columns)
    for column in reading.columns:
        if column not in columns:
            columns.insert(_insertion(columns), column)
    arguments: dict[str, Any] = {
        "object": declared.name,
        "filters": _dump(reading.filters),
        "related": [r.model_dump() for r in reading.related],
        "columns": columns,
        "limit": reading.limit or LIST_LIMIT,
    }
    if reading.order_by is not None:
        arguments |= {"order_by": reading.order_by, "descending": reading.descending}
    return "list_records", arguments


def _insertion(columns: list[str]) -> int:
    return min(3, len(columns))


def _dump(filters: list[Filter]) -> list[dict[str, Any]]:
    return [f.model_dump() for f in filters]


def find_whole_document(question: str) -> str | None:
    """The code of the document whose whole content is asked for («Que disait PR-08 en 2024 ?»)."""
    asked = NAMED_VERSION.sub(lambda found: found["code"] or found["first"], question)
    asked = " ".join(fold(asked).split()).strip(" ?!.:,")
    is_named = find_named_version(question) is not None
    match = WHOLE.search(asked) or (CODE_ALONE.fullmatch(asked) if is_named else None)
    return match["code"].upper() if match is not None else None


def find_named_version(question: str) -> tuple[str, str] | None:
    """A document's code and the version of it that is asked about («la version 2 de PR-08»)."""
    found = NAMED_VERSION.search(question)
    if found is None:
        return None
    label = FORMER if found["former"] else found["label"] or found["last"]
    return (found["code"] or found["first"]).upper(), label


def plan_search(question: str, today: dt.date) -> Call:
    """The knowledge search of a question, placed at the date or in the version it names, if any."""
    arguments: dict[str, Any] = {"query": question}
    code = find_whole_document(question)
    if code is not None:
        arguments["codes"] = [code]
    version = find_named_version(question)
    as_of = find_as_of(question, today)
    if version is not None:
        # Which document and version are known: what is left is what is asked of them.
        rest = (
            question if code else " ".join(NAMED_VERSION.sub(" ", question).split()).lstrip(" ,:")
        )
        arguments |= {"query": rest, "codes": [version[0]], "version": version[1]}
    elif as_of is not None:
        arguments["as_of"] = as_of.isoformat()
    return "search_knowledge", arguments


def plan_tender_search(question: str, names: Sequence[str]) -> Call:
    """A second search, in tender files only, for what is asked beside the names."""
    rest = question
    for name in names:
        rest = rest.replace(name, " ")
    return "search_knowledge", {"query": " ".join(rest.split()) or question, "kinds": ["tender"]}


def find_as_of(question: str, today: dt.date) -> dt.date | None:
    """The day a question asks about («au 1er mars 2025», the last of «en 2025»), past or to come.

    None for today's rules, which also answer for the current year or month.
    """
    if not DATED.search(fold(question)):
        return None
    period = find_period(question, today)
    if period is None:
        return None
    day = period.end if period.start and period.end else period.start or period.end
    if day is None or day < today:
        return day
    is_to_come = period.start is not None and period.start > today
    return period.start if is_to_come and _asks_what_applies(fold(question)) else None


def _asks_what_applies(folded: str) -> bool:
    """Tell whether a day to come is that whose rules are asked for."""
    if WHAT_WILL_APPLY.search(folded):
        return True
    return bool(RULE_ON_DAY.search(folded)) and not ENDING.search(folded)
