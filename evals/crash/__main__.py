"""`python -m evals.crash [--kills N] [--seed S]`: exits 1 when anything is lost or doubled."""

from __future__ import annotations

import argparse
import logging
import sys

from evals.crash.run import crash, report

KILLS = 300


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    result = crash(options.kills, options.seed)
    sys.stdout.write("\n".join(report(result)) + "\n")
    return 0 if result.is_held(options.kills) else 1


if __name__ == "__main__":
    sys.exit(main())
