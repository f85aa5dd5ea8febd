"""Background work on Teams transcripts: announced by Graph, fetched and summarised by a job."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from agents.meeting_synthesis.desk import Desk
from agents.meeting_synthesis.storage import find_version
from api.mailboxes import build_credential
from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError, DatabaseUnavailable, VoltaireError
from core.settings import Settings
from ingest.clients.graph_transport import GraphUnreachable, get_token
from ingest.meetings.arrivals import Arrival, announce, list_arrivals, settle
from ingest.meetings.graph import (
    GraphRefused,
    GraphTranscripts,
    GraphUnavailable,
    TranscriptAddress,
)

logger = logging.getLogger(__name__)
TASK = "fetch_transcripts"
EVERY_TEN_MINUTES = "*/10 * * * *"
LATER = (GraphUnavailable, GraphUnreachable, GraphRefused, ConfigurationError)
"""What time, or the administrator, may mend: a right to grant, a transcript not ready yet."""
UNEXPECTED = "La transcription n’a pas pu être lue. Prévenez votre administrateur."


@dataclass(frozen=True)
class TranscriptJobs:
    """The transcripts of `leader`'s firm, read with `client`."""

    database: Database
    leader: Identity
    desk: Desk
    client: GraphTranscripts

    def register(self, app: procrastinate.App) -> None:
        """Declare the job; what a failure or a restart left waiting is taken up by the next."""

        @app.periodic(cron=EVERY_TEN_MINUTES)
        @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
        async def fetch_transcripts(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            await self.fetch_waiting()

    def follow(self, app: procrastinate.App) -> Callable[[TranscriptAddress], Awaitable[None]]:
        """What an announcement leads to: a row that outlives a restart, and the job."""

        async def follow(address: TranscriptAddress) -> None:
            await announce(self.database, self.leader, address)
            with suppress(AlreadyEnqueued):
                await app.configure_task(TASK).defer_async(timestamp=0)

        return follow

    async def fetch_waiting(self) -> None:
        """Fetch and summarise what waits; one that fails keeps no other waiting."""
        for arrival in await list_arrivals(self.database, self.leader, "waiting"):
            state, message = await self._try(arrival)
            await settle(self.database, self.leader, arrival.id, state, message)

    async def _try(self, arrival: Arrival) -> tuple[str, str | None]:
        """The state to leave it in, and why. Raises DatabaseUnavailable."""
        try:
            await self._fetch(arrival.address)
        except DatabaseUnavailable:
            raise
        except LATER as error:
            logger.warning("Transcription Teams non lue : %s", error.message)
            return "waiting", error.message
        except VoltaireError as error:
            logger.warning("Transcription Teams mise de côté : %s", error.message)
            return "poison", error.message
        except Exception:
            logger.exception("Transcription Teams mise de côté")
            return "poison", UNEXPECTED
        return "done", None

    async def _fetch(self, address: TranscriptAddress) -> None:
        """Fetch, keep and summarise one transcript; what is already done is not done again."""
        content = await self.client.get_content(address)
        invitation = await self.client.get_invitation(address)
        transcript_id = await self.desk.receive(
            self.leader, f"{address.transcript_id}.vtt", content, invitation, origin="graph",
            external_id=f"graph:{address.transcript_id}",
        )  # fmt: skip
        known = await find_version(self.database, self.leader, transcript_id)
        minutes_id = known or await self.desk.start(self.leader, transcript_id)
        await self.desk.write(self.leader, minutes_id)
        await self.desk.get_ready(self.leader, minutes_id)


def make_client(settings: Settings) -> GraphTranscripts:
    """The client that the settings describe, with the credential that reads the mail."""

    async def token() -> str:
        return await get_token(build_credential(settings))

    return GraphTranscripts(token, settings.graph_base_url)
