"""Figures about the running academy, each one statement."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# By the database's own clock, which wrote the heartbeats: two machines may differ.
HEARTBEAT = "select extract(epoch from now() - max(last_heartbeat)) from procrastinate_workers"
FIGURES = """
    select
        coalesce((select pos from journal_fact where pos is not null order by pos desc limit 1), 0),
        (select extract(epoch from %(now)s - min(next_change_at)) from programme_standing
            where next_change_at <= %(now)s),
        (select extract(epoch from now() - max(last_heartbeat)) from procrastinate_workers),
        (select extract(epoch from now() - min(coalesce(j.scheduled_at, e.at)))
            from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id and e.type = 'deferred'
            where j.status = 'todo' and coalesce(j.scheduled_at, e.at) <= now()),
        (select count(*) from procrastinate_jobs where status = 'todo'),
        (select count(*) from procrastinate_jobs where status = 'failed'),
        (select count(*) from notifications_mail where failure <> '' and sent_at is null and returned_at is null),
        (select count(*) from procrastinate_jobs where status = 'todo' and task_name = 'notifications.deliver_mail'),
        (select count(*) from notifications_mail where failure = '' and sent_at is null and returned_at is null),
        (select count(*) from notifications_return)
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the academy does at this moment. Ages in seconds, 0 where nothing waits, None where nobody is.

    A mail waits while a job will send it; unsent are also those that are only kept.
    """

    journal_head: int
    oldest_unjudged: float
    worker_heartbeat: float | None
    oldest_job: float
    jobs_waiting: int
    jobs_failed: int
    mails_failed: int
    mails_waiting: int
    mails_unsent: int
    addresses_returned: int


def worker_heartbeat_age() -> float | None:
    """Seconds since any worker was last heard of; None where none runs."""
    with connection.cursor() as cursor:
        cursor.execute(HEARTBEAT)
        row = cursor.fetchone()
    return None if row is None or row[0] is None else float(row[0])


def figures(now: datetime) -> Figures:
    """Everything that /metrics tells of the database, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"now": now})
        row = cursor.fetchone()
    if row is None:
        raise LookupError("A select of figures always has a row.")
    head, unjudged, heartbeat, job, waiting, failed, mails_failed, mails_waiting, unsent, returned = row
    return Figures(
        journal_head=head,
        oldest_unjudged=float(unjudged or 0),
        worker_heartbeat=None if heartbeat is None else float(heartbeat),
        oldest_job=float(job or 0),
        jobs_waiting=waiting,
        jobs_failed=failed,
        mails_failed=mails_failed,
        mails_waiting=mails_waiting,
        mails_unsent=unsent,
        addresses_returned=returned,
    )
