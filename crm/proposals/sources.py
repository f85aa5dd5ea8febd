"""What a person calls the sources of a proposal's evidence: a mail, a meeting, a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from core.database import Connection
from core.formats import NBSP, format_instant, of
from core.spans import Span

TRANSCRIPT = "meeting_transcripts:"
MAILS = """
SELECT internet_message_id, from_address, subject, sent_at FROM emails
WHERE tenant_id = %s AND internet_message_id = ANY (%s)
"""
MEETINGS = """
SELECT id, coalesce(nullif(invitation ->> 'title', ''), file_name) AS title
FROM meeting_transcripts WHERE tenant_id = %s AND id = ANY (%s)
"""


async def name_sources(
    connection: Connection, tenant_id: UUID, evidence: Iterable[Span]
) -> dict[str, str]:
    """The name of each source, by its id; a source that the user may not see has none.

    A file that was imported is its own name. A part of a mail (`…#objet`) is that mail.
    """
    ids = {span.source_id for span in evidence}
    mails = {one: one.partition("#")[0] for one in ids if one.startswith("<")}
    meetings = {one: one.removeprefix(TRANSCRIPT) for one in ids if one.startswith(TRANSCRIPT)}
    names = {one: one for one in ids if " – " in one and one not in mails}
    if mails:
        cursor = await connection.execute(MAILS, (tenant_id, list(set(mails.values()))))
        told = {row["internet_message_id"]: _name_mail(row) async for row in cursor}
        names |= {one: told[mail] for one, mail in mails.items() if mail in told}
    if meetings:
        wanted = [UUID(one) for one in meetings.values()]
        cursor = await connection.execute(MEETINGS, (tenant_id, wanted))
        held = {str(row["id"]): f"réunion «{NBSP}{row['title']}{NBSP}»" async for row in cursor}
        names |= {one: held[meeting] for one, meeting in meetings.items() if meeting in held}
    return names


def _name_mail(row: dict[str, Any]) -> str:
    sent = format_instant(row["sent_at"])
    return f"courriel {of(row['from_address'])} du {sent}, «{NBSP}{row['subject']}{NBSP}»"
