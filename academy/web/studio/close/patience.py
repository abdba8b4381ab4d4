"""How long a person waits for a close to go on. What is left then the worker does, or whoever presses again."""

import time
from uuid import UUID

from academy.core import clock
from academy.people.permissions.rules import Actor
from academy.programme.closes.actions import go_on_as

PATIENCE = 2.0
"""Seconds."""


def continue_for_a_while(by: Actor, close: UUID) -> None:
    """Chunk by chunk, each in a transaction of its own, until it is done or whoever asked has waited long enough."""
    until = time.monotonic() + PATIENCE
    while go_on_as(by, close, now=clock.now()) and time.monotonic() < until:
        pass
