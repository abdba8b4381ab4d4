"""Bringing a source's other partners forward when it has told of one of them alone, by a report of a later instant."""

from procrastinate.contrib.django import app

from academy.core import clock
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.imports.actions import follow_all
from academy.programme.plans.models import Clock, Programme
from academy.programme.standing.queries import told_until


@app.periodic(cron="* * * * *")
@app.task(
    name="programme.follow_sources",
    queue="standing",
    queueing_lock="programme.follow_sources",
    pass_context=False,
)
def follow_sources(timestamp: int) -> None:
    """Judge every partner of a programme up to the last instant of which its source has told, and never beyond it.

    An import does so itself; where nobody is behind nothing is written.
    """
    for programme in Programme.objects.filter(clock=Clock.SOURCE).values_list("pk", flat=True):
        if until := told_until(programme):
            follow_all(THE_HOUSE, programme, until, now=clock.now())
