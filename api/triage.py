"""The command `voltaire triage`: a folder or an mbox file taken in, or what was set aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.triage.digest import read_digest, since_yesterday, write_digest
from agents.triage.pipeline import TriageReport, replay, triage_source, triage_waiting
from agents.triage.telling import HINTS, tell_named
from api.mail_jobs import MailJobs
from api.offline import make_context, run_here
from api.terminal import show_progress
from core.context import Context, Identity
from core.settings import Settings
from crm.installation import Installation
from crm.mail.waiting import list_poison
from ingest.mail.isolation import MailReader
from ingest.sources.files import FolderSource, open_path

NBSP = "\u00a0"
Job = Callable[[Context, MailReader], Awaitable[list[str]]]


def triage_here(settings: Settings, path: Path | None, user: str | None) -> list[str]:
    """Take in the mails of `path` and triage them, or triage what waits when there is none."""

    async def job(context: Context, reader: MailReader) -> list[str]:
        with show_progress() as progress:
            advance = progress.stage("Tri des courriels")
            if path is None:
                report = await triage_waiting(context, reader, progress=advance)
            else:
                source = open_path(path)
                total = source.count() if isinstance(source, FolderSource) else 0
                report = await triage_source(context, reader, source, total=total, progress=advance)
        digest = await read_digest(context, since_yesterday(context.clock()))
        return [*describe(report), "", write_digest(digest, HINTS["cli"])]

    return _run(settings, user, job)


def read_here(settings: Settings, user: str | None) -> list[str]:
    """Read the mailboxes of the settings now; what failed says why."""

    async def job(context: Context, reader: MailReader) -> list[str]:
        jobs = MailJobs(settings, context.database, context.identity, reader)
        failures = await jobs.read_sources()
        digest = await read_digest(context, since_yesterday(context.clock()))
        lines = [f"{mailbox}{NBSP}: {why}" for mailbox, why in failures.items()]
        return [*lines, *([""] if lines else []), write_digest(digest, HINTS["cli"])]

    return _run(settings, user, job)


def show_here(settings: Settings, words: str, user: str | None) -> list[str]:
    """The thread that `words` name: its mails, its summary, its draft."""

    async def job(context: Context, _: MailReader) -> list[str]:
        told = await tell_named(context, words)
        others = [f"  {act.label}" for act in told.acts if act.kind == "open"]
        title = ["", f"Autres fils{NBSP}:"] if others else []
        return [told.text, *title, *others]

    return _run(settings, user, job)


def list_poison_here(settings: Settings, user: str | None) -> list[str]:
    """What is set aside, and why."""

    async def job(context: Context, _: MailReader) -> list[str]:
        async with context.database.transaction(context.identity) as connection:
            rows = await list_poison(connection, context.identity.tenant_id, 500)
        if not rows:
            return ["Aucun courriel n’est mis de côté."]
        return [f"{r['id']}  {r['name']}{NBSP}: {r['message']}" for r in rows]

    return _run(settings, user, job)


def replay_here(settings: Settings, user: str | None) -> list[str]:
    """Try again everything that is set aside."""

    async def job(context: Context, reader: MailReader) -> list[str]:
        async with context.database.transaction(context.identity) as connection:
            rows = await list_poison(connection, context.identity.tenant_id, 500)
        reports = [await replay(context, reader, row["id"]) for row in rows]
        done = sum(not (r.refused or r.set_aside) for r in reports)
        return [f"Relancés{NBSP}: {len(reports)}, dont {done} triés."]

    return _run(settings, user, job)


def describe(report: TriageReport) -> list[str]:
    """The counts, then one line per mail refused."""
    lines = [
        f"Courriels lus{NBSP}: {report.mails}, dont {report.new} nouveaux. "
        f"Fils triés{NBSP}: {len(report.threads)}."
    ]
    if report.set_aside:
        lines.append(f"Fils mis de côté{NBSP}: {len(report.set_aside)} (voltaire triage --poison).")
    return [*lines, *(f"  {name}{NBSP}: {why}" for name, why in report.refused.items())]


def _run(settings: Settings, user: str | None, job: Job) -> list[str]:
    async def work(installation: Installation, identity: Identity) -> list[str]:
        reader = MailReader()
        try:
            return await job(make_context(installation, identity), reader)
        finally:
            reader.close()

    return run_here(settings, user, work)
