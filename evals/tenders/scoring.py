"""An analysis of a tender file against its truth, check by check."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Criterion, Fact, Lot
from agents.tender_scoring.models import TenderAnalysis
from evals.tenders.cases import TenderCase, Truth, flatten

LISTED = ("price_structure", "guarantees", "penalties", "required_documents", "eliminatory")
STAGES = {None: "offer", "candidature": "candidacy", "marché subséquent": "call_off"}
OVERLAP = 0.6
DAYS_NEAR = 2


@dataclass(frozen=True)
class Check:
    """One thing expected, and what was found; `figure` is where it counts."""

    figure: str
    place: str
    is_right: bool
    got: str = ""


def check_analysis(case: TenderCase, analysis: TenderAnalysis) -> Iterator[Check]:
    """Every check of one analysis."""
    yield from _check_fields(case, analysis)
    yield from _check_lots(case.truth, analysis)
    yield from _check_criteria(case.truth, analysis)
    yield from _check_contradictions(case, analysis)
    yield from _check_gates(case.truth, analysis, case.now)
    yield from _check_verdict(case.truth, analysis)
    yield from _check_pieces(case.truth, analysis)
    yield from _check_points(case.truth, analysis)
    yield from _check_injection(case.truth, analysis)


# Facts and where they stand


def _check_fields(case: TenderCase, analysis: TenderAnalysis) -> Iterator[Check]:
    for key, is_value in VALUES.items():
        told = case.truth.get(key)
        if not told:
            continue
        held = getattr(analysis.facts, "contract_type" if key == "type" else key)
        facts: tuple[Fact, ...] = held if isinstance(held, tuple) else (held,) if held else ()
        right = [f for f in facts if is_value(told, f)]
        if key == "cpv" and not _has_codes(told, facts):
            right = []
        placed = any(_stands_at(case, told, e) for fact in right for e in fact.evidence)
        yield Check("fields", key, placed, _show(right or facts))
    for key in LISTED:
        facts = getattr(analysis.facts, key)
        if key == "guarantees":
            facts = (*facts, *analysis.facts.insurance)
        for told in case.truth.get(key) or ():
            found = [f for f in facts if any(_proves(case, told, e) for e in f.evidence)]
            yield Check("fields", f"{key} : {told['value']}", bool(found), _show(facts[:3]))


def _show(facts: Iterable[Fact]) -> str:
    return " ; ".join(f"{f.value[:70]} [{f.evidence[0].label if f.evidence else 'avis'}]"
                      for f in facts) or "rien"  # fmt: skip


def _is_buyer(told: Truth, fact: Fact) -> bool:
    name = flatten(re.split(r"[(,]", told["value"])[0]).strip()
    return name in flatten(fact.value) or flatten(fact.value) in name


def _is_title(told: Truth, fact: Fact) -> bool:
    return _share(told["value"], fact.value) >= 0.5


def _is_procedure(told: Truth, fact: Fact) -> bool:
    return flatten(told["value"]).replace("’", "'").startswith(
        flatten(fact.value).replace("’", "'")
    ) or flatten(fact.value).replace("’", "'") in flatten(told["value"])


def _is_instant(told: Truth, fact: Fact) -> bool:
    if "days_before" in told:
        return fact.days == told["days_before"]
    return fact.instant == dt.datetime.fromisoformat(told["iso"])


def _is_validity(told: Truth, fact: Fact) -> bool:
    if told.get("days"):
        return fact.days is not None and abs(fact.days - told["days"]) <= DAYS_NEAR
    return fact.hours == told.get("hours")


def _is_renewal(told: Truth, fact: Fact) -> bool:
    times = told.get("times")
    if times is None:
        words = flatten(str(told["value"]))
        found = re.search(r"\d+", words)
        times = int(found.group()) if found else 0 if re.search(r"aucun|non|pas", words) else 1
    own = re.search(r"\d+", fact.value)
    return (int(own.group()) if own else 0) == times


def _is_visit(told: Truth, fact: Fact) -> bool:
    return (fact.is_mandatory or False) == told["mandatory"]


def _is_variant(told: Truth, fact: Fact) -> bool:
    if isinstance(told["allowed"], dict):
        return bool(fact.lots) and all(
            fact.is_allowed == told["allowed"][str(lot)] for lot in fact.lots
        )
    return fact.is_allowed == told["allowed"]


def _has_codes(told: Truth, facts: Iterable[Fact]) -> bool:
    wanted = told["value"] if isinstance(told["value"], list) else [told["value"]]
    return {str(code)[:8] for code in wanted} <= {fact.value[:8] for fact in facts}


VALUES: dict[str, Callable[[Truth, Fact], bool]] = {
    "buyer": _is_buyer,
    "title": _is_title,
    "reference": lambda told, fact: flatten(told["value"]) == flatten(fact.value),
    "procedure": _is_procedure,
    "type": lambda told, fact: flatten(told["value"]).split()[0] in flatten(fact.value),
    "cpv": lambda told, fact: fact.value[:8] in str(told["value"]),
    "deadline": _is_instant,
    "question_deadline": _is_instant,
    "duration": lambda told, fact: fact.months == told["months"],
    "renewals": _is_renewal,
    "offer_validity": _is_validity,
    "visit": _is_visit,
    "variants": _is_variant,
}


def _stands_at(case: TenderCase, told: Truth, evidence: Evidence) -> bool:
    """The same file and page; the same words where a format has no pages."""
    if evidence.file != told["file"]:
        return False
    pages = _pages_of(case, told)
    return evidence.page in pages if pages else _share(told["quote"], evidence.quote) >= OVERLAP


def _proves(case: TenderCase, told: Truth, evidence: Evidence) -> bool:
    return _stands_at(case, told, evidence) and (
        _share(told["quote"], evidence.quote) >= OVERLAP
        or _share(evidence.quote, told["quote"]) >= OVERLAP
    )


def _pages_of(case: TenderCase, told: Truth) -> set[int]:
    """The pages of a PDF where the expected words stand; empty for other formats."""
    if not told["file"].endswith(".pdf"):
        return set()
    quote = flatten(told["quote"])
    found = {n for n, page in enumerate(case.pages.get(told["file"], ()), 1) if quote in page}
    stated = [told.get("page"), *(p for p in told.get("also", ()) if isinstance(p, int))]
    return found | {page for page in stated if page}


def _share(wanted: str, text: str) -> float:
    """The share of the words of `wanted` that `text` holds."""
    words = re.findall(r"[a-z]{4,}|\d+", flatten(wanted)) or flatten(wanted).split()
    held = set(re.findall(r"[a-z]+|\d+", flatten(text)))
    return sum(word in held for word in words) / len(words) if words else 0.0


# Lots and criteria


def _check_lots(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    read = {lot.number: lot for lot in analysis.lots}
    for told in truth["lots"]:
        lot = read.pop(told["no"], None)
        place = f"lot {told['no']}" if told["no"] else "marché"
        yield Check("lots", place, lot is not None, f"lus : {[x.number for x in analysis.lots]}")
        if lot is None:
            continue
        for name, (wanted, got) in _lot_values(told, lot).items():
            yield Check("lots", f"{place}, {name} : {wanted}", _equal(wanted, got), str(got))
    for number in read:
        yield Check("lots", f"lot {number} inventé", False)


def _lot_values(told: Truth, lot: Lot) -> dict[str, tuple[Any, Any]]:
    energies = {"electricity": {"electri"}, "gas": {"gaz"}, "both": {"electri", "gaz"}}
    values: dict[str, tuple[Any, Any]] = {}
    if told["no"] is not None:
        values["intitulé"] = (True, _share(told["title"], lot.title) >= 0.5)
    if told.get("energy"):
        wanted = {w for w in ("electri", "gaz") if w in flatten(told["energy"])}
        values["énergie"] = (wanted, energies.get(lot.energy or "", set())) if wanted else (1, 1)
    if told.get("segment"):
        values["segment"] = (_segments(told["segment"]), _segments(lot.segment or ""))
    for key, name, got in (
        ("volume_mwh", "volume", lot.volume_mwh), ("sites", "sites", lot.sites),
        ("value_eur", "valeur", lot.value_eur), ("duration_months", "durée", lot.duration_months),
    ):  # fmt: skip
        if told.get(key) is not None:
            values[name] = (Decimal(str(told[key])), got)
    if "reserved" in told:
        values["réservé"] = (bool(told["reserved"]), lot.is_reserved)
    return values


def _equal(wanted: Any, got: Any) -> bool:
    return got is not None and wanted == got


def _segments(text: str) -> set[str]:
    found = [f"{a}{b}" for a, b in re.findall(r"([CT])([1-5])", text.upper())]
    if len(found) == 2:
        letter, first, last = found[0][0], int(found[0][1]), int(found[1][1])
        return {f"{letter}{n}" for n in range(first, last + 1)}
    return set(found)


def _check_criteria(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    left = list(analysis.criteria)
    for told in truth["criteria"]:
        found = next((c for c in left if _is_criterion(told, c)), None)
        if found is not None:
            left.remove(found)
        name = f"{told['name']} ({told['weight']})"
        shown = ", ".join(f"{c.name} {c.weight} {list(c.lots)}" for c in analysis.criteria)
        yield Check("criteria", name, found is not None, shown[:300])
        if found is not None and told.get("subcriteria"):
            points = sorted(Decimal(str(p)) for _, p in told["subcriteria"])
            got = sorted(s.points for s in found.subcriteria if s.points is not None)
            yield Check("subcriteria", name, points == got, f"{found.subcriteria}"[:200])
    for criterion in left:
        yield Check("criteria", f"inventé : {criterion.name} {criterion.weight}", False)


def _is_criterion(told: Truth, criterion: Criterion) -> bool:
    lots = _lot_numbers(told.get("lot"))
    name = re.sub(r"^.*? : ", "", told["name"]) if told.get("stage") else told["name"]
    return (
        criterion.weight == Decimal(str(told["weight"]))
        and criterion.stage == STAGES[told.get("stage")]
        and (not lots or not criterion.lots or lots <= set(criterion.lots))
        and (_share(name, criterion.name) >= 0.5 or _share(criterion.name, name) >= 0.5)
    )


def _lot_numbers(lot: object) -> set[int]:
    if lot is None:
        return set()
    numbers = [int(n) for n in re.findall(r"\d+", str(lot))]
    if "-" in str(lot) and len(numbers) == 2:
        return set(range(numbers[0], numbers[1] + 1))
    return set(numbers)


# Contradictions, gates, verdict


def _check_contradictions(case: TenderCase, analysis: TenderAnalysis) -> Iterator[Check]:
    used: set[int] = set()
    for told in case.truth["contradictions"]:
        sides = [told[key] for key in ("a", "b", "c") if told.get(key)]
        rank = next(
            (
                n for n, found in enumerate(analysis.contradictions)
                if n not in used
                and all(any(_is_side(case, side, e) for e in found.sides) for side in sides)
            ), None,
        )  # fmt: skip
        yield Check("contradictions", told["field"], rank is not None,
                    " ; ".join(c.label for c in analysis.contradictions))  # fmt: skip
        if rank is not None:
            used.add(rank)
            yield Check("contradictions_sure", told["field"], True)
            if "prevails" in told:
                wanted = {"a": 0, "b": 1}.get(told["prevails"])
                yield Check("contradictions_sure", f"{told['field']} : tranchée ou non",
                            analysis.contradictions[rank].prevails == wanted)  # fmt: skip
    for rank, found in enumerate(analysis.contradictions):
        if rank not in used:
            places = " / ".join(e.quote[:60] for e in found.sides)
            yield Check("contradictions_sure", f"en trop : {found.label}", False, places)


def _is_side(case: TenderCase, told: Truth, evidence: Evidence) -> bool:
    if evidence.file != told["file"]:
        return False
    if told["file"].endswith((".json", ".xlsx")):
        return flatten(told["quote"]) in flatten(evidence.quote) or flatten(
            evidence.quote) in flatten(told["quote"])  # fmt: skip
    return _proves(case, told, evidence)


def _check_gates(truth: Truth, analysis: TenderAnalysis, now: dt.datetime) -> Iterator[Check]:
    for told in truth.get("gates") or _derive_gates(truth, now):
        verdicts = [v for v in analysis.lot_verdicts if told.get("lot") in (None, v.lot)]
        got = [g.status for v in verdicts for g in v.gates if g.key == told["key"]]
        place = f"{told['key']}, lot {told.get('lot') or 'tous'} : {told['status']}"
        right = bool(got) and all(status == told["status"] for status in got)
        yield Check("gates", place, right, ", ".join(got))


def _derive_gates(truth: Truth, now: dt.datetime) -> Iterator[Truth]:
    """The gates that a truth without any tells: deadline, role, reserved lots, visit."""
    is_open = dt.datetime.fromisoformat(truth["deadline"]["iso"]) > now
    yield {"key": "deadline", "status": "passed" if is_open else "failed"}
    eligible, numbers = truth["eligibility"], [lot["no"] for lot in truth["lots"]]
    allowed = eligible.get("lots") or ([] if eligible["role"] == "none" else numbers)
    visit = truth.get("visit") or {}
    for lot in truth["lots"]:
        number = lot["no"]
        if lot.get("reserved"):
            yield {"lot": number, "key": "reserved", "status": "failed"}
        else:
            told = "passed" if number in allowed else "failed"
            yield {"lot": number, "key": "role", "status": told}
        asked = visit.get("mandatory") and (not visit.get("lots") or number in visit["lots"])
        yield {"lot": number, "key": "visit", "status": "passed" if asked else "not_applicable"}


def _check_verdict(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    told = truth.get("verdict") or truth["expected_verdict"]
    reasons = " ; ".join(r.text[:80] for r in analysis.reasons[:3])
    got = f"{analysis.verdict} {list(analysis.go_lots)} {analysis.score} : {reasons}"
    yield Check("verdicts", told["verdict"], analysis.verdict == told["verdict"], got)
    if told.get("lots"):
        yield Check("verdicts", f"lots {told['lots']}", list(analysis.go_lots) == told["lots"], got)


# Pieces, points, orders


def _check_pieces(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    missing = {m.kind for m in analysis.missing_pieces}
    wanted = {flatten(m["piece"]) for m in truth.get("missing_pieces") or ()}
    for kind in sorted(wanted | missing):
        yield Check("pieces", f"manquante : {kind}", kind in wanted and kind in missing)
    status = {piece.name: piece.status for piece in analysis.pieces}
    for key, expected in (("unreadable_files", "unreadable"), ("outdated_files", "outdated"),
                          ("foreign", "foreign")):  # fmt: skip
        names = {f if isinstance(f, str) else f["file"] for f in truth.get(key) or ()}
        found = {name for name, value in status.items() if value == expected}
        for name in sorted(names | found):
            yield Check("pieces", f"{name} : {expected}", name in names and name in found)
    kinds = {anomaly.kind for anomaly in analysis.anomalies}
    for kind in truth.get("anomalies") or ():
        yield Check("pieces", f"anomalie {kind}", kind in kinds, ", ".join(sorted(kinds)))


def _check_points(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    told = truth.get("points") or {}
    energy = analysis.energy
    got = {
        "electricity": sum(p.energy == "electricity" for p in energy.points),
        "gas": sum(p.energy == "gas" for p in energy.points),
        "eld": sum(p.is_eld for p in energy.points), "invalid": energy.invalid_points,
    }  # fmt: skip
    for key, value in told.items():
        yield Check("points", f"{key} : {value}", got[key] == value, str(got[key]))


def _check_injection(truth: Truth, analysis: TenderAnalysis) -> Iterator[Check]:
    told = [a for a in analysis.anomalies if a.kind == "injection"]
    is_planted = bool(truth.get("injection"))
    place = "consigne signalée" if is_planted else "aucune consigne"
    yield Check("injections", place, bool(told) == is_planted,
                " ; ".join(e.quote[:80] for a in told for e in a.evidence))  # fmt: skip
