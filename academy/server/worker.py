"""The process of jobs: `python -m academy.server worker`, started by the parent."""

import os

import structlog

from academy import start
from academy.server import leash, logs

CONCURRENCY = 2  # one long job must not hold up the mail
GRACE = 0.8  # seconds for jobs under way when the academy stops; what is cut off is tried again
HEARTBEAT = 10.0  # seconds


def main() -> None:
    """Run jobs until told to stop."""
    leash.watch()
    start.prepare()
    from django.conf import settings  # noqa: PLC0415 - known only now

    logs.configure(json_lines=settings.PRODUCTION, process="worker")
    work()
    os._exit(0)  # a job that runs in a thread must not hold up the end; it will be tried again


def work() -> None:
    """Run jobs on the database that Django knows, until SIGTERM.

    The worker's own connections serve only its queue. What a job does, and which jobs it queues, runs on
    Django's
    connection and commits or rolls back together.
    """
    from procrastinate.contrib.django import app  # noqa: PLC0415 - needs Django's apps

    from academy.server.discovery import import_jobs  # noqa: PLC0415 - imports every chapter

    structlog.get_logger("academy.jobs").debug("jobs.found", modules=import_jobs())
    worker = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
    worker.run_worker(
        concurrency=CONCURRENCY,
        shutdown_graceful_timeout=GRACE,
        update_heartbeat_interval=HEARTBEAT,
        fetch_job_polling_interval=10.0,
        install_signal_handlers=True,
    )
