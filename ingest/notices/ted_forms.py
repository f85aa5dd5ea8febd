"""TED standard forms of 2014–2022 (R2.0.9: F02, F05 and their kin), read from their XML."""

from __future__ import annotations

from decimal import Decimal

from ingest.notices.criteria import parse_weight
from ingest.notices.notice import (
    Award,
    Criterion,
    CriterionKind,
    Kind,
    Lot,
    Moment,
    Notice,
    Procedure,
    Proof,
)
from ingest.notices.tree import Node
from ingest.notices.wording import (
    make_duration,
    parse_day,
    parse_real_day,
    parse_time,
    recognise_energy,
    to_decimal,
)

KINDS: dict[str, Kind] = {
    "F01": "information", "F02": "contract", "F03": "award", "F04": "information",
    "F05": "contract", "F06": "award", "F14": "correction", "F20": "modification",
    "F21": "contract", "F22": "contract", "F24": "contract", "F25": "award",
}  # fmt: skip
PROCEDURES: dict[str, Procedure] = {
    "PT_OPEN": "open", "PT_RESTRICTED": "restricted",
    "PT_COMPETITIVE_NEGOTIATION": "negotiated", "PT_COMPETITIVE_DIALOGUE": "negotiated",
    "PT_NEGOTIATED_WITH_PRIOR_CALL": "negotiated", "PT_INNOVATION_PARTNERSHIP": "negotiated",
}  # fmt: skip
CRITERIA: dict[str, CriterionKind] = {
    "AC_PRICE": "price",
    "AC_QUALITY": "quality",
    "AC_COST": "cost",
}


def is_ted_form(root: Node) -> bool:
    """Tell whether the document is a TED export of these forms."""
    return root.name == "TED_EXPORT" and find_form(root) is not None


def read_ted_form(root: Node) -> Notice:
    """The notice of a TED export, in French where it holds several languages."""
    form = find_form(root) or root
    proofs: dict[str, Proof] = {}
    content, procedure = form.first("OBJECT_CONTRACT") or form, form.first("PROCEDURE") or form
    body = form.first("CONTRACTING_BODY") or form
    cpv = content.find("CPV_MAIN", "CPV_CODE")
    total = content.find("VAL_ESTIMATED_TOTAL") or content.find("VAL_TOTAL")
    validity = procedure.find("DURATION_TENDER_VALID")
    framework = procedure.find("FRAMEWORK")
    original = root.first("ORIGINAL_CPV")
    number = root.attributes.get("DOC_ID")
    return Notice(
        source="ted",
        form=form.name,
        kind=KINDS.get(form.attributes.get("FORM", "")[:3], "contract"),
        id=number,
        url=f"https://ted.europa.eu/udl?uri=TED:NOTICE:{number}:TEXT:FR:HTML" if number else None,
        buyer=_take(body.find("ADDRESS_CONTRACTING_BODY", "OFFICIALNAME"), "buyer", proofs),
        buyer_id=_take(body.find("ADDRESS_CONTRACTING_BODY", "NATIONALID"), "buyer_id", proofs),
        reference=_take(content.find("REFERENCE_NUMBER"), "reference", proofs),
        title=_take(content.find("TITLE"), "title", proofs),
        description=_take(content.find("SHORT_DESCR"), "description", proofs),
        nature=(content.find("TYPE_CONTRACT") or form).attributes.get("CTYPE", "").lower() or None,
        procedure=next((PROCEDURES[n.name] for n in procedure.children if n.name in PROCEDURES),
                       None),
        cpv=_code(cpv, "cpv", proofs) or _code(original, "cpv", proofs),
        value=_amount(total, "value", proofs),
        currency=(total.attributes.get("CURRENCY") if total else None),
        lots=tuple(_read_lot(node, content) for node in content.list("OBJECT_DESCR")),
        announced_lots=len(content.list("OBJECT_DESCR")) if content.find("LOT_DIVISION") else None,
        deadline=_read_deadline(procedure, proofs),
        validity=(make_duration(validity.line, validity.attributes.get("TYPE", ""))
                  if validity else None),
        published_on=parse_day((root.first("DATE_PUB") or Node("", "")).line),
        is_framework=True if framework else None,
        framework=_describe_framework(framework),
        platform_url=_take(body.find("URL_DOCUMENT") or body.find("URL_PARTICIPATION"),
                           "platform_url", proofs),
        refers_to=tuple(n.line for n in form.walk() if n.name == "NOTICE_NUMBER_OJ"),
        awards=tuple(_read_award(n) for n in form.list("AWARD_CONTRACT")),
        proofs=proofs,
    )  # fmt: skip


def find_form(root: Node) -> Node | None:
    section = root.find("FORM_SECTION")
    forms = [node for node in (section.children if section else []) if node.find("OBJECT_CONTRACT")]
    french = [node for node in forms if node.attributes.get("LG") == "FR"]
    original = [node for node in forms if node.attributes.get("CATEGORY") == "ORIGINAL"]
    return next(iter([*french, *original, *forms]), None)


