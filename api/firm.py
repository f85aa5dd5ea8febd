"""The demonstration firm brought to life: records, documents, knowledge base."""

from __future__ import annotations

import asyncio
from itertools import count

from api.reports import describe_report
from api.services import build_clock
from api.terminal import Progress
from core.context import PARIS, Identity
from crm.firms import find_leader
from crm.installation import Installation


def create_demonstration(
    installation: Installation,
    progress: Progress,
    *,
    accounts: int | None = None,
    replace: bool = False,
) -> list[str]:
    """Make the demonstration firm with `accounts` clients, lay out its documents and read them.

    The lines returned tell what was read. Raises InvalidInput when the firm is there already.
    """
    from demo.firm import generate_firm
    from demo.seed import seed

    today = build_clock(installation.settings)().astimezone(PARIS).date()
    firm = generate_firm(today, accounts=accounts)
    advance = progress.stage("Cabinet de démonstration")
    loaded = count(1)
    seed(
        installation,
        firm,
        progress=lambda _table, _rows: advance(next(loaded), len(firm.tables), "tables"),
        replace=replace,
    )
    lay_out_documents(installation, progress)
    leader = find_leader(installation.admin_conninfo)
    if leader is None:
        return []
    return asyncio.run(read_documents(installation, leader, progress))


def lay_out_documents(installation: Installation, progress: Progress) -> None:
    """Write the demonstration firm's files into its documents folder."""
    from demo.documents.builder import build_documents

    target = installation.settings.documents_dir
    target.mkdir(parents=True, exist_ok=True)
    build_documents(target, progress=progress.stage("Documents de démonstration"))


async def read_documents(
    installation: Installation, leader: Identity, progress: Progress
) -> list[str]:
    """Read the documents folder into the knowledge base, then let the connections go."""
    from ingest.folder import ingest_folder

    settings = installation.settings
    try:
        report = await ingest_folder(
            installation.database,
            leader,
            settings.documents_dir,
            workers=settings.ingest_workers,
            progress=progress.stage("Lecture des documents"),
        )
    finally:
        await installation.database.close()
    return describe_report(report)
