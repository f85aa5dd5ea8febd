"""Microsoft Graph for one mailbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ingest.clients.graph_transport import (
    ATTEMPTS,
    BATCH_URL,
    IMMUTABLE,
    READ_REPEATS,
    GraphClient,
    GraphError,
    find_delay,
    read_code,
)

BATCH = 20
UNREACHABLE = (
    "Microsoft 365 ne répond pas pour la boîte {user}. Vérifiez la connexion à internet\u00a0; "
    "la lecture reprendra d’elle-même au prochain passage."
)
MAILBOX_GONE = frozenset({
    "ErrorInvalidUser", "ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI", "Request_ResourceNotFound",
})  # fmt: skip
DELTA_FIELDS = "id,internetMessageId,conversationId,subject,isDraft"


class MailboxGone(GraphError):
    """The mailbox itself is no longer there, or no longer one that Graph opens."""

    def __init__(self, http_status: int, code: str, message: str) -> None:
        super().__init__(http_status, code, message)
        self.message = (
            "Cette boîte n’existe plus dans Microsoft 365, ou Voltaire n’y a plus accès. Faites-la "
            f"rétablir par votre administrateur ({code}), puis relancez."
        )


@dataclass(frozen=True)
class DeltaPage:
    """Changes of a folder; `link` is where the next reading begins, once `is_last`."""

    messages: tuple[dict[str, Any], ...]
    link: str
    is_last: bool


@dataclass
class GraphMailbox(GraphClient):
    """The mailbox `user`. `authentication` is a kiota AuthenticationProvider."""

    user: str

    def describe_silence(self) -> str:
        """What to say when no answer comes."""
        return UNREACHABLE.format(user=self.user)

    def make_error(self, response: Any) -> GraphError:
        """The error of a refusal; one that says the mailbox is gone has its own."""
        code, message = read_code(response)
        if response.status_code != 410 and code in MAILBOX_GONE:
            return MailboxGone(response.status_code, code, message)
        return super().make_error(response)

    async def list_changes(self, folder: str, link: str | None) -> AsyncIterator[DeltaPage]:
        """The pages of changes of `folder` since `link` (all of it when None).

        Raises StaleDelta when `link` has expired.
        """
        where = link or self._path(
            f"/mailFolders/{quote(folder)}/messages/delta", {"$select": DELTA_FIELDS}
        )
        while True:
            body = await self.call("GET", where)
            following, final = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
            where = str(following or final or "")
            yield DeltaPage(tuple(body.get("value", ())), where, final is not None)
            if not following:
                return

    async def fetch_mime(self, message_id: str) -> bytes:
        """The message as it came (RFC 5322)."""
        response = await self._send("GET", self._path(f"/messages/{quote(message_id)}/$value"))
        return bytes(response.content)

    async def fetch_many(self, message_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        """Id, message id and conversation of each message, twenty at a time; None where gone."""
        found: dict[str, dict[str, Any] | None] = {}
        for start in range(0, len(message_ids), BATCH):
            found |= await self._fetch_batch(message_ids[start : start + BATCH])
        return found

    async def _fetch_batch(self, message_ids: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        waiting, found = dict(enumerate(message_ids)), dict[str, dict[str, Any] | None]()
        for attempt in range(ATTEMPTS):
            requests = [
                {"id": str(rank), "method": "GET", "headers": {"Prefer": IMMUTABLE},
                 "url": f"/users/{quote(self.user)}/messages/{quote(one)}?$select={DELTA_FIELDS}"}
                for rank, one in waiting.items()
            ]  # fmt: skip
            body = await self.call("POST", self.base_url + BATCH_URL, {"requests": requests})
            wait = 0.0
            for answer in body["responses"]:
                rank = int(answer["id"])
                if answer["status"] in READ_REPEATS:
                    wait = max(wait, find_delay(answer.get("headers", {}), attempt))
                    continue
                found[waiting.pop(rank)] = answer["body"] if answer["status"] == 200 else None
            if not waiting or attempt == ATTEMPTS - 1:
                break
            await asyncio.sleep(wait)
        return found

    async def create_reply(
        self, message_id: str, content: Mapping[str, Any], *, to_all: bool
    ) -> dict[str, Any]:
        """A draft of reply to a message, in its conversation. Nothing is ever sent."""
        action = "createReplyAll" if to_all else "createReply"
        where = self._path(f"/messages/{quote(message_id)}/{action}")
        return await self.call("POST", where, {"message": dict(content)})

    async def get_message(self, message_id: str, fields: str) -> dict[str, Any] | None:
        """The chosen fields of a message; None when it is gone."""
        try:
            return await self.call(
                "GET", self._path(f"/messages/{quote(message_id)}", {"$select": fields})
            )
        except GraphError as error:
            if error.http_status == 404 and not isinstance(error, MailboxGone):
                return None
            raise

    async def update_message(self, message_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The message once changed."""
        return await self.call("PATCH", self._path(f"/messages/{quote(message_id)}"), changes)

    async def list_drafts(self, conversation_id: str) -> list[dict[str, Any]]:
        """The drafts of a conversation."""
        escaped = conversation_id.replace("'", "''")
        query = {"$filter": f"conversationId eq '{escaped}'",
                 "$select": "id,conversationId,categories,body"}  # fmt: skip
        body = await self.call("GET", self._path("/mailFolders/drafts/messages", query))
        return list(body["value"])

    async def find_by_property(self, name: str, value: str) -> str | None:
        """The id of the message, in any folder, whose extended property `name` is `value`."""
        condition = (
            f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '{value}')"
        )
        body = await self.call(
            "GET", self._path("/messages", {"$filter": condition, "$select": "id"})
        )
        return next((str(one["id"]) for one in body["value"]), None)

    async def subscribe(
        self, *, address: str, lifecycle_address: str, client_state: str, expires: str
    ) -> dict[str, Any]:
        """A subscription to the mailbox's new and changed messages, until `expires` (ISO, UTC)."""
        wanted = {
            "changeType": "created,updated",
            "notificationUrl": address,
            "lifecycleNotificationUrl": lifecycle_address,
            "resource": f"/users/{self.user}/messages",
            "expirationDateTime": expires,
            "clientState": client_state,
        }
        return await self.call("POST", self.base_url + "/subscriptions", wanted)

    async def renew(self, subscription_id: str, expires: str) -> dict[str, Any]:
        """The subscription, alive until `expires`; raises GraphError 404 when it is gone."""
        where = f"{self.base_url}/subscriptions/{quote(subscription_id)}"
        return await self.call("PATCH", where, {"expirationDateTime": expires})

    def _path(self, path: str, query: Mapping[str, str] | None = None) -> str:
        tail = f"?{urlencode(query, safe='$,')}" if query else ""
        return f"{self.base_url}/users/{quote(self.user)}{path}{tail}"