def _read_lot(node: Node, content: Node) -> Lot:
    proofs: dict[str, Proof] = {}
    value = node.find("VAL_OBJECT")
    duration = node.find("DURATION")
    title = _take(node.find("TITLE"), "title", proofs)
    description = _take(node.find("SHORT_DESCR"), "description", proofs)
    codes = tuple(
        dict.fromkeys(
            c.attributes.get("CODE", "")[:8] for c in node.list("CPV_ADDITIONAL", "CPV_CODE")
        )
    )
    words = title or (content.find("TITLE") or node).line
    main = content.find("CPV_MAIN", "CPV_CODE")
    award = node.find("AC") or node
    end, start = node.find("DATE_END"), node.find("DATE_START")
    return Lot(
        number=_take(node.find("LOT_NO"), "number", proofs),
        title=title,
        description=description,
        energy=recognise_energy(words, codes or _codes_of(main)),
        cpv=codes,
        nuts=tuple(dict.fromkeys(n.attributes.get("CODE", "") for n in node.list("NUTS"))),
        value=_amount(value, "value", proofs),
        currency=value.attributes.get("CURRENCY") if value else None,
        duration=(make_duration(duration.line, duration.attributes.get("TYPE", ""))
                  if duration else None),
        start_on=parse_day(start.line) if start else None,
        end_on=parse_day(end.line) if end else None,
        criteria=tuple(_read_criterion(n) for n in award.children if n.name in CRITERIA),
        are_criteria_elsewhere=award.find("AC_PROCUREMENT_DOC") is not None,
        is_renewable=_flag(node, "RENEWAL", "NO_RENEWAL"),
        renewal=_take(node.find("RENEWAL_DESCR"), "renewal", proofs),
        allows_variants=_flag(node, "ACCEPTED_VARIANTS", "NO_ACCEPTED_VARIANTS"),
        proofs=proofs,
    )  # fmt: skip


def _codes_of(main: Node | None) -> tuple[str, ...]:
    return (main.attributes.get("CODE", ""),) if main else ()


def _read_criterion(node: Node) -> Criterion:
    name, weight = node.find("AC_CRITERION"), node.find("AC_WEIGHTING")
    kind = CRITERIA[node.name]
    written = weight.line if weight and weight.line else None
    return Criterion(
        name=name.line if name else "Prix" if kind == "price" else "",
        kind=kind,
        weight=parse_weight(written),
        weight_text=written,
        proof=Proof(node.path, " ".join(node.line.split())),
    )


def _read_deadline(procedure: Node, proofs: dict[str, Proof]) -> Moment | None:
    day, hour = procedure.find("DATE_RECEIPT_TENDERS"), procedure.find("TIME_RECEIPT_TENDERS")
    on = parse_day(day.line) if day else None
    if day is None or on is None:
        return None
    proofs["deadline"] = Proof(day.path, f"{day.line} {hour.line}" if hour else day.line)
    return Moment(on, parse_time(hour.line) if hour else None)


def _read_award(node: Node) -> Award:
    winner, amount, day = (
        node.first("OFFICIALNAME"),
        node.first("VAL_TOTAL"),
        node.first("DATE_CONCLUSION_CONTRACT"),
    )
    offers, lot = node.first("NB_TENDERS_RECEIVED"), node.find("LOT_NO")
    return Award(
        lot=lot.line if lot else None,
        winner=winner.line if winner and node.find("AWARDED_CONTRACT") else None,
        amount=to_decimal(amount.line) if amount else None,
        currency=amount.attributes.get("CURRENCY") if amount else None,
        awarded_on=parse_real_day(day.line) if day else None,
        offers=int(offers.line) if offers and offers.line.isdigit() else None,
        proof=Proof(node.path, node.line[:300]),
    )


def _describe_framework(node: Node | None) -> str | None:
    if node is None:
        return None
    names = {child.name for child in node.children}
    count = node.find("NB_PARTICIPANTS")
    if "SEVERAL_OPERATORS" in names:
        return (
            f"accord-cadre avec plusieurs opérateurs ({count.line})"
            if count
            else ("accord-cadre avec plusieurs opérateurs")
        )
    return "accord-cadre avec un seul opérateur" if "SINGLE_OPERATOR" in names else "accord-cadre"


def _flag(node: Node, yes: str, no: str) -> bool | None:
    if node.find(yes):
        return True
    return False if node.find(no) else None


def _take(node: Node | None, field: str, proofs: dict[str, Proof]) -> str | None:
    """The text of `node`, its place noted."""
    if node is None or not node.line:
        return None
    proofs[field] = Proof(node.path, node.line)
    return node.line


def _code(node: Node | None, field: str, proofs: dict[str, Proof]) -> str | None:
    code = node.attributes.get("CODE", "") if node else ""
    if node is None or not code:
        return None
    proofs[field] = Proof(f"{node.path}/@CODE", code)
    return code[:8]


def _amount(node: Node | None, field: str, proofs: dict[str, Proof]) -> Decimal | None:
    text = _take(node, field, proofs)
    return to_decimal(text) if text else None
