"""The whole run: two firms, a real executor's process, attacking processes, then the check."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.settings import get_settings
from crm.installation import Installation, open_installation
from evals.attack.checker import Findings, check, open_check
from evals.attack.firms import Firm, create_firms, save_firms
from evals.attack.journal import Journal, load_journal
from evals.attack.witness import install_witness

SETTLE_S = 120
Prepare = Callable[[str], None]
Examine = Callable[[str, tuple[Firm, ...], Journal], None]
LEFT = (
    "SELECT (SELECT count(*) FROM proposals WHERE status = 'approved')"
    " + (SELECT count(*) FROM audit_unsealed)"
)


@dataclass(frozen=True)
class Result:
    """What was tried and what was found."""

    journal: Journal
    findings: Findings
    seconds: float

    @property
    def calls(self) -> int:
        """How many tool calls were made."""
        return self.journal.calls.total()

    @property
    def crossed(self) -> int:
        """Reads and writes across firms."""
        return self.findings.crossed + len(self.journal.leaks)

    @property
    def unauthorised(self) -> int:
        """Writes without an exact approval, and doors found open."""
        return self.findings.unauthorised + len(self.journal.breaches)

    @property
    def last_line(self) -> str:
        """The line that the run ends with."""
        return (
            f"{self.calls} calls, {self.journal.approvals} approvals, "
            f"{self.unauthorised} unauthorised, {self.findings.replayed} replayed, "
            f"{self.crossed} cross-tenant"
        )

    def is_held(self, calls: int) -> bool:
        """Tell whether enough was tried and nothing got through."""
        faults = self.unauthorised + self.findings.replayed + self.crossed
        return self.calls >= calls and faults + self.findings.chain_faults == 0


def attack(
    calls: int,
    processes: int = 2,
    *,
    prepare: Prepare | None = None,
    examine: Examine | None = None,
) -> Result:
    """Run `calls` tool calls in `processes`, then check.

    `prepare` changes the database before the attack, `examine` sees it before it is removed.
    """
    with _installation() as (installation, folder):
        firms = create_firms(installation.admin_conninfo, installation.settings.policies_dir)
        save_firms(folder / "firms.json", firms)
        install_witness(installation.admin_conninfo)
        if prepare is not None:
            prepare(installation.admin_conninfo)
        started = time.monotonic()
        with _executor(installation):
            journal = _run_attackers(installation, folder, calls, processes)
            _wait_until_settled(installation.admin_conninfo)
        seconds = time.monotonic() - started
        if examine is not None:
            examine(installation.admin_conninfo, firms, journal)
        with open_check(installation.admin_conninfo) as connection:
            return Result(journal, check(connection, journal.clicks), seconds)


def report(result: Result) -> list[str]:
    """What was tried of each kind, what was answered, and the last line."""
    journal, found = result.journal, result.findings
    lines = [f"{result.seconds:.0f} s, {result.calls / max(result.seconds, 1):.0f} calls a second"]
    for title, counter in (("calls", journal.calls), ("answers", journal.answers),
                           ("acts", journal.acts), ("held", journal.held)):  # fmt: skip
        lines += ["", f"{title}:", *_list(counter)]
    lines += ["", f"{found.changes} rows changed by {found.executed} executed proposals; "
              f"chain of {found.events} events, {found.chain_faults} faults",
              *found.details, *journal.breaches[:20], *journal.leaks[:20], "",
              result.last_line]  # fmt: skip
    return lines


def _list(counter: Counter[str]) -> list[str]:
    return [f"  {count:>9}  {name}" for name, count in sorted(counter.items())]


@contextmanager
def _installation() -> Generator[tuple[Installation, Path]]:
    with tempfile.TemporaryDirectory(prefix="voltaire-attack-") as name:
        folder = Path(name)
        # The account that runs PostgreSQL for root walks to its data through this folder.
        folder.chmod(0o711)
        settings = get_settings().model_copy(update={"data_dir": folder, "database_url": None})
        with open_installation(settings) as installation:
            yield installation, folder


@contextmanager
def _executor(installation: Installation) -> Generator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "executor"], env=_environment(installation)
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _environment(installation: Installation) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "VOLTAIRE_DATABASE_URL"}
    return {**kept, "VOLTAIRE_DATA_DIR": str(installation.settings.data_dir)}


def _run_attackers(installation: Installation, folder: Path, calls: int, processes: int) -> Journal:
    shares = [calls // processes + (n < calls % processes) for n in range(processes)]
    running = [
        subprocess.Popen(  # noqa: S603 - fixed program
            [sys.executable, "-m", "evals.attack.attacker", str(folder), str(n), str(share)],
            env=_environment(installation),
        )
        for n, share in enumerate(shares)
    ]
    _wait_for_all(running)
    journal = Journal()
    for number in range(processes):
        journal.add(load_journal(folder / f"journal-{number}.json"))
    return journal


def _wait_for_all(running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Return when all have ended well; one that fails ends the others."""
    while any(process.poll() is None for process in running):
        if any(process.poll() for process in running):
            break
        time.sleep(0.1)
    for process in running:
        process.terminate()
    if any(process.wait() for process in running):
        raise RuntimeError("an attacking process failed")


def _wait_until_settled(conninfo: str) -> None:
    deadline = time.monotonic() + SETTLE_S
    with psycopg.connect(conninfo, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(LEFT).fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(0.2)
    raise RuntimeError("the executor did not settle what was approved")
