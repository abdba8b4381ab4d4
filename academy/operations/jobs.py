"""What happens by itself: old things go each night, and jobs of a worker that died are tried again."""

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from academy.core import clock
from academy.operations import actions

STALLED_AFTER = 45.0  # seconds without a heartbeat; workers send one every ten

log = structlog.get_logger("academy.jobs")


@app.periodic(cron="17 3 * * *")
@app.task(name="operations.delete_old", queue="operations", queueing_lock="operations.delete_old")
def delete_old(timestamp: int) -> None:
    """Apply the retention table."""
    gone = actions.delete_old(now=clock.now())
    log.info("retention.deleted", **{what: count for what, count in gone.items() if count})


@app.periodic(cron="* * * * *")
@app.task(name="operations.retry_stalled", queue="operations", queueing_lock="operations.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Put back in the queue what a worker was doing when it was killed, unless the same waits there
    already.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        if job.id is None:
            continue
        try:
            await app.job_manager.retry_job(job)
            log.warning("jobs.tried_again", job=job.id, task=job.task_name)
        except UniqueViolation:
            await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
