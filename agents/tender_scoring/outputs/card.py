"""The verdict card: what a person reads first, with the page of each statement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Fact
from agents.tender_scoring.findings import Anomaly
from agents.tender_scoring.matching import count_clients, describe_points
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.wording import (
    name_lot,
    name_lots,
    name_places,
    value_of,
    write_score,
)
from agents.tender_scoring.verdicts import VERDICTS, LotVerdict, Reason
from core.formats import NBSP, format_money, format_number, format_quantity

MARKUP = re.compile(r"([\\`*_\[\]<>#|~])")
LISTED = 8
Cite = Callable[[Sequence[Evidence]], str]


def name_safely(evidence: Sequence[Evidence]) -> str:
    """The places of some evidence by their names, as plain text of a Markdown line."""
    return escape(name_places(evidence))


def write_card(analysis: TenderAnalysis, cite: Cite = name_safely) -> str:
    """The card in Markdown; words of the file are escaped, so that none acts as markup.

    `cite` writes where statements stand, in Markdown.
    """
    parts = (
        _write_head(analysis),
        _write_facts(analysis, cite),
        _write_lots(analysis),
        _write_criteria(analysis, cite),
        escape(describe_points(analysis.energy)),
        _write_reasons("Motifs", analysis.reasons, cite),
        _write_list("Réserves", [escape(text) for text in analysis.reserves]),
        _write_list("Ce qui changerait le verdict", [escape(t) for t in analysis.sensitivity]),
        _write_contradictions(analysis, cite),
        _write_missing(analysis, cite),
        _write_anomalies(analysis.anomalies, cite),
        _write_clarifications(analysis, cite),
        _write_origin(analysis),
    )
    return "\n\n".join(part for part in parts if part)


def make_card(analysis: TenderAnalysis) -> dict[str, Any]:
    """The card as data: what a page shows, each statement with its places."""
    return {
        "id": str(analysis.id),
        "label": analysis.label,
        "verdict": analysis.verdict,
        "verdict_label": VERDICTS[analysis.verdict],
        "go_lots": list(analysis.go_lots),
        "score": _number(analysis.score),
        "low": _number(analysis.low),
        "high": _number(analysis.high),
        "lots": [_make_lot(verdict) for verdict in analysis.lot_verdicts],
        "facts": [
            {"label": label, "value": fact.value, "places": _make_places(fact.evidence)}
            for label, fact in _list_facts(analysis)
            if fact
        ],
        "reasons": [
            {"text": r.text, "is_decisive": r.is_decisive, "places": _make_places(r.evidence),
             "profile_facts": list(r.profile_facts)}
            for r in analysis.reasons
        ],
        "reserves": list(analysis.reserves),
        "sensitivity": list(analysis.sensitivity),
        "contradictions": [
            {"text": c.text or c.label, "kept": c.kept, "places": _make_places(c.sides)}
            for c in analysis.contradictions
        ],
        "anomalies": [{"message": a.message, "places": _make_places(a.evidence)}
                      for a in analysis.anomalies],
        "points": {
            "total": len(analysis.energy.points), "known": analysis.energy.known_points,
            "failure": analysis.energy.crm_failure,
            "clients": [{"name": name, "points": count}
                        for name, count in count_clients(analysis.energy)],
        },
        "digest": analysis.digest,
    }  # fmt: skip


def _write_head(analysis: TenderAnalysis) -> str:
    verdict = VERDICTS[analysis.verdict]
    if analysis.verdict == "GO_SOUS_RESERVE" and analysis.go_lots:
        verdict += f" ({name_lots(analysis.go_lots)})"
    score = write_score(analysis.score, analysis.low, analysis.high)
    lines = [f"## {verdict}", f"**{escape(_name_tender(analysis))}** — {score}"]
    if analysis.summary:
        lines.append(escape(analysis.summary))
    return "\n\n".join(lines)


def _name_tender(analysis: TenderAnalysis) -> str:
    """Its buyer and reference; what the file is called where neither was read."""
    known = [fact.value for fact in (analysis.facts.buyer, analysis.facts.reference) if fact]
    return ", ".join(known) or analysis.label


def _list_facts(analysis: TenderAnalysis) -> Iterator[tuple[str, Fact | None]]:
    facts = analysis.facts
    yield "Acheteur", facts.buyer
    yield "Objet", facts.title
    yield "Référence", facts.reference
    yield "Procédure", facts.procedure
    yield "Accord-cadre", facts.framework
    yield "Remise des offres", facts.deadline
    yield "Questions", facts.question_deadline
    yield from (("Visite", fact) for fact in facts.visit)
    yield "Validité des offres", facts.offer_validity
    yield "Validité, marchés subséquents", facts.call_off_validity
    yield "Durée", facts.duration
    yield "Reconductions", facts.renewals
    yield "Dépôt des offres", facts.platform
    yield "Réseaux locaux (ELD)", analysis.energy.eld_statement


def _write_facts(analysis: TenderAnalysis, cite: Cite) -> str:
    kept = {"Acheteur", "Objet", "Remise des offres", "Durée"}
    rows = [_write_fact(label, fact, cite) for label, fact in _list_facts(analysis)
            if fact or label in kept]  # fmt: skip
    return "\n".join(["| Point | Ce que dit le dossier | Où |", "| --- | --- | --- |", *rows])


def _write_fact(label: str, fact: Fact | None, cite: Cite) -> str:
    places = cite(fact.evidence) if fact else ""
    return f"| {label} | {escape(value_of(fact))} | {places} |"


def _write_lots(analysis: TenderAnalysis) -> str:
    by_number = {lot.number: lot for lot in analysis.lots}
    rows: list[str] = []
    for one in analysis.lot_verdicts:
        lot = by_number.get(one.lot)
        volume = format_quantity(lot.volume_mwh, "MWh") if lot and lot.volume_mwh else ""
        value = format_money(lot.value_eur) if lot and lot.value_eur else ""
        title = escape(lot.title) if lot else ""
        score = write_score(one.score, one.low, one.high)
        rows.append(f"| {name_lot(one.lot)} | {title} | {volume} | {value} | "
                    f"{VERDICTS[one.verdict]} | {score} |")  # fmt: skip
    if not rows:
        return ""
    head = ["| Lot | Intitulé | Volume | Valeur | Verdict | Note |",
            "| --- | --- | ---: | ---: | --- | --- |"]  # fmt: skip
    return "\n".join([*head, *rows])


def _write_criteria(analysis: TenderAnalysis, cite: Cite) -> str:
    """The award criteria with their weights and their places; what selects candidates is not."""
    rows = [
        f"| {escape(one.name)} | {_write_weight(one.weight)} | {name_lots(one.lots)} "
        f"| {cite(one.evidence)} |"
        for one in analysis.criteria
        if one.stage == "offer"
    ]
    if not rows:
        return ""
    return "\n".join(["| Critère | Poids | Lots | Où |", "| --- | ---: | --- | --- |", *rows])


def _write_weight(weight: Decimal | None) -> str:
    return format_number(weight) if weight is not None else "non indiqué"


def _write_reasons(title: str, reasons: Sequence[Reason], cite: Cite) -> str:
    ordered = sorted(reasons, key=lambda reason: not reason.is_decisive)
    return _write_list(title, [_write_reason(reason, cite) for reason in ordered[:LISTED]])


def _write_reason(reason: Reason, cite: Cite) -> str:
    told = _prove(reason.text, reason.evidence, cite)
    if not reason.profile_facts:
        return told
    return f"{told} (profil{NBSP}: {escape(', '.join(reason.profile_facts))})"


def _write_contradictions(analysis: TenderAnalysis, cite: Cite) -> str:
    lines: list[str] = []
    for one in analysis.contradictions[:LISTED]:
        kept = f" Retenu{NBSP}: {escape(one.kept)}." if one.kept else ""
        lines.append(_prove(one.text or one.label, one.sides, cite) + kept)
    return _write_list("Contradictions", lines)


def _write_missing(analysis: TenderAnalysis, cite: Cite) -> str:
    lines = [_prove(f"{piece.label} (pièce absente)", piece.evidence, cite)
             for piece in analysis.missing_pieces]  # fmt: skip
    lines += [escape(f"{piece.name}{NBSP}: {piece.reason or 'illisible'}")
              for piece in analysis.unreadable_pieces]  # fmt: skip
    lines += [escape(f"{piece.name}{NBSP}: remplacée par une version plus récente")
              for piece in analysis.outdated_pieces]  # fmt: skip
    return _write_list("Pièces à signaler", lines)


def _write_anomalies(anomalies: Sequence[Anomaly], cite: Cite) -> str:
    lines = [_prove(one.message, one.evidence, cite) for one in anomalies[:LISTED]]
    return _write_list("Anomalies", lines)


def _write_clarifications(analysis: TenderAnalysis, cite: Cite) -> str:
    lines = [_prove(one.subject, one.evidence, cite) for one in analysis.to_clarify[:LISTED]]
    return _write_list("À clarifier", lines)


def _write_origin(analysis: TenderAnalysis) -> str:
    made = analysis.provenance
    told = f"Analyse{NBSP}: {escape(made.engine)}"
    if made.fallback_reason:
        told += f" — {escape(made.fallback_reason)}"
    if analysis.dropped_items:
        told += f" — {analysis.dropped_items} élément(s) sans preuve, écarté(s)"
    return f"*{told}*"


def _make_lot(verdict: LotVerdict) -> dict[str, Any]:
    return {
        "lot": verdict.lot, "verdict": verdict.verdict, "score": _number(verdict.score),
        "low": _number(verdict.low), "high": _number(verdict.high),
        "gates": [{"label": g.label, "status": g.status, "explanation": g.explanation,
                   "places": _make_places(g.evidence)} for g in verdict.gates],
        "notes": [{"label": n.label, "weight": str(n.weight), "note": _number(n.note),
                   "reason": n.reason, "places": _make_places(n.evidence)} for n in verdict.notes],
        "reserves": list(verdict.reserves), "sensitivity": list(verdict.sensitivity),
    }  # fmt: skip


def _make_places(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [{"file": e.file, "page": e.page, "loc": e.loc, "quote": e.quote, "label": e.label,
             "is_ocr": e.is_ocr, "piece": e.span.source_id, "box": e.box}
            for e in evidence]  # fmt: skip


def _write_list(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"**{title}**", "", *(f"- {line}" for line in lines)]) if lines else ""


def _prove(text: str, evidence: Sequence[Evidence], cite: Cite) -> str:
    places = cite(evidence)
    return escape(text) + (f" ({places})" if places else "")


def escape(text: str) -> str:
    """Text of the file as plain text of a Markdown line or cell."""
    return MARKUP.sub(r"\\\1", " ".join(text.split(" ")).replace("\n", " "))


def _number(value: object) -> str | None:
    return None if value is None else str(value)
