"""The executor's process: the only one that opens the role able to commit a change."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import psycopg

from api.stopping import stoppable
from core.settings import Settings
from crm.installation import Installation, open_installation
from crm.proposals.execution import Executor
from crm.proposals.outbox import Effect, send_due
from crm.proposals.thresholds import publish_thresholds
from crm.twenty import follow_settings

logger = logging.getLogger(__name__)

EFFECTS_EVERY_S = 2.0
THRESHOLDS_EVERY_S = 5.0
RESTART_AFTER_S = 1.0
COMMAND = (sys.executable, "-m", "api.cli", "executor", "--attached")


def execute_here(settings: Settings, *, attached: bool) -> None:
    """Carry out approved changes until told to stop; attached, until the parent is gone."""
    with stoppable(), open_installation(settings) as installation:
        database = replace(installation.database, may_execute=True)
        publish_thresholds(installation.admin_conninfo, settings.policies_dir)
        follow_settings(installation.admin_conninfo, settings.twenty_address)
        asyncio.run(_work(installation, Executor(database), attached=attached))


async def keep_executor() -> None:
    """Keep an executor's process beside this one; it ends by itself with this one."""
    while True:
        process = await asyncio.create_subprocess_exec(*COMMAND, stdin=subprocess.PIPE)
        try:
            await process.wait()
            logger.warning("Le processus d’exécution s’est arrêté : il est relancé")
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
        await asyncio.sleep(RESTART_AFTER_S)


async def _work(installation: Installation, executor: Executor, *, attached: bool) -> None:
    from api.mail_effect import MailDraft
    from api.mailboxes import DraftBoxes
    from api.twenty_effect import TwentyChange
    from api.twenty_jobs import find_client

    effects: list[Effect] = [MailDraft(executor.database, DraftBoxes(installation.settings))]
    twenty = find_client(installation.settings)
    if twenty is not None:
        effects.append(TwentyChange(executor.database, twenty))
    jobs = [
        asyncio.create_task(executor.run()),
        asyncio.create_task(_send(executor, effects)),
        asyncio.create_task(_tell_thresholds(installation)),
    ]
    if attached:
        jobs.append(asyncio.create_task(_wait_for_parent()))
    try:
        await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        if twenty is not None:
            await twenty.close()
        await executor.database.close()


async def _send(executor: Executor, effects: Sequence[Effect]) -> None:
    while True:
        try:
            await send_due(executor.database, effects)
        except Exception:
            logger.exception("Effets extérieurs remis à plus tard")
        await asyncio.sleep(EFFECTS_EVERY_S)


async def _tell_thresholds(installation: Installation) -> None:
    """Have the database know the firms' thresholds soon after a policy's file changes."""
    folder = installation.settings.policies_dir
    while True:
        await asyncio.sleep(THRESHOLDS_EVERY_S)
        try:
            await asyncio.to_thread(publish_thresholds, installation.admin_conninfo, folder)
        except psycopg.Error:
            logger.warning("Seuils du second approbateur remis à plus tard")


async def _wait_for_parent() -> None:
    """Return once the other end of the standard input is closed, however the parent ended."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass
