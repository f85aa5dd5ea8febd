"""Announcements sent by Twenty: whose they are, how old, whether they were taken before.

Nothing but the record's kind and id is believed: it is read again through the API.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from core.context import Identity
from core.database import Database
from core.errors import NotAllowed
from ingest.twenty.mapping import BY_SINGULAR
from ingest.twenty.storage import ANNOUNCE

TIMESTAMP = "x-twenty-webhook-timestamp"
SIGNATURE = "x-twenty-webhook-signature"
NONCE = "x-twenty-webhook-nonce"
FRESH = dt.timedelta(minutes=5)
NOT_SIGNED = (
    "Cette notification n’est pas signée du secret du webhook. Vérifiez "
    "VOLTAIRE_TWENTY_WEBHOOK_SECRET, puis relancez «\u00a0voltaire twenty setup\u00a0»."
)
TOO_OLD = (
    "Cette notification est trop ancienne ou vient du futur. Vérifiez l’heure des deux serveurs."
)
SEEN = "Cette notification a déjà été reçue."
TAKE = """
INSERT INTO twenty_notifications (tenant_id, nonce, signature) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING RETURNING 1 AS done
"""
# Older ones are refused by their time.
FORGET = """
DELETE FROM twenty_notifications
WHERE tenant_id = %s AND received_at < clock_timestamp() - interval '1 hour'
"""


@dataclass(frozen=True)
class Announcement:
    """A change told by Twenty. `subject` is our object and Twenty's id of the record, None for
    what is not mirrored."""

    nonce: str
    signature: str
    subject: tuple[str, UUID] | None


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body sent at `timestamp` (milliseconds since 1970, as text)."""
    return hmac.new(secret.encode(), timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def read_announcement(
    secret: str, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> Announcement:
    """A genuine announcement of the last minutes. Raises NotAllowed."""
    timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    nonce = headers.get(NONCE, "")
    expected = sign(secret, timestamp, body)
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        raise NotAllowed(NOT_SIGNED)
    if not re.fullmatch(r"\d{13}", timestamp) or not re.fullmatch(r"[0-9a-f]{32}", nonce):
        raise NotAllowed(NOT_SIGNED)
    sent = dt.datetime.fromtimestamp(int(timestamp) / 1000, dt.UTC)
    if abs(now - sent) > FRESH:
        raise NotAllowed(TOO_OLD)
    return Announcement(nonce, signature, _read_subject(body))


async def take_once(database: Database, identity: Identity, announced: Announcement) -> None:
    """Note what was announced, to be read again. Raises NotAllowed when it was taken before."""
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(FORGET, (identity.tenant_id,))
        place = (identity.tenant_id, announced.nonce, announced.signature)
        if await (await connection.execute(TAKE, place)).fetchone() is None:
            raise NotAllowed(SEEN)
        if announced.subject is not None:
            await connection.execute(ANNOUNCE, (identity.tenant_id, *announced.subject))


def _read_subject(body: bytes) -> tuple[str, UUID] | None:
    """Our object and Twenty's id of the record announced; None for what is not mirrored."""
    try:
        event: Any = json.loads(body)
        singular = str(event["eventName"]).partition(".")[0]
        record = cast(Mapping[str, Any], event["record"])
        twenty_id = UUID(str(record["id"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    mapped = BY_SINGULAR.get(singular)
    return (mapped.object, twenty_id) if mapped else None
