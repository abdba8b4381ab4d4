"""What-if: the whole answer, and the line of it that stays above a phone's tabs."""

import pytest

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
