"""Places that do not agree: between pieces, with the notice, between versions."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import CriteriaTotal, Criterion, EnergyBlock, Fact
from agents.tender_scoring.findings import Contradiction
from agents.tender_scoring.rules.lots import list_lot_counts
from agents.tender_scoring.rules.moments import Moment
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.quantities import NUMBER, in_days, list_percents, parse_number
from agents.tender_scoring.rules.statements import (
    Reading,
    Statement,
    cite,
    list_lots,
    list_statements,
)
from agents.tender_scoring.rules.terms import (
    list_contract_durations,
    list_deadlines,
    list_validities,
)
from core.formats import format_instant, format_number
from core.words import fold, stem
from ingest.tenders.dossier import Dossier, ReadPiece

REPLACES = re.compile(r"annule et remplace|reporte la date|report(?:e|ee) au|date limite est (?:repor"
                      r"|prolong)|rectificatif")  # fmt: skip
COUNTED = re.compile(
    rf"(?P<n>{NUMBER}) (?P<noun>[a-z]{{5,}}(?: (?:de |d'|du )?[a-z]{{4,}}){{0,3}})(?= (?:par|au|a|de|pour|sont|est)\b)"
)
COMMON = frozenset(
    "jours jour mois annee annees heures heure euros lots lot articles points candidats titulaires"
    " pages semaines ans membres communes pour cent millions kva exercices dernieres derniers"
    " annexes offres phases".split()
)
VOLUME_TOLERANCE = Decimal("0.02")
LEAST_SHARED = 0.33


def list_contradictions(
    reading: Reading,
    notice: Notice,
    criteria: tuple[Criterion, ...],
    totals: tuple[CriteriaTotal, ...],
    energy: EnergyBlock,
    deadline: Fact | None,
) -> tuple[Contradiction, ...]:
    """Every disagreement found, those with the notice first; none is settled but by the file."""
    found = [
        *_deadlines(reading, notice, deadline),
        *_versions(reading),
        *_weights(criteria, totals),
        *_notice_weights(notice, criteria),
        *_lot_counts(reading, notice),
        *_volumes(energy),
        *_point_counts(energy),
        *_validities(reading),
        *_durations(reading),
        *_counts(reading),
        *_percentages(reading),
        *_notice_value(reading, notice),
    ]
    return tuple({(c.field, tuple(s.quote for s in c.sides)): c for c in found}.values())


def _make(
    field: str, label: str, sides: Iterable[Evidence], prevails: int | None = None,
    comment: str | None = None, kept: str | None = None,
) -> Contradiction:  # fmt: skip
    return Contradiction(field=field, label=label, sides=tuple(sides), prevails=prevails,
                         comment=comment, kept=kept)  # fmt: skip


def _deadlines(reading: Reading, notice: Notice, deadline: Fact | None) -> Iterator[Contradiction]:
    stated = list_deadlines(reading)
    if deadline is None or deadline.instant is None:
        return
    own = deadline.evidence[0]
    if notice.deadline is not None and notice.deadline != deadline.instant:
        corrected = any(
            REPLACES.search(s.plain) for s in reading.of("rc", "corrigendum")
            if s.piece.name == own.file
        )  # fmt: skip
        earliest = min(notice.deadline, deadline.instant)
        comment = ("L’avis n’a pas été rectifié." if corrected
                   else f"À retenir tant que le doute n’est pas levé : {format_instant(earliest)}.")  # fmt: skip
        yield _make(
            "deadline", "Date limite de remise (règlement / avis)",
            [own, *notice.prove("deadline")],
            0 if corrected else None, comment,
            format_instant(deadline.instant if corrected else earliest),
        )  # fmt: skip
    for statement, moment in stated:
        if moment.instant != deadline.instant and _same_stage(statement, own):
            yield _make("deadline", "Date limite de remise",
                        [own, _cite_moment(statement, moment)])  # fmt: skip
            return


def _same_stage(statement: Statement, own: Evidence) -> bool:
    """Candidacies and offers have a deadline each: they do not contradict one another."""
    about = "candidature" in fold(own.quote)
    return ("candidature" in statement.plain) == about


def _cite_moment(statement: Statement, moment: Moment) -> Evidence:
    return statement.cite(max(0, moment.start), moment.end)


def _versions(reading: Reading) -> Iterator[Contradiction]:
    """What an outdated version said otherwise about the deadline."""
    pieces = {piece.id: piece for piece in reading.dossier.pieces}
    for piece in reading.dossier.pieces:
        if piece.status != "outdated" or piece.replaced_by is None:
            continue
        newer = pieces[piece.replaced_by]
        old, new = _first_deadline(piece), _first_deadline(newer)
        if old and new and old[1].instant != new[1].instant:
            told = next((s for s in list_statements(newer) if REPLACES.search(s.plain)), None)
            yield _make(
                "deadline_versions", f"Date limite ({piece.name} / {newer.name})",
                [told.cite() if told else _cite_moment(*new), _cite_moment(*old)], 0,
                "La version rectifiée s’applique.",
            )  # fmt: skip


def _first_deadline(piece: ReadPiece) -> tuple[Statement, Moment] | None:
    single = Reading(Dossier((piece,), ()), tuple(list_statements(piece)))
    return next(iter(list_deadlines(single)), None)


def _weights(
    criteria: tuple[Criterion, ...], totals: tuple[CriteriaTotal, ...]
) -> Iterator[Contradiction]:
    for total in totals:
        if total.total in (0, 100):
            continue
        held = [
            c for c in criteria if c.stage == total.stage and (not c.lots or total.lot in c.lots)
        ]
        about = f", lot {total.lot}" if total.lot else ""
        yield _make(
            "criteria_total",
            f"Pondération des critères (total {format_number(total.total)}{about})",
            [evidence for c in held for evidence in c.evidence[:1]],
            comment="Le total des pondérations n’est pas 100.",
        )  # fmt: skip


def _notice_weights(notice: Notice, criteria: tuple[Criterion, ...]) -> Iterator[Contradiction]:
    stated = {
        _family(each.name): each for each in reversed(notice.criteria) if each.weight is not None
    }
    for criterion in criteria:
        if criterion.stage != "offer" or criterion.lots or criterion.weight is None:
            continue
        family = _family(criterion.name)
        told = stated.get(family) if family else None
        if told is not None and told.weight is not None and told.weight != criterion.weight:
            yield _make(
                "criterion_weight", f"Poids du critère « {criterion.name} » (règlement / avis)",
                [*criterion.evidence[:1], *notice.cite(told.proof.quote, told.proof.path)],
                comment=f"Le règlement dit {format_number(criterion.weight)}, l’avis "
                        f"{format_number(told.weight)}.",
            )  # fmt: skip


def _family(name: str) -> str:
    plain = fold(name)
    for family, pattern in (
        ("price", r"prix|cout|financ|economi|price|cost"),
        ("environment", r"environnement|developpement durable|rse\b|social|insertion|carbone"),
        ("technical", r"technique|memoire|qualite|methodolog|quality|technical|valeur"),
        ("delay", r"delai|planning|calendrier"),
    ):
        if re.search(pattern, plain):
            return family
    return ""


def _lot_counts(reading: Reading, notice: Notice) -> Iterator[Contradiction]:
    counts = list(list_lot_counts(reading))
    rules = [each for each in counts if each[2] in ("rc", "ccp", "corrigendum")] or counts
    if not rules:
        return
    count, own, _ = rules[0]
    if notice.description:
        found = re.search(r"(?:divise|comport\w+|alloti\w*|comprend)\w*[^.]{0,20}? "
                          r"(\d{1,2}|deux|trois|quatre|cinq|six) lots?", fold(notice.description))  # fmt: skip
        value = parse_number(found[1]) if found else None
        if value is not None and value != count:
            yield _make("lot_count", "Nombre de lots (règlement / avis)",
                        [own, *notice.prove("description")])  # fmt: skip
        elif notice.lot_count not in (None, count):
            yield _make("lot_count", "Nombre de lots (règlement / avis)",
                        [own, *notice.prove("announced_lots")])  # fmt: skip
    elif notice.lot_count not in (None, count):
        yield _make("lot_count", "Nombre de lots (règlement / avis)",
                    [own, *notice.prove("announced_lots")])  # fmt: skip
    for other, evidence, _ in counts:
        if other != count and evidence.file != own.file:
            yield _make("lot_count", "Nombre de lots (règlement / autre pièce)", [own, evidence])


def _volumes(energy: EnergyBlock) -> Iterator[Contradiction]:
    for total in energy.totals:
        stated, counted = total.stated_volume_mwh, total.volume_mwh
        if not stated or counted is None or not total.stated_evidence:
            continue
        if abs(stated - counted) > stated * VOLUME_TOLERANCE:
            about = f" du lot {total.lot}" if total.lot else ""
            yield _make(
                "volume", f"Volume{about} (cahier des charges / annexe)",
                [*total.stated_evidence[:1], *total.total_evidence[:1]],
                comment=f"La somme des lignes de l’annexe donne {format_number(counted)}\u00a0MWh, "
                        f"le cahier des charges {format_number(stated)}\u00a0MWh.",
            )  # fmt: skip


def _point_counts(energy: EnergyBlock) -> Iterator[Contradiction]:
    """The number of delivery points told for a lot against the lines of the annexe."""
    for total in energy.totals:
        told, counted = total.stated_points, total.points
        same_lot = sum(t.points for t in energy.totals if t.lot == total.lot)
        if told is None or told in (counted, same_lot) or not total.stated_evidence:
            continue
        yield _make(
            "point_count", f"Nombre de points de livraison du lot {total.lot}",
            [total.stated_evidence[-1], *total.total_evidence[:1]],
            comment=f"Le cahier des charges en annonce {told}, l’annexe en liste {same_lot}.",
        )  # fmt: skip


def _validities(reading: Reading) -> Iterator[Contradiction]:
    stated = [(s, q, d) for s, q in list_validities(reading) if (d := in_days(q)) is not None]
    for (one, _, a), (two, _, b) in combinations(stated, 2):
        if one.piece is not two.piece and abs(a - b) > 3 and not _lots_apart(one, two):
            yield _make("offer_validity", "Validité des offres", [one.cite(), two.cite()])
            return


def _durations(reading: Reading) -> Iterator[Contradiction]:
    """The contract's length in the rules of consultation against another piece's."""
    stated = list_contract_durations(reading)
    rules = [each for each in stated if each[0].kind in ("rc", "ccp")]
    if not rules:
        return
    known = {months for _, lengths in rules for months in lengths}
    known |= {max(known) + months for months in known}
    for other, lengths in stated:
        is_other = all(other.piece is not mine.piece for mine, _ in rules)
        if is_other and known.isdisjoint(lengths) and not _lots_apart(rules[0][0], other):
            yield _make("duration", "Durée du marché", [rules[0][0].cite(), other.cite()])
            return


def _lots_apart(one: Statement, two: Statement) -> bool:
    a, b = set(list_lots(one.plain)), set(list_lots(two.plain))
    return bool(a and b and not a & b)


# The same thing counted, or measured in percent, in two pieces


@dataclass(frozen=True)
class _Measure:
    statement: Statement
    value: Decimal
    unit: str
    start: int
    end: int
    words: frozenset[str]


def _counts(reading: Reading) -> Iterator[Contradiction]:
    """« Six réunions physiques par an » against « Quatre réunions physiques par an »."""
    measures = [m for s in _prose(reading) for m in _counted(s)]
    for one, two in combinations(measures, 2):
        if one.statement.piece is two.statement.piece or one.value == two.value:
            continue
        if one.unit == two.unit and not _lots_apart(one.statement, two.statement):
            yield _make("quantity", f"Quantité : {_written(one)}",
                        [_cite_measure(one), _cite_measure(two)])  # fmt: skip


def _prose(reading: Reading) -> list[Statement]:
    return [s for s in reading.of("rc", "ccp", "ccap", "cctp", "ae")
            if s.unit.kind in ("sentence", "item")]  # fmt: skip


def _counted(statement: Statement) -> Iterator[_Measure]:
    for found in COUNTED.finditer(statement.plain):
        value = parse_number(found["n"])
        words = [word for word in re.split(r" (?:de |d'|du )?", found["noun"]) if len(word) > 3]
        if value is None or words[0] in COMMON or len(words) < 2 or value > 500:
            continue
        after = statement.plain[found.end() :][:8]
        unit = " ".join(map(stem, words[:2])) + (" par" if after.startswith(" par ") else "")
        if after.startswith(" par "):
            yield _Measure(statement, value, unit, found.start(), found.end(), frozenset(words))


def _percentages(reading: Reading) -> Iterator[Contradiction]:
    """The same percentage said twice: sentences that share their rare words."""
    statements = _prose(reading)
    documents = Counter(word for s in statements for word in _words(s.plain))
    measures = [
        _Measure(s, q.value, "%", q.start, q.end, _words(s.plain))
        for s in statements
        for q in list_percents(s.plain)
        if s.kind in ("ccap", "cctp", "ccp", "ae") and not VALUE_TOPIC.search(s.plain + s.where)
    ]
    best: tuple[float, _Measure, _Measure] | None = None
    for one, two in combinations(measures, 2):
        if one.statement.piece is two.statement.piece or one.value == two.value:
            continue
        if _lots_apart(one.statement, two.statement):
            continue
        shared = _likeness(one, two, documents, len(statements))
        if shared >= LEAST_SHARED and (best is None or shared > best[0]):
            best = (shared, one, two)
    if best:
        _, one, two = best
        yield _make("percentage", _shared_label(one, two), [_cite_measure(one), _cite_measure(two)])


VALUE_TOPIC = re.compile(r"critere|ponder|tva\b|penalit|avance|retenue|plafon")


def _words(plain: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[a-z]{5,}", plain))


def _likeness(one: _Measure, two: _Measure, documents: Counter[str], count: int) -> float:
    def weigh(words: frozenset[str]) -> float:
        return sum(math.log(1 + count / documents[word]) for word in words)

    shared = one.words & two.words
    if len(shared) < 4:
        return 0.0
    return weigh(shared) / min(weigh(one.words), weigh(two.words))


def _shared_label(one: _Measure, two: _Measure) -> str:
    held = one.words & two.words
    words = [w for w in re.findall(r"\w{5,}", one.statement.unit.text) if stem(fold(w)) in held]
    return "Pourcentage : " + ", ".join(dict.fromkeys(word.lower() for word in words[:4]))


def _cite_measure(measure: _Measure) -> Evidence:
    return measure.statement.cite()


def _notice_value(reading: Reading, notice: Notice) -> Iterator[Contradiction]:
    """The notice's CPV code when the rules of consultation hold CPV codes but not this one."""
    text = " ".join(s.plain for s in reading.of("rc", "ccp"))
    codes = re.findall(r"(?<!\d)\d{8}(?=-\d)", text)
    if notice.cpv and codes and notice.cpv[0][:8] not in codes:
        piece = next(iter(reading.dossier.used("rc", "ccp")))
        at = piece.text.text.find(codes[0])
        if at >= 0:
            yield _make("cpv", "Code CPV (règlement / avis)",
                        [cite(piece, at, at + 8), *notice.prove("cpv")])  # fmt: skip


def _written(measure: _Measure) -> str:
    """The noun counted, as written: « réunions physiques par an »."""
    words = measure.statement.unit.text[measure.start :].split()
    return " ".join(words[1:5]).strip(" ,.;").lower()
