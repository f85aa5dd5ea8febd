"""The day's tenders: the demonstration's two files, scored through the product, then sent whole."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agents.tender_scoring.analysis import Means
from agents.tender_scoring.graph import score_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.profile import load_profile
from core.context import PARIS, Context, frozen_clock
from demo.documents.builder import SOURCES, build_documents
from evals.benchmarks.day import Bench, Body, Task
from evals.benchmarks.written_tasks import MIX, check, replace_words
from evals.case_files import TODAY
from ingest.tenders.dossier import read_dossier
from ingest.tenders.intake import unpack
from tests.doubles.messages_api import Reply

FOLDER = "appels-d-offres"
MEANS = Means(load_profile(), load_grid(), dt.datetime.combine(TODAY, dt.time(9), PARIS))


def write_files(target: Path) -> list[Path]:
    """The folders of the demonstration's tenders, built under `target`."""
    build_documents(target, folder=SOURCES / FOLDER)
    [parent] = [path for path in target.iterdir() if path.is_dir()]
    return sorted(parent.iterdir())


async def play_tenders(bench: Bench, mix: Mapping[str, Any], count: int) -> None:
    """`count` tenders, spread over the day; the model's answers are those of the mix."""
    context = Context(bench.identity, bench.database, bench.engine, frozen_clock(TODAY))
    answers = mix["tender"]["answers"]
    with TemporaryDirectory() as target:
        folders = write_files(Path(target))
        for rank in range(count):
            reply = Reply(json.dumps(answers[rank % len(answers)], ensure_ascii=False))
            bench.answer_with(lambda _, reply=reply: reply)
            judged = await score_files([folders[rank % len(folders)]], MEANS, context.engine)
            check(judged.provenance)
            if judged.dropped_items:
                raise RuntimeError(f"{judged.dropped_items} éléments de {MIX.name} sans preuve")
            bench.double.let_pass(mix["hours"] * 3600 / count)


def send_whole_tenders(bodies: Sequence[Body]) -> Iterator[Body]:
    """The text of every piece, annexes and price schedules included."""
    for body, words in zip(bodies, itertools.cycle(read_whole()), strict=False):
        yield replace_words(body, words)


@lru_cache(maxsize=1)
def read_whole() -> tuple[str, ...]:
    """The text of each of the demonstration's tenders."""
    with TemporaryDirectory() as target, TemporaryDirectory() as workspace:
        read = [read_dossier(unpack([folder], Path(workspace) / str(rank)))
                for rank, folder in enumerate(write_files(Path(target)))]  # fmt: skip
    return tuple("\n\n".join(f"{piece.name}\n{piece.text.text}" for piece in dossier.pieces)
                 for dossier in read)  # fmt: skip


TENDER_TASK = Task("tender_scoring", play_tenders, send_whole_tenders)
