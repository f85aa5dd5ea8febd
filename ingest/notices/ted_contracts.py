"""TED contract notices of before 2016 (R2.0.8 and earlier: the CONTRACT forms)."""

from __future__ import annotations

import datetime as dt

from ingest.notices.criteria import guess_kind, parse_weight
from ingest.notices.notice import Criterion, Duration, Lot, Moment, Notice, Procedure, Proof
from ingest.notices.tree import Node
from ingest.notices.wording import (
    make_duration,
    parse_day,
    parse_time,
    recognise_energy,
    to_decimal,
)

FORMS = ("CONTRACT", "CONTRACT_UTILITIES", "SIMPLIFIED_CONTRACT")
PROCEDURES: dict[str, Procedure] = {
    "PT_OPEN": "open", "PT_RESTRICTED": "restricted", "PT_NEGOTIATED": "negotiated",
    "PT_COMPETITIVE_DIALOGUE": "negotiated", "PT_ACCELERATED_RESTRICTED": "restricted",
    "PT_ACCELERATED_NEGOTIATED": "negotiated",
}  # fmt: skip


def is_ted_contract(root: Node) -> bool:
    """Tell whether the document is a TED export of the older contract forms."""
    return root.name == "TED_EXPORT" and _find_form(root) is not None


def read_ted_contract(root: Node) -> Notice:
    """The notice of an older TED export, in French where it holds several languages."""
    form = _find_form(root) or root
    proofs: dict[str, Proof] = {}
    number = root.attributes.get("DOC_ID")
    title = _take(form.first("TITLE_CONTRACT"), "title", proofs)
    cpv = form.first("CPV_MAIN")
    code = cpv.first("CPV_CODE") if cpv else None
    main = code.attributes.get("CODE", "")[:8] if code else None
    if code and main:
        proofs["cpv"] = Proof(f"{code.path}/@CODE", main)
    value = form.first("VALUE_COST")
    return Notice(
        source="ted",
        form=form.name,
        kind="contract",
        id=number,
        buyer=_take(form.first("OFFICIALNAME"), "buyer", proofs),
        reference=_take(form.first("FILE_REFERENCE_NUMBER"), "reference", proofs),
        title=title,
        description=_take(form.first("SHORT_CONTRACT_DESCRIPTION"), "description", proofs),
        nature=next((n.attributes["CTYPE"].lower() for n in form.walk() if "CTYPE" in n.attributes),
                    None),
        procedure=next((PROCEDURES[n.name] for n in form.walk() if n.name in PROCEDURES), None),
        cpv=main,
        value=to_decimal(value.line) if value else None,
        currency="EUR" if value else None,
        lots=_read_lots(form, title or "", main),
        announced_lots=len(_annexes(form)) or None,
        deadline=_read_deadline(form, proofs),
        validity=_read_validity(form),
        published_on=parse_day((root.first("DATE_PUB") or Node("", "")).line),
        is_framework=True if form.first("F02_FRAMEWORK") else None,
        proofs=proofs,
    )  # fmt: skip


def _find_form(root: Node) -> Node | None:
    section = root.find("FORM_SECTION")
    forms = [node for node in (section.children if section else []) if node.name in FORMS]
    french = [node for node in forms if node.attributes.get("LG") == "FR"]
    return next(iter([*french, *forms]), None)


def _annexes(form: Node) -> list[Node]:
    return [node for node in form.walk() if node.name.endswith("ANNEX_B") and node.children]


def _read_lots(form: Node, title: str, main: str | None) -> tuple[Lot, ...]:
    criteria, elsewhere = _read_criteria(form)
    nodes: list[Node | None] = [*_annexes(form)] or [None]
    return tuple(_read_lot(node, form, title, main, criteria, elsewhere) for node in nodes)


def _read_lot(
    node: Node | None, form: Node, title: str, main: str | None,
    criteria: tuple[Criterion, ...], elsewhere: bool,
) -> Lot:  # fmt: skip
    own, proofs = node or Node("", ""), dict[str, Proof]()
    name = _take(own.first("LOT_TITLE"), "title", proofs)
    codes = tuple(dict.fromkeys(n.attributes.get("CODE", "")[:8] for n in own.walk()
                                if n.name == "CPV_CODE"))  # fmt: skip
    variants = form.first("NO_ACCEPTED_VARIANTS"), form.first("ACCEPTED_VARIANTS")
    value = own.first("VALUE_COST")
    return Lot(
        number=_take(own.first("LOT_NUMBER"), "number", proofs),
        title=name,
        description=_take(own.first("LOT_DESCRIPTION"), "description", proofs),
        energy=recognise_energy(name or title, codes or ((main,) if main else ())),
        cpv=codes,
        value=to_decimal(value.line) if value else None,
        currency="EUR" if value else None,
        duration=_read_duration(own) or _read_duration(form),
        criteria=criteria,
        are_criteria_elsewhere=elsewhere,
        allows_variants=False if variants[0] else True if variants[1] else None,
        proofs=proofs,
    )


def _read_criteria(form: Node) -> tuple[tuple[Criterion, ...], bool]:
    found = tuple(_read_criterion(n) for n in form.walk() if n.name == "CRITERIA_DEFINITION")
    lowest = form.first("LOWEST_PRICE")
    if not found and lowest:
        found = (Criterion("Prix", "price", None, None, Proof(lowest.path, "")),)
    return found, form.first("CRITERIA_STATED_IN_OTHER_DOCUMENT") is not None


def _read_criterion(node: Node) -> Criterion:
    name, weight = (node.first("CRITERIA") or node).line, node.first("WEIGHTING")
    written = weight.line or None if weight else None
    return Criterion(name, guess_kind(name), parse_weight(written), written,
                     Proof(node.path, node.line))  # fmt: skip


def _read_deadline(form: Node, proofs: dict[str, Proof]) -> Moment | None:
    node = form.first("RECEIPT_LIMIT_DATE")
    parts = [node.find(name) for name in ("YEAR", "MONTH", "DAY")] if node else []
    if node is None or None in parts:
        return None
    proofs["deadline"] = Proof(node.path, node.line)
    try:
        day = dt.date(*(int(part.line) for part in parts if part))
    except ValueError:
        return None
    hour = node.find("TIME")
    return Moment(day, parse_time(hour.line) if hour else None)


def _read_duration(node: Node) -> Duration | None:
    period = node.first("PERIOD_WORK_DATE_STARTING")
    for name, unit in (("MONTHS", "month"), ("DAYS", "day")):
        if period and (count := period.find(name)):
            return make_duration(count.line, unit)
    return None


def _read_validity(form: Node) -> Duration | None:
    period = form.first("MINIMUM_TIME_MAINTAINING_TENDER")
    for name, unit in (("PERIOD_MONTH", "month"), ("PERIOD_DAY", "day")):
        if period and (count := period.first(name)):
            return make_duration(count.line, unit)
    return None


def _take(node: Node | None, field: str, proofs: dict[str, Proof]) -> str | None:
    if node is None or not node.line:
        return None
    proofs[field] = Proof(node.path, node.line)
    return node.line
