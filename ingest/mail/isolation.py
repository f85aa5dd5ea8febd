"""Mail is read in a process of its own: a mail that hangs or crashes it is set aside alone."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TypeVar

from core.settings import prepare_process_environment
from ingest.mail.cleaning import clean_thread
from ingest.mail.errors import UnreadableMail
from ingest.mail.facts import MailFacts
from ingest.mail.message import MailMessage
from ingest.mail.mime import parse_mail
from ingest.mail.page import read_page
from ingest.mail.reading import read_facts
from ingest.mail.thread import CleanThread

TIME_LIMIT_S = 10.0
MOST_SLOWNESS = 6.0
START_LIMIT_S = 300.0
TOO_LONG = (
    "La lecture de ce courriel a dépassé 10\u00a0secondes. Ouvrez-le dans votre messagerie, ou "
    "demandez-en une version plus simple."
)
CRASHED = (
    "La lecture de ce courriel a interrompu le lecteur. Ouvrez-le dans votre messagerie, ou "
    "demandez-en une version plus simple."
)
Result = TypeVar("Result")


@dataclass
class MailReader:
    """Reads mails in a child process, `limit_s` seconds each, which is replaced when it fails."""

    limit_s: float = TIME_LIMIT_S
    _pool: ProcessPoolExecutor | None = field(default=None, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def parse(self, raw: bytes) -> tuple[MailMessage, str]:
        """The message in `raw` and the text it shows. Raises UnreadableMail, in time, whatever
        `raw` holds."""
        return await self.run(parse_shown, raw)

    async def read(
        self, messages: Sequence[MailMessage], own_domains: frozenset[str]
    ) -> tuple[CleanThread, MailFacts]:
        """The thread cleaned and what it says. Raises UnreadableMail like `parse`."""
        return await self.run(read_thread, tuple(messages), own_domains)

    async def run(self, work: Callable[..., Result], *arguments: object) -> Result:
        """`work(*arguments)` in the child; one at a time, so that the limit is that of one mail."""
        return await self.run_within(self.limit_s, work, *arguments)

    async def run_within(
        self, seconds: float, work: Callable[..., Result], *arguments: object
    ) -> Result:
        """The same within `seconds`, where part of the limit is spent."""
        async with self._lock:
            pool = await self._ready()
            future = asyncio.get_running_loop().run_in_executor(pool, work, *arguments)
            try:
                return await asyncio.wait_for(future, seconds * tell_slowness())
            except TimeoutError:
                self.close()
                raise UnreadableMail(TOO_LONG) from None
            except BrokenProcessPool:
                self.close()
                raise UnreadableMail(CRASHED) from None

    async def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=context, initializer=prepare_process_environment
            )
            starting = asyncio.get_running_loop().run_in_executor(self._pool, warm_up)
            await asyncio.wait_for(starting, START_LIMIT_S)
        return self._pool

    def close(self) -> None:
        """End the child, whatever it does."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        children = list((getattr(pool, "_processes", None) or {}).values())
        for child in children:
            child.kill()
        pool.shutdown(wait=True, cancel_futures=True)


def tell_slowness() -> float:
    """How many times longer than alone a computation takes on this machine now, six at most: a
    limit in seconds is that of a machine with time for it, or a busy hour would set mails aside."""
    return min(MOST_SLOWNESS, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def parse_shown(raw: bytes) -> tuple[MailMessage, str]:
    """The message in `raw` and the text it shows. Raises UnreadableMail."""
    message = parse_mail(raw)
    if message.text is not None or message.html is None:
        return message, message.text or ""
    return message, "\n".join(line.text for line in read_page(message.html).lines)


def warm_up() -> None:
    """Nothing: the child has imported what reading needs once it answers."""


def read_thread(
    messages: tuple[MailMessage, ...], own_domains: frozenset[str]
) -> tuple[CleanThread, MailFacts]:
    """The cleaned thread and its facts. Raises UnreadableMail where reading itself fails."""
    try:
        thread = clean_thread(messages)
        return thread, read_facts(thread, own_domains)
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError) as error:
        raise UnreadableMail(
            "Ce fil n’a pas pu être lu jusqu’au bout. Ouvrez-le dans votre messagerie."
        ) from error
