"""Going on with a close whose person did not stay. Repeating this resumes where it stopped; nothing is made again."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from academy.core import clock
from academy.programme.closes import actions


@app.task(
    name="programme.go_on_with_close",
    queue="money",
    pass_context=False,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def go_on_with_close(close_id: str) -> None:
    """Chunk by chunk, each in a transaction of its own."""
    while actions.go_on(UUID(close_id), now=clock.now()):
        pass
