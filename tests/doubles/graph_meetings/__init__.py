"""A double of Microsoft Graph's online meetings: refuses what the real service refuses."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

import httpx

TOKEN = "token-of-the-double"
MOST_AT_ONCE = 4
PATH = re.compile(
    r"^/v1\.0/users/(?P<user>[^/]+)/onlineMeetings/(?P<meeting>[^/]+)"
    r"(?:/transcripts/(?P<transcript>[^/]+)/content)?$"
)


@dataclass
class GraphMeetings(httpx.AsyncBaseTransport):
    """Serves the transcripts and meetings it was given; `busy` first answers are 429."""

    transcripts: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    meetings: dict[tuple[str, str], dict[str, object]] = field(default_factory=dict)
    busy: int = 0
    retry_after: str = "0"
    requests: list[str] = field(default_factory=list)
    _running: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as Graph would."""
        self.requests.append(request.url.path)
        self._running += 1
        try:
            await asyncio.sleep(0)
            return self._answer(request)
        finally:
            self._running -= 1

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return httpx.Response(401, json={"error": {"code": "InvalidAuthenticationToken"}})
        if self._running > MOST_AT_ONCE or self.busy > 0:
            self.busy -= 1
            return httpx.Response(429, headers={"retry-after": self.retry_after})
        found = PATH.match(request.url.path)
        if request.method != "GET" or found is None:
            return httpx.Response(400, json={"error": {"code": "BadRequest"}})
        if found["transcript"] is None:
            meeting = self.meetings.get((found["user"], found["meeting"]))
            return httpx.Response(200, json=meeting) if meeting else httpx.Response(404)
        if request.headers.get("accept") != "text/vtt":
            return httpx.Response(406)
        content = self.transcripts.get((found["user"], found["meeting"], found["transcript"]))
        if content is None:
            return httpx.Response(404)
        return httpx.Response(200, content=content, headers={"content-type": "text/vtt"})
