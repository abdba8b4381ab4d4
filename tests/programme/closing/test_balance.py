"""Where money is: the sum of lines is paid, on its way, ready and on hold together, and headlines equal lines."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db.models import Sum as Total

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.balance.accounts.queries import overview_of, overview_then
from academy.programme.balance.accounts.rules import Holding, NextPayment, Overview, Waits
from academy.programme.balance.queries import lines_stand, statement_of_line
from academy.programme.closes.actions import approve, go_on, hand_over
from academy.programme.closes.checking.actions import hold, see
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.rules import LineState
from academy.programme.payees.actions import change_payee
from academy.programme.payouts.actions import came_back
from academy.programme.standing.queries import stands
from academy.programme.statements.models import Statement
from academy.programme.statements.queries import of_partner, opened, statement
from academy.programme.statements.rules import Flag
from academy.programme.terms.actions import accept_terms, publish_terms
from academy.programme.verification.queries import verify

from ...chance import CURRENCIES, PRODUCTS, a_value, seeds
from ...worlds import World, a_world, days, refund, win
from .months import APRIL, a_house, after, close_month, collect, make_payable, pay_all, profile, sign

pytestmark = pytest.mark.django_db


def money(partner: UUID, now: datetime) -> Overview:
    found = stands(partner)
    assert found is not None
    return overview_of(found, now)


def states(partner: UUID, now: datetime) -> list[LineState]:
    lines = list(CommissionLine.objects.filter(partner=partner).order_by("effective_at").values_list("pk", flat=True))
    where = lines_stand(lines, money(partner, now).calendar)
    return [where[line].state for line in lines]


def test_a_line_from_hold_to_paid(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    line = CommissionLine.objects.get().pk
    may = date(2026, 5, 5)

    def told(at: datetime) -> tuple[list[LineState], NextPayment]:
        return states(world.partner, at), money(world.partner, at).next

    assert told(now) == ([LineState.ON_HOLD], NextPayment("GBP", 20_000, may, False, None, 5_000))
    assert told(now + days(31)) == ([LineState.READY], NextPayment("GBP", 20_000, may, False, None, 5_000))
    close = collect(world, APRIL)
    # While finance checks, the line is ready for that month's statement, and its payment is planned as before.
    assert told(after(APRIL)) == ([LineState.READY], NextPayment("GBP", 20_000, may, False, None, 5_000))
    assert statement_of_line(line) is None
    sign(close)
    number = Statement.objects.get().number
    assert told(after(APRIL)) == ([LineState.ON_ITS_WAY], NextPayment("GBP", 20_000, may, True, None, 5_000))
    days_ = money(world.partner, after(APRIL)).calendar
    named = lines_stand([line], days_)[line].statement
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
    assert told(after(APRIL, 6)) == ([LineState.PAID], NextPayment("GBP", 0, None, False, Waits.NOTHING, 5_000))
    paid = lines_stand([line], days_)[line].statement
    assert paid is not None
    assert (paid.paid_on, paid.reference) == (may, f"R-{number}")
    came_back(THE_HOUSE, Statement.objects.get().pk, returned_on=may, reason="Closed.", now=after(APRIL, 6))
    # It is tried again with the next run, and paid on the pay day after it came back.
    june = NextPayment("GBP", 20_000, date(2026, 6, 5), True, None, 5_000)
    assert told(after(APRIL, 6)) == ([LineState.ON_ITS_WAY], june)


def test_why_no_payment_is_planned(now: datetime) -> None:
    world = a_house(now)
    assert money(world.partner, now).next == NextPayment("GBP", 0, None, False, Waits.NOTHING, 5_000)
    deal = win(world.partner, 18_400, at=now)
    assert money(world.partner, now + days(40)).next == NextPayment(
        "GBP", 1_840, None, False, Waits.BELOW_MINIMUM, 5_000
    )
    refund(deal, 18_400, at=now + days(41))
    win(world.partner, -1_000, at=now + days(42))
    assert money(world.partner, now + days(80)).next == NextPayment("GBP", -100, None, False, Waits.NEGATIVE, 5_000)


def test_what_a_person_holds_is_told(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    hold(THE_HOUSE, Statement.objects.get().pk, "A question is open.", now=after(APRIL))
    sign(close)
    june = date(2026, 6, 5)
    holding = Holding(APRIL, 20_000)
    assert money(world.partner, after(APRIL)).next == NextPayment(
        "GBP", 20_000, june, False, Waits.HELD, 5_000, holding
    )


def test_while_a_month_is_checked_its_day_stays(now: datetime) -> None:
    """The very first month that is ever closed is checked for so long that its pay day passes."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(world.partner, 100_000, at=now + days(40))
    planned = NextPayment("GBP", 20_000, date(2026, 5, 5), False, None, 5_000)
    assert money(world.partner, after(APRIL, 2)).next == planned
    close = collect(world, APRIL, now=after(APRIL, 2))
    assert money(world.partner, after(APRIL, 8)).next == planned
    sign(close, now=after(APRIL, 8))
    assert money(world.partner, after(APRIL, 8)).next == replace(planned, is_made=True)


