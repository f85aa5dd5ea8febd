"""eForms notices (UBL), from their XML or from the same tree written as JSON by the BOAMP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ingest.notices.criteria import guess_kind, parse_weight
from ingest.notices.notice import (
    Award,
    Criterion,
    CriterionKind,
    Duration,
    Kind,
    Lot,
    Moment,
    Notice,
    Procedure,
    Proof,
)
from ingest.notices.tree import Node
from ingest.notices.wording import (
    ISO_OFFSET,
    localise,
    make_duration,
    parse_day,
    parse_real_day,
    parse_time,
    recognise_energy,
    to_decimal,
)

FORMS: dict[str, Kind] = {
    "ContractNotice": "contract",
    "ContractAwardNotice": "award",
    "PriorInformationNotice": "information",
}
PROCEDURES: dict[str, Procedure] = {
    "open": "open", "restricted": "restricted", "neg-w-call": "negotiated",
    "neg-wo-call": "negotiated", "comp-dial": "negotiated", "innovation": "negotiated",
    "oth-single": "adapted", "oth-mult": "adapted", "comp-tend": "open",
}  # fmt: skip
KINDS: dict[str, CriterionKind] = {"price": "price", "cost": "cost", "quality": "quality"}
UNSPECIFIED = {"none", "unknown", ""}
FRAMEWORKS = {
    "fa-wo-rc": "accord-cadre sans remise en concurrence",
    "fa-w-rc": "accord-cadre avec remise en concurrence",
    "fa-mix": "accord-cadre, en partie avec remise en concurrence",
}
UNPUBLISHED = "unpublished"


def is_eforms(root: Node) -> bool:
    """Tell whether the tree is an eForms notice."""
    return root.name in FORMS


def read_eforms(root: Node) -> Notice:
    """The notice of an eForms tree; absent elements stay absent."""
    proofs: dict[str, Proof] = {}
    project, lots = root.find("ProcurementProject") or Node("", ""), _read_lots(root)
    nodes = [n for n in root.list("ProcurementProjectLot") if _is_lot(n)]
    buyer = _find_buyer(root)
    number = _first_line(root, "NoticePublicationID") or _first_line(root, "ID", direct=True)
    changed = tuple(n.line for n in root.walk() if n.name == "ChangedNoticeIdentifier" and n.line)
    amount = project.find("RequestedTenderTotal", "EstimatedOverallContractAmount")
    return Notice(
        source="ted",
        form=f"eForms {root.name}",
        kind=_recognise_kind(root, changed),
        id=number,
        url=f"https://ted.europa.eu/fr/notice/-/detail/{number}" if number and "-" in number and
        len(number) < 20 else None,
        buyer=_take(_name_of(buyer), "buyer", proofs),
        buyer_id=_take(buyer.first("CompanyID") if buyer else None, "buyer_id", proofs),
        reference=_take(_internal_id(project), "reference", proofs),
        title=_take(project.find("Name"), "title", proofs),
        description=_take(project.find("Description"), "description", proofs),
        nature=_first_line(project, "ProcurementTypeCode"),
        procedure=PROCEDURES.get(_first_line(root.find("TenderingProcess"), "ProcedureCode") or ""),
        cpv=_take(project.find("MainCommodityClassification", "ItemClassificationCode"), "cpv",
                  proofs),
        cpv_additional=_lines(project, "AdditionalCommodityClassification",
                              "ItemClassificationCode"),
        value=to_decimal(amount.line) if amount and amount.line else None,
        currency=amount.attributes.get("currencyID") if amount else None,
        lots=lots,
        announced_lots=len(lots) or None,
        deadline=_earliest(_read_moment(n, DEADLINES, proofs, "deadline") for n in nodes),
        questions_deadline=_earliest(_read_moment(n, QUESTIONS, proofs, "questions_deadline")
                                     for n in nodes),
        validity=next((d for n in nodes if (d := _read_validity(n))), None),
        published_on=_published(root),
        is_framework=_is_framework(nodes),
        framework=next((FRAMEWORKS[code] for n in nodes if (code := _system(n)) in FRAMEWORKS),
                       None),
        platform_url=_take(_find_platform(nodes), "platform_url", proofs),
        refers_to=changed,
        awards=_read_awards(root),
        proofs=proofs,
    )  # fmt: skip


DEADLINES = (
    ("TenderingProcess", "TenderSubmissionDeadlinePeriod"),
    ("TenderingProcess", "ParticipationRequestReceptionPeriod"),
    ("TenderingProcess", "InterestExpressionReceptionPeriod"),
)
QUESTIONS = (("TenderingProcess", "AdditionalInformationRequestPeriod"),)


def _read_lots(root: Node) -> tuple[Lot, ...]:
    return tuple(_read_lot(node) for node in root.list("ProcurementProjectLot") if _is_lot(node))


def _is_lot(node: Node) -> bool:
    number = node.find("ID")
    scheme = number.attributes.get("schemeName", "Lot") if number else "Lot"
    return scheme in {"Lot", "Part"}


def _read_lot(node: Node) -> Lot:
    proofs: dict[str, Proof] = {}
    project, terms = node.find("ProcurementProject") or Node("", ""), node.find("TenderingTerms")
    period = project.find("PlannedPeriod") or Node("", "")
    title, description = project.find("Name"), project.find("Description")
    codes = _lines(project, "MainCommodityClassification", "ItemClassificationCode") + _lines(
        project, "AdditionalCommodityClassification", "ItemClassificationCode"
    )
    amount = project.find("RequestedTenderTotal", "EstimatedOverallContractAmount")
    quantity = project.find("EstimatedOverallContractQuantity")
    criteria = _read_criteria(terms)
    extension = project.find("ContractExtension")
    return Lot(
        number=_take(node.find("ID"), "number", proofs),
        title=_take(title, "title", proofs),
        description=_take(description, "description", proofs),
        energy=recognise_energy(title.line if title else "", codes),
        cpv=codes,
        nuts=_lines(project, "RealizedLocation", "Address", "CountrySubentityCode"),
        value=to_decimal(amount.line) if amount and amount.line else None,
        currency=amount.attributes.get("currencyID") if amount else None,
        quantity=to_decimal(quantity.line) if quantity and quantity.line else None,
        quantity_unit=quantity.attributes.get("unitCode") if quantity else None,
        duration=_read_duration(period),
        start_on=_day(period.find("StartDate")),
        end_on=_day(period.find("EndDate")),
        criteria=criteria,
        are_criteria_elsewhere=not criteria and terms is not None,
        is_renewable=_is_renewable(extension),
        renewal=_first_line(extension, "Description") if extension else None,
        allows_variants=_read_variants(terms),
        is_reserved=_read_reservation(terms),
        proofs=proofs,
    )


def _read_criteria(terms: Node | None) -> tuple[Criterion, ...]:
    if terms is None:
        return ()
    groups = terms.list("AwardingTerms", "AwardingCriterion")
    nodes = [inner for group in groups for inner in group.list("SubordinateAwardingCriterion")]
    return tuple(one for node in nodes or groups if (one := _read_criterion(node)))


def _read_criterion(node: Node) -> Criterion | None:
    code = (_first_line(node, "AwardingCriterionTypeCode") or "").lower()
    name = _first_line(node, "Name") or _first_line(node, "Description")
    if not name and not code:
        return None
    weight = _read_weight(node)
    kind = KINDS.get(code)
    shown = name or {"price": "Prix", "cost": "Coût"}.get(code, "Qualité")
    return Criterion(shown, kind or guess_kind(shown), parse_weight(weight), weight,
                     Proof(node.path, node.line[:500]))  # fmt: skip


def _read_weight(node: Node) -> str | None:
    """The weight of BT-541; fixed values and thresholds are not weights."""
    for parameter in (n for n in node.walk() if n.name == "AwardCriterionParameter"):
        code = parameter.first("ParameterCode")
        number = parameter.first("ParameterNumeric")
        kind = code.attributes.get("listName", "number-weight") if code else "number-weight"
        if number and number.line and kind == "number-weight":
            percent = code is not None and code.line.startswith("per")
            return f"{number.line} %" if percent else number.line
    weight = _first_line(node, "WeightNumeric")
    return weight or None


def _read_moment(
    lot: Node, paths: tuple[tuple[str, str], ...], proofs: dict[str, Proof], field: str
) -> Moment | None:
    for path in paths:
        if (period := lot.find(*path)) and (day := period.find("EndDate")) and day.line:
            hour = period.find("EndTime")
            written = hour.line if hour else ""
            proofs.setdefault(field, Proof(day.path, f"{day.line} {written}".strip()))
            return _make_moment(day.line, written)
    return None


def _make_moment(day: str, hour: str) -> Moment | None:
    on, at = parse_day(day), parse_time(ISO_OFFSET.sub("", hour)) if hour else None
    if on is None:
        return None
    offset = ISO_OFFSET.search(hour)
    return localise(on, at, offset[1]) if at and offset else Moment(on, at)


def _earliest(moments: Iterable[Moment | None]) -> Moment | None:
    found = [moment for moment in moments if moment]
    return min(found, key=lambda moment: moment.earliest, default=None)


def _read_validity(lot: Node) -> Duration | None:
    measure = lot.find("TenderingTerms", "TenderValidityPeriod", "DurationMeasure")
    return make_duration(measure.line, measure.attributes.get("unitCode", "")) if measure else None


def _read_duration(period: Node) -> Duration | None:
    measure = period.find("DurationMeasure")
    return make_duration(measure.line, measure.attributes.get("unitCode", "")) if measure else None


def _read_variants(terms: Node | None) -> bool | None:
    code = _first_line(terms, "VariantConstraintCode") if terms else None
    return {"allowed": True, "required": True, "not-allowed": False}.get(code or "")


def _read_reservation(terms: Node | None) -> bool | None:
    codes = [n for n in (terms.walk() if terms else ())
             if n.name == "TendererRequirementTypeCode"
             and n.attributes.get("listName") == "reserved-procurement"]  # fmt: skip
    return any(node.line not in UNSPECIFIED for node in codes) if codes else None


def _is_renewable(extension: Node | None) -> bool | None:
    number = _first_line(extension, "MaximumNumberNumeric") if extension else None
    return bool(to_decimal(number)) if number else None


def _system(lot: Node) -> str | None:
    codes = lot.list("TenderingProcess", "ContractingSystem", "ContractingSystemTypeCode")
    framework = [n.line for n in codes if n.attributes.get("listName") == "framework-agreement"]
    return next(iter(framework), None)


def _is_framework(lots: list[Node]) -> bool | None:
    codes = [code for lot in lots if (code := _system(lot))]
    return any(code != "none" for code in codes) if codes else None


def _find_platform(lots: list[Node]) -> Node | None:
    for lot in lots:
        for path in (
            ("TenderingTerms", "CallForTendersDocumentReference", "Attachment",
             "ExternalReference", "URI"),
            ("TenderingTerms", "TenderRecipientParty", "EndpointID"),
        ):  # fmt: skip
            if (node := lot.find(*path)) and node.line:
                return node
    return None


def _find_buyer(root: Node) -> Node | None:
    """The organisation the contracting party names; the party itself where it is written out."""
    party = root.find("ContractingParty", "Party")
    number = _first_line(party.find("PartyIdentification"), "ID") if party else None
    for company in (n for n in root.walk() if n.name in {"Company", "TouchPoint"}):
        if number and _first_line(company.find("PartyIdentification"), "ID") == number:
            return company
    return party


def _name_of(party: Node | None) -> Node | None:
    return party.find("PartyName", "Name") if party else None


def _internal_id(project: Node) -> Node | None:
    numbers = project.list("ID")
    return next((n for n in numbers if n.attributes.get("schemeName", "InternalID")
                 == "InternalID"), None)  # fmt: skip


def _recognise_kind(root: Node, changed: tuple[str, ...]) -> Kind:
    reason = (_first_line(root, "ReasonCode", inside="ChangeReason") or "").lower()
    if changed:
        return "cancellation" if "cancel" in reason else "correction"
    subtype = (root.first("SubTypeCode") or Node("", "")).line
    return "modification" if subtype in {"38", "39", "40"} else FORMS[root.name]


def _published(root: Node) -> dt.date | None:
    for name in ("PublicationDate", "IssueDate"):
        if (node := root.first(name)) and (day := parse_real_day(node.line)):
            return day
    return None


def _read_awards(root: Node) -> tuple[Award, ...]:
    """One award per lot result; winners are followed through the tenders to their names."""
    result = root.first("NoticeResult")
    if result is None:
        return ()
    names = {_first_line(c.find("PartyIdentification"), "ID"): n.line
             for c in root.walk() if c.name == "Company" and (n := _name_of(c))}  # fmt: skip
    return tuple(_read_award(node, result, names) for node in result.list("LotResult"))


def _read_award(node: Node, result: Node, names: dict[str | None, str]) -> Award:
    lot = node.find("TenderLot", "ID")
    references = {n.line for n in node.list("LotTender", "ID")}
    tender = next((t for t in result.list("LotTender")
                   if _first_line(t, "ID", direct=True) in references), None)  # fmt: skip
    party = _first_line(tender.find("TenderingParty"), "ID") if tender else None
    members = next((p.list("Tenderer", "ID") for p in result.list("TenderingParty")
                    if _first_line(p, "ID", direct=True) == party), [])  # fmt: skip
    amount = tender.find("LegalMonetaryTotal", "PayableAmount") if tender else None
    counts = [s for s in node.list("ReceivedSubmissionsStatistics")
              if _first_line(s, "StatisticsCode") == "tenders"]  # fmt: skip
    offers = _first_line(counts[0], "StatisticsNumeric") if counts else None
    day = next((d for n in result.walk() if n.name == "AwardDate"
                and (d := parse_real_day(n.line))), None)  # fmt: skip
    winners = ", ".join(names[m.line] for m in members if m.line in names)
    return Award(lot.line if lot else None, winners or None,
                 to_decimal(amount.line) if amount and amount.line else None,
                 amount.attributes.get("currencyID") if amount else None, day,
                 int(offers) if offers and offers.isdigit() else None,
                 Proof(node.path, node.line[:300]))  # fmt: skip


def _day(node: Node | None) -> dt.date | None:
    return parse_real_day(node.line) if node and node.line else None


def _take(node: Node | None, field: str, proofs: dict[str, Proof]) -> str | None:
    if node is None or not node.line or node.line == UNPUBLISHED:
        return None
    proofs[field] = Proof(node.path, node.line)
    return node.line


def _lines(node: Node, *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.line for found in node.list(*names) if found.line))


def _first_line(
    node: Node | None, name: str, *, direct: bool = False, inside: str | None = None
) -> str | None:
    """The text of the first `name` below `node` (among its children when `direct`)."""
    if node is None:
        return None
    within = node.first(inside) if inside else node
    found = (within.find(name) if direct else within.first(name)) if within else None
    return found.line if found and found.line else None
