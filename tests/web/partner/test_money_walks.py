"""Three walks along a line's money: what page, line, statement, studio and API say of it at each step, in whole values.

A refund after the payment; a balance below nothing that is carried over two months; a line about which somebody asks.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine

from academy.people.accounts.models import Person
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import answer_question, ask_about_line
from academy.programme.commissions.questions.models import LineQuestion
from academy.programme.verification.queries import verify

from ...api.calls import Program
from ...factories import a_staff_member, acting, signed_in
from ...programme.closing.months import APRIL, MAY, a_house, after, close_month, collect, sign
from ...worlds import World, days, refund, win
from ..reading import main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person")]
JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))
OFF = "No payment planned: it is set against what comes next"
NEGATIVE = "No payment: more was taken back than earned. {owed} is owed and is set against what comes next."


@pytest.fixture
def world(now: datetime) -> World:
    return a_house(now)


class On:
    """What is said on a day, to the owner, to finance and to a program of the owner's."""

    def __init__(self, world: World, at: datetime) -> None:
        self.world, self.at = world, at
        self.program = Program(world.owner, now=at)

    def page(self, address: str, *, studio: bool = False) -> str:
        person = a_staff_member("finance") if studio else Person.objects.get(pk=self.world.owner.person_id)
        with time_machine.travel(self.at, tick=False):
            return main(signed_in(person).get(address))

    def api(self, address: str) -> Any:
        with time_machine.travel(self.at, tick=False):
            return self.program.get(address)

    def lines(self) -> list[tuple[Any, ...]]:
        """By the API: amount, state, words, payment and statement of every line. The page says the same words of each,
        and so does the page of each line.
        """
        told, earnings = self.api("/me/commissions")["items"], self.page("/earnings/")
        for one in told:
            assert f"{shown(one)} {one['text']}" in earnings
            assert f"{shown(one)} {one['text']}" in self.line(UUID(one["id"]))
            assert self.api(f"/commissions/{one['id']}/explanation")["text"] == one["text"]
        return [(one["amount"]["amount"], one["state"], one["text"], one["pays_on"], one["statement"]) for one in told]

    def line(self, line: UUID) -> str:
        return self.page(f"/earnings/lines/{line}/")

    def statement(self, number: str) -> tuple[Any, ...]:
        """By the API: amount, outcome, words, payment and bridge. Page and studio say the same words and sum."""
        one = self.api(f"/me/statements/{number}")
        studio = self.page(f"/studio/statements/{number}/", studio=True)
        assert f"{one['text']} {shown(one)}" in self.page(f"/statements/{number}/")
        assert f"{one['text']} {shown(one)}" in studio
        assert f"{one['text']} {number} {shown(one)}" in self.page("/statements/")
        bridge = [(step["cause"], step["amount"]["amount"]) for step in one["bridge"]]
        return one["amount"]["amount"], one["outcome"], one["text"], one["pays_on"], bridge


def shown(told: Any) -> str:
    """An amount of the API as pages write it."""
    amount = str(told["amount"]["amount"])
    return f"− £{amount[1:]}" if amount.startswith("-") else f"£{amount}"


def paid(day: str, number: str) -> str:
    return f"Paid {day}, ref. R-{number}"


def test_a_refund_after_the_payment(world: World, now: datetime) -> None:
    deal = win(world.partner, 200_000, at=now, client="Oak")
    close_month(world, APRIL)
    refund(deal, 50_000, at=after(APRIL, 20))
    april, may = "agencies-2026-04-0001", "agencies-2026-05-0001"

    day = On(world, after(APRIL, 21))
    assert day.lines() == [
        ("-50.00", "ready", "Taken back", None, None),
        ("200.00", "paid", paid("5 May", april), "2026-05-05", april),
    ]
    earnings = day.page("/earnings/")
    assert (
        "No payment planned: £50.00 is owed and is set against what comes next. 1 line, no payment planned" in earnings
    )
    assert "No payment planned Ready · set against what comes next · 1 line − £50.00 Oak Refund of £500.00" in earnings
    back = day.line(CommissionLine.objects.get(kind="reversed").pk)
    assert f"Refund · Refund of £500.00 on 20 May Oak − £50.00 Taken back {OFF} Why this amount" in back
    assert "May 20 Refund of £500.00 on 20 May May 20 Taken back from here on All lines" in back
    first = day.line(CommissionLine.objects.get(kind="earned").pk)
    assert f"Refund of £500.00 on 20 May · Taken back. {OFF} − £50.00 The deal comes to £150.00" in first
    assert day.statement(april) == ("200.00", "pay", paid("5 May", april), "2026-05-05", [("new", "200.00")])

    close_month(world, MAY)
    day = On(world, after(MAY, 6))
    said = NEGATIVE.format(owed="£50.00")
    steps = [("paid", "-200.00"), ("reversed", "-50.00")]
    assert day.statement(may) == ("-50.00", "negative", said, None, steps)
    assert f"Oak Refund earned on {april} 20 May 20 May at 10.00% − £50.00 1 line" in day.page(f"/statements/{may}/")
    assert day.statement(april) == ("200.00", "pay", paid("5 May", april), "2026-05-05", [("new", "200.00")])