def test_between_approval_and_its_statement_a_partner_is_still_in_that_month(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    see(THE_HOUSE, close.pk, (), flag=Flag.FIRST, now=after(APRIL))
    approve(THE_HOUSE, close.pk, now=after(APRIL))
    planned = NextPayment("GBP", 20_000, date(2026, 5, 5), False, None, 5_000)
    assert money(world.partner, after(APRIL)).next == planned
    while go_on(close.pk, now=after(APRIL)):
        pass
    assert money(world.partner, after(APRIL)).next == replace(planned, is_made=True)


def a_random_month(world: World, chance: random.Random, at: datetime, deals: list[tuple[UUID, int]]) -> None:
    """Some deals, credits and refunds, all at moments of one month."""
    for _ in range(chance.randint(0, 4)):
        at += timedelta(days=chance.randint(0, 6))
        sell = partial(win, world.partner, product=chance.choice(PRODUCTS), currency=world.currency)
        if deals and chance.random() < 0.35:
            deal, left = deals.pop(chance.randrange(len(deals)))
            part = chance.randint(1, left)
            refund(deal, part, at=at, currency=world.currency)
            if part < left:
                deals.append((deal, left - part))
        elif chance.random() < 0.1:
            sell(-chance.randint(1, 50_000), at=at)
        else:
            amount = a_value(chance, 300_000)
            deal = sell(amount, at=at)
            deals += [(deal, amount)] if amount else []


@pytest.mark.parametrize("seed", seeds(6))
def test_the_sum_of_lines_is_all_states_together(now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    world = a_house(now, hold_days=chance.choice([0, 10, 30]), currency=chance.choice(CURRENCIES))
    deals: list[tuple[UUID, int]] = []
    at = now
    win(world.partner, 1_000, at=at, currency=world.currency)
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
    total = CommissionLine.objects.filter(partner=world.partner).aggregate(sum=Total("amount"))["sum"] or 0
    it = money(world.partner, at)
    sums = {state: it.in_state(state).amount for state in LineState}
    assert sum(sums.values()) == total
    found = of_partner(world.owner, world.partner)
    paid = sum(one.amount for one in found if one.outcome == "pay" and one.paid_on)
    on_its_way = sum(one.amount for one in found if one.outcome == "pay" and not one.paid_on)
    assert (sums[LineState.PAID], sums[LineState.ON_ITS_WAY]) == (paid, on_its_way)
    for one in found:
        rests_on = opened(statement(world.owner, one.number))
        assert sum(line.amount for line in rests_on.lines) == one.amount
        assert len(rests_on.lines) == one.lines
        before = rests_on.before.paid if rests_on.before else 0
        assert before + sum(amount for _, amount in rests_on.bridge) == one.amount
    assert verify(now=at, deep=True).differences == []


def test_what_a_person_has_to_do_before_the_next_payment_is_told_as_of_today(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 200_000, at=now)

    def waits(at: datetime) -> Waits | None:
        return money(world.partner, at).next.waits

    assert waits(now) is Waits.PAYEE
    make_payable(world.partner, now=now + days(1))
    assert waits(now + days(1)) is None
    begins = now + days(3)
    terms = publish_terms(THE_HOUSE, world.programme, "# One", reason="x", effective_from=begins, now=now + days(2))
    assert [waits(begins - days(0.1)), waits(begins)] == [None, Waits.TERMS]
    accept_terms(world.owner, world.partner, terms.pk, now=begins)
    assert waits(begins) is None
    change_payee(THE_HOUSE, world.partner, profile(legal_name="Other Ltd"), now=begins)
    assert waits(begins) is Waits.PAYEE
    found = stands(world.partner)
    assert found is not None
    then = [overview_then(found, found.plan, at).next.waits for at in (now, now + days(1), begins - days(0.1))]
    assert then == [Waits.PAYEE, None, None]
