"""Transcripts of Teams meetings, fetched from Microsoft Graph.

`text/vtt` is asked for: the plain format loses the speakers. Reads alone are done here, so that
any failure but a refusal is safe to repeat.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from core.errors import VoltaireError
from ingest.meetings.invitation import Invitation, make_invitation

PRODUCTION = "https://graph.microsoft.com/v1.0"
TIMEOUT_S = 30.0
ATTEMPTS = 4
LONGEST_WAIT_S = 60.0
RESOURCE = re.compile(
    r"(?:users\('?(?P<user>[^/')]+)'?\)|users/(?P<user2>[^/]+)|communications)/onlineMeetings"
    r"(?:\('(?P<meeting>[^']+)'\)|/(?P<meeting2>[^/]+))/transcripts"
    r"(?:\('(?P<transcript>[^']+)'\)|/(?P<transcript2>[^/]+))"
)
TokenSource = Callable[[], Awaitable[str]]


class GraphUnavailable(VoltaireError):
    """Graph does not answer, or asks to wait longer than is reasonable."""

    status = 503


class GraphRefused(VoltaireError):
    """Graph refuses: a right is missing, or the object is gone."""

    status = 502


@dataclass(frozen=True)
class TranscriptAddress:
    """Where a transcript lies: the organizer, the meeting, the transcript."""

    user_id: str
    meeting_id: str
    transcript_id: str

    @property
    def path(self) -> str:
        """Its path below the service's root."""
        return f"{self.meeting_path}/transcripts/{quote(self.transcript_id, safe='')}"

    @property
    def meeting_path(self) -> str:
        """The path of its meeting."""
        user, meeting = quote(self.user_id, safe=""), quote(self.meeting_id, safe="")
        return f"/users/{user}/onlineMeetings/{meeting}"


def parse_resource(resource: str) -> TranscriptAddress | None:
    """The transcript that a notification names; None for any other resource."""
    found = RESOURCE.search(resource)
    if found is None:
        return None
    parts = [found[name] or found[f"{name}2"] for name in ("user", "meeting", "transcript")]
    return TranscriptAddress(*parts) if all(parts) else None


class GraphTranscripts:
    """Reads transcripts and their meetings; `token` gives a valid bearer token."""

    def __init__(
        self,
        token: TokenSource,
        base_url: str = PRODUCTION,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        self._transport = transport
        self._base_url = base_url.rstrip("/")

    async def get_content(self, address: TranscriptAddress) -> bytes:
        """The transcript as WebVTT. Raises GraphUnavailable or GraphRefused."""
        response = await self._get(f"{address.path}/content", accept="text/vtt")
        return response.content

    async def get_invitation(self, address: TranscriptAddress) -> Invitation:
        """The meeting as it was called. Raises GraphUnavailable or GraphRefused."""
        response = await self._get(address.meeting_path, accept="application/json")
        return read_meeting(response.json())

    async def _get(self, path: str, accept: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, transport=self._transport) as client:
            for attempt in range(ATTEMPTS):
                response = await self._try(client, path, accept)
                if response is not None and response.status_code == 200:
                    return response
                if response is not None and response.status_code not in (429, 502, 503, 504):
                    raise GraphRefused(_explain(response.status_code))
                if attempt + 1 < ATTEMPTS:
                    await asyncio.sleep(_wait(response, attempt))
        raise GraphUnavailable(
            "Microsoft Graph ne répond pas. La transcription sera redemandée plus tard."
        )

    async def _try(
        self, client: httpx.AsyncClient, path: str, accept: str
    ) -> httpx.Response | None:
        headers = {"authorization": f"Bearer {await self._token()}", "accept": accept}
        try:
            return await client.get(f"{self._base_url}{path}", headers=headers)
        except httpx.TransportError:
            return None


def _wait(response: httpx.Response | None, attempt: int) -> float:
    """What `Retry-After` asks, else a growing pause. Raises GraphUnavailable past a minute."""
    asked = response.headers.get("retry-after", "") if response is not None else ""
    seconds = float(asked) if asked.isdigit() else 0.5 * 2**attempt
    if seconds > LONGEST_WAIT_S:
        raise GraphUnavailable(
            "Microsoft Graph demande d’attendre. Réessayez dans quelques minutes."
        )
    return seconds


def _explain(status: int) -> str:
    if status in (401, 403):
        return (
            "Microsoft Graph refuse l’accès à la transcription. Accordez "
            "OnlineMeetingTranscript.Read.All à l’application, et une politique d’accès aux "
            "réunions."
        )
    if status == 404:
        return "La transcription n’existe plus dans Teams, ou n’est pas encore prête."
    return f"Microsoft Graph refuse la demande (code {status}). Prévenez votre administrateur."


def read_meeting(data: dict[str, Any]) -> Invitation:
    """A Graph `onlineMeeting` as an invitation. Raises InvalidInput."""
    participants = data.get("participants") or {}
    organizer = participants.get("organizer") or {}
    people = [_read_person(organizer), *map(_read_person, participants.get("attendees") or [])]
    named = [person for person in people if person["name"]]
    return make_invitation(
        {
            "title": data.get("subject") or "Réunion Teams",
            "date": data.get("startDateTime"),
            "organizer": named[0]["name"] if named else "",
            "attendees": list({person["name"]: person for person in named}.values()),
        }
    )


def _read_person(data: dict[str, Any]) -> dict[str, Any]:
    user = (data.get("identity") or {}).get("user") or {}
    address = str(data.get("upn") or "")
    name = str(user.get("displayName") or address.partition("@")[0])
    return {"name": name, "email": address, "external": user.get("tenantId") is None and not user}
