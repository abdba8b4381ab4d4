"""What training brought in a year of deals, as its page and the what-if page show it."""

from typing import Any

import pytest
from django.test import Client

from academy.people.accounts.models import Person
from academy.web import formats

from ...factories import signed_in
from ...worlds import a_colleague, days, pass_modules, refund, win
from ..parts import assert_parts_stand_alone
from ..reading import main, plain
from .classroom import Classroom, a_classroom

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Classroom:
    """Everything was passed a day after the first deal; the second was won at 14.65 % and half taken back."""
    made = a_classroom(modules=2, lessons=1)
    win(made.world.partner, 100_000, at=made.at)
    pass_modules(made.world.owner, made.course, now=made.at + days(1))
    deal = win(made.world.partner, 200_000, at=made.at + days(1.5))
    refund(deal, 100_000, at=made.at + days(2))
    return made


def rows(answer: Any) -> list[list[str]]:
    """The cells of the page's table."""
    table = answer.content.decode().split("<table")[1].split("</table>")[0]
    cells = [[plain(f"<{cell}") for cell in row.split("<t")[1:]] for row in table.split("<tr>")[1:]]
    return [[cell for cell in row if cell] for row in cells]


def test_the_year_is_the_sum_of_its_months(room: Classroom) -> None:
    answer = room.get("/earnings/training/")

    said = main(answer)
    assert "Earned £246.50 Without your training £200.00 Your training brought + £46.50" in said
    assert "2 deals won from" in said
    months = {formats.month(room.at), formats.month(room.at + days(1.5))}
    found = rows(answer)
    assert found[0] == ["Month", "Earned", "Without", "Difference"]
    assert {row[0] for row in found[1:-1]} == months
    assert found[-1] == ["Together", "£246.50", "£200.00", "+ £46.50"]
    assert_parts_stand_alone(room.browser, "/earnings/training/")


def test_what_if_shows_the_same_year(room: Classroom) -> None:
    said = main(room.get("/what-if/"))

    assert "The same deals without your training Month by month Earned £246.50 Without your training £200.00" in said


def test_a_member_reads_words_instead_of_sums(room: Classroom) -> None:
    colleague = a_colleague(room.world.partner, now=room.at + days(2))
    browser = signed_in(Person.objects.get(pk=colleague.person_id))

    said = main(browser.get("/earnings/training/"))

    assert "Amounts are visible to the owner" in said
    assert "£" not in said
    assert "The same deals" not in main(browser.get("/what-if/"))


def test_before_the_first_deal_it_says_what_will_be_here() -> None:
    room = a_classroom()

    assert "Your first deal begins the comparison" in main(room.get("/earnings/training/"))
    assert "The same deals" not in main(room.get("/what-if/"))


def test_deals_before_anything_was_learned_were_priced_no_higher() -> None:
    room = a_classroom()
    win(room.world.partner, 100_000, at=room.at)

    said = main(room.get("/earnings/training/"))

    assert "Your training brought £0.00" in said
    assert "No deal of these was priced higher for what you learned." in said


def test_who_is_in_no_programme_is_told_so(owner: Client) -> None:
    assert "Your company is not in a programme yet" in main(owner.get("/earnings/training/"))
