"""Fits the coefficients of `knowledge/answerability.yaml`: `python -m evals.calibrate`.

Learns from the questions of `knowledge.yaml`, `calibration.yaml` and the tuning halves of
`energy.yaml`, `nearby.yaml` and `everyday.yaml`; the held-out halves are only scored. The
thresholds come from predictions on folds that a fit has not seen: one leaves few answerable
questions below it, the other few unanswerable ones above it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from agents.portfolio_assistant.assistant import offline_engine
from agents.portfolio_assistant.rules.planning import find_as_of
from core.context import Context, Identity, frozen_clock
from crm.installation import Installation
from evals.case_files import (
    TODAY,
    KnowledgeCase,
    load_calibration_cases,
    load_energy_cases,
    load_everyday_cases,
    load_knowledge_cases,
    load_nearby_cases,
)
from evals.energy import is_held_out
from evals.instance import open_evaluation, sign_in
from knowledge.answerability import COEFFICIENTS, FEATURES, UNMET
from knowledge.assurance import measure_result
from knowledge.search import SearchFilters
from tools.knowledge import look_up

FOLDS = 10
PENALTY = 20.0
STEPS = 50
# Shares of the answerable questions that are refused, of the unanswerable ones where something
# is asserted.
MOST_REFUSED, MOST_ASSERTED = 0.05, 0.07
HEAD = (
    "# Coefficients de la régression logistique, écrits par « python -m evals.calibrate ».\n"
    "# En dessous de `threshold`, la réponse s’abstient ; à partir de `sure`, elle affirme.\n"
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A question's features, and whether the documents answer it.

    `is_unmet` when a detail of it stands nowhere: it is refused, whatever its features.
    """

    case: KnowledgeCase
    features: tuple[float, ...]
    is_answerable: bool
    is_held_out: bool
    is_unmet: bool


async def gather(installation: Installation) -> list[Sample]:
    """A sample for each question of the sets, searched as the assistant searches."""
    people = await sign_in(installation.database)
    cases = [(case, False) for case in (*load_knowledge_cases(), *load_calibration_cases())]
    halved = (*load_energy_cases(), *load_nearby_cases(), *load_everyday_cases())
    cases += [(case, is_held_out(case.id)) for case in halved]
    try:
        return [await _sample(installation, people[c.user], c, held) for c, held in cases]
    finally:
        await installation.database.close()


async def _sample(
    installation: Installation, identity: Identity, case: KnowledgeCase, held_out: bool
) -> Sample:
    filters = SearchFilters(as_of=find_as_of(case.question, TODAY))
    context = Context(identity, installation.database, offline_engine(), frozen_clock(TODAY))
    measured = measure_result(await look_up(context, case.question, filters))
    values = tuple(measured[name] for name in FEATURES)
    return Sample(case, values, not case.expect.unanswerable, held_out, bool(measured[UNMET]))


def fit(features: Floats, answers: Floats) -> Floats:
    """Ridge logistic regression by Newton steps, both classes weighing alike; bias first.

    Features are brought to one scale, so that the penalty bears on all alike, and back.
    """
    means, scales = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = np.column_stack([np.ones(len(features)), (features - means) / scales])
    share = answers.mean()
    weights = np.where(answers > 0, 0.5 / share, 0.5 / (1 - share))
    ridge = np.diag([0.0] + [PENALTY] * features.shape[1])
    found = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chance = _press(x @ found)
        slope = x.T @ (weights * (answers - chance)) - ridge @ found
        bend = (x.T * (weights * chance * (1 - chance))) @ x + ridge + 1e-6 * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        found = found + step
        if np.abs(step).max() < 1e-6:
            break
    slopes = found[1:] / scales
    return np.concatenate([[found[0] - slopes @ means], slopes])


def predict(coefficients: Floats, features: Floats) -> Floats:
    """The chance of each row."""
    return _press(coefficients[0] + features @ coefficients[1:])


