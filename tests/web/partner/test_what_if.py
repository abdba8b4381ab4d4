"""What-if: the whole answer, and the line of it that stays above a phone's tabs."""

from datetime import date

import pytest

from academy.core import clock
from academy.programme.standing.queries import Stands, stands
from academy.web import formats
from academy.web.partner.what_if.sales import month_choices

from ...worlds import days, win
from ..reading import plain
from .classroom import Classroom, a_classroom

pytestmark = pytest.mark.django_db


def in_short(room: Classroom, address: str) -> str:
    """What the line says."""
    return plain(room.get(address, **{"X-Parts": "in-short"}).content.decode())


def test_the_answer_in_a_line_says_tier_rate_and_time_with_the_one_button() -> None:
    room = a_classroom(modules=2, lessons=1)
    win(room.world.partner, 150_000, at=room.at + days(1))

    assert in_short(room, "/what-if/") == "Bronze → Silver 10.00% → 11.50% 1 module, 8 min Put in my plan"


def test_without_a_tick_there_is_nothing_to_plan() -> None:
    assert in_short(a_classroom(), "/what-if/?sales=") == "Your rate stays 10.00%"


def test_answer_and_line_come_together_for_a_changed_tick() -> None:
    room = a_classroom()

    answer = room.get(f"/what-if/?module={room.course.modules[0]}", **{"X-Parts": "result,in-short"})

    page = answer.content.decode()
    assert page.index('id="result"') < page.index('id="in-short"')
    assert "<html" not in page


def result(room: Classroom, address: str) -> str:
    """All that the answer says."""
    return plain(room.get(address, **{"X-Parts": "result"}).content.decode())


def test_expected_sales_are_priced_with_what_is_held_before_them() -> None:
    room = a_classroom(modules=1, lessons=1)
    win(room.world.partner, 20_000, at=room.at + days(1))
    module = room.course.modules[0]

    said = result(room, f"/what-if/?module={module}&sales=1000&product=website")

    # Website pays 8 % now; Silver, bonus and certificate make it 10.66 %. Gold comes with the sale, for those after.
    month = formats.month(clock.now().date())
    assert "Tier Bronze → Gold Rate 10.00% → 14.65%" in said
    assert (
        f"£1,000 of Website in {month} At today's rate 8.00% · £80.00 With these passed before 10.66% · £106.60" in said
    )
    assert "They are priced with what you hold before them." in said


def test_sales_of_a_later_month_meet_what_is_left_by_then() -> None:
    room = a_classroom(modules=1, lessons=1, grace_days=30)
    win(room.world.partner, 9_000, at=room.at - days(1) + days(1))
    months = [value for value, _ in month_choices(the_stands(room), clock.now())]

    said = result(room, f"/what-if/?module={room.course.modules[0]}&sales=10&month={months[-1]}")

    assert f"£10 of Automation in {formats.month(date.fromisoformat(months[-1] + '-01'))}" in said
    assert "Tier Bronze → Silver" in said
    assert len(months) == 6


def test_a_month_or_product_that_is_not_offered_counts_as_the_first() -> None:
    room = a_classroom(modules=1)

    said = result(room, "/what-if/?sales=10&product=nonsense&month=1999-01")

    assert "These sales alone move neither tier nor rate. What they pay stands below." in said

    assert f"£10 of Automation in {formats.month(clock.now().date())} At today's rate 10.00% · £1.00" in said


def the_stands(room: Classroom) -> Stands:
    found = stands(room.world.partner)
    assert found is not None
    return found
