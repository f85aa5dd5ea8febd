"""Award criteria and their weights, per lot and stage: tables, lists, prose, scanned pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from agents.tender_scoring.facts import CriteriaTotal, Criterion
from agents.tender_scoring.rules.criteria_prose import read_prose
from agents.tender_scoring.rules.criteria_tables import read_tables
from agents.tender_scoring.rules.criteria_words import FULL
from agents.tender_scoring.rules.statements import Reading, Statement
from agents.tender_scoring.rules.subcriteria import attach_subcriteria
from core.words import fold

KINDS = ("rc", "ccp", "corrigendum", "notice", "annex", "other")


def read_criteria(reading: Reading) -> tuple[Criterion, ...]:
    """The criteria of every lot and stage, in the order the file gives them."""
    found: list[Criterion] = []
    for piece_statements in _by_piece(reading):
        statements = list(piece_statements)
        tables = list(read_tables(statements))
        made = [*tables, *(c for c in read_prose(statements) if not _is_weighed(c, tables))]
        found += [c for c in made if not _is_known(c, found)]
        if found and statements and statements[0].kind == "rc":
            break
    return tuple(attach_subcriteria(_consistent(found), reading.of(*KINDS)))


def _is_weighed(new: Criterion, tables: list[Criterion]) -> bool:
    """Tell whether tables already give every weight of this stage: sentences only repeat them."""
    same = [c for c in tables if c.stage == new.stage and not c.lots]
    return not new.lots and sum(c.weight or 0 for c in same) == FULL


def _by_piece(reading: Reading) -> Iterator[Iterable[Statement]]:
    held = list(reading.of(*KINDS))
    for _, group in groupby(held, key=lambda each: each.piece.id):
        yield group


def _is_known(new: Criterion, held: Iterable[Criterion]) -> bool:
    return any(
        old.stage == new.stage and old.lots == new.lots and old.weight == new.weight
        and _same_name(old.name, new.name)
        for old in held
    )  # fmt: skip


def _same_name(left: str, right: str) -> bool:
    a, b = (set(re.findall(r"[a-z]{3,}", fold(each))) for each in (left, right))
    return bool(a & b) and len(a & b) >= 0.6 * min(len(a), len(b))


def _consistent(found: list[Criterion]) -> list[Criterion]:
    """Drop what is listed twice: a recap that repeats names and weights of the same stage."""
    kept: list[Criterion] = []
    for criterion in found:
        twin = next((k for k in kept if k.stage == criterion.stage and k.weight == criterion.weight
                     and _same_name(k.name, criterion.name)
                     and (k.lots == criterion.lots or not criterion.lots)), None)  # fmt: skip
        if twin is None:
            kept.append(criterion)
    return kept


def list_totals(criteria: Iterable[Criterion], lots: Iterable[int]) -> tuple[CriteriaTotal, ...]:
    """The sum of the weights of each lot and stage."""
    sums: dict[tuple[int | None, str], Decimal] = defaultdict(Decimal)
    listed = list(criteria)
    specific = sorted({lot for c in listed for lot in c.lots} & set(lots) or
                      {lot for c in listed for lot in c.lots})  # fmt: skip
    for criterion in listed:
        targets: Iterable[int | None] = criterion.lots or (
            specific if any(c.lots and c.stage == criterion.stage for c in listed) else (None,)
        )
        for lot in targets:
            sums[lot, criterion.stage] += criterion.weight or 0
    return tuple(CriteriaTotal(lot=lot, stage=stage, total=total)
                 for (lot, stage), total in sums.items())  # fmt: skip
