"""What the commands print: progress bars, logins, answers; errors go to the error output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

StageProgress = Callable[[int, int, str], None]
NAME_CHARS = 22


@dataclass
class Progress:
    """One bar per stage of a long work; each stage is told (done, total, name of the item)."""

    bars: Bars
    _tasks: dict[str, Any] = field(default_factory=dict[str, Any])

    def stage(self, label: str) -> StageProgress:
        """A function to call after each item of the stage `label`."""
        task = self.bars.add_task(label, total=None, item="", count="")

        def advance(done: int, total: int, item: str = "") -> None:
            name = item if len(item) <= NAME_CHARS else f"…{item[1 - NAME_CHARS :]}"
            count = f"{done} sur {total}" if total else ""
            self.bars.update(task, completed=done, total=total, item=name, count=count)

        return advance


@contextmanager
def show_progress() -> Generator[Progress, None, None]:
    """Bars on the error output while the block runs."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
    )
    from rich.progress import Progress as RichProgress

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=14),
        TextColumn("{task.fields[count]}"),
        TextColumn("[dim]{task.fields[item]}", markup=True),
    )
    with RichProgress(*columns, console=Console(stderr=True)) as bars:
        yield Progress(bars)


def say(text: str = "") -> None:
    """Print a line for the user."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """Print an error for the user."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
