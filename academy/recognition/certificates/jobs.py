"""What happens by itself: who holds what ends soon is told in time to renew it."""

import structlog
from procrastinate.contrib.django import app

from academy.core import clock
from academy.recognition.certificates import actions

log = structlog.get_logger("academy.jobs")


@app.periodic(cron="43 5 * * *")
@app.task(name="certificates.tell_of_ending", queue="certificates", queueing_lock="certificates.tell_of_ending")
def tell_of_ending(timestamp: int) -> None:
    """Tell of certificates that end in at most 30 days; whoever was told is not told again."""
    told = actions.tell_of_ending(now=clock.now())
    if told:
        log.info("certificates.told_of_ending", people=told)
