"""What-if: the whole answer, and the line of it that stays above a phone's tabs."""

import re
from datetime import date
from typing import Any

import pytest

from academy.core import clock
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.standing.queries import Stands, stands
from academy.web import formats
from academy.web.partner.what_if.sales import month_choices

from ...factories import signed_in
from ...worlds import a_colleague, days, win
from ..reading import main, plain, wrong
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


@pytest.mark.parametrize("address", ["/what-if/?sales=", "/what-if/", "/what-if/?sales=1000&product=website"])
def test_the_answer_says_of_which_product_its_rate_is(address: str) -> None:
    room = a_classroom()
    partner = Partner.objects.get(pk=room.world.partner)

    assert result(room, address).startswith(f"Then {partner.name} · Automation ")


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


def written(answer: Any) -> str:
    """What stands in the field of the expected sales."""
    found = re.search(r'<input[^>]* name="sales"[^>]* value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize("typed", ["12000", "12,000", "£12,000", "12 000", "£12 000.00"])
def test_an_amount_is_taken_as_a_deal_takes_it_and_stays_as_it_was_typed(typed: str) -> None:
    answer = a_classroom(modules=1).browser.get("/what-if/", {"sales": typed})

    assert f"£12,000 of Automation in {formats.month(clock.now().date())}" in main(answer)
    assert (written(answer), wrong(answer)) == (typed, {})


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("lots", "“lots” is not an amount. Write it like 1200.50."),
        ("£", "“£” is not an amount. Write it like 1200.50."),
        ("12,00", "“12,00” is not an amount. Write it like 1200.50."),
        ("$500", "Write it in GBP, like 1200.50."),
        ("1.840", "GBP has 2 digits after the point; “1.840” has more."),
        ("-5", "Expected sales are 0 or more."),
    ],
)
def test_what_could_not_be_sold_is_said_beside_its_field(typed: str, says: str) -> None:
    answer = a_classroom(modules=1).browser.get("/what-if/", {"sales": typed})

    assert (written(answer), wrong(answer)) == (typed, {"sales": says})


def test_who_may_not_see_amounts_asks_about_no_sales() -> None:
    """By halving what is asked, how much was won would follow to the penny. Modules are asked about as ever."""
    room = a_classroom(modules=1)
    colleague = a_colleague(room.world.partner, now=room.at)
    Person.objects.update(welcomed_at=room.at)
    browser = signed_in(Person.objects.get(pk=colleague.person_id))
    module = room.course.modules[0]

    for asked in ("module=", f"module={module}"):
        without, more = (
            main(browser.get(f"/what-if/?{asked}{sales}")) for sales in ("", "&sales=1000000&month=2030-01")
        )
        assert more == without
    assert "What sales would change only an owner can ask" in without
    assert "Expected sales" not in without
    assert "1 module" in without


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
