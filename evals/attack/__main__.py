"""`python -m evals.attack [--calls N] [--processes P]`: exits 1 unless everything held."""

from __future__ import annotations

import argparse
import sys

from evals.attack.run import attack, report

CALLS = 1_000_000


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    result = attack(options.calls, options.processes)
    sys.stdout.write("\n".join(report(result)) + "\n")
    return 0 if result.is_held(options.calls) else 1


if __name__ == "__main__":
    sys.exit(main())
