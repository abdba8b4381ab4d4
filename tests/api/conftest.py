"""What tests of the API share: a small academy at a standing clock, and nobody's minute used up by another test."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from academy.api import limits

from ..worlds import World, a_world, win
from .calls import Program


@pytest.fixture(autouse=True)
def _a_fresh_minute(now: datetime) -> Iterator[None]:
    limits.forget()
    with time_machine.travel(now, tick=False):
        yield
    limits.forget()


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """A course of two modules, a plan that names both as core, and a partner that has won 1,500.00."""
    made = a_world(now)
    win(made.partner, 150_000, at=now)
    return made


@pytest.fixture
def program(world: World, now: datetime) -> Program:
    """A program that acts for the partner's owner."""
    return Program(world.owner, now=now)
