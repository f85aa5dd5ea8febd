"""One attacking process: tool calls as fast as they go, people among them.

`python -m evals.attack.attacker FOLDER SEED CALLS` – started by the run, writes its journal.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from pathlib import Path

from core.context import Context, Identity, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.errors import VoltaireError
from core.secrets import load_secrets
from core.settings import get_settings
from crm.installation import DATABASE_NAME
from evals.attack.calls import KINDS, WEIGHTS, Attacker
from evals.attack.crowd import Crowd
from evals.attack.firms import Firm, load_firms
from evals.attack.fouls import ACTS, act
from evals.attack.journal import Journal
from evals.attack.texts import load_texts
from tools.registry import call_tool

LANES = 8
HONEST_EVERY = 200
ACT_EVERY = 100
VICTIMS = ("nadia", "omar", "paule", "rene", "tess", "ugo")


def main(folder: Path, seed: int, calls: int) -> None:
    """Attack, then write the journal."""
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    settings = get_settings()
    secrets = load_secrets(settings)
    server = EmbeddedServer(settings.postgres_dir, secrets)
    database = Database(server.conninfo(DATABASE_NAME), secrets, may_execute=True)
    firms = load_firms(folder / "firms.json")
    texts = tuple(t for found in load_texts(settings.eval_data).values() for t in found)
    journal = Journal()
    asyncio.run(_attack(database, firms, texts, seed, calls, journal))
    journal.save(folder / f"journal-{seed}.json")


async def _attack(
    database: Database, firms: tuple[Firm, ...], texts: tuple[str, ...], seed: int, calls: int,
    journal: Journal,
) -> None:  # fmt: skip
    shares = [calls // LANES + (lane < calls % LANES) for lane in range(LANES)]
    lanes = [
        _Lane(database, firms, texts, random.Random(f"{seed}-{lane}"), journal, lane)  # noqa: S311
        for lane in range(LANES)
    ]
    try:
        await asyncio.gather(*(lane.run(share) for lane, share in zip(lanes, shares, strict=True)))
    finally:
        await database.close()


class _Lane:
    """A turn of the worst model after another, in the name of each person of a firm."""

    def __init__(
        self, database: Database, firms: tuple[Firm, ...], texts: tuple[str, ...],
        chance: random.Random, journal: Journal, number: int,
    ) -> None:  # fmt: skip
        own, other = firms if number % 2 == 0 else firms[::-1]
        engine = OfflineEngine({})

        def make(identity: Identity) -> Context:
            return Context(identity, database, engine, system_clock)

        self._chance, self._journal = chance, journal
        self._attacker = Attacker(chance, own, other, texts)
        self._crowd = Crowd(own, other, make, journal, chance)
        self._contexts = [make(own.people[name]) for name in VICTIMS]
        self._kinds, self._weights = list(KINDS), [WEIGHTS[name] for name in KINDS]
        self._acts = sorted(ACTS)

    async def run(self, calls: int) -> None:
        kinds = self._chance.choices(self._kinds, self._weights, k=calls)
        for index, kind in enumerate(kinds):
            await self._call(kind)
            if index % HONEST_EVERY == 0:
                await self._approve()
            if index % ACT_EVERY == 1:
                await act(self._crowd, self._chance.choice(self._acts))

    async def _call(self, kind: str) -> None:
        call = self._attacker.make(kind)
        context: Context = self._chance.choice(self._contexts)
        output = await call_tool(context, call.tool, call.arguments, call.circumstances)
        self._journal.calls[kind] += 1
        self._journal.answers[f"{kind}: {output.kind}"] += 1
        if self._attacker.other.canary in output.model_dump_json():
            self._journal.leaks.append(f"{call.tool} {kind}")

    async def _approve(self) -> None:
        try:
            await self._crowd.approve_honestly()
        except VoltaireError as error:
            self._journal.held[f"accord honnête: {error.message[:80]}"] += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
