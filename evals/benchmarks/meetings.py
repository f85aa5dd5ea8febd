"""How long a two-hour and a ten-hour meeting take without a model, and how much memory.

`python -m evals.benchmarks.meetings [CUES]` writes docs/measures/meetings.md.
"""

from __future__ import annotations

import platform
import resource
import sys
import time
from pathlib import Path

from agents.meeting_synthesis.desk import lay_out
from agents.meeting_synthesis.output.word import write_word
from agents.meeting_synthesis.rules.minutes import Records, draft_minutes, set_scene
from core.settings import PROJECT_ROOT
from evals.meetings.truths import DEMONSTRATION, load_cases
from ingest.meetings.reading import read_transcript

TWO_HOURS_CUES = 4000
SECONDS_A_CUE = 1.8
REPORT = PROJECT_ROOT / "docs" / "measures" / "meetings.md"
MOST_SECONDS, MOST_MB = 5.0, 300.0


def make_long_vtt(cues: int) -> bytes:
    """A Teams file of `cues` cues: the demonstration's words over and over, ids and times new."""
    said = [cue for case in load_cases(DEMONSTRATION) for cue in case.transcript.cues]
    blocks = ["WEBVTT"]
    for number in range(cues):
        cue = said[number % len(said)]
        start, end = number * SECONDS_A_CUE, (number + 0.9) * SECONDS_A_CUE
        blocks.append(f"long/{number}-0\n{_clock(start)} --> {_clock(end)}\n"
                      f"<v {cue.speaker or ''}>{_make_unique(cue.text, number)}</v>")  # fmt: skip
    return "\n\n".join(blocks).encode()


def _make_unique(text: str, number: int) -> str:
    """No two cues alike, so that nothing remembered of one serves another."""
    stem, end = (text[:-1], text[-1]) if text[-1:] in ".?!" else (text, "")
    return f"{stem} k{number:x}{end}"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60) % 60:02d}:{seconds % 60:06.3f}"


def measure(cues: int) -> dict[str, float]:
    """Seconds of each step and the peak of memory, in MB, of this process."""
    content, case = make_long_vtt(cues), load_cases(DEMONSTRATION)[-1]
    started, used = time.perf_counter(), time.process_time()
    transcript = read_transcript("longue.vtt", content)
    read = time.perf_counter()
    minutes = draft_minutes(set_scene(transcript, case.invitation), Records())
    written = time.perf_counter()
    write_word(lay_out(minutes))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "cues": cues, "read": read - started, "rules": written - read, "word": done - written,
        "total": done - started, "cpu": time.process_time() - used, "peak_mb": peak,
    }  # fmt: skip


def write_report(path: Path, measures: list[dict[str, float]]) -> None:
    """Keep the measures in French."""
    lines = [
        "# Comptes rendus : temps et mémoire sans modèle", "",
        f"`python -m evals.benchmarks.meetings`, Python {platform.python_version()}, un cœur.", "",
        "| répliques | lecture (s) | règles (s) | Word (s) | total (s) | dont processeur (s) | "
        "mémoire (Mo) |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]  # fmt: skip
    for one in measures:
        times = [f"{one[name]:.2f}" for name in ("read", "rules", "word", "total", "cpu")]
        cells = [f"{one['cues']:.0f}", *times, f"{one['peak_mb']:.0f}"]
        lines.append(f"| {' | '.join(cells)} |".replace(".", ","))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Measure, report, and fail over the limits of a two-hour meeting, in processor time."""
    sizes = [int(sys.argv[1])] if len(sys.argv) > 1 else [TWO_HOURS_CUES]
    measures = [measure(size) for size in sizes]
    write_report(REPORT, measures)
    first = measures[0]
    sys.stdout.write(REPORT.read_text(encoding="utf-8"))
    is_within = first["cpu"] <= MOST_SECONDS and first["peak_mb"] <= MOST_MB
    return 0 if is_within or first["cues"] != TWO_HOURS_CUES else 1


if __name__ == "__main__":
    sys.exit(main())
