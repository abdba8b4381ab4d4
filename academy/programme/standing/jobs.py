"""Bringing forward what nobody has asked for yet. A reader never waits for this: every action settles first."""

from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.standing import actions, queries

A_RUN = 500


@app.periodic(cron="* * * * *")
@app.task(
    name="programme.bring_forward",
    queue="standing",
    queueing_lock="programme.bring_forward",
    pass_context=False,
)
def bring_forward(timestamp: int) -> int:
    """Judge partners for whom something fell due; each in a transaction of its own. Returns how many."""
    partners = queries.due_before(clock.now(), A_RUN)
    for partner in partners:
        actions.bring_up_to_date(partner, now=clock.now())
    return len(partners)
