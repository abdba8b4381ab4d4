"""What happens by itself: the day's mail goes out when it is due on each reader's clock."""

import structlog
from procrastinate.contrib.django import app

from academy.core import clock
from academy.notifications.notices import actions

log = structlog.get_logger("academy.jobs")


@app.periodic(cron="*/5 * * * *")
@app.task(name="notices.send_daily", queue="mail", queueing_lock="notices.send_daily")
def send_daily(timestamp: int) -> None:
    """Write the day's mails that are due. Two workers at once write each of them once."""
    sent = actions.send_daily(now=clock.now())
    if sent:
        log.info("notices.daily", mails=sent)