def test_what_is_owed_is_carried_over_two_months_and_set_against_what_comes(world: World, now: datetime) -> None:
    deal = win(world.partner, 200_000, at=now, client="Oak")
    close_month(world, APRIL)
    refund(deal, 200_000, at=after(APRIL, 20))
    close_month(world, MAY)
    win(world.partner, 150_000, at=after(MAY, 5), client="Elm")
    close_month(world, JUNE)
    april, paying = "agencies-2026-04-0001", "agencies-2026-08-0001"
    was_paid = ("200.00", "paid", paid("5 May", april), "2026-05-05", april)

    day = On(world, after(JUNE, 6))
    owed = NEGATIVE.format(owed="£200.00")
    assert day.statement("agencies-2026-06-0001") == ("-200.00", "negative", owed, None, [("carried", "-200.00")])
    # No statement is promised that would not pay.
    taken = ("-200.00", "ready", "Taken back", None, None)
    assert day.lines() == [("150.00", "ready", "Ready", None, None), taken, was_paid]
    assert "No payment planned: £50.00 is owed and is set against what comes next." in day.page("/earnings/")

    win(world.partner, 100_000, at=after(JUNE, 7), client="Fir")
    day = On(world, after(JUNE, 8))
    assert day.lines() == [
        ("100.00", "on_hold", "On hold until 6 Aug", "2026-09-05", None),
        ("150.00", "ready", "Ready (August statement)", "2026-09-05", None),
        ("-200.00", "ready", "Taken back", "2026-09-05", None),
        was_paid,
    ]
    assert "Next payment 5 Sept: about £50.00 3 lines; of it £100.00 is on hold until 6 Aug" in day.page("/earnings/")
    back = day.line(CommissionLine.objects.get(kind="reversed").pk)
    assert "Taken back Off the payment of 5 Sept Why this amount" in back
    assert "Sept 05 Off the payment by the August statement to come" in back

    close_month(world, JULY)
    close_month(world, AUGUST)
    day = On(world, after(AUGUST, 6))
    owed = NEGATIVE.format(owed="£50.00")
    steps = [("carried", "-200.00"), ("new", "150.00")]
    assert day.statement("agencies-2026-07-0001") == ("-50.00", "negative", owed, None, steps)
    steps = [("carried", "-50.00"), ("new", "100.00")]
    assert day.statement(paying) == ("50.00", "pay", paid("5 Sept", paying), "2026-09-05", steps)
    assert day.lines() == [
        ("100.00", "paid", paid("5 Sept", paying), "2026-09-05", paying),
        ("150.00", "paid", paid("5 Sept", paying), "2026-09-05", paying),
        ("-200.00", "paid", "Taken back", "2026-09-05", paying),
        was_paid,
    ]
    assert verify(now=after(AUGUST, 6), deep=True).differences == []


def test_a_line_about_which_somebody_asks_is_paid_as_it_is_and_says_so_meanwhile(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now, client="Oak")
    line, april = CommissionLine.objects.get().pk, "agencies-2026-04-0001"
    ask_about_line(world.owner, line, "The client pays more.", now=now + days(1))
    close = collect(world, APRIL)

    day = On(world, after(APRIL, 4, 12))
    assert day.lines() == [("200.00", "ready", "Ready (April statement)", "2026-05-05", None)]
    assert [one["question_open"] for one in day.api("/me/commissions")["items"]] == [True]
    assert "£200.00 Ready (April statement) Question open" in day.page("/earnings/")
    page = day.line(line)
    assert "£200.00 Ready (April statement) Question open April statement, paid on 5 May" in page
    assert "The line stays as it is until then." in page
    assert "Question open First payment" in day.page(f"/studio/statements/{april}/", studio=True)

    sign(close)
    asked = LineQuestion.objects.get()
    answer_question(
        acting(a_staff_member("finance")), asked.pk, "It pays £2,000.00 by its contract.", now=after(APRIL, 4, 13)
    )
    day = On(world, after(APRIL, 4, 14))
    assert day.lines() == [("200.00", "on_its_way", "On its way (run of 4 May)", "2026-05-05", april)]
    assert [one["question_open"] for one in day.api("/me/commissions")["items"]] == [False]
    told = day.api(f"/commissions/{line}/explanation")["questions"]
    assert [(one["text"], one["answer"]) for one in told] == [
        ("The client pays more.", "It pays £2,000.00 by its contract.")
    ]
    page = day.line(line)
    assert ("Question open" in page, "It pays £2,000.00 by its contract." in page) == (False, True)
