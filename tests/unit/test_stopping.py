"""The system's request to end is heard wherever it falls."""

from __future__ import annotations

import subprocess
import sys

import pytest

IN_A_CALLBACK = "asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)"
IN_ANOTHER_TASK = """
    async def end():
        os.kill(os.getpid(), signal.SIGTERM)
    task = asyncio.create_task(end())
"""
PROGRAM = """
import asyncio, os, signal
from api.stopping import stoppable

async def work():
    {asking}
    await asyncio.sleep(60)

with stoppable():
    asyncio.run(work())
"""


@pytest.mark.parametrize("asking", [IN_A_CALLBACK, IN_ANOTHER_TASK])
def test_a_request_to_end_is_not_lost_among_asyncio_s_callbacks(asking: str) -> None:
    """In a process of its own: the interruption goes through the interpreter's own frames."""
    program = PROGRAM.format(asking=asking.strip())
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=40, check=False
    )
    assert "Voltaire est arrêté." in done.stdout, done.stderr
    assert done.returncode == 0
