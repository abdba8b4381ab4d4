"""Telling owners of payments that were read back. Repeating this tells nobody twice."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.payouts import actions


@app.task(
    name="programme.tell_of_payments",
    queue="money",
    pass_context=False,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def tell_of_payments(payouts: list[str]) -> None:
    """Those of one chunk of a file, in one transaction."""
    actions.tell_of_payments([UUID(payout) for payout in payouts], now=clock.now())
