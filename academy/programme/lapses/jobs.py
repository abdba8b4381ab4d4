"""What happens by itself: owners hear in time that sales are about to leave a window that their tier rests on."""

import structlog
from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.lapses import actions

log = structlog.get_logger("academy.jobs")


@app.periodic(cron="51 5 * * *")
@app.task(name="programme.tell_of_leaving", queue="standing", queueing_lock="programme.tell_of_leaving")
def tell_of_leaving(timestamp: int) -> None:
    """Tell of what leaves a window in at most 30 days; whoever was told is not told again."""
    told = actions.tell_of_leaving(now=clock.now())
    if told:
        log.info("programme.told_of_leaving", people=told)