def _press(totals: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(totals, -30, 30)))


def fit_samples(samples: Sequence[Sample]) -> Floats:
    """The fit on the samples whose details are met, the only ones it will judge."""
    return fit(*to_arrays([sample for sample in samples if not sample.is_unmet]))


def predict_samples(coefficients: Floats, samples: Sequence[Sample]) -> Floats:
    """The chance of each sample, none where a detail is not met."""
    met = np.array([not sample.is_unmet for sample in samples])
    return predict(coefficients, to_arrays(samples)[0]) * met


def predict_unseen(samples: Sequence[Sample]) -> Floats:
    """Each sample's chance, by a fit on the other folds."""
    fold = np.array([hashlib.sha256(s.case.id.encode()).digest()[1] % FOLDS for s in samples])
    chances = np.zeros(len(samples))
    for number in range(FOLDS):
        held = [sample for sample, own in zip(samples, fold, strict=True) if own == number]
        kept = [sample for sample, own in zip(samples, fold, strict=True) if own != number]
        if held:
            chances[fold == number] = predict_samples(fit_samples(kept), held)
    return chances


def to_arrays(samples: Sequence[Sample]) -> tuple[Floats, Floats]:
    """Features, shape (n, features), and answers, shape (n,)."""
    return (
        np.array([s.features for s in samples]),
        np.array([float(s.is_answerable) for s in samples]),
    )


def choose_threshold(chances: Floats, answers: Floats, most: float) -> float:
    """The highest chance under which at most a share `most` of the answerable ones falls."""
    return float(np.quantile(chances[answers == 1], most))


def choose_sure(chances: Floats, answers: Floats, most: float) -> float:
    """The lowest chance that at most a share `most` of the unanswerable ones reaches."""
    return float(np.quantile(chances[answers == 0], 1 - most))


def rate(chances: Floats, answers: Floats, threshold: float) -> tuple[float, float]:
    """Share of the unanswerable questions answered, share of the others refused."""
    passes = chances >= threshold
    return float(passes[answers == 0].mean()), float((~passes)[answers == 1].mean())


def calibrate(samples: Sequence[Sample], path: Path = COEFFICIENTS) -> str:
    """Fit, write `path` and tell the rates in French."""
    tuning = [s for s in samples if not s.is_held_out]
    answers = to_arrays(tuning)[1]
    unseen = predict_unseen(tuning)
    levels = {
        "threshold": choose_threshold(unseen, answers, MOST_REFUSED),
        "sure": choose_sure(unseen, answers, MOST_ASSERTED),
    }
    found = fit_samples(tuning)
    values = {
        "bias": float(found[0]),
        **{name: float(value) for name, value in zip(FEATURES, found[1:], strict=True)},
        **levels,
    }
    rounded = {name: round(value, 4) for name, value in values.items()}
    path.write_text(HEAD + yaml.safe_dump(rounded, sort_keys=False), encoding="utf-8")
    held = [s for s in samples if s.is_held_out]
    lines: list[str] = []
    for name, chances, truth in (
        ("réglage, plis non vus", unseen, answers),
        ("moitié à l’écart", predict_samples(found, held), to_arrays(held)[1]),
    ):
        lines.append(f"{name}, {len(truth)} questions")
        for level, threshold in levels.items():
            passing, falling = rate(chances, truth, threshold)
            lines.append(
                f"  {level} ({threshold:.3f}) : {passing:.1%} des questions sans réponse passent, "
                f"{falling:.1%} des questions à réponse restent en dessous"
            )
    return "\n".join(lines)


def main() -> None:
    """Build the evaluation instance, gather, fit, write."""
    parser = argparse.ArgumentParser(description="Calibre l’abstention.")
    parser.add_argument("--data-dir", type=Path, default=None)
    arguments = parser.parse_args()
    with open_evaluation(TODAY, arguments.data_dir) as installation:
        samples = asyncio.run(gather(installation))
    print(calibrate(samples))  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
