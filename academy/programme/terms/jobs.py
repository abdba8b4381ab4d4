"""Telling owners of terms that were published. Repeating this tells nobody twice."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.terms import actions


@app.task(
    name="programme.tell_of_terms",
    queue="money",
    pass_context=False,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def tell_of_terms(terms: str, after: str | None = None) -> None:
    """The owners of one chunk of partners, in one transaction; the next chunk is a job of its own."""
    actions.tell_of_terms(UUID(terms), after=UUID(after) if after else None, now=clock.now())
