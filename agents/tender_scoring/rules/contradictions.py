"""Places that do not agree: between pieces, with the notice, between versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import CriteriaTotal, Criterion, EnergyBlock, Fact, PointTotal
from agents.tender_scoring.findings import Contradiction
from agents.tender_scoring.rules.lots import list_lot_counts
from agents.tender_scoring.rules.measures import list_counts, list_percentages, lots_apart
from agents.tender_scoring.rules.moments import Moment
from agents.tender_scoring.rules.naming import NAMES, Naming
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.quantities import in_days, parse_number
from agents.tender_scoring.rules.statements import (
    Reading,
    Statement,
    cite,
    list_statements,
)
from agents.tender_scoring.rules.terms import (
    list_contract_durations,
    list_deadlines,
    list_validities,
    show_duration,
)
from core.formats import (
    NBSP,
    count_noun,
    format_instant,
    format_number,
    format_quantity,
    join_words,
)
from core.words import fold
from ingest.tenders.dossier import Dossier, ReadPiece

REPLACES = re.compile(r"annule et remplace|reporte la date|report(?:e|ee) au|date limite est (?:repor"
                      r"|prolong)|rectificatif")  # fmt: skip
VOLUME_TOLERANCE = Decimal("0.02")


def list_contradictions(
    reading: Reading,
    notice: Notice,
    criteria: tuple[Criterion, ...],
    totals: tuple[CriteriaTotal, ...],
    energy: EnergyBlock,
    deadline: Fact | None,
) -> tuple[Contradiction, ...]:
    """Every disagreement found, those with the notice first; none is settled but by the file."""
    naming = Naming(reading.dossier)
    found = [
        *_deadlines(reading, notice, deadline, naming),
        *_versions(reading, naming),
        *_weights(criteria, totals),
        *_notice_weights(notice, criteria, naming),
        *_lot_counts(reading, notice, naming),
        *_volumes(energy, naming),
        *_point_counts(energy, naming),
        *_validities(reading, naming),
        *_durations(reading, naming),
        *list_counts(reading, naming),
        *list_percentages(reading, naming),
        *_notice_value(reading, notice, naming),
    ]
    return tuple({(c.field, tuple(s.quote for s in c.sides)): c for c in found}.values())


def _deadlines(
    reading: Reading, notice: Notice, deadline: Fact | None, naming: Naming
) -> Iterator[Contradiction]:
    stated = list_deadlines(reading)
    if deadline is None or deadline.instant is None:
        return
    own = deadline.evidence[0]
    label, mine = "Date limite de remise", format_instant(deadline.instant)
    if notice.deadline is not None and notice.deadline != deadline.instant:
        corrected = any(
            REPLACES.search(s.plain) for s in reading.of("rc", "corrigendum")
            if s.piece.name == own.file
        )  # fmt: skip
        kept = deadline.instant if corrected else min(notice.deadline, deadline.instant)
        told = format_instant(kept)
        yield Contradiction(
            field="deadline", label=label, sides=(own, *notice.prove("deadline")),
            text=f"{label}{NBSP}: {naming.name(own)} la fixe au {mine}, l’avis de marché au "
                 f"{format_instant(notice.deadline)}.",
            prevails=0 if corrected else None, kept=told,
            comment="L’avis n’a pas été rectifié." if corrected
                    else f"À retenir tant que le doute n’est pas levé{NBSP}: {told}.",
        )  # fmt: skip
    for statement, moment in stated:
        if moment.instant != deadline.instant and _same_stage(statement, own):
            other = statement.cite()
            yield Contradiction(
                field="deadline", label=label, sides=(own, other),
                text=f"{label}{NBSP}: {naming.name(own)} la fixe au {mine}, {naming.name(other)} "
                     f"au {format_instant(moment.instant)}.",
            )  # fmt: skip
            return


def _same_stage(statement: Statement, own: Evidence) -> bool:
    """Candidacies and offers have a deadline each: they do not contradict one another."""
    about = "candidature" in fold(own.quote)
    return ("candidature" in statement.plain) == about


def _versions(reading: Reading, naming: Naming) -> Iterator[Contradiction]:
    """What an outdated version said otherwise about the deadline."""
    pieces = {piece.id: piece for piece in reading.dossier.pieces}
    for piece in reading.dossier.pieces:
        if piece.status != "outdated" or piece.replaced_by is None:
            continue
        newer = pieces[piece.replaced_by]
        old, new = _first_deadline(piece), _first_deadline(newer)
        if old and new and old[1].instant != new[1].instant:
            told = next((s for s in list_statements(newer) if REPLACES.search(s.plain)), None)
            sides = (told.cite() if told else new[0].cite(), old[0].cite())
            yield Contradiction(
                field="deadline_versions", label="Date limite de remise, d’une version à l’autre",
                sides=sides, prevails=0, comment="La version rectifiée s’applique.",
                text=f"Date limite de remise{NBSP}: {naming.name(sides[0])} la reporte au "
                     f"{format_instant(new[1].instant)}, {naming.name(sides[1])} la fixait au "
                     f"{format_instant(old[1].instant)}.",
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
        about = f" du lot{NBSP}{total.lot}" if total.lot else ""
        parts = join_words([f"{c.name} {format_number(c.weight or 0)}" for c in held])
        yield Contradiction(
            field="criteria_total", label=f"Pondération des critères{about}",
            sides=tuple(evidence for c in held for evidence in c.evidence[:1]),
            text=f"Les pondérations{about} totalisent {format_number(total.total)} au lieu de "
                 f"100{NBSP}: {parts}.",
            comment="Le total des pondérations n’est pas 100.",
        )  # fmt: skip


def _notice_weights(
    notice: Notice, criteria: tuple[Criterion, ...], naming: Naming
) -> Iterator[Contradiction]:
    stated = {
        _family(each.name): each for each in reversed(notice.criteria) if each.weight is not None
    }
    for criterion in criteria:
        if criterion.stage != "offer" or criterion.lots or criterion.weight is None:
            continue
        family = _family(criterion.name)
        told = stated.get(family) if family else None
        if told is not None and told.weight is not None and told.weight != criterion.weight:
            own = criterion.evidence[0]
            mine, theirs = format_number(criterion.weight), format_number(told.weight)
            yield Contradiction(
                field="criterion_weight",
                label=f"Poids du critère «{NBSP}{criterion.name}{NBSP}»",
                sides=(own, *notice.cite(told.proof.quote, told.proof.path)),
                text=f"Critère «{NBSP}{criterion.name}{NBSP}»{NBSP}: {naming.name(own)} lui donne "
                     f"un poids de {mine}, l’avis de marché de {theirs}.",
                comment=f"Le règlement dit {mine}, l’avis {theirs}.",
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


def _lot_counts(reading: Reading, notice: Notice, naming: Naming) -> Iterator[Contradiction]:
    counts = list(list_lot_counts(reading))
    rules = [each for each in counts if each[2] in ("rc", "ccp", "corrigendum")] or counts
    if not rules:
        return
    count, own, _ = rules[0]
    told = _notice_lots(notice)
    if told is not None and told[0] != count:
        yield _lot_count(count, own, told[0], notice.prove(told[1]), naming)
    for other, evidence, _ in counts:
        if other != count and evidence.file != own.file:
            yield _lot_count(count, own, other, (evidence,), naming)


def _notice_lots(notice: Notice) -> tuple[int, str] | None:
    """How many lots the notice tells, and the field that does."""
    found = notice.description and re.search(
        r"(?:divise|comport\w+|alloti\w*|comprend)\w*[^.]{0,20}? "
        r"(\d{1,2}|deux|trois|quatre|cinq|six) lots?", fold(notice.description),
    )  # fmt: skip
    value = parse_number(found[1]) if found else None
    if value is not None:
        return int(value), "description"
    return None if notice.lot_count is None else (notice.lot_count, "announced_lots")


def _lot_count(
    count: int, own: Evidence, other: int, proof: tuple[Evidence, ...], naming: Naming
) -> Contradiction:
    theirs = naming.name(proof[0]) if proof else NAMES["notice"]
    text = (
        f"Nombre de lots{NBSP}: {naming.name(own)} en annonce {count}, {theirs} en annonce {other}."
    )
    return Contradiction(field="lot_count", label="Nombre de lots", text=text, sides=(own, *proof))


def _volumes(energy: EnergyBlock, naming: Naming) -> Iterator[Contradiction]:
    for total in energy.totals:
        stated, counted = total.stated_volume_mwh, total.volume_mwh
        if not stated or counted is None or not total.stated_evidence:
            continue
        if abs(stated - counted) > stated * VOLUME_TOLERANCE:
            own = total.stated_evidence[0]
            yield Contradiction(
                field="volume", label=f"Volume annuel{_of_lot(total)}",
                sides=(own, *total.total_evidence[:1]),
                text=f"{_about(total)}{naming.name(own)} annonce {_per_year(stated)}, la somme des "
                     f"lignes de l’annexe donne {_per_year(counted)}.",
            )  # fmt: skip


def _per_year(volume: Decimal) -> str:
    return format_quantity(volume, f"MWh{NBSP}par an")


def _about(total: PointTotal) -> str:
    """« Lot 2 : », « Gaz : », what the sentence is about."""
    energy = {"electricity": "Électricité", "gas": "Gaz"}[total.energy]
    return f"{f'Lot{NBSP}{total.lot}' if total.lot else energy}{NBSP}: "


def _of_lot(total: PointTotal) -> str:
    energy = {"electricity": " d’électricité", "gas": " de gaz"}[total.energy]
    return f" du lot{NBSP}{total.lot}" if total.lot else energy


def _point_counts(energy: EnergyBlock, naming: Naming) -> Iterator[Contradiction]:
    """The number of delivery points told for a lot against the lines of the annexe."""
    for total in energy.totals:
        told, counted = total.stated_points, total.points
        same_lot = sum(t.points for t in energy.totals if t.lot == total.lot)
        if told is None or told in (counted, same_lot) or not total.stated_evidence:
            continue
        own = total.stated_evidence[-1]
        points = count_noun(told, "point de livraison", "points de livraison")
        yield Contradiction(
            field="point_count", label=f"Nombre de points de livraison{_of_lot(total)}",
            sides=(own, *total.total_evidence[:1]),
            text=f"{_about(total)}{naming.name(own)} annonce {points}, l’annexe en compte "
                 f"{format_number(same_lot)}.",
        )  # fmt: skip


def _validities(reading: Reading, naming: Naming) -> Iterator[Contradiction]:
    stated = [(s, q, d) for s, q in list_validities(reading) if (d := in_days(q)) is not None]
    for (one, q, a), (two, r, b) in combinations(stated, 2):
        if one.piece is not two.piece and abs(a - b) > 3 and not lots_apart(one, two):
            sides = one.cite(), two.cite()
            text = (
                f"Validité des offres{NBSP}: {naming.name(sides[0])} la fixe à {show_duration(q)}, "
                f"{naming.name(sides[1])} la fixe à {show_duration(r)}."
            )
            yield Contradiction(
                field="offer_validity", label="Validité des offres", text=text, sides=sides
            )
            return


def _durations(reading: Reading, naming: Naming) -> Iterator[Contradiction]:
    """The contract's length in the rules of consultation against another piece's."""
    stated = list_contract_durations(reading)
    rules = [each for each in stated if each[0].kind in ("rc", "ccp")]
    if not rules:
        return
    known = {months for _, lengths in rules for months in lengths}
    known |= {max(known) + months for months in known}
    mine = rules[0]
    for other, lengths in stated:
        is_other = all(other.piece is not own.piece for own, _ in rules)
        if is_other and known.isdisjoint(lengths) and not lots_apart(mine[0], other):
            sides = mine[0].cite(), other.cite()
            text = (
                f"Durée du marché{NBSP}: {naming.name(sides[0])} donne {_write_months(mine[1])}, "
                f"{naming.name(sides[1])} donne {_write_months(lengths)}."
            )
            yield Contradiction(field="duration", label="Durée du marché", text=text, sides=sides)
            return


def _write_months(lengths: tuple[int, ...]) -> str:
    numbers = [str(months) for months in dict.fromkeys(lengths)]
    return f"{join_words(numbers)}{NBSP}mois"


def _notice_value(reading: Reading, notice: Notice, naming: Naming) -> Iterator[Contradiction]:
    """The notice's CPV code when the rules of consultation hold CPV codes but not this one."""
    text = " ".join(s.plain for s in reading.of("rc", "ccp"))
    codes = re.findall(r"(?<!\d)\d{8}(?=-\d)", text)
    if notice.cpv and codes and notice.cpv[0][:8] not in codes:
        piece = next(iter(reading.dossier.used("rc", "ccp")))
        at = piece.text.text.find(codes[0])
        if at >= 0:
            own = cite(piece, at, at + 8)
            yield Contradiction(
                field="cpv", label="Code CPV", sides=(own, *notice.prove("cpv")),
                text=f"Code CPV{NBSP}: {naming.name(own)} donne {codes[0]}, l’avis de marché "
                     f"{notice.cpv[0][:8]}.",
            )  # fmt: skip
