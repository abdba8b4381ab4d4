"""Where money is: the sum of lines is paid, on its way, ready and on hold together, and headlines equal lines."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db.models import Sum as Total

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.balance.queries import balance, calendar, lines_stand, next_payment, statement_of_line
from academy.programme.balance.rules import Balance, NextPayment, Waits, planned
from academy.programme.closes.actions import hand_over, hold
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.rules import LineState
from academy.programme.payouts.actions import came_back
from academy.programme.statements.models import Statement
from academy.programme.statements.queries import of_partner, opened, statement
from academy.programme.verification.queries import verify

from ...factories import a_partner
from ...worlds import World, days, refund, win
from .months import APRIL, MAY, a_house, after, close_month, collect, pay_all, sign

pytestmark = pytest.mark.django_db


def stand(partner: UUID, now: datetime) -> tuple[list[Balance], NextPayment]:
    found = calendar(partner, now)
    assert found is not None
    return balance(partner, found), next_payment(partner, "GBP", found)


def states(partner: UUID, now: datetime) -> list[LineState]:
    found = calendar(partner, now)
    assert found is not None
    lines = list(CommissionLine.objects.filter(partner=partner).order_by("effective_at").values_list("pk", flat=True))
    stands = lines_stand(lines, found)
    return [stands[line].state for line in lines]


def test_a_line_from_hold_to_paid(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    line = CommissionLine.objects.get().pk
    may = date(2026, 5, 5)

    def told(at: datetime) -> tuple[list[LineState], NextPayment]:
        return states(world.partner, at), stand(world.partner, at)[1]

    assert told(now) == ([LineState.ON_HOLD], NextPayment("GBP", 20_000, may, "", None, 5_000))
    assert told(now + days(31)) == ([LineState.READY], NextPayment("GBP", 20_000, may, "", None, 5_000))
    close = collect(world, APRIL)
    # While finance checks, the line is ready for that month's statement, and its payment is planned as before.
    assert told(after(APRIL)) == ([LineState.READY], NextPayment("GBP", 20_000, may, "", None, 5_000))
    assert statement_of_line(line) is None
    sign(close)
    number = Statement.objects.get().number
    assert told(after(APRIL)) == ([LineState.ON_ITS_WAY], NextPayment("GBP", 20_000, may, number, None, 5_000))
    found = calendar(world.partner, after(APRIL))
    assert found is not None
    named = lines_stand([line], found)[line].statement
    assert named is not None
    assert (named.number, named.month, named.runs_on, named.pays_on, named.paid_on) == (
        number,
        APRIL,
        date(2026, 5, 4),
        may,
        None,
    )
    of_line = statement_of_line(line)
    assert of_line is not None
    assert (of_line.number, of_line.month) == (number, APRIL)
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    pay_all(close)
    assert told(after(APRIL, 6)) == ([LineState.PAID], NextPayment("GBP", 0, None, "", Waits.NOTHING, 5_000))
    paid = lines_stand([line], found)[line].statement
    assert paid is not None
    assert (paid.paid_on, paid.reference) == (may, f"R-{number}")
    came_back(THE_HOUSE, Statement.objects.get().pk, returned_on=may, reason="Closed.", now=after(APRIL, 6))
    assert told(after(APRIL, 6))[0] == [LineState.ON_ITS_WAY]


def test_why_no_payment_is_planned(now: datetime) -> None:
    world = a_house(now)
    assert stand(world.partner, now) == ([], NextPayment("GBP", 0, None, "", Waits.NOTHING, 5_000))
    deal = win(world.partner, 18_400, at=now)
    assert stand(world.partner, now + days(40))[1] == NextPayment("GBP", 1_840, None, "", Waits.BELOW_MINIMUM, 5_000)
    refund(deal, 18_400, at=now + days(41))
    win(world.partner, -1_000, at=now + days(42))
    assert stand(world.partner, now + days(80))[1] == NextPayment("GBP", -100, None, "", Waits.NEGATIVE, 5_000)
    assert calendar(a_partner().pk, now) is None


def test_what_a_person_holds_is_told(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    hold(THE_HOUSE, Statement.objects.get().pk, "A question is open.", now=after(APRIL))
    sign(close)
    june = date(2026, 6, 5)
    assert stand(world.partner, after(APRIL))[1] == NextPayment("GBP", 20_000, june, "", Waits.HELD, 5_000)


def test_the_first_month_that_would_pay() -> None:
    payable = {date(2026, 4, 10): 3_000, date(2026, 6, 2): -500, date(2026, 7, 31): 4_000}
    today = date(2026, 4, 2)

    def when(minimum: int, next_close: date, today: date) -> tuple[int, date | None]:
        found = planned("GBP", payable, minimum, next_close=next_close, pay_day=5, today=today)
        return found.amount, found.date

    assert when(5_000, APRIL, today) == (6_500, date(2026, 8, 5))
    assert when(3_000, APRIL, today) == (3_000, date(2026, 5, 5))
    assert when(1, MAY, today) == (3_000, date(2026, 6, 5))
    assert when(3_000, APRIL, date(2026, 5, 20)) == (3_000, date(2026, 6, 5))


def a_random_month(world: World, chance: random.Random, at: datetime, deals: list[tuple[UUID, int]]) -> None:
    """Some deals, credits and refunds, all at moments of one month."""
    for _ in range(chance.randint(0, 4)):
        at += timedelta(days=chance.randint(0, 6))
        if deals and chance.random() < 0.35:
            deal, left = deals.pop(chance.randrange(len(deals)))
            part = chance.randint(1, left)
            refund(deal, part, at=at)
            if part < left:
                deals.append((deal, left - part))
        elif chance.random() < 0.1:
            win(world.partner, -chance.randint(1, 50_000), at=at)
        else:
            amount = chance.randint(1, 300_000)
            deals.append((win(world.partner, amount, at=at), amount))


@pytest.mark.parametrize("seed", range(6))
def test_the_sum_of_lines_is_all_states_together(now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    world = a_house(now, hold_days=chance.choice([0, 10, 30]))
    deals: list[tuple[UUID, int]] = []
    at = now
    win(world.partner, 1_000, at=at)
    month = date(2026, 3, 1) if world and at else APRIL
    for _ in range(5):
        a_random_month(world, chance, at, deals)
        try:
            close_month(world, month, pay=chance.random() < 0.7)
        except Exception as error:
            if "cannot be closed" not in str(error):
                raise
        month = (month + timedelta(days=32)).replace(day=1)
        at = after(month, 1) - timedelta(days=25)
        check(world, at)


def check(world: World, at: datetime) -> None:
    total = CommissionLine.objects.aggregate(sum=Total("amount"))["sum"] or 0
    (told,), _next = stand(world.partner, at)
    assert told.on_hold + told.ready + told.on_its_way + told.paid == total
    found = of_partner(world.owner, world.partner)
    paid = sum(one.amount for one in found if one.outcome == "pay" and one.paid_on)
    on_its_way = sum(one.amount for one in found if one.outcome == "pay" and not one.paid_on)
    assert (told.paid, told.on_its_way) == (paid, on_its_way)
    for one in found:
        rests_on = opened(statement(world.owner, one.number))
        assert sum(line.amount for line in rests_on.lines) == one.amount
        assert len(rests_on.lines) == one.lines
        before = rests_on.before.paid if rests_on.before else 0
        assert before + sum(amount for _, amount in rests_on.bridge) == one.amount
    assert verify(now=at, deep=True).differences == []
