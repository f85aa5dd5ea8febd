"""People who go on approving while everything falls: proposals, clicks, double clicks by HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

import httpx
import psycopg

from core.context import Context
from core.errors import VoltaireError
from crm.proposals.canonical import digest_batch
from evals.attack.firms import Firm
from tools.outputs import Proposed
from tools.proposals import Circumstances
from tools.registry import call_tool

PATIENCE_S = 0.2
TRIES = 400
DIRECTOR = "rene"
CREDENTIAL = "essai-des-pannes"
CIRCUMSTANCES = Circumstances("chat", is_model=True, is_tainted=True)


@dataclass
class Client:
    """One person at a time; `acknowledged` are the proposals whose approval was answered 200."""

    address: str
    firm: Firm
    context: Context
    chance: random.Random
    clicks: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    acknowledged: set[str] = field(default_factory=set[str])
    doubles: int = 0
    answers: dict[str, int] = field(default_factory=dict[str, int])
    _token: str = ""

    async def work(self, ended: asyncio.Event) -> None:
        """Propose and approve until told to stop."""
        async with httpx.AsyncClient(base_url=self.address, timeout=5, trust_env=False) as http:
            while not ended.is_set():
                made = await self._propose()
                if made is None:
                    await asyncio.sleep(PATIENCE_S)
                    continue
                await self._approve(http, made, ended)

    async def _propose(self) -> Proposed | None:
        account = self.chance.choice(self.firm.ids["accounts"])
        fields = {"account_id": str(account), "body": f"Note {uuid4().hex}"}
        try:
            made = await call_tool(
                self.context, "propose_note", {"fields": fields, "reason": "Appel"}, CIRCUMSTANCES
            )
        except (VoltaireError, psycopg.Error):
            return None
        return made if isinstance(made, Proposed) else None

    async def _approve(self, http: httpx.AsyncClient, made: Proposed, ended: asyncio.Event) -> None:
        """Click, sometimes twice at once, and again until the server answers."""
        person = str(self.firm.people[DIRECTOR].user_id)
        self.clicks.append((person, str(made.proposal_id), made.digest))
        body = {
            "lines": [{"proposal_id": str(made.proposal_id), "digest": made.digest}],
            "batch_digest": digest_batch([(made.proposal_id, made.digest)]),
        }
        for attempt in range(TRIES):
            times = 2 if self.chance.random() < 0.5 else 1
            self.doubles += times - 1
            done = await asyncio.gather(*(self._post(http, body) for _ in range(times)))
            if 200 in done:
                self.acknowledged.add(str(made.proposal_id))
                return
            if ended.is_set() and attempt:
                return
            await asyncio.sleep(PATIENCE_S)

    async def _post(self, http: httpx.AsyncClient, body: Mapping[str, object]) -> int:
        try:
            if not self._token:
                credentials = {"email": self.firm.people[DIRECTOR].email, "password": CREDENTIAL}
                answer = await http.post("/api/v1/login", json=credentials)
                answer.raise_for_status()
                self._token = answer.json()["access_token"]
            headers = {"Authorization": f"Bearer {self._token}"}
            status = (await http.post("/api/v1/approvals", json=body, headers=headers)).status_code
        except httpx.HTTPError as error:
            self._count(type(error).__name__)
            return 0
        if status == HTTPStatus.UNAUTHORIZED:
            self._token = ""
        self._count(str(status))
        return status

    def _count(self, answer: str) -> None:
        self.answers[answer] = self.answers.get(answer, 0) + 1
