"""The job queue of an installation's firm: every kind of job, whoever takes them."""

from __future__ import annotations

from dataclasses import replace

import procrastinate

from agents.meeting_synthesis.desk import Desk
from api.library_jobs import LibraryJobs
from api.mail_jobs import MailJobs
from api.minutes_jobs import MinutesJobs
from api.retention_jobs import RetentionJobs
from api.services import Services
from api.tender_jobs import TenderJobs
from api.transcript_jobs import TranscriptJobs, make_client
from api.twenty_jobs import TwentyJobs
from api.watch_jobs import build_watch_jobs
from api.worker import build_worker
from core.context import Identity


def build_jobs(services: Services, leader: Identity) -> tuple[procrastinate.App, Services]:
    """The queue of `leader`'s firm, and the services whose desks and notices ask it for work."""
    settings, database = services.settings, services.database
    desk = Desk(database, services.engine, services.clock)
    mail = MailJobs(settings, database, leader)
    tenders = TenderJobs(services.get_tenders(), leader)
    transcripts = TranscriptJobs(database, leader, desk, make_client(settings))
    minutes = MinutesJobs(desk, leader)
    twenty = TwentyJobs(settings, database, leader)
    queue = build_worker(
        database,
        leader,
        settings.documents_dir,
        settings.ingest_workers,
        (
            mail,
            tenders,
            transcripts,
            minutes,
            twenty,
            RetentionJobs(settings, database, leader),
            LibraryJobs(settings, database, leader),
        ),
        build_watch_jobs(settings, tenders.score_arrival),
    )
    return queue, replace(
        services,
        follow_mail=mail.follow(queue),
        follow_transcript=transcripts.follow(queue),
        follow_twenty=twenty.follow(queue),
        tenders=tenders.desk,
        desk=minutes.desk,
    )
