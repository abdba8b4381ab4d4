"""Clearing away what has expired, each night."""

from procrastinate.contrib.django import app

from academy.core import clock
from academy.people.accounts import actions


@app.periodic(cron="27 3 * * *")
@app.task(name="people.forget_expired", queue="upkeep", queueing_lock="people.forget_expired")
def forget_expired(timestamp: int) -> None:
    """Delete sessions and cache entries that nobody can use any more."""
    actions.forget_expired(now=clock.now())
