"""The crash run in small: every process killed while changes are approved."""

from __future__ import annotations

import logging

import pytest

from evals.crash.run import crash, report


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_lost_or_doubled() -> None:
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    result = crash(6, seed=3)
    assert result.is_held(6), "\n".join(report(result))
    assert not result.is_held(7)
    assert result.findings.executed >= result.acknowledged > 0
