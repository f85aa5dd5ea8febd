"""Message batches: checked when created, processed when polled often enough."""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.messages_api.replies import Failure, refuse

CUSTOM_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
MOST_REQUESTS = 100_000
LIFETIME = dt.timedelta(hours=24)

# The result of one entry, given its parameters.
Process = Callable[[Any], dict[str, Any]]


@dataclass
class StoredBatch:
    """A batch; `polls_left` retrievals before it ends."""

    id: str
    requests: list[Any]
    created_at: dt.datetime
    polls_left: int
    status: str = "in_progress"
    cancel_initiated_at: dt.datetime | None = None
    results: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def poll(self, process: Process) -> None:
        """One retrieval: the batch may end by it."""
        if self.status != "ended" and self.polls_left <= 0:
            self.end(process)
        self.polls_left -= 1

    def end(self, process: Process) -> None:
        """Give every entry its result; in another order than they came."""
        is_canceled = self.status == "canceling"
        self.results = [
            {
                "custom_id": entry["custom_id"],
                "result": {"type": "canceled"} if is_canceled else process(entry["params"]),
            }
            for entry in reversed(self.requests)
        ]
        self.status = "ended"

    def cancel(self, now: dt.datetime) -> None:
        if self.status == "ended":
            raise refuse(f"Batch {self.id} has already ended and cannot be canceled")
        self.status, self.cancel_initiated_at, self.polls_left = "canceling", now, 0

    def describe(self, base_url: str) -> dict[str, Any]:
        """The batch as the API shows it."""
        kinds = [result["result"]["type"] for result in self.results]
        counts = {k: kinds.count(k) for k in ("succeeded", "errored", "canceled", "expired")}
        ended = self.status == "ended"
        url = f"{base_url}/v1/messages/batches/{self.id}/results" if ended else None
        canceled = self.cancel_initiated_at
        return {
            "id": self.id,
            "type": "message_batch",
            "processing_status": self.status,
            "request_counts": {"processing": len(self.requests) - len(kinds), **counts},
            "created_at": self.created_at.isoformat(),
            "expires_at": (self.created_at + LIFETIME).isoformat(),
            "ended_at": self.created_at.isoformat() if ended else None,
            "cancel_initiated_at": canceled.isoformat() if canceled else None,
            "archived_at": None,
            "results_url": url,
        }

    def write_results(self) -> str:
        """One line of JSON per entry. Raises the API's refusal while there are none."""
        if self.status != "ended":
            raise Failure(404, f"Batch {self.id} has no available results")
        return "".join(f"{json.dumps(r, ensure_ascii=False)}\n" for r in self.results)


def check_batch(requests: list[Any]) -> None:
    """Raise the API's refusal of a whole batch; an entry's parameters are judged later."""
    if not requests:
        raise refuse("requests: at least one request is required")
    if len(requests) > MOST_REQUESTS:
        raise refuse(f"requests: at most {MOST_REQUESTS} requests are allowed")
    seen: set[str] = set()
    for index, request in enumerate(requests):
        custom_id = request["custom_id"]
        if not CUSTOM_ID.match(custom_id):
            raise refuse(
                f"requests.{index}.custom_id: String should match pattern '{CUSTOM_ID.pattern}'"
            )
        if custom_id in seen:
            raise refuse(f"requests.{index}.custom_id: {custom_id} is not unique")
        seen.add(custom_id)
