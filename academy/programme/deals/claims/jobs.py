"""What happens by itself: a case ends once the deal that was in the way is protected no longer."""

import structlog
from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.deals.claims import actions

log = structlog.get_logger("academy.jobs")


@app.periodic(cron="*/10 * * * *")
@app.task(name="deals.free_what_ran_out", queue="standing", queueing_lock="deals.free_what_ran_out")
def free_what_ran_out(timestamp: int) -> None:
    """Free those who wait for a word about deals whose protection is over; nobody is freed or told twice."""
    over = actions.free_what_ran_out(now=clock.now())
    if over:
        log.info("deals.ran_out", deals=over)
