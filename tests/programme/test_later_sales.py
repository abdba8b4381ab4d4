"""Sales that are expected later: what is promised for them is what comes when time passes and they are won."""

from datetime import datetime, timedelta

import pytest

from academy.programme.outlook.queries import prospects
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands

from ..worlds import World, a_world, days, pass_modules, win

pytestmark = pytest.mark.django_db


def the_stands(world: World) -> Stands:
    found = stands(world.partner)
    assert found is not None
    return found


@pytest.mark.parametrize("wait", [5, 40, 75, 120, 400])
@pytest.mark.parametrize("amount", [500, 9_000, 150_000])
def test_what_is_promised_for_a_later_day_is_what_comes(now: datetime, wait: int, amount: int) -> None:
    """Silver rests on a sale that leaves on the way: it is warned of, and in time it falls, before the new sale."""
    world = a_world(now - days(400))
    win(world.partner, 10_000, at=now - days(345), client="Oak")
    pass_modules(world.owner, world.course, world.course.modules[0], now=now - days(300))
    win(world.partner, 6_000, at=now - days(7), client="Oak")
    bring_up_to_date(world.partner, now=now)
    module, then = world.course.modules[1], now + days(wait)

    promised = prospects(the_stands(world), world.owner.person_id, now).after_sales_on(
        then, modules=[str(module)], sales=amount
    )

    pass_modules(world.owner, world.course, module, now=now)
    while (due := the_stands(world).next_change_at) is not None and due < then:
        bring_up_to_date(world.partner, now=due + timedelta(microseconds=1))
    win(world.partner, amount, at=then, client="Oak")
    came = the_stands(world)
    assert (promised.held.tier, promised.held.bonus, promised.held.uplifts, promised.basis_points) == (
        came.held.tier,
        came.held.bonus,
        came.held.uplifts,
        came.rate().basis_points,
    )
    assert {key: promised.levels[key] for key in came.levels} == dict(came.levels)
