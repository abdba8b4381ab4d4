"""Delivering mail, and forgetting it. Five tries over about two and a half hours; what failed stands in
the row.
"""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from academy.core import clock
from academy.notifications import actions


@app.task(
    name="notifications.deliver_mail",
    queue="mail",
    retry=RetryStrategy(max_attempts=5, exponential_wait=6),
)
def deliver_mail(mail_id: str) -> None:
    """Hand one message to the mail server; a refusal is tried again after 6 s, 36 s, 4, 22 and 130
    minutes.
    """
    actions.deliver(UUID(mail_id), now=clock.now())
