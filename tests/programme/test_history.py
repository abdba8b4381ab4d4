"""A partner as it stood: the journal read again gives, for any instant, what was held then."""

from datetime import datetime
from typing import Any

import pytest

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.history.queries import stood
from academy.programme.standing.actions import approve_promotion, bring_up_to_date
from academy.programme.standing.queries import stands
from academy.programme.standing.rules import Held

from ..worlds import World, a_world, days, pass_modules, win, written_plan

pytestmark = pytest.mark.django_db


def held_at(world: World, at: datetime) -> Held:
    found = stood(world.partner, world.programme, "GBP", at)
    assert found is not None
    return found.held


def held_now(world: World) -> Held:
    found = stands(world.partner)
    assert found is not None
    return found.held


def a_world_that_asks(now: datetime) -> World:
    """The small academy, in which Gold needs a person's word."""
    tiers: list[dict[str, Any]] = written_plan([])["tiers"]
    return a_world(now, tiers=[*tiers[:-1], tiers[-1] | {"promotion": "approve"}])


def test_a_rise_that_waited_for_a_word_is_seen_waiting(now: datetime) -> None:
    world = a_world_that_asks(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now + days(1))
    waiting = held_now(world)
    approve_promotion(THE_HOUSE, world.partner, "gold", now=now + days(5))
    risen = held_now(world)

    assert (waiting.tier, waiting.awaiting, risen.tier, risen.awaiting) == ("silver", "gold", "gold", None)
    assert [held_at(world, now + days(day)) for day in (1, 4, 5, 9)] == [waiting, waiting, risen, risen]


def test_a_warning_is_open_from_its_day_until_it_is_answered(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    bring_up_to_date(world.partner, now=now + days(370))
    warned = held_now(world)
    win(world.partner, 150_000, at=now + days(380))
    kept = held_now(world)

    assert [bool(held.warnings) for held in (warned, kept)] == [True, False]
    assert [held_at(world, now + days(day)) for day in (370, 379, 380, 400)] == [warned, warned, kept, kept]


def test_before_it_was_enrolled_a_partner_stood_nowhere(now: datetime) -> None:
    world = a_world(now)

    assert stood(world.partner, world.programme, "GBP", now - days(1)) is None
