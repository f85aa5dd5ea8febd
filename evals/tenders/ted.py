"""TED notices read as text, against the truth their own tags hold."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import ConfigurationError
from core.settings import get_settings
from crm.installation import Installation
from evals.scorers import Score
from evals.suites import CaseResult, Figure, SuiteResult
from evals.tenders.printed_forms import Style, print_form
from evals.tenders.terse_forms import print_bare, print_terse
from ingest.notices.notice import Lot, Notice
from ingest.notices.reading import read_notice
from ingest.notices.ted_forms import find_form
from ingest.notices.text import read_text
from ingest.notices.tree import parse_xml

LABELS = {
    "deadline": "dates limites justes",
    "cpv": "CPV justes",
    "lots": "lots justes (numéro et intitulé)",
    "criteria": "critères et poids justes",
    "not_given": "« non indiqué » respecté",
    "bare": "sans rubriques : dates, CPV, lots justes",
}
STYLES: tuple[Style, ...] = ("official", "headings", "stacked")
VARIANTS = {"no": False, "accepted": True}


@dataclass(frozen=True)
class Check:
    """One field: what is expected, what was read. `figure` is where it counts."""

    figure: str
    place: str
    expected: object
    got: object

    @property
    def is_right(self) -> bool:
        """Tell whether both say the same."""
        return self.expected == self.got


def check_notice(truth: Mapping[str, Any], notice: Notice) -> Iterator[Check]:
    """Every field of `truth`, then the fields it says are not given."""
    moment = notice.deadline
    day = moment.on.isoformat() if moment else None
    hour = moment.at.strftime("%H:%M") if moment and moment.at else None
    yield Check("deadline", "date limite", truth["deadline_date"], day)
    yield _check("deadline", "heure limite", truth["deadline_time"], hour)
    yield Check("cpv", "CPV", truth["cpv_main"], notice.cpv)
    yield _check("reference", "référence", truth["reference"], notice.reference)
    yield Check("lots", "nombre de lots", len(truth["lots"]), len(notice.lots))
    for rank, lot in enumerate(truth["lots"]):
        read = notice.lots[rank] if rank < len(notice.lots) else Lot(None)
        yield from _check_lot(lot, read, f"lot {lot['lot_no'] or rank + 1}")


def _check_lot(truth: Mapping[str, Any], lot: Lot, place: str) -> Iterator[Check]:
    expected = [(_flatten(c["criterion"]), c["weight"]) for c in truth["criteria"]
                if c["type"] != "procurement_doc"]  # fmt: skip
    got = [(_flatten(c.name), c.weight_text) for c in lot.criteria]
    yield _check("lots", f"{place}, numéro", truth["lot_no"], lot.number)
    yield _check("lots", f"{place}, intitulé", _flatten(truth["title"]), _flatten(lot.title))
    yield _check("criteria", f"{place}, critères", expected or None, got or None)
    value = truth["value"].split()[1] if truth["value"] else None
    yield _check("value", f"{place}, valeur", float(value) if value else None,
                 float(lot.value) if lot.value is not None else None)  # fmt: skip
    length = f"{lot.duration.count} {lot.duration.unit.upper()}" if lot.duration else None
    yield _check("duration", f"{place}, durée", next(iter(truth["duration"]), None), length)
    yield Check("renewal", f"{place}, reconduction", truth["renewal"], lot.is_renewable)
    yield Check("variants", f"{place}, variantes", VARIANTS[truth["variants"]], lot.allows_variants)


def _check(figure: str, place: str, expected: object, got: object) -> Check:
    return Check("not_given" if expected is None else figure, place, expected, got)


def _flatten(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None


def load_notices(folder: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The truths and the XML files of `folder`. Raises ConfigurationError where it is absent."""
    truths = folder / "truth.jsonl"
    if not truths.is_file():
        raise ConfigurationError(
            f"Le jeu d’avis TED manque dans {folder}. Indiquez son dossier par VOLTAIRE_EVAL_DATA."
        )
    for line in truths.read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        yield truth, (folder / "notices" / f"{truth['notice']}.xml").read_bytes()


def measure(folder: Path, limit: int | None = None) -> list[CaseResult]:
    """The notices of `folder`, read as text in each style, and from their XML."""
    chosen = list(load_notices(folder))
    step = max(1, len(chosen) // limit) if limit else 1
    return [case for truth, data in chosen[::step] for case in _measure_one(truth, data)]


def _measure_one(truth: Mapping[str, Any], data: bytes) -> Iterator[CaseResult]:
    form = find_form(parse_xml(data))
    if form is None:
        return
    for style in STYLES:
        yield _judge(truth, style, partial(read_text, print_form(form, style)))
    yield _judge(truth, "terse", partial(read_text, print_terse(form)))
    yield _judge(truth, "bare", partial(read_text, print_bare(form)))
    yield _judge(truth, "xml", partial(read_notice, data))


def _judge(truth: Mapping[str, Any], style: str, read: Any) -> CaseResult:
    started = time.monotonic()
    try:
        checks = list(check_notice(truth, read()))
    except Exception as error:  # an evaluation measures failures: one ends no run
        checks = [Check(name, f"erreur {type(error).__name__} {error}", True, False)
                  for name in LABELS]  # fmt: skip
    wrong = [check for check in checks if not check.is_right]
    scores = {
        f"{check.figure}#{rank}": Score(check.is_right, f"{check.place} : {check.got}")
        for rank, check in enumerate(checks)
    }
    got = " | ".join(f"{c.place} : attendu {c.expected}, lu {c.got}" for c in wrong) or "tout juste"
    name = f"{truth['notice']}-{style}"
    return CaseResult(name, "lire un avis TED", (truth["title"],), (style,),
                      "les champs des balises", got, scores,
                      time.monotonic() - started)  # fmt: skip


async def run_notices(
    _: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure the reading of the TED notices of the evaluation data."""
    started = time.monotonic()
    cases = measure(get_settings().eval_data / "ted-fr", limit)
    figures = tuple(_figure(cases, name, bar) for name, bar in thresholds.items())
    return SuiteResult("notices", "moteur déterministe", figures, tuple(cases),
                       seconds=time.monotonic() - started)  # fmt: skip


def _figure(cases: Sequence[CaseResult], name: str, bar: float) -> Figure:
    values = [
        float(score.is_right)
        for case in cases
        for key, score in case.scores.items()
        if _belongs(name, re.sub(r"#\d+$", "", key), is_bare="bare" in case.tags)
    ]
    share = sum(values) / len(values) if values else 0.0
    return Figure(LABELS[name], share, len(values), bar)


def _belongs(name: str, figure: str, *, is_bare: bool) -> bool:
    """Texts without headings have their own figure: what left no trace cannot be read there."""
    if name == "bare":
        return is_bare and figure in {"deadline", "cpv", "lots"}
    return figure == name and (name == "not_given" or not is_bare)
