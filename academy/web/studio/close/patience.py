"""How long a person waits for a close to go on. What is left then the worker does, or whoever presses again."""

import time
from uuid import UUID

from academy.core import clock
from academy.programme.closes.actions import go_on_as
from academy.web.requests import PersonRequest

PATIENCE = 2.0
"""Seconds."""


def continue_for_a_while(request: PersonRequest, close: UUID) -> None:
    """Chunk by chunk, each in a transaction of its own, until it is done or the person has waited long enough."""
    until = time.monotonic() + PATIENCE
    while go_on_as(request.actor, close, now=clock.now()) and time.monotonic() < until:
        pass
