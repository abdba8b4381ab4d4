"""Bringing a source's other partners forward when it has told of one of them alone, by a report of a later instant."""

from uuid import UUID

from procrastinate.contrib.django import app

from academy.core import clock
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.imports.actions import follow_all
from academy.programme.imports.turns import following
from academy.programme.standing.actions import FOLLOW_SOURCE
from academy.programme.standing.queries import told_until


@app.task(name=FOLLOW_SOURCE, queue="standing")
def follow_source(programme_id: str) -> None:
    """Judge every partner of a programme up to the last instant of which its source has told, and never beyond it."""
    programme = UUID(programme_id)
    with following() as may_follow:
        if may_follow and (until := told_until(programme)):
            follow_all(THE_HOUSE, programme, until, now=clock.now())
