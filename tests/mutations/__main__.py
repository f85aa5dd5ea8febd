"""Takes each guard away in turn and runs the tests that must notice: `make mutations`."""

from __future__ import annotations

import subprocess
import sys

from tests.mutations.mutants import MUTANTS

FAILED = 1


def main(names: list[str]) -> int:
    """Run the named mutants, or all of them; 1 when one of them survives."""
    survivors: list[str] = []
    for name in names or list(MUTANTS):
        mutant = MUTANTS[name]
        done = subprocess.run(  # noqa: S603 - fixed program, no shell
            [sys.executable, "-m", "pytest", "-p", "tests.mutations.plugin", "--mutant", name,
             "-x", "--no-header", "--tb=line", *mutant.tests],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        is_seen = done.returncode == FAILED and "FAILED" in done.stdout
        test = mutant.tests[0].partition("::")[2]
        sys.stdout.write(f"{name:<26} {'seen by' if is_seen else 'SURVIVED'} {test}\n")
        sys.stdout.flush()
        if not is_seen:
            survivors.append(name)
            sys.stdout.write(done.stdout[-1500:] + done.stderr[-500:])
    total = len(names or MUTANTS)
    sys.stdout.write(f"{total} guards taken away, {total - len(survivors)} seen\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
